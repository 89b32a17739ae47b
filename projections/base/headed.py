"""How are several rows of a case folded beside one that remembers?

The row under `""`, the head, begins with the case: it holds what the fold must remember, and what the other rows
begin with. No question reads it.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base.fold import NO_WORDS, Row, Rows, Words

Headed = dict[str, Row]
HeadedChange = Callable[[Headed, Any, Recorded], None]
"""Changes the rows, a copy of the fold's own whose head has seen the fact; a row itself is not changed but replaced."""


class HeadedRows(Rows):
    @abstractmethod
    def head(self, recorded: Recorded, opened: e.CaseOpened) -> Row:
        """What is remembered of a case that has just begun."""

    @abstractmethod
    def change(self, kind: type[e.Event]) -> HeadedChange | None:
        """What an event of this kind does; `None` is nothing."""

    def fold(self, state: Mapping[str, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[str, Row]:
        event = recorded.event
        head = state.get("")
        if head is None:
            return {"": self.head(recorded, event)} if isinstance(event, e.CaseOpened) else state
        change = self.change(type(event))
        if change is None or head["version"] >= recorded.version:
            return state
        rows = {**state, "": {**head, "version": recorded.version}}
        change(rows, event, recorded)
        return rows


def on_each(rows: Headed, **facts: Any) -> None:
    """The same facts on every row."""
    for key, row in rows.items():
        rows[key] = {**row, **facts}


def requalified(rows: Headed, event: e.CaseQualified, recorded: Recorded) -> None:
    on_each(rows, department=event.department, confidentiality=event.confidentiality)


def transferred(rows: Headed, event: e.CaseTransferred, recorded: Recorded) -> None:
    on_each(rows, department=event.department)
