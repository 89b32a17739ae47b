"""Do requests come back: is what was closed reopened, does the same person ask for the same thing again?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_, select
from sqlalchemy import case as when

from gru.domain.clocks import to_second
from projections.base import period_of
from projections.durations.bounds import closed_in
from projections.durations.fold import FIRST_KNOWN, durations, first_known

_c = durations.c
WITHIN_DAYS = 30
_WITHIN = WITHIN_DAYS * 86_400


class Back(msgspec.Struct, frozen=True):
    """Of `total` in one week (by its number), department and type, so many came back (`back`)."""

    week: int
    department: str
    type: str
    total: int
    back: int


def reopened(connection: Connection, edges: Sequence[datetime], departments: Sequence[str]) -> tuple[Back, ...]:
    """Of what was closed between the edges, what was reopened within 30 days, whatever it had been closed as."""
    closed = _closed(connection, edges, departments)
    back = _closed(connection, edges, departments, _c.back_after <= _WITHIN)
    return tuple(Back(*group, number, back.get(group, 0)) for group, number in closed.items())


def _closed(
    connection: Connection, edges: Sequence[datetime], departments: Sequence[str], *more: ColumnElement[bool]
) -> dict[tuple[int, str, str], int]:
    week = period_of(_c.closed_at, edges)[0].label("week")
    query = select(week, _c.department, _c.type, func.count())
    query = query.where(*closed_in(edges[0], edges[-1], departments), *more)
    rows = connection.execute(query.group_by("week", _c.department, _c.type))
    return {(int(number), department, kind): count for number, department, kind, count in rows}


def asked_again(connection: Connection, edges: Sequence[datetime], departments: Sequence[str]) -> tuple[Back, ...]:
    """Of what somebody known asked for between the edges, what he had asked for within the 30 days before.

    The same is the same type at the same place, as both are known; what nobody is known to have asked counts nowhere.
    """
    seconds = [to_second(edge) for edge in edges]
    week = period_of(_c.begun_second, seconds)[0].label("week")
    query = select(week, _c.department, _c.type, func.count(), func.sum(when((_before(), 1), else_=0)))
    query = query.where(*_begun(seconds[0], seconds[-1]), _c.department.in_(departments))
    rows = connection.execute(query.group_by("week", _c.department, _c.type))
    return tuple(
        Back(int(number), department, kind, total, int(back)) for number, department, kind, total, back in rows
    )


def _begun(start: int, end: int) -> tuple[ColumnElement[bool], ...]:
    return FIRST_KNOWN, _c.type != "", _c.begun_second >= start, _c.begun_second < end


def _before() -> ColumnElement[bool]:
    earlier = durations.alias("earlier")
    one = earlier.c
    same = (one[name] == _c[name] for name in ("requester", "type", "cell"))
    sooner = or_(one.begun_second < _c.begun_second, one.case_id < _c.case_id)
    lately = and_(one.begun_second >= _c.begun_second - _WITHIN, one.begun_second <= _c.begun_second, sooner)
    return select(literal_column("1")).where(first_known(earlier), *same, lately).exists()


def cases_back(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    *,
    again: bool = False,
    narrowed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases closed in the period and reopened within 30 days; or asked for `again` in it."""
    conditions = (
        [*_begun(to_second(start), to_second(end)), _before()]
        if again
        else [_c.closed_at >= start, _c.closed_at < end, _c.back_after <= _WITHIN]
    )
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    conditions += [_c[name].in_(values) for name, values in narrowed.items() if values]
    query = select(_c.case_id).where(*conditions).order_by(_c.begun_second.desc(), _c.case_id).limit(limit)
    return tuple(dict.fromkeys(connection.execute(query).scalars()))
