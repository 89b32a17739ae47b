"""What became of each message, mailbox by mailbox?

One row for each message: the one outcome it had when it was taken in, whatever an agent decided since.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Column, Connection, Index, String, Table, select

from gru.domain import events as e
from gru.domain.events import Channel, MessageOutcome, Recorded
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code

CHUNK = 500

ledger = Table(
    "ledger",
    VIEWS,
    Column("message", String(32), primary_key=True),
    *(code(name) for name in ("source", "channel", "outcome")),
    Column("received_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
_c = ledger.c
Index("ledger_received", _c.channel, _c.received_at)


class Ledger(OneRow):
    name = "ledger"
    question = "What became of each message, mailbox by mailbox?"
    group = "later"
    table = ledger
    key_columns = ("message",)
    events = (e.MessageTakenIn,)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is not None or not isinstance(event, e.MessageTakenIn):
            return state
        return {
            "message": recorded.stream_id,
            "source": event.source,
            "channel": event.channel,
            "outcome": event.outcome,
            "received_at": event.received_at,
        }


# --- what the ledger asks ----------------------------------------------------------------------------------------


class Entry(msgspec.Struct, frozen=True):
    """One message that was taken in; `source` is its mailbox."""

    message: str
    source: str
    outcome: MessageOutcome
    received_at: datetime


_SHOWN = tuple(_c[field] for field in Entry.__struct_fields__)


def received(connection: Connection, channel: Channel, start: datetime, end: datetime) -> tuple[Entry, ...]:
    """Those the town received in the period."""
    query = select(*_SHOWN).where(_c.channel == channel, _c.received_at >= start, _c.received_at < end)
    return tuple(Entry(*row) for row in connection.execute(query.order_by(_c.received_at, _c.message)))


def of(connection: Connection, keys: Collection[str]) -> dict[str, Entry]:
    """Those of these messages that were taken in."""
    wanted, found = list(keys), dict[str, Entry]()
    for first in range(0, len(wanted), CHUNK):
        rows = connection.execute(select(*_SHOWN).where(_c.message.in_(wanted[first : first + CHUNK])))
        found |= {row[0]: Entry(*row) for row in rows}
    return found
