"""Which replies leave on paper, and how far has each come: to print, printed, signed, posted, returned?

One row for each letter. Whether an agent may see it is asked of its case, which `case_file` knows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Boolean, Column, ColumnElement, Connection, Index, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Recorded, ReplyKind
from projections.base import NO_WORDS, VIEWS, Instant, Key, OneRow, Row, Words, code, versioned

State = Literal["to_print", "printed", "signed", "posted", "returned", "gone"]
"""`gone`: taken back, or found undeliverable before it was posted."""

letters = Table(
    "letters",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("reply_id", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("state", "kind", "batch", "registered", "reason")),
    Column("human", Boolean, nullable=False),
    Column("written_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("not_before", "printed_at", "signed_at", "posted_at", "returned_at")),
    sqlite_with_rowid=False,
)
_c = letters.c
Index("letters_state", _c.state, _c.written_at)
Index("letters_batch", _c.batch)

Spoken = (
    e.ReplyWritten | e.ReplyWithdrawn | e.ReplySent | e.DeliveryFailed
    | e.LetterPrinted | e.LetterSigned | e.LetterPosted | e.LetterReturned
)  # fmt: skip


class LettersProjection(OneRow):
    name = "letters"
    question = "Which replies leave on paper, and how far has each come?"
    table = letters
    key_columns = ("case_id", "reply_id")
    events = (
        e.ReplyWritten,
        e.ReplyWithdrawn,
        e.ReplySent,
        e.DeliveryFailed,
        e.LetterPrinted,
        e.LetterSigned,
        e.LetterPosted,
        e.LetterReturned,
    )

    def key(self, recorded: Recorded) -> Key:
        event = recorded.event
        assert isinstance(event, Spoken)
        return recorded.stream_id, event.reply_id

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            on_paper = isinstance(event, e.ReplyWritten) and event.channel == "post"
            return _written(recorded, event) if on_paper and isinstance(event, e.ReplyWritten) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        _change(row, event, recorded)
        return row


def _change(row: Row, event: e.Event, recorded: Recorded) -> None:
    match event:
        case e.LetterPrinted():
            row["batch"], row["printed_at"] = event.batch, recorded.at
            row["state"] = "signed" if row["signed_at"] else "printed"
        case e.LetterSigned():
            row["state"], row["signed_at"] = "signed", recorded.at
        case e.LetterPosted():
            row["state"], row["posted_at"], row["registered"] = "posted", event.posted_at, event.registered
        case e.ReplySent() if row["posted_at"] is None:
            row["state"], row["posted_at"] = "posted", event.sent_at
        case e.LetterReturned():
            row["state"], row["returned_at"], row["reason"] = "returned", recorded.at, event.reason
        case e.ReplyWithdrawn():
            row["state"] = "gone"
        case e.DeliveryFailed() if event.permanent and row["state"] not in ("posted", "returned"):
            row["state"] = "gone"


def _written(recorded: Recorded, event: e.ReplyWritten) -> Row:
    return {
        "case_id": recorded.stream_id,
        "reply_id": event.reply_id,
        "version": recorded.version,
        "state": "to_print",
        "kind": event.kind,
        "batch": "",
        "registered": "",
        "reason": "",
        "human": event.human,
        "written_at": recorded.at,
        "not_before": event.not_before,
        "printed_at": None,
        "signed_at": None,
        "posted_at": None,
        "returned_at": None,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class Letter(msgspec.Struct, frozen=True):
    case_id: str
    reply_id: str
    state: State
    kind: ReplyKind
    batch: str
    registered: str
    reason: str
    human: bool
    written_at: datetime
    not_before: datetime | None
    printed_at: datetime | None
    signed_at: datetime | None
    posted_at: datetime | None
    returned_at: datetime | None


_SHOWN = tuple(_c[field] for field in Letter.__struct_fields__)


def in_state(
    connection: Connection, states: Sequence[State], limit: int, *, newest: bool = False
) -> tuple[Letter, ...]:
    """The letters that have come so far, the oldest first."""
    order = (_c.written_at.desc(), _c.reply_id) if newest else (_c.written_at, _c.reply_id)
    return _found(connection, _c.state.in_(states), order=order, limit=limit)


def of_batch(connection: Connection, batch: str) -> tuple[Letter, ...]:
    """What was printed in one run, in the order of writing."""
    return _found(connection, _c.batch == batch, order=(_c.written_at, _c.reply_id), limit=None) if batch else ()


def _found(
    connection: Connection, condition: ColumnElement[bool], *, order: Sequence[ColumnElement[object]], limit: int | None
) -> tuple[Letter, ...]:
    return tuple(
        Letter(*row) for row in connection.execute(select(*_SHOWN).where(condition).order_by(*order).limit(limit))
    )
