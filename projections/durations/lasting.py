"""How long did it take: of what was resolved, of what was received, of whom?"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, takewhile
from types import MappingProxyType
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, func, or_, select, union_all
from sqlalchemy import case as when

from gru.domain.clocks import to_second
from projections.base import Question, Selection, begun, counting, period_of, placed
from projections.durations.fold import RESOLVED, durations

_c = durations.c


Measure = Literal["gross_worked", "net_worked"]
MEASURED: tuple[Measure, ...] = ("gross_worked", "net_worked")
Side = Literal["district", "channel", "site"]
SIDES: tuple[Side, ...] = ("district", "channel", "site")


def _resolved(edges: Sequence[datetime], departments: Sequence[str], unit: int, measure: Measure) -> Selection:
    part, conditions = placed(durations, "closed_at", edges, departments)
    return counting(durations, (part, (*conditions, RESOLVED)), begun(_c[measure], unit))


TOOK = Question("took", "durations", "closed", _resolved)
"""How many rounds were resolved after so many begun `unit`s of open seconds, by that `measure`."""


def _ended(edges: Sequence[datetime], departments: Sequence[str], unit: int) -> Selection:
    """In which week they began is told by its first second, a Monday's."""
    monday = edges[0] - timedelta(days=edges[0].weekday())
    mondays = (monday + timedelta(weeks=number) for number in count(-WEEKS_BACK))
    weeks = [*takewhile(lambda each: each < edges[-1], mondays), edges[-1]]
    began, in_one = period_of(_c.started_at, weeks, [to_second(week) for week in weeks])
    part, conditions = placed(durations, "closed_at", edges, departments)
    units = when((RESOLVED, begun(_c.gross_worked, unit)), else_=_c.gross_worked // unit)
    return counting(durations, (part, (*conditions, in_one)), began, _c.resolved, units)


WEEKS_BACK = 53
ENDED = Question("ended", "durations", "closed", _ended)
"""Of the rounds that were closed, by the second at which the week of their beginning began, whether they were resolved
(1), and their units.

What was resolved counts its begun units; what was closed without being resolved is known to have lasted its whole
ones only. The first edge must be a local midnight.
"""


class Marks(msgspec.Struct, frozen=True):
    """Departments of the same hours, and since when one working day has gone by there, two of them, and so on."""

    departments: tuple[str, ...]
    since: tuple[datetime, ...]


def unfinished(
    connection: Connection, edges: Sequence[datetime], at: datetime, marks: Sequence[Marks]
) -> tuple[tuple[int, int, int], ...]:
    """Of the rounds begun between the edges those open at an instant: number of the cohort, whole days, number."""
    return still(connection, edges, at, marks, ((_c.closed_at.is_(None),), (_c.closed_at > at,)))


def still(
    connection: Connection,
    edges: Sequence[datetime],
    at: datetime,
    marks: Sequence[Marks],
    sorts: Sequence[tuple[ColumnElement[bool], ...]],
) -> tuple[tuple[int, int, int], ...]:
    """The same of the rounds of several sorts, each by an index of its own."""
    end = min(edges[-1], at + timedelta(microseconds=1))
    cohorts = [edge for edge in edges if edge < end]
    queries = []
    for one in marks:
        days = [mark + timedelta(seconds=1) for mark in reversed(one.since) if mark >= edges[0]]
        cohort, within = period_of(_c.started_at, [*cohorts, end])
        units, _ = period_of(_c.started_at, [edges[0], *days, max(at, end)], range(len(days), -1, -1))
        for sort in sorts:
            query = select(cohort.label("cohort"), units.label("units"), func.count())
            query = query.where(within, _c.department.in_(one.departments), *sort)
            queries.append(query.group_by("cohort", "units"))
    rows = connection.execute(union_all(*queries)) if cohorts and queries else ()
    return tuple((int(number), int(length), count) for number, length, count in rows)


def open_at(connection: Connection, at: datetime, departments: Sequence[str]) -> int:
    """How many rounds were open at an instant: those open still, and those closed since."""
    there = func.count(when((_c.started_at <= at, 1)))
    still, since = (
        select(there).where(closed, _c.department.in_(departments)).scalar_subquery()
        for closed in (_c.closed_at.is_(None), _c.closed_at > at)
    )
    return sum(connection.execute(select(still, since)).one())


def open_cases(
    connection: Connection, at: datetime, departments: Sequence[str] | None, limit: int = 1000
) -> tuple[str, ...]:
    """The cases that were open at an instant, the oldest first."""
    conditions = [_c.started_at < at, or_(_c.closed_at.is_(None), _c.closed_at >= at)]
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    query = select(_c.case_id).where(*conditions).order_by(_c.started_at, _c.case_id).limit(limit)
    return tuple(dict.fromkeys(connection.execute(query).scalars()))


def _resolved_by_type(edges: Sequence[datetime], departments: Sequence[str], unit: int, side: Side) -> Selection:
    part, conditions = placed(durations, "closed_at", edges, departments)
    return counting(durations, (part, (*conditions, RESOLVED)), _c[side], _c.type, begun(_c.gross_worked, unit))


RESOLVED_BY_TYPE = Question("resolved_by_type", "durations", "closed", _resolved_by_type)
"""What was resolved, on one side (district, channel or site): by its value, by type, by begun `unit`s."""


def cases(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    *,
    begun: bool = False,
    longer: int = 0,
    net: bool = False,
    narrowed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases behind a figure, the longest first: resolved in the period, or (`begun`) received in it.

    `longer` than so many open seconds, gross or `net`; `narrowed` by type, channel, site and district.
    """
    measure = _c.net_worked if net else _c.gross_worked
    conditions = [_c.started_at >= start, _c.started_at < end] if begun else [
        _c.closed_at >= start, _c.closed_at < end, RESOLVED
    ]  # fmt: skip
    if longer:
        conditions.append(measure > longer)
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    conditions += [_c[name].in_(values) for name, values in narrowed.items() if values]
    query = select(_c.case_id).where(*conditions)
    ordered = query.order_by(_c.started_at, _c.case_id) if begun else query.order_by(measure.desc(), _c.case_id)
    return tuple(dict.fromkeys(connection.execute(ordered.limit(limit)).scalars()))
