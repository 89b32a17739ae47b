"""Which share of the promises was kept, by week, department or type, and which cases stand behind it?"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select

from gru.domain.events import CommitmentKind
from gru.domain.rights import Scope
from projections.base import Question, Selection, counting, placed, within
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


def _standings(
    edges: Sequence[datetime], departments: Sequence[str], kind: CommitmentKind, side: Side | Literal[""] = ""
) -> Selection:
    """The kind is written out, so that a database knows the index of it."""
    part, conditions = placed(commitments, "due", edges, departments)
    alike = _c.kind == literal(kind, literal_execute=True)
    named = (_c[side],) if side else (literal(""),)
    return counting(commitments, (part, (alike, *conditions)), *named, _c.type, _c.standing)


STANDINGS = Question("standings", "commitments", "due", _standings)
"""How the promises of a kind stand that fell due: by the value of one side (`""`: all in one), by type, by standing."""


class Judged(msgspec.Struct, frozen=True):
    """Of the promises of one type in one group that fell due and can be judged, how many were kept."""

    key: str
    type: str
    kept: int
    judged: int


def told_by_type(found: Sequence[Standing], key: Callable[[Standing], str]) -> tuple[Judged, ...]:
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for one in found:
        if one.judged:
            kept, judged = counts.get((key(one), one.type), (0, 0))
            counts[key(one), one.type] = kept + one.number * one.kept, judged + one.number
    return tuple(Judged(*named, *numbers) for named, numbers in counts.items())


def cohorts(found: Sequence[Standing], key: Callable[[Standing], str]) -> tuple[Cohort, ...]:
    """Of all whose due date fell in the period, which were kept? By group, in order; open and past is a failure."""
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
