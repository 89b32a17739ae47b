"""Where did the time of the closed rounds go, and by which ways?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy import case as when

from projections.base import Stage
from projections.durations.bounds import begun, closed_in
from projections.durations.fold import STAGE_COLUMNS, durations

_c = durations.c
Sort = Literal["", "late", "handed", "back"]
_SORTS: dict[Sort, tuple[ColumnElement[bool], ...]] = {
    "": (),
    "late": (_c.closed_at > _c.due_at,),
    "handed": (_c.transfers > 0,),
    "back": (_c.returns > 0,),
}


class Spent(msgspec.Struct, frozen=True):
    """What the rounds took together that one department closed in time, or late; `stages` in open seconds, as STAGES.

    `handed` were given to another department, `back` times to one that had them before; `before_last` are the open
    seconds until the closing department had them.
    """

    department: str
    late: bool
    rounds: int
    handed: int
    back: int
    before_last: int
    stages: tuple[int, ...]

    @property
    def worked(self) -> int:
        return sum(self.stages)


def spent(connection: Connection, start: datetime, end: datetime, departments: Sequence[str]) -> tuple[Spent, ...]:
    """Where the time of the rounds went that were closed in the period: the stages add up to the whole."""
    handed = func.sum(when((_c.transfers > 0, 1), else_=0))
    figures = (func.count(), handed, func.sum(_c.returns), func.sum(_c.before_last), *map(func.sum, STAGE_COLUMNS))
    query = select(_c.department, _c.late, *figures)
    query = query.where(*closed_in(start, end, departments), _c.late.in_((0, 1)))
    rows = connection.execute(query.group_by(_c.department, _c.late).order_by(_c.department, _c.late))
    return tuple(_spent(*row) for row in rows)


def _spent(department: str, late: int, rounds: int, handed: int, back: int, before_last: int, *stages: int) -> Spent:
    """PostgreSQL adds up to decimals."""
    spent_in = tuple(int(seconds) for seconds in stages)
    return Spent(department, bool(late), rounds, int(handed), int(back), int(before_last), spent_in)


def lengths(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> dict[str, tuple[tuple[int, int], ...]]:
    """By department: how many rounds closed in the period took so many `unit`s of open seconds, begun ones whole."""
    units = begun(_c.gross_worked, unit).label("units")
    query = select(_c.department, units, func.count()).where(*closed_in(start, end, departments))
    found: dict[str, list[tuple[int, int]]] = {}
    for department, length, number in connection.execute(query.group_by("department", "units")):
        found.setdefault(department, []).append((int(length), number))
    return {department: tuple(counts) for department, counts in found.items()}


class Variant(msgspec.Struct, frozen=True):
    """A way through the stages, one letter each, and how long the closed rounds took that went it.

    `lengths` are begun units of open seconds, each with its number of rounds.
    """

    letters: str
    lengths: tuple[tuple[int, int], ...]

    @property
    def rounds(self) -> int:
        return sum(number for _, number in self.lengths)


def variants(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int, most: int
) -> tuple[Variant, ...]:
    """The ways most often gone by the rounds that were closed in the period."""
    closed, number = closed_in(start, end, departments), func.count().label("rounds")
    often = select(_c.variant).where(*closed).group_by(_c.variant).order_by(number.desc(), _c.variant).limit(most)
    units = begun(_c.gross_worked, unit).label("units")
    query = select(_c.variant, units, number).where(*closed, _c.variant.in_(often)).group_by(_c.variant, "units")
    found: dict[str, list[tuple[int, int]]] = {}
    for letters, length, rounds in connection.execute(query):
        found.setdefault(letters, []).append((int(length), rounds))
    told = (Variant(letters, tuple(sorted(lengths))) for letters, lengths in found.items())
    return tuple(sorted(told, key=lambda one: (-one.rounds, one.letters)))


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
