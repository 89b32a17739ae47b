"""What was closed by one act, and what would the figures say without it?

Nobody closes twenty cases of one department in one minute by hand, one after the other: an old backlog closed in one
go makes a week look slow, or a team quick. The department is part of it because in a large town many agents close
within the same minute.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select
from sqlalchemy.sql.selectable import FromClause

from gru.domain.clocks import to_instant, to_second
from projections.base import begun
from projections.durations.fold import RESOLVED, durations

_c = durations.c
MANY = 20


class Lot(msgspec.Struct, frozen=True):
    """What one department closed in the minute that begins at `at`."""

    at: datetime
    department: str
    closed: int


def lots(connection: Connection, start: datetime, end: datetime, departments: Sequence[str]) -> tuple[Lot, ...]:
    """The closings of many at once, in order."""
    found = connection.execute(_lots(start, end, departments).order_by(_c.closed_minute, _c.department))
    return tuple(Lot(to_instant(60 * minute), department, number) for minute, department, number in found)


def resolved_in_lots(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> tuple[tuple[int, int, int], ...]:
    """What of `resolved` was closed by one act with others: begun units gross and net, and their number."""
    gross, net = begun(_c.gross_worked, unit).label("lived"), begun(_c.net_worked, unit).label("ours")
    query = select(gross, net, func.count()).select_from(_in_lots(start, end, departments))
    query = query.where(RESOLVED, _c.closed_at >= start, _c.closed_at < end)
    return tuple((int(a), int(b), n) for a, b, n in connection.execute(query.group_by("lived", "ours")))


def cases_in_lots(start: datetime, end: datetime, departments: Sequence[str]) -> Select[Any]:
    """Their ids, for other tables to ask by."""
    return (
        select(_c.case_id)
        .select_from(_in_lots(start, end, departments))
        .where(_c.closed_at >= start, _c.closed_at < end)
    )


def _lots(start: datetime, end: datetime, departments: Sequence[str]) -> Select[Any]:
    minutes = _c.closed_minute >= to_second(start) // 60, _c.closed_minute <= to_second(end) // 60
    query = select(_c.closed_minute, _c.department, func.count().label("closed"))
    query = query.where(*minutes, _c.closed_at >= start, _c.closed_at < end, _c.department.in_(departments))
    return query.group_by(_c.closed_minute, _c.department).having(func.count() >= MANY)


def _in_lots(start: datetime, end: datetime, departments: Sequence[str]) -> FromClause:
    told = _lots(start, end, departments).subquery("lots")
    joined = (told.c.closed_minute == _c.closed_minute) & (told.c.department == _c.department)
    return told.join(durations, joined)
