"""What does the report to the committee ask of the rounds, and what became of cohorts that are compared?"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from gru.domain.case.state import RESOLVING
from projections.durations.fold import durations

_c = durations.c


def open_now(connection: Connection, departments: Sequence[str]) -> dict[str, int]:
    """How many cases of each department are open."""
    query = select(_c.department, func.count()).where(_c.closed_at.is_(None), _c.department.in_(departments))
    return {department: int(number) for department, number in connection.execute(query.group_by(_c.department))}


class Followed(msgspec.Struct, frozen=True):
    """A round begun at `started_at`, observed until it ended, or until the time at which everybody stops looking."""

    started_at: datetime
    closed_at: datetime | None
    resolved: bool


def followed(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str],
    types: Sequence[str] = (),
) -> tuple[Followed, ...]:
    """The rounds begun between two instants, with their end: cohorts by t0."""
    conditions = [_c.started_at >= start, _c.started_at < end, _c.department.in_(departments)]
    if types:
        conditions.append(_c.type.in_(types))
    rows = connection.execute(select(_c.started_at, _c.closed_at, _c.outcome).where(*conditions))
    return tuple(Followed(started, closed, outcome in RESOLVING) for started, closed, outcome in rows)
