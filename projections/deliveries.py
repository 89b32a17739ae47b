"""What became of each reply: is it on its way, sent, failed, taken back, or withheld?

One row for each reply; the effects that send them lie in `work`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Boolean, Column, ColumnElement, Connection, Index, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Channel, Recorded, ReplyKind
from projections.base import NO_WORDS, VIEWS, Instant, Key, OneRow, Row, Words, code, versioned

State = Literal["written", "retrying", "sent", "failed", "withdrawn"]

deliveries = Table(
    "deliveries",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("reply_id", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("kind", "channel", "state", "reason", "template", "person")),
    Column("human", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("written_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("not_before", "sent_at", "failed_at")),
    sqlite_with_rowid=False,
)
_c = deliveries.c
_going = _c.state.in_(("written", "retrying"))
_failed = _c.state == "failed"
Index("deliveries_reply", _c.reply_id)
Index("deliveries_going", _c.written_at, sqlite_where=_going, postgresql_where=_going)
Index("deliveries_failed", _c.failed_at, sqlite_where=_failed, postgresql_where=_failed)


class Deliveries(OneRow):
    name = "deliveries"
    question = "What became of each reply?"
    table = deliveries
    key_columns = ("case_id", "reply_id")
    events = (e.ReplyWritten, e.ReplyWithdrawn, e.ReplySent, e.DeliveryFailed)

    def key(self, recorded: Recorded) -> Key:
        event = recorded.event
        assert isinstance(event, e.ReplyWritten | e.ReplyWithdrawn | e.ReplySent | e.DeliveryFailed)
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
        "written_at": recorded.at,
        "not_before": event.not_before,
        "sent_at": None,
        "failed_at": None,
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
    written_at: datetime
    not_before: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None


_SHOWN = tuple(_c[field] for field in Delivery.__struct_fields__)


def of_case(connection: Connection, case_id: str) -> tuple[Delivery, ...]:
    """The replies of a case, oldest first."""
    return _found(connection, _c.case_id == case_id, order=(_c.written_at, _c.reply_id))


def failed(connection: Connection, since: datetime, limit: int = 100) -> tuple[Delivery, ...]:
    """What did not reach its reader, newest first."""
    return _found(connection, _failed, _c.failed_at >= since, order=(_c.failed_at.desc(),), limit=limit)


def under_way(connection: Connection, before: datetime, limit: int = 100) -> tuple[Delivery, ...]:
    """What was written before this instant and has neither left nor failed, oldest first."""
    return _found(connection, _going, _c.written_at < before, order=(_c.written_at,), limit=limit)


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
