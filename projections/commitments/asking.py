"""Which promises and legal dates must be noticed, corrected, or reported?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select
from sqlalchemy import case as when

from gru.domain.events import CommitmentKind, LegalClock
from gru.domain.rights import Scope
from projections.base import period_of, within
from projections.commitments.fold import LEGAL, commitments

By = Literal["type", "department", "channel", "site", "period", ""]

_c = commitments.c

# --- what the clock asks -----------------------------------------------------------------------------------------


class DuePromise(msgspec.Struct, frozen=True):
    case_id: str
    kind: CommitmentKind
    due: datetime


class DueLegalDate(msgspec.Struct, frozen=True):
    case_id: str
    clock: LegalClock
    due: datetime


def falling_due(connection: Connection, now: datetime, limit: int = 200) -> tuple[DuePromise, ...]:
    """The promises whose warning or limit has come and was not noticed yet, the longest overdue first."""
    rows = connection.execute(_to_notice(now, limit).where(_c.kind.not_like(f"{LEGAL}%")))
    return tuple(DuePromise(*row) for row in rows)


def legal_dates_due(connection: Connection, now: datetime, limit: int = 200) -> tuple[DueLegalDate, ...]:
    """The legal dates that near or went by and were not noticed yet."""
    rows = connection.execute(_to_notice(now, limit).where(_c.kind.like(f"{LEGAL}%")))
    return tuple(DueLegalDate(case_id, kind.removeprefix(LEGAL), due) for case_id, kind, due in rows)


def _to_notice(now: datetime, limit: int) -> Select[Any]:
    query = select(_c.case_id, _c.kind, _c.due).where(_c.next_notice_at.is_not(None), _c.next_notice_at <= now)
    return query.order_by(_c.next_notice_at).limit(limit)


# --- what a correction asks --------------------------------------------------------------------------------------


def open_cases(connection: Connection, after: str, limit: int) -> tuple[str, ...]:
    """The next cases, by id, in which anything is still counted."""
    query = select(_c.case_id).where(_c.closed.is_(False), _c.case_id > after).group_by(_c.case_id)
    return tuple(connection.execute(query.order_by(_c.case_id).limit(limit)).scalars())


def count_open(connection: Connection) -> int:
    query = select(func.count(_c.case_id.distinct())).where(_c.closed.is_(False))
    return connection.scalar(query) or 0


# --- what a report asks ------------------------------------------------------------------------------------------


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
    """The cases behind a figure, by due date: those that failed, or all of the period's; none outside of `scope`."""
    query = select(_c.case_id).where(*_in_period(kind, start, end, departments))
    if scope is not None:
        query = query.where(within(commitments, scope))
    if failed:
        past = and_(_c.kept_at.is_(None), _c.due < now)
        query = query.where(_c.censored.is_(False), or_(_c.kept_at > _c.due, past))
    return tuple(connection.execute(query.order_by(_c.due, _c.case_id).limit(limit)).scalars())


def _in_period(
    kind: str, start: datetime, end: datetime, departments: Sequence[str] | None
) -> list[ColumnElement[bool]]:
    conditions = [_c.kind == kind, _c.due >= start, _c.due < end]
    return conditions if departments is None else [*conditions, _c.department.in_(departments)]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(when((condition, 1), else_=0)), 0)
