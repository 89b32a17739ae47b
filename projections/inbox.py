"""Which messages did no case take, and what did an agent decide about them?

One row for each; once decided it stays, so that a message put aside by mistake can still be found and linked.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    ScalarSelect,
    Select,
    String,
    Table,
    and_,
    func,
    or_,
    select,
)

from gru.domain import events as e
from gru.domain.events import Channel, MessageOutcome, Recorded
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code, versioned

Decided = Literal["", "linked", "aside"]
Cases = Select[tuple[str]]
CAP = 1000
"""A count stops here: `CAP + 1` stands for more."""

UNTAKEN: tuple[MessageOutcome, ...] = ("to_link", "set_aside", "automatic", "bounce")
FOR_AGENTS: tuple[MessageOutcome, ...] = ("to_link", "set_aside")
"""Those that may hold a request; machines' mails can be read, but call nobody."""

inbox = Table(
    "inbox",
    VIEWS,
    Column("message", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("source", "channel", "outcome", "reason", "suggested", "decided", "case_id")),
    Column("received_at", Instant, nullable=False),
)
_c = inbox.c
_waits = and_(_c.decided == "", _c.outcome.in_(FOR_AGENTS))
Index("inbox_waiting", _c.received_at, _c.message, sqlite_where=_waits, postgresql_where=_waits)
Index("inbox_decided", _c.decided, _c.outcome, _c.received_at)


class Inbox(OneRow):
    name = "inbox"
    question = "Which messages did no case take?"
    table = inbox
    key_columns = ("message",)
    edition = 2
    events = (e.MessageTakenIn, e.MessageLinked, e.MessagePutAside, e.MessageReadAnew)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _taken_in(recorded, event) if isinstance(event, e.MessageTakenIn) and _is_untaken(event) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        match event:
            case e.MessageLinked():
                row["decided"], row["case_id"] = "linked", event.case
            case e.MessagePutAside():
                row["decided"] = "aside"
            case e.MessageReadAnew():
                row["outcome"], row["reason"], row["suggested"] = event.outcome, event.reason, event.suggested
        return row


def _is_untaken(event: e.MessageTakenIn) -> bool:
    """A delivery report of a case stands in its thread already."""
    return event.outcome in UNTAKEN and not (event.outcome == "bounce" and event.case)


def _taken_in(recorded: Recorded, event: e.MessageTakenIn) -> Row:
    return {
        "message": recorded.stream_id,
        "version": recorded.version,
        "source": event.source,
        "channel": event.channel,
        "outcome": event.outcome,
        "reason": event.reason,
        "suggested": event.suggested or event.case,
        "decided": "",
        "case_id": "",
        "received_at": event.received_at,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class Untaken(msgspec.Struct, frozen=True):
    message: str
    source: str
    channel: Channel
    outcome: MessageOutcome
    reason: str
    suggested: str
    decided: Decided
    case_id: str
    received_at: datetime


_SHOWN = tuple(_c[field] for field in Untaken.__struct_fields__)


def page(
    connection: Connection,
    outcomes: Collection[MessageOutcome] = FOR_AGENTS,
    limit: int = 50,
    offset: int = 0,
    *,
    decided: Decided = "",
    visible: Cases | None = None,
    newest: bool = False,
) -> tuple[Untaken, ...]:
    """Those with one of these outcomes, the oldest first or the newest.

    Who sees only some cases (`visible`) reads no message that speaks of another one.
    """
    conditions: tuple[ColumnElement[bool], ...] = (_c.decided == decided, _c.outcome.in_(outcomes))
    if not decided and set(outcomes) == set(FOR_AGENTS):
        conditions = (_waits,)
    order = (_c.received_at.desc(), _c.message.desc()) if newest else (_c.received_at, _c.message)
    rows = connection.execute(
        select(*_SHOWN).where(*conditions, *_of(visible)).order_by(*order).limit(limit).offset(offset)
    )
    return tuple(Untaken(*row) for row in rows)


def waiting(connection: Connection, cap: int = CAP, *, visible: Cases | None = None) -> int:
    """How many wait for an agent; `cap + 1` stands for more than `cap`."""
    return connection.scalar(select(waiting_counted(cap, visible=visible))) or 0


def waiting_counted(cap: int = CAP, *, visible: Cases | None = None) -> ScalarSelect[int]:
    """The same as a part of another statement."""
    first = select(_c.message).where(_waits, *_of(visible)).limit(cap + 1).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def _of(visible: Cases | None) -> list[ColumnElement[bool]]:
    """Each case that is named is looked up by itself: few are, and they may be among a million."""
    if visible is None:
        return []
    case = visible.selected_columns[0]
    return [or_(named == "", visible.where(case == named).exists()) for named in (_c.suggested, _c.case_id)]


def by_key(connection: Connection, key: str) -> Untaken | None:
    row = connection.execute(select(*_SHOWN).where(_c.message == key)).one_or_none()
    return Untaken(*row) if row else None
