"""Which share of the promises was kept, by week, department or type, and which cases stand behind it?"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select
from sqlalchemy import case as when

from gru.domain.events import CommitmentKind
from gru.domain.rights import Scope
from projections.base import period_of, within
from projections.commitments.fold import commitments

By = Literal["type", "department", "channel", "site", "district", "period", ""]
Side = Literal["department", "channel", "site", "district", "period"]
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
    edges: Sequence[datetime] = (),
    departments: Sequence[str] | None = None,
) -> tuple[tuple[Judged, ...], ...]:
    """For each way of grouping, the promises as `cohort` judges them, each group with its types; in one reading."""
    kept = and_(_c.kept_at.is_not(None), _c.kept_at <= _c.due)
    past = or_(_c.kept_at.is_not(None), _c.due < now)
    conditions = [*_in_period(kind, start, end, departments), _c.censored.is_(False), past]
    keys = [(period_of(_c.due, edges)[0] if one == "period" else _c[one]).label(f"key{n}") for n, one in enumerate(by)]
    query = select(*keys, _c.type, _number(kept), func.count()).where(*conditions)
    found: list[dict[tuple[str, str], tuple[int, int]]] = [{} for _ in by]
    for *groups, kind_of, done, judged in connection.execute(query.group_by(*(key.name for key in keys), _c.type)):
        for group, counts in zip(groups, found, strict=True):
            before = counts.get((str(group), kind_of), (0, 0))
            counts[str(group), kind_of] = before[0] + int(done), before[1] + judged
    return tuple(tuple(Judged(*named, *numbers) for named, numbers in counts.items()) for counts in found)


def broken_by_week(
    connection: Connection,
    kind: CommitmentKind,
    edges: Sequence[datetime],
    now: datetime,
    departments: Sequence[str],
) -> tuple[int, ...]:
    """How many promises that fell due between two edges were not kept by then."""
    missed = or_(_c.kept_at > _c.due, and_(_c.kept_at.is_(None), _c.due < now))
    counts = [
        select(func.count())
        .where(*_in_period(kind, start, end, departments), _c.censored.is_(False), missed)
        .scalar_subquery()
        for start, end in pairwise(edges)
    ]
    return tuple(connection.execute(select(*counts)).one())


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
