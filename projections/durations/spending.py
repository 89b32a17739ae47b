"""Where did the time of the closed rounds go, and by which ways?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy import case as when

from projections.base import STAGES, Question, Selection, Stage, begun, counting, placed
from projections.durations.fold import STAGE_COLUMNS, durations

_c = durations.c
Sort = Literal["", "late", "handed", "back"]
_SORTS: dict[Sort, tuple[ColumnElement[bool], ...]] = {
    "": (),
    "late": (_c.late == 1,),
    "handed": (_c.transfers > 0,),
    "back": (_c.returns > 0,),
}


def _spent(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    part, conditions = placed(durations, "closed_at", edges, departments)
    handed = func.sum(when((_c.transfers > 0, 1), else_=0))
    figures = (func.count(), handed, func.sum(_c.returns), func.sum(_c.before_last), *map(func.sum, STAGE_COLUMNS))
    query = select(part, _c.department, _c.late, *figures).where(*conditions, _c.late.in_((0, 1)))
    return query.group_by("part", _c.department, _c.late)


SPENT = Question("spent", "durations", "closed", _spent, ("rounds", "handed", "back", "before_last", *STAGES))
"""What the rounds took together that were closed in time (0), or late (1): each stage in open seconds.

`handed` were given to another department, `back` times to one that had them before; `before_last` are the open
seconds until the closing department had them. The stages add up to the whole.
"""


def _lengths(edges: Sequence[datetime], departments: Sequence[str], unit: int) -> Selection:
    return counting(durations, placed(durations, "closed_at", edges, departments), begun(_c.gross_worked, unit))


LENGTHS = Question("lengths", "durations", "closed", _lengths)
"""How many rounds were closed after so many begun `unit`s of open seconds."""


def _ways(edges: Sequence[datetime], departments: Sequence[str], unit: int) -> Selection:
    bounds = placed(durations, "closed_at", edges, departments)
    return counting(durations, bounds, _c.variant, begun(_c.gross_worked, unit))


WAYS = Question("ways", "durations", "closed", _ways)
"""By which ways through the stages, one letter each, and in how many begun `unit`s of open seconds."""


def ended_cases(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    sort: Sort = "",
    *,
    way: str = "",
    stage: Stage | None = None,
    longer: int = 0,
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases behind the rounds closed in the period: those of one sort, that went one `way`, that spent more than
    so many open seconds, in one `stage` or in all; the longest first."""
    spent_in = _c[f"{stage}_worked"] if stage else _c.gross_worked
    conditions = [_c.closed_at >= start, _c.closed_at < end, *_SORTS[sort]]
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    if way:
        conditions.append(_c.variant == way)
    if longer:
        conditions.append(spent_in > longer)
    query = select(_c.case_id).where(*conditions).order_by(spent_in.desc(), _c.case_id).limit(limit)
    return tuple(dict.fromkeys(connection.execute(query).scalars()))
