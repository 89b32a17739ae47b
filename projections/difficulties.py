"""Which difficulties did the agents declare, who answered, and what still waits?

One row for each difficulty. Who declared a signed one is kept so that he finds it again; no question about figures
asks for him.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Index, Integer, String, Table, and_, func, select
from sqlalchemy import case as when

from gru.domain import events as e
from gru.domain.difficulty import MOST_REMINDERS, REMINDED_EVERY, State
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code, period_of, versioned

difficulties = Table(
    "difficulties",
    VIEWS,
    Column("stream", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("reason", "department", "case_id", "declarer", "state", "text_id", "answer_id")),
    Column("reminders", Integer, nullable=False),
    Column("declared_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("answered_at", "settled_at", "remind_at")),
)
_c = difficulties.c
Index("difficulties_declared", _c.declared_at)
Index("difficulties_declarer", _c.declarer, _c.declared_at)
Index("difficulties_state", _c.state, _c.declared_at)
Index(
    "difficulties_remind",
    _c.remind_at,
    sqlite_where=_c.remind_at.is_not(None),
    postgresql_where=_c.remind_at.is_not(None),
)


class Difficulties(OneRow):
    name = "difficulties"
    question = "Which difficulties did the agents declare, and which are answered?"
    group = "later"
    table = difficulties
    key_columns = ("stream",)
    events = (
        e.DifficultyRaised,
        e.DifficultyReplied,
        e.DifficultySettled,
        e.DifficultyReminded,
        e.DifficultyRedacted,
    )

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _raised(recorded, event) if isinstance(event, e.DifficultyRaised) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        match event:
            case e.DifficultyReplied():
                row["answer_id"], row["remind_at"] = event.text.id, None
                row["answered_at"] = row["answered_at"] or recorded.at
                row["state"] = "done" if row["state"] == "done" else "answered"
            case e.DifficultySettled():
                row["state"], row["settled_at"] = "done", recorded.at
            case e.DifficultyReminded():
                row["reminders"] = event.number
                again = row["answered_at"] is None and event.number < MOST_REMINDERS
                row["remind_at"] = recorded.at + REMINDED_EVERY if again else None
            case e.DifficultyRedacted():
                for name in ("text_id", "answer_id"):
                    row[name] = "" if row[name] == event.id else row[name]
        return row


def _raised(recorded: Recorded, event: e.DifficultyRaised) -> Row:
    return {
        "stream": recorded.stream_id,
        "version": recorded.version,
        "reason": event.reason,
        "department": event.department,
        "case_id": event.case,
        "declarer": recorded.by.removeprefix("agent:"),
        "state": "open",
        "text_id": event.text.id if event.text else "",
        "answer_id": "",
        "reminders": 0,
        "declared_at": recorded.at,
        "answered_at": None,
        "settled_at": None,
        "remind_at": recorded.at + REMINDED_EVERY,
    }


# --- what pages and the clock ask --------------------------------------------------------------------------------


class Declared(msgspec.Struct, frozen=True):
    """`declarer` is an agent's id, `""` when he did not sign."""

    stream: str
    reason: str
    department: str
    case_id: str
    declarer: str
    state: State
    text_id: str
    answer_id: str
    reminders: int
    declared_at: datetime
    answered_at: datetime | None
    settled_at: datetime | None


_SHOWN = tuple(_c[field] for field in Declared.__struct_fields__)


def of_agent(connection: Connection, agent: str, limit: int = 50) -> tuple[Declared, ...]:
    """What this agent signed, the newest first."""
    return _found(connection, _c.declarer == agent, limit=limit)


def unsigned(connection: Connection, limit: int = 50) -> tuple[Declared, ...]:
    """What nobody signed, the newest first."""
    return _found(connection, _c.declarer == "", limit=limit)


def in_state(
    connection: Connection, state: State, departments: Sequence[str], limit: int = 50, offset: int = 0
) -> tuple[Declared, ...]:
    """Those of these departments (`""`: of none) in one state; the oldest open ones first, else the newest."""
    order = _c.declared_at.asc() if state == "open" else _c.declared_at.desc()
    query = select(*_SHOWN).where(_of(departments), _c.state == state).order_by(order, _c.stream)
    return tuple(Declared(*row) for row in connection.execute(query.limit(limit).offset(offset)))


def count(connection: Connection, departments: Sequence[str]) -> dict[State, int]:
    """How many are in each state."""
    query = select(_c.state, func.count()).where(_of(departments)).group_by(_c.state)
    return {state: int(number) for state, number in connection.execute(query)}


def by_stream(connection: Connection, stream: str) -> Declared | None:
    return next(iter(_found(connection, _c.stream == stream, limit=1)), None)


class Unanswered(msgspec.Struct, frozen=True):
    stream: str
    reminders: int


def falling_due(connection: Connection, now: datetime, limit: int = 200) -> tuple[Unanswered, ...]:
    """Of which it must be reminded now."""
    query = select(_c.stream, _c.reminders).where(_c.remind_at <= now).order_by(_c.remind_at).limit(limit)
    return tuple(Unanswered(*row) for row in connection.execute(query))


def _of(departments: Sequence[str]) -> ColumnElement[bool]:
    return _c.department.in_(list(departments))


def _found(connection: Connection, *conditions: ColumnElement[bool], limit: int) -> tuple[Declared, ...]:
    query = select(*_SHOWN).where(*conditions).order_by(_c.declared_at.desc(), _c.stream).limit(limit)
    return tuple(Declared(*row) for row in connection.execute(query))


# --- what a report asks ------------------------------------------------------------------------------------------


class Counted(msgspec.Struct, frozen=True):
    """How many of one reason in one department, and where they stood at the cut."""

    reason: str
    department: str
    declared: int
    answered: int
    settled: int


def by_reason(connection: Connection, start: datetime, end: datetime, cut: datetime) -> tuple[Counted, ...]:
    """Those declared from `start` to before `end`, as known at `cut`."""
    answered, settled = _by(_c.answered_at, cut), _by(_c.settled_at, cut)
    query = (
        select(_c.reason, _c.department, func.count(), answered, settled)
        .where(_between(start, end, cut))
        .group_by(_c.reason, _c.department)
        .order_by(_c.reason, _c.department)
    )
    return tuple(Counted(reason, of, *map(int, numbers)) for reason, of, *numbers in connection.execute(query))


def by_week(connection: Connection, edges: Sequence[datetime], cut: datetime) -> tuple[int, ...]:
    """How many were declared between each two edges."""
    period, in_one = period_of(_c.declared_at, edges)
    query = select(period.label("period"), func.count()).where(and_(in_one, _c.declared_at <= cut)).group_by("period")
    found = {int(number): int(many) for number, many in connection.execute(query)}
    return tuple(found.get(number, 0) for number in range(len(edges) - 1))


def answer_times(connection: Connection, start: datetime, end: datetime, cut: datetime) -> tuple[float, ...]:
    """Seconds from the declaration to the answer of those answered by the cut, the shortest first."""
    query = select(_c.declared_at, _c.answered_at).where(_between(start, end, cut), _c.answered_at <= cut)
    return tuple(sorted((row.answered_at - row.declared_at).total_seconds() for row in connection.execute(query)))


def _between(start: datetime, end: datetime, cut: datetime) -> ColumnElement[bool]:
    return and_(_c.declared_at >= start, _c.declared_at < end, _c.declared_at <= cut)


def _by(instant: ColumnElement[Any], cut: datetime) -> ColumnElement[int]:
    return func.coalesce(func.sum(when((and_(instant.is_not(None), instant <= cut), 1), else_=0)), 0)
