"""What became of each reply: is it on its way, waiting for a person to tell it, sent, failed or taken back?

One row for each reply; the effects that send them lie in `work`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    and_,
    exists,
    func,
    select,
)

from gru.domain import events as e
from gru.domain.case.telling import IN_PERSON
from gru.domain.events import Channel, Recorded, ReplyKind
from projections.base import NO_WORDS, VIEWS, Instant, Key, OneRow, Row, Words, code, versioned

State = Literal["written", "retrying", "sent", "failed", "settled", "withdrawn"]
"""`settled`: it did not arrive, and an agent said that nothing more is to be done."""

Cases = Select[tuple[str]]
CAP = 999
CARRIED = frozenset({*IN_PERSON, "post"})
"""Ways on which people carry a reply; letters have a page of their own."""

deliveries = Table(
    "deliveries",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("reply_id", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("kind", "channel", "state", "reason", "template", "person")),
    Column("human", Boolean, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("failures", "tries")),
    Column("written_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("not_before", "sent_at", "failed_at", "tried_at")),
    sqlite_with_rowid=False,
)
_c = deliveries.c
_going = _c.state.in_(("written", "retrying"))
_failed = _c.state == "failed"
Index("deliveries_reply", _c.reply_id)
Index("deliveries_going", _c.written_at, sqlite_where=_going, postgresql_where=_going)
Index("deliveries_failed", _c.failed_at, sqlite_where=_failed, postgresql_where=_failed)


Spoken = e.ReplyWritten | e.ReplyWithdrawn | e.ReplySent | e.DeliveryFailed | e.TellingTried | e.FailureSettled


class Deliveries(OneRow):
    name = "deliveries"
    question = "What became of each reply?"
    edition = 2
    table = deliveries
    key_columns = ("case_id", "reply_id")
    events = (e.ReplyWritten, e.ReplyWithdrawn, e.ReplySent, e.DeliveryFailed, e.TellingTried, e.FailureSettled)

    def key(self, recorded: Recorded) -> Key:
        event = recorded.event
        assert isinstance(event, Spoken)
        return recorded.stream_id, event.reply_id

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _written(recorded, event) if isinstance(event, e.ReplyWritten) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        match event:
            case e.ReplySent():
                row["state"], row["sent_at"], row["reason"] = "sent", event.sent_at, ""
            case e.ReplyWithdrawn():
                row["state"] = "withdrawn"
            case e.DeliveryFailed():
                row["state"] = "failed" if event.permanent else "retrying"
                row["failed_at"], row["reason"] = recorded.at, event.reason
                row["failures"] += 1
            case e.TellingTried():
                row["tries"] += 1
                row["tried_at"] = event.tried_at
            case e.FailureSettled():
                row["state"] = "settled"
        return row


def _written(recorded: Recorded, event: e.ReplyWritten) -> Row:
    return {
        "case_id": recorded.stream_id,
        "reply_id": event.reply_id,
        "version": recorded.version,
        "kind": event.kind,
        "channel": event.channel,
        "state": "written",
        "reason": "",
        "template": event.template,
        "person": event.to,
        "human": event.human,
        "failures": 0,
        "tries": 0,
        "written_at": recorded.at,
        "not_before": event.not_before,
        "sent_at": None,
        "failed_at": None,
        "tried_at": None,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class Delivery(msgspec.Struct, frozen=True):
    case_id: str
    reply_id: str
    kind: ReplyKind
    channel: Channel
    state: State
    reason: str
    template: str
    person: str
    human: bool
    failures: int
    tries: int
    written_at: datetime
    not_before: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    tried_at: datetime | None


_SHOWN = tuple(_c[field] for field in Delivery.__struct_fields__)


def of_case(connection: Connection, case_id: str) -> tuple[Delivery, ...]:
    """The replies of a case, oldest first."""
    return _found(connection, _c.case_id == case_id, order=(_c.written_at, _c.reply_id))


def not_told(now: datetime) -> ColumnElement[bool]:
    """What a person has to say or hand over, and that may no longer be taken back."""
    is_due = _c.not_before.is_(None) | (_c.not_before <= now)
    return and_(_going, _c.human, _c.channel.in_(sorted(IN_PERSON)), is_due)


def to_call(now: datetime) -> ColumnElement[bool]:
    return and_(not_told(now), _c.channel == "phone")


def to_hand_over(now: datetime) -> ColumnElement[bool]:
    return and_(not_told(now), _c.channel == "counter")


def unanswered() -> ColumnElement[bool]:
    """What did not reach its reader, nor anything that was written to him in this case since."""
    later = deliveries.alias()
    reached = exists().where(
        later.c.case_id == _c.case_id,
        later.c.person == _c.person,
        later.c.state == "sent",
        later.c.written_at > _c.written_at,
    )
    return and_(_failed, ~reached)


def late_in_leaving(before: datetime) -> ColumnElement[bool]:
    """What a machine should have carried since this instant, and has not."""
    return and_(_going, _c.channel.not_in(sorted(CARRIED)), func.coalesce(_c.not_before, _c.written_at) < before)


def page(
    connection: Connection, wanted: ColumnElement[bool], visible: Cases, limit: int, offset: int = 0
) -> tuple[Delivery, ...]:
    """Those of the cases somebody sees (`visible`), the oldest first."""
    query = select(*_SHOWN).where(wanted, _c.case_id.in_(visible)).order_by(_c.written_at, _c.reply_id)
    return tuple(Delivery(*row) for row in connection.execute(query.limit(limit).offset(offset)))


def count(connection: Connection, wanted: ColumnElement[bool], visible: Cases, cap: int = CAP) -> int:
    """`cap + 1` stands for more than `cap`."""
    first = select(_c.reply_id).where(wanted, _c.case_id.in_(visible)).limit(cap + 1).subquery()
    return connection.scalar(select(func.count()).select_from(first)) or 0


def case_of(connection: Connection, reply_id: str) -> str:
    """The case this reply was written in, `""` when nobody knows it."""
    return connection.scalar(select(_c.case_id).where(_c.reply_id == reply_id)) or "" if reply_id else ""


def _found(
    connection: Connection,
    *conditions: ColumnElement[bool],
    order: Sequence[ColumnElement[datetime] | ColumnElement[str]],
    limit: int | None = None,
) -> tuple[Delivery, ...]:
    rows = connection.execute(select(*_SHOWN).where(*conditions).order_by(*order).limit(limit))
    return tuple(Delivery(*row) for row in rows)
