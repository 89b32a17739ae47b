"""What was said in a case, by whom, and did it arrive?

One row for each message, reply or note; the words lie in the archive under `text_id`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, func, select

from gru.domain import events as e
from gru.domain.events import Channel, Recorded
from gru.domain.status import ASIDE
from projections.base import NO_WORDS, VIEWS, Change, Instant, Json, Key, OneRow, Row, Words, code, versioned

Direction = Literal["in", "out", "note", "aside"]
"""`aside`: what is said with others than the requester, whom he never reads."""
State = Literal["received", "written", "sent", "failed", "withdrawn", "kept"]

threads = Table(
    "threads",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("entry_id", primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_version", Integer, nullable=False),
    *(Column(name, Instant, nullable=False) for name in ("at", "recorded_at")),
    *(code(name) for name in ("direction", "kind", "channel", "by", "person", "text_id", "template", "proof")),
    *(code(name) for name in ("state", "reason")),
    Column("human", Boolean, nullable=False),
    Column("proven", Boolean, nullable=False),
    *(Column(name, Instant) for name in ("not_before", "sent_at", "failed_at")),
    Column("files", Json, nullable=False),
    sqlite_with_rowid=False,
)


class Threads(OneRow):
    name = "threads"
    question = "What was said in a case, by whom, and did it arrive?"
    table = threads
    edition = 2
    key_columns = ("case_id", "entry_id")
    events = (
        e.CaseOpened,
        e.MessageReceived,
        e.ReplyWritten,
        e.ReplyWithdrawn,
        e.ReplySent,
        e.DeliveryFailed,
        e.NoteAdded,
    )

    def key(self, recorded: Recorded) -> Key:
        match recorded.event:
            case e.CaseOpened(message=message):
                return recorded.stream_id, message or recorded.stream_id
            case e.MessageReceived(message=message):
                return recorded.stream_id, message
            case e.NoteAdded(note_id=note):
                return recorded.stream_id, note
            case e.ReplyWritten() | e.ReplyWithdrawn() | e.ReplySent() | e.DeliveryFailed() as event:
                return recorded.stream_id, event.reply_id
        raise ValueError(f"{recorded.event.NAME} says nothing")

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        if state is None:
            return _begun(recorded)
        row = versioned(state, recorded)
        if row is None:
            return state
        if change := _CHANGES.get(type(recorded.event)):
            change(row, recorded.event, recorded)
        return row


def _begun(recorded: Recorded) -> Row | None:
    match recorded.event:
        case e.CaseOpened() as event:
            entry, at, person = event.message or recorded.stream_id, event.received_at, event.requester
            row = _entry(recorded, entry, at, "in", "message", "received", event.text, event.files)
            return row | {"channel": event.channel, "person": person, "proof": "opening", "proven": event.proven}
        case e.MessageReceived() as event:
            way: Direction = "aside" if event.via else "in"
            row = _entry(
                recorded, event.message, event.received_at, way, "message", "received", event.text, event.files
            )
            facts = {"channel": event.channel, "person": event.author, "proof": event.proof, "proven": event.proven}
            return row | facts
        case e.ReplyWritten() as event:
            to: Direction = "aside" if event.kind in ASIDE else "out"
            row = _entry(recorded, event.reply_id, recorded.at, to, event.kind, "written", event.text, event.files)
            return row | {
                "channel": event.channel,
                "person": event.to,
                "template": event.template,
                "human": event.human,
                "not_before": event.not_before,
            }
        case e.NoteAdded() as event:
            return _entry(recorded, event.note_id, recorded.at, "note", "note", "kept", event.text, event.files)
    return None


def _entry(
    recorded: Recorded,
    entry_id: str,
    at: datetime,
    direction: Direction,
    kind: str,
    state: State,
    text: e.TextRef | None,
    files: Sequence[e.FileRef],
) -> Row:
    return {
        "case_id": recorded.stream_id,
        "entry_id": entry_id,
        "version": recorded.version,
        "first_version": recorded.version,
        "at": at,
        "recorded_at": recorded.at,
        "direction": direction,
        "kind": kind,
        "channel": "",
        "by": recorded.by,
        "person": "",
        "text_id": text.id if text else "",
        "template": "",
        "proof": "",
        "state": state,
        "reason": "",
        "human": False,
        "proven": False,
        "not_before": None,
        "sent_at": None,
        "failed_at": None,
        "files": [file.id for file in files],
    }


def _sent(row: Row, event: e.ReplySent, recorded: Recorded) -> None:
    row["state"], row["sent_at"], row["reason"] = "sent", event.sent_at, ""


def _withdrawn(row: Row, event: e.ReplyWithdrawn, recorded: Recorded) -> None:
    row["state"] = "withdrawn"


def _failed(row: Row, event: e.DeliveryFailed, recorded: Recorded) -> None:
    """One that will be tried again stays on its way."""
    row["failed_at"], row["reason"] = recorded.at, event.reason
    if event.permanent:
        row["state"] = "failed"


_CHANGES: dict[type[e.Event], Change] = {
    e.ReplySent: _sent,
    e.ReplyWithdrawn: _withdrawn,
    e.DeliveryFailed: _failed,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class Entry(msgspec.Struct, frozen=True):
    """One message (`in`), reply (`out`) or note. `person` wrote it or is written to; `by` recorded it.

    `at` is the reception of a message, the writing of a reply; `first_version` is its fact in the history.
    """

    case_id: str
    entry_id: str
    first_version: int
    at: datetime
    recorded_at: datetime
    direction: Direction
    kind: str
    channel: Channel | Literal[""]
    by: str
    person: str
    text_id: str
    template: str
    proof: str
    state: State
    reason: str
    human: bool
    proven: bool
    not_before: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    files: list[str]


_SHOWN = tuple(threads.c[field] for field in Entry.__struct_fields__)


def of_case(
    connection: Connection,
    case_id: str,
    *others: str,
    directions: Sequence[Direction] = (),
    upto: int | None = None,
    limit: int = 1000,
) -> tuple[Entry, ...]:
    """What was said, oldest first; of `others` too (its duplicates). `directions=("in", "out")` is what a resident
    may read. With `upto` a version: what had been said by then (what became of it is as of now)."""
    query = select(*_SHOWN).where(threads.c.case_id.in_((case_id, *others)))
    if directions:
        query = query.where(threads.c.direction.in_(directions))
    if upto is not None:
        query = query.where((threads.c.case_id != case_id) | (threads.c.first_version <= upto))
    newest = query.order_by(threads.c.at.desc(), threads.c.first_version.desc()).limit(limit)
    return tuple(Entry(*row) for row in connection.execute(newest))[::-1]


def entry(connection: Connection, case_id: str, entry_id: str) -> Entry | None:
    query = select(*_SHOWN).where(threads.c.case_id == case_id, threads.c.entry_id == entry_id)
    row = connection.execute(query).one_or_none()
    return Entry(*row) if row else None


def tally(connection: Connection, case_id: str) -> dict[Direction, int]:
    """How many messages, replies and notes there are."""
    query = select(threads.c.direction, func.count()).where(threads.c.case_id == case_id)
    return {direction: number for direction, number in connection.execute(query.group_by(threads.c.direction))}
