"""Which share of the promises was kept, by week, department or type, and which cases stand behind it?"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select, union_all
from sqlalchemy import case as when

from gru.domain.events import CommitmentKind
from gru.domain.rights import Scope
from projections.base import counted, period_of, within
from projections.commitments.fold import (
    CENSORED,
    KEPT,
    KEPT_CENSORED,
    LATE,
    LATE_CENSORED,
    RESTING,
    RUNNING,
    commitments,
)

By = Literal["type", "department", "channel", "site", "district", "period", ""]
Side = Literal["channel", "site", "district"]
_c = commitments.c


class Cohort(msgspec.Struct, frozen=True):
    """The promises of one group whose last due date fell in the period.

    `total` = `kept` in time + `late` + `overdue` (open, or closed without it, and past) + `running` (not past yet);
    `paused` ones are among those, `censored` ones (duplicates, withdrawn, redirected) are not.
    """

    key: str
    total: int
    kept: int
    late: int
    overdue: int
    running: int
    paused: int
    censored: int


def cohort(
    connection: Connection,
    kind: CommitmentKind,
    start: datetime,
    end: datetime,
    now: datetime,
    by: By = "",
    *,
    edges: Sequence[datetime] = (),
    departments: Sequence[str] | None = None,
) -> tuple[Cohort, ...]:
    """Of all cases whose due date fell in the period, which share was kept by then? Open and overdue is a failure.

    `by="period"` groups between `edges` (the instants at which the town's days or weeks begin), keyed by number;
    `departments` bounds what is counted to those the asker may see.
    """
    kept = and_(_c.kept_at.is_not(None), _c.kept_at <= _c.due)
    late = and_(_c.kept_at.is_not(None), _c.kept_at > _c.due)
    unkept = and_(_c.kept_at.is_(None), _c.censored.is_(False))
    figures = (
        _number(_c.censored.is_(False)),
        _number(kept),
        _number(late),
        _number(and_(unkept, _c.due < now)),
        _number(and_(unkept, _c.due >= now)),
        _number(and_(unkept, _c.paused)),
        _number(_c.censored),
    )
    conditions = _in_period(kind, start, end, departments)
    key: ColumnElement[Any] = _c[by] if by and by != "period" else literal("")
    if by == "period":
        key, in_one = period_of(_c.due, edges)
        conditions.append(in_one)
    query = select(key.label("key"), *figures).where(*conditions).group_by("key").order_by("key")
    rows = connection.execute(query).fetchall()
    return tuple(Cohort(str(row[0]), *(int(number) for number in row[1:])) for row in rows)


class Standing(msgspec.Struct, frozen=True):
    """How many promises of one group stand alike, of those that fell due in one part of the time, numbered from 0."""

    department: str
    type: str
    side: str
    standing: int
    part: int
    past: bool
    number: int

    @property
    def kept(self) -> bool:
        return self.standing == KEPT

    @property
    def judged(self) -> bool:
        """Fulfilled, in time or late, or past without it."""
        return self.standing in (KEPT, LATE) or (self.past and self.standing in (RUNNING, RESTING))


def standings(
    connection: Connection,
    kind: CommitmentKind,
    edges: Sequence[datetime],
    now: datetime,
    departments: Sequence[str] | None = None,
    sides: Sequence[Side | None] = (None,),
) -> tuple[tuple[Standing, ...], ...]:
    """The promises that fell due between the edges, counted from the index; by side only those to resolve."""
    if departments is not None and not departments:
        return tuple(() for _ in sides)
    parts = [
        (number, past, part)
        for number, (start, end) in enumerate(pairwise(edges))
        for past, part in ((True, (start, min(end, now))), (False, (max(start, now), end)))
        if part[0] < part[1]
    ]
    alike, told = _c.kind == literal(kind, literal_execute=True), [part for *_, part in parts]
    queries = []
    for place, side in enumerate(sides):
        groups = ("department", "type", *((side,) if side else ()), "standing")
        one = counted(commitments, groups, departments, "due", told, alike).subquery()
        named = one.c[side] if side else literal("")
        queries.append(select(literal(place), one.c.department, one.c.type, named, *list(one.c)[-3:]))
    found: list[list[Standing]] = [[] for _ in sides]
    for place, department, type_, value, standing, part, number in connection.execute(union_all(*queries)):
        if number:
            week, past, _ = parts[part]
            found[place].append(Standing(department, type_, value, standing, week, past, number))
    return tuple(map(tuple, found))


class Judged(msgspec.Struct, frozen=True):
    """Of the promises of one type in one group that fell due and can be judged, how many were kept."""

    key: str
    type: str
    kept: int
    judged: int


def judged_by_type(
    connection: Connection,
    kind: CommitmentKind,
    start: datetime,
    end: datetime,
    now: datetime,
    by: Sequence[Side],
    *,
    departments: Sequence[str] | None = None,
) -> tuple[tuple[Judged, ...], ...]:
    """For each way of grouping, the promises as `cohort` judges them, each group with its types."""
    found = standings(connection, kind, (start, end), now, departments, by)
    return tuple(told_by_type(one, lambda standing: standing.side) for one in found)


def told_by_type(found: Sequence[Standing], key: Callable[[Standing], str]) -> tuple[Judged, ...]:
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for one in found:
        if one.judged:
            kept, judged = counts.get((key(one), one.type), (0, 0))
            counts[key(one), one.type] = kept + one.number * one.kept, judged + one.number
    return tuple(Judged(*named, *numbers) for named, numbers in counts.items())


def cohorts(found: Sequence[Standing], key: Callable[[Standing], str]) -> tuple[Cohort, ...]:
    """What `cohort` says of the same promises, by group, in order."""
    groups: dict[str, Counter[str]] = {}
    for one in found:
        counts = groups.setdefault(key(one), Counter())
        for name in _FIGURES[one.standing]:
            counts["overdue" if name == "running" and one.past else name] += one.number
    return tuple(Cohort(name, *(counts[figure] for figure in _NAMES)) for name, counts in sorted(groups.items()))


_NAMES = ("total", "kept", "late", "overdue", "running", "paused", "censored")
_FIGURES: dict[int, tuple[str, ...]] = {
    RUNNING: ("total", "running"),
    RESTING: ("total", "running", "paused"),
    KEPT: ("total", "kept"),
    LATE: ("total", "late"),
    CENSORED: ("censored",),
    KEPT_CENSORED: ("censored", "kept"),
    LATE_CENSORED: ("censored", "late"),
}


def broken_by_week(
    connection: Connection,
    kind: CommitmentKind,
    edges: Sequence[datetime],
    now: datetime,
    departments: Sequence[str],
) -> tuple[int, ...]:
    """How many promises that fell due between two edges were not kept by then."""
    broken = [0] * (len(edges) - 1)
    for one in standings(connection, kind, edges, now, departments)[0]:
        if one.judged and not one.kept:
            broken[one.part] += one.number
    return tuple(broken)


def cases(
    connection: Connection,
    kind: CommitmentKind,
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    failed: bool = True,
    departments: Sequence[str] | None = None,
    scope: Scope | None = None,
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases behind a figure, by due date: those that failed, or all that can be judged; none outside of `scope`."""
    query = select(_c.case_id).where(*_in_period(kind, start, end, departments))
    if scope is not None:
        query = query.where(within(commitments, scope))
    past = and_(_c.kept_at.is_(None), _c.due < now)
    judged = or_(_c.kept_at > _c.due, past) if failed else or_(_c.kept_at.is_not(None), past)
    query = query.where(_c.censored.is_(False), judged)
    return tuple(connection.execute(query.order_by(_c.due, _c.case_id).limit(limit)).scalars())


def _in_period(
    kind: str, start: datetime, end: datetime, departments: Sequence[str] | None
) -> list[ColumnElement[bool]]:
    conditions = [_c.kind == kind, _c.due >= start, _c.due < end]
    return conditions if departments is None else [*conditions, _c.department.in_(departments)]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(when((condition, 1), else_=0)), 0)
