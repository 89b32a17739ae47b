"""How many requests arrive, are closed, come back, day by day?

One row for each arrival, closing and reopening of a case. All rows of a case follow its type and its department, so
that in each department what came in less what went out is what changed in its stock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Index, Integer, String, Table, func, literal, select
from sqlalchemy import case as when

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, Row, Rows, Words, code, counted, period_of

Move = Literal["opened", "closed", "reopened"]
By = Literal["type", "department", "channel", "site", "district", "outcome", ""]

volumes = Table(
    "volumes",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    *(code(name) for name in ("move", "type", "department", "channel", "site", "district", "outcome")),
    sqlite_with_rowid=False,
)
_c = volumes.c
Index("volumes_moved", _c.move, _c.at, _c.department)
Index("volumes_counted", _c.department, _c.move, _c.at)
Index("volumes_at", _c.department, _c.at, _c.move, _c.type, _c.channel, _c.site, _c.district)


class Volumes(Rows):
    name = "volumes"
    question = "How many requests arrive, are closed, come back, day by day?"
    group = "later"
    table = volumes
    edition = 4
    events = (
        e.CaseOpened,
        e.CaseQualified,
        e.CaseTransferred,
        e.PlaceSet,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
    )

    def fold(self, state: Mapping[int, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[int, Row]:
        event = recorded.event
        first = state.get(1)
        if first is None:
            return {1: _arrival(recorded, event)} if isinstance(event, e.CaseOpened) else state
        if first["version"] >= recorded.version:
            return state
        rows = {**state, 1: {**first, "version": recorded.version}}
        match event:
            case e.CaseQualified():
                return _everywhere(rows, type=event.type, department=event.department)
            case e.CaseTransferred():
                return _everywhere(rows, department=event.department)
            case e.PlaceSet():
                return _everywhere(rows, district=event.district)
            case e.CaseClosed():
                return _next(rows, recorded, "closed", event.outcome)
            case e.CaseMerged():
                return _next(rows, recorded, "closed", "duplicate")
            case e.CaseReopened() | e.CaseUnmerged():
                return _next(rows, recorded, "reopened", "")
        return rows


def _arrival(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "number": 1,
        "version": recorded.version,
        "at": event.received_at,
        "move": "opened",
        "type": "",
        "department": event.department,
        "channel": event.channel,
        "site": event.site,
        "district": event.district,
        "outcome": "",
    }


def _everywhere(rows: dict[int, Row], **facts: str) -> dict[int, Row]:
    return {number: {**row, **facts} for number, row in rows.items()}


def _next(rows: dict[int, Row], recorded: Recorded, move: Move, outcome: str) -> dict[int, Row]:
    number = len(rows) + 1
    facts: dict[str, Any] = {"number": number, "at": recorded.at, "move": move, "outcome": outcome}
    return {**rows, number: {**rows[1], **facts, "version": recorded.version}}


# --- what a report asks ------------------------------------------------------------------------------------------


class Flow(msgspec.Struct, frozen=True):
    """What moved between `start` and the next edge, in one group (`key`)."""

    start: datetime
    key: str
    opened: int
    closed: int
    reopened: int


def flows(
    connection: Connection,
    edges: Sequence[datetime],
    by: By = "",
    *,
    departments: Sequence[str] | None = None,
) -> tuple[Flow, ...]:
    """What moved between the edges: the instants at which the town's days (or weeks) begin, and the last one's end.

    The stock on an edge is today's (`queue.ages`) less what moved since. Periods in which nothing moved are left out.
    """
    period, in_one = period_of(_c.at, edges)
    key: ColumnElement[Any] = (_c[by] if by else literal("")).label("key")
    moves = (_number("opened"), _number("closed"), _number("reopened"))
    query = select(period.label("period"), key, *moves).where(in_one)
    if departments is not None:
        query = query.where(_c.department.in_(departments))
    rows = connection.execute(query.group_by("period", "key").order_by("period", "key"))
    return tuple(Flow(edges[number], group, int(i), int(o), int(back)) for number, group, i, o, back in rows)


MOVES: tuple[Move, ...] = ("opened", "reopened", "closed")


def moved(
    connection: Connection, edges: Sequence[datetime], departments: Sequence[str], moves: Sequence[Move] = MOVES
) -> dict[Move, tuple[int, ...]]:
    """How many moves of each kind there were between two edges; only the index of these weeks is read."""
    found = {move: [0] * (len(edges) - 1) for move in moves}
    if not departments:
        return {move: tuple(numbers) for move, numbers in found.items()}
    groups = ("department", "move")
    query = counted(volumes, groups, departments, "at", list(pairwise(edges)), _c.move.in_(moves))
    for _, move, part, number in connection.execute(query):
        found[move][part] += number
    return {move: tuple(numbers) for move, numbers in found.items()}


def cases(
    connection: Connection,
    move: Move,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    *,
    narrowed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases that came in, were closed or came back between two instants, in order."""
    query = select(_c.case_id).where(_c.move == move, _c.at >= start, _c.at < end)
    if departments is not None:
        query = query.where(_c.department.in_(departments))
    query = query.where(*(_c[name].in_(values) for name, values in narrowed.items() if values))
    found = connection.execute(query.order_by(_c.at, _c.case_id).limit(limit)).scalars()
    return tuple(dict.fromkeys(found))


def _number(move: Move) -> ColumnElement[int]:
    return func.coalesce(func.sum(when((_c.move == move, 1), else_=0)), 0)
