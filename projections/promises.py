"""What is needed to promise anew, under other rules, what was promised in each case?

One row for each case: when and how it was received, and the steps of its life that make, move or keep a promise
(`gru/domain/simulating/past.py`), each with its position, so that a simulation is cut at one place of the log.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Select, String, Table, and_, func, or_, select

from gru.domain import events as e
from gru.domain.events import Confidentiality, Recorded
from gru.domain.simulating.past import AnyStep, Memory, Past, step_after
from projections.base import NO_WORDS, VIEWS, Instant, Json, OneRow, Row, Words, code, versioned

promises = Table(
    "promises",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    *(code(name) for name in ("number", "channel", "site", "opened_in", "type", "department", "confidentiality")),
    Column("steps", Json(tuple[AnyStep, ...]), nullable=False),
    Column("memory", Json(Memory), nullable=False),
    sqlite_with_rowid=False,
)
_c = promises.c
Index("promises_received", _c.received_at, _c.case_id)


class Promises(OneRow):
    name = "promises"
    question = "What is needed to promise anew, under other rules, what was promised in each case?"
    group = "later"
    edition = 2
    table = promises
    events = (
        e.CaseOpened,
        e.CaseRegistered,
        e.CaseQualified,
        e.CaseTransferred,
        e.CommitmentPromised,
        e.CommitmentMoved,
        e.CommitmentLifted,
        e.MessageReceived,
        e.WaitStarted,
        e.WaitEnded,
        e.ReplyWritten,
        e.ReplySent,
        e.MadeSafe,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
        e.CaseAbsorbed,
        e.CaseReleased,
    )

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None and isinstance(event, e.CaseOpened):
            return _opened(recorded, event)
        row = versioned(state, recorded)
        if row is None:
            return state
        match event:
            case e.CaseRegistered():
                row["number"] = event.number
            case e.CaseQualified():
                row |= {name: getattr(event, name) for name in ("type", "department", "confidentiality")}
            case e.CaseTransferred():
                row["department"] = event.department
        steps, memory = list(row["steps"]), _copied(row["memory"])
        step_after(steps, memory, recorded)
        return row | {"steps": tuple(steps), "memory": memory}


def _opened(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "version": recorded.version,
        "position": recorded.position,
        "received_at": event.received_at,
        "number": "",
        "channel": event.channel,
        "site": event.site,
        "opened_in": event.department,
        "type": "",
        "department": event.department,
        "confidentiality": "normal",
        "steps": (),
        "memory": Memory(),
    }


def _copied(memory: Memory) -> Memory:
    return Memory(dict(memory.replies), memory.run, memory.begun)


# --- what a simulation asks --------------------------------------------------------------------------------------


class PastCase(msgspec.Struct, frozen=True):
    """A case with what it is listed by."""

    past: Past
    number: str
    type: str
    department: str
    site: str
    confidentiality: Confidentiality


class Place(msgspec.Struct, frozen=True):
    """How far a reader has come: behind this case."""

    received_at: datetime
    case_id: str = ""


def received(
    connection: Connection, start: Place, end: datetime, position: int, limit: int = 1000
) -> tuple[PastCase, ...]:
    """The next cases received before `end` that the log held at `position`, in order of reception."""
    query = _asked(start, end, position).order_by(_c.received_at, _c.case_id).limit(limit)
    return tuple(_past_cases(connection, query))


def count(connection: Connection, start: datetime, end: datetime, position: int) -> int:
    """How many there are."""
    query = _asked(Place(start), end, position).with_only_columns(func.count())
    return connection.execute(query).scalar_one()


def _asked(start: Place, end: datetime, position: int) -> Select[Any]:
    shown = (_c.case_id, _c.position, _c.received_at, _c.channel, _c.opened_in, _c.steps, _c.number, _c.type,
             _c.department, _c.site, _c.confidentiality)  # fmt: skip
    behind = or_(
        _c.received_at > start.received_at, and_(_c.received_at == start.received_at, _c.case_id > start.case_id)
    )
    bounds = (_c.received_at >= start.received_at, _c.received_at < end, _c.position <= position)
    return select(*shown).where(behind, *bounds)


def _past_cases(connection: Connection, query: Select[Any]) -> Iterator[PastCase]:
    for id, position, at, channel, opened_in, steps, *listed in connection.execute(query):
        yield PastCase(Past(id, position, at, channel, opened_in, steps), *listed)
