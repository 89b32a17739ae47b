"""How long did it take: of what was resolved, of what was received, of whom?"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from sqlalchemy import Connection, func, or_, select, union_all
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
    """In which week they began is told by its first second: the weeks of the edges, and those before them."""
    weeks = [edges[0] - timedelta(weeks=number) for number in range(WEEKS_BACK, 0, -1)] + list(edges)
    began, in_one = period_of(_c.started_at, weeks, [to_second(week) for week in weeks])
    part, conditions = placed(durations, "closed_at", edges, departments)
    units = when((RESOLVED, begun(_c.gross_worked, unit)), else_=_c.gross_worked // unit)
    return counting(durations, (part, (*conditions, in_one)), began, _c.resolved, units)


WEEKS_BACK = 53
ENDED = Question("ended", "durations", "closed", _ended)
"""Of the rounds that were closed, by the second at which the week of their beginning began, whether they were resolved
(1), and their units.

What was resolved counts its begun units; what was closed without being resolved is known to have lasted its whole
ones only. The edges must be beginnings of weeks, the last may be any instant.
"""


def unfinished(
    connection: Connection, start: datetime, end: datetime, at: datetime, departments: Sequence[str]
) -> tuple[tuple[str, datetime], ...]:
    """The department and the beginning of each round begun in the period that was open at an instant."""
    begun = (_c.started_at >= start, _c.started_at < end, _c.started_at <= at, _c.department.in_(departments))
    still, since = (
        select(_c.department, _c.started_at).where(closed, *begun)
        for closed in (_c.closed_at.is_(None), _c.closed_at > at)
    )
    rows = connection.execute(union_all(still, since))
    return tuple((department, begun) for department, begun in rows)


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
