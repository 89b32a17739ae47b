"""How long did it take: of what was resolved, of what was received, of whom?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal

import msgspec
from sqlalchemy import Connection, func, literal, or_, select, union_all
from sqlalchemy import case as when

from projections.base import period_of
from projections.durations.bounds import begun, closed_in
from projections.durations.fold import RESOLVED, durations

_c = durations.c


Side = Literal["district", "channel", "site"]
SIDES: tuple[Side, ...] = ("district", "channel", "site")


def resolved(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> tuple[tuple[int, int, int], ...]:
    """How many rounds resolved in the period took so many begun units of open seconds: gross, net, number."""
    gross, net = begun(_c.gross_worked, unit).label("lived"), begun(_c.net_worked, unit).label("ours")
    query = select(gross, net, func.count()).where(*closed_in(start, end, departments), RESOLVED)
    return tuple((int(a), int(b), n) for a, b, n in connection.execute(query.group_by("lived", "ours")))


def ended(
    connection: Connection, edges: Sequence[datetime], at: datetime, departments: Sequence[str], unit: int
) -> tuple[tuple[int, int, int, int], ...]:
    """Of the rounds that began between the edges, those closed by then: number of the cohort, units, resolved, others.

    What was resolved counts its begun units; what was closed without being resolved is known to have lasted its whole
    ones only.
    """
    cohort, begun_in_one = period_of(_c.started_at, edges)
    units = when((RESOLVED, begun(_c.gross_worked, unit)), else_=_c.gross_worked // unit).label("units")
    resolved_ = func.sum(when((RESOLVED, 1), else_=0))
    query = select(cohort.label("cohort"), units, resolved_, func.count())
    query = query.where(begun_in_one, _c.department.in_(departments), _c.closed_at <= at)
    rows = connection.execute(query.group_by("cohort", "units").order_by("cohort", "units"))
    return tuple((int(number), int(length), int(done), total - int(done)) for number, length, done, total in rows)


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


class Resolved(msgspec.Struct, frozen=True):
    """How many rounds of one type, on one side (`side`: its `value`), were resolved in so many units."""

    side: Side
    value: str
    type: str
    units: int
    number: int


def resolved_by_type(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> tuple[Resolved, ...]:
    """What was resolved in the period by district, by channel and by site of reception, each with its types."""
    units = begun(_c.gross_worked, unit).label("units")
    parts = [
        select(literal(side).label("side"), _c[side].label("value"), _c.type, units, func.count().label("number"))
        .where(*closed_in(start, end, departments), RESOLVED)
        .group_by(_c[side], _c.type, "units")
        for side in SIDES
    ]
    return tuple(
        Resolved(side, value, kind, int(u), n) for side, value, kind, u, n in connection.execute(union_all(*parts))
    )


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
