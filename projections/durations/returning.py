"""Do requests come back: is what was closed reopened, does the same person ask for the same thing again?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, and_, func, literal, literal_column, or_, select, union_all
from sqlalchemy import case as when

from gru.domain.clocks import to_second
from projections.base import Question, Selection, counting, period_of, placed
from projections.durations.fold import FIRST_KNOWN, WITHIN, durations, first_known

_c = durations.c


def _reopened(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    bounds = placed(durations, "closed_at", edges, departments)
    back = (bounds[0], (*bounds[1], _c.back_after <= WITHIN))
    return union_all(
        counting(durations, bounds, _c.type, literal("total")), counting(durations, back, _c.type, literal("back"))
    )


REOPENED = Question("reopened", "durations", "closed", _reopened)
"""By type: of all that was closed, whatever as (`total`), what was reopened within 30 days (`back`)."""


def _asked_again(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    """By the second in which it began, as its index has it."""
    seconds = [to_second(edge) for edge in edges]
    part = period_of(_c.begun_second, seconds)[0].label("part")
    back = func.sum(when((_before(), 1), else_=0))
    query = select(part, _c.department, _c.type.label("kind"), func.count(), back)
    query = query.where(*_begun(seconds[0], seconds[-1]), _c.department.in_(departments))
    return query.group_by("part", _c.department, "kind")


ASKED_AGAIN = Question("asked_again", "durations", "begun", _asked_again, ("total", "back"))
"""By type: of what somebody known asked for, what he had asked for within the 30 days before.

The same is the same type at the same place, as both are known; what nobody is known to have asked counts nowhere.
"""


def _begun(start: int, end: int) -> tuple[ColumnElement[bool], ...]:
    return FIRST_KNOWN, _c.type != "", _c.begun_second >= start, _c.begun_second < end


def _before() -> ColumnElement[bool]:
    earlier = durations.alias("earlier")
    one = earlier.c
    same = (one[name] == _c[name] for name in ("requester", "type", "cell"))
    sooner = or_(one.begun_second < _c.begun_second, one.case_id < _c.case_id)
    lately = and_(one.begun_second >= _c.begun_second - WITHIN, one.begun_second <= _c.begun_second, sooner)
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
        else [_c.closed_at >= start, _c.closed_at < end, _c.back_after <= WITHIN]
    )
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    conditions += [_c[name].in_(values) for name, values in narrowed.items() if values]
    query = select(_c.case_id).where(*conditions).order_by(_c.begun_second.desc(), _c.case_id).limit(limit)
    return tuple(dict.fromkeys(connection.execute(query).scalars()))
