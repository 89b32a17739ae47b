"""What did the committee decide, from which day on, and for which requests?"""

from datetime import date, datetime
from typing import Literal

import msgspec
from sqlalchemy import Boolean, Column, Connection, Date, Index, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, Json, OneRow, Row, Words, code, versioned

decisions = Table(
    "decisions",
    VIEWS,
    Column("decision", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("kind", "title")),
    Column("effect", Date, nullable=False),
    *(Column(name, Json(tuple[str, ...]), nullable=False) for name in ("types", "departments")),
    Column("struck", Boolean, nullable=False),
    Column("taken_at", Instant, nullable=False),
    code("taken_by"),
)
_c = decisions.c
Index("decisions_effect", _c.effect)


class DecisionsProjection(OneRow):
    name = "decisions"
    question = "What did the committee decide, from which day on?"
    table = decisions
    key_columns = ("decision",)
    events = (e.DecisionTaken, e.DecisionStruck)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _taken(recorded, event) if isinstance(event, e.DecisionTaken) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        row["struck"] = row["struck"] or isinstance(event, e.DecisionStruck)
        return row


def _taken(recorded: Recorded, event: e.DecisionTaken) -> Row:
    return {
        "decision": recorded.stream_id,
        "version": recorded.version,
        "kind": event.kind,
        "title": event.title.id,
        "effect": event.effect,
        "types": event.types,
        "departments": event.departments,
        "struck": False,
        "taken_at": recorded.at,
        "taken_by": recorded.by,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class DecisionRow(msgspec.Struct, frozen=True):
    """`title` is the id of a text; no types or departments: all of them."""

    decision: str
    kind: Literal["decision", "event"]
    title: str
    effect: date
    types: tuple[str, ...]
    departments: tuple[str, ...]
    taken_at: datetime
    taken_by: str


def standing(
    connection: Connection, first: date = date.min, last: date = date.max, limit: int = 200
) -> tuple[DecisionRow, ...]:
    """Those that take effect between two days and were not struck out, the latest first."""
    shown = [_c[field] for field in DecisionRow.__struct_fields__]
    query = select(*shown).where(_c.struck.is_(False), _c.effect >= first, _c.effect <= last)
    rows = connection.execute(query.order_by(_c.effect.desc(), _c.decision.desc()).limit(limit))
    return tuple(DecisionRow(*row) for row in rows)
