"""How many requests arrive, are closed, come back, day by day?

One row for each arrival, closing and reopening of a case. All rows of a case follow its type and its department, so
that in each department what came in less what went out is what changed in its stock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Column, Connection, Index, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import (
    NO_WORDS,
    VIEWS,
    Dated,
    Instant,
    Question,
    Row,
    Rows,
    Selection,
    Words,
    code,
    counting,
    placed,
)

Move = Literal["opened", "closed", "reopened"]
Part = Literal["type", "channel", "site", "district"]
PARTS: tuple[Part, ...] = ("type", "channel", "site", "district")

volumes = Table(
    "volumes",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    *(code(name) for name in ("move", "type", "department", "channel", "site", "district")),
    sqlite_with_rowid=False,
)
_c = volumes.c
Index("volumes_moved", _c.move, _c.at, _c.department)
Index("volumes_at", _c.department, _c.at, _c.move, _c.type, _c.channel, _c.site, _c.district)


class Volumes(Rows):
    name = "volumes"
    question = "How many requests arrive, are closed, come back, day by day?"
    group = "later"
    table = volumes
    dated = (Dated("moved", "at", ("move", "type", "department", "channel", "site", "district")),)
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
            case e.CaseClosed() | e.CaseMerged():
                return _next(rows, recorded, "closed")
            case e.CaseReopened() | e.CaseUnmerged():
                return _next(rows, recorded, "reopened")
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
    }


def _everywhere(rows: dict[int, Row], **facts: str) -> dict[int, Row]:
    return {number: {**row, **facts} for number, row in rows.items()}


def _next(rows: dict[int, Row], recorded: Recorded, move: Move) -> dict[int, Row]:
    number = len(rows) + 1
    facts: dict[str, Any] = {"number": number, "at": recorded.at, "move": move}
    return {**rows, number: {**rows[1], **facts, "version": recorded.version}}


# --- what a report asks ------------------------------------------------------------------------------------------


def _moved(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    return counting(volumes, placed(volumes, "at", edges, departments), _c.move)


MOVED = Question("moved", "volumes", "moved", _moved)
"""How many moves of each kind there were.

The stock on an edge is today's (`durations.open_at`) less what moved since.
"""


def _moved_by(edges: Sequence[datetime], departments: Sequence[str], part: Part) -> Selection:
    return counting(volumes, placed(volumes, "at", edges, departments), _c[part], _c.move)


MOVED_BY = Question("moved_by", "volumes", "moved", _moved_by)
"""The same by type, channel, site or district."""


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
