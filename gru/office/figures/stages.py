"""Where does the time go: in which stage, at which department, for which late cases?"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import histogram, percentile
from gru.office.figures.asked import Asked
from projections import durations
from projections.base import STAGES
from projections.durations import Spent

TENTHS = 10
FEW = 20
"""Below it a rate is shown with its count only."""


class Part(msgspec.Struct, frozen=True):
    """What a number of rounds took in all, by stage (as STAGES), in open seconds."""

    rounds: int
    stages: tuple[int, ...]

    @property
    def worked(self) -> int:
        return sum(self.stages)


class AtDepartment(msgspec.Struct, frozen=True):
    """What one department closed in the period; `median` and `p90` in tenths of a working day, begun ones whole."""

    department: str
    every: Part
    late: Part
    median: int | None
    p90: int | None
    handed: int
    back: int
    before_last: int


class TimeSpent(msgspec.Struct, frozen=True):
    departments: tuple[AtDepartment, ...]
    every: Part
    late: Part

    @property
    def can_compare(self) -> bool:
        """Enough late ones, and enough others to set them against."""
        return min(self.late.rounds, self.every.rounds - self.late.rounds) >= FEW

    @property
    def more(self) -> tuple[float, ...]:
        """By stage: the open seconds a late round took there more than another one, on average."""
        others = self.every.rounds - self.late.rounds
        return tuple(
            late / self.late.rounds - (every - late) / others
            for every, late in zip(self.every.stages, self.late.stages, strict=True)
        )


def time_spent(connection: Connection, asked: Asked, day: int) -> TimeSpent:
    """Of the rounds closed in the period; `day` is a working day in open seconds."""
    bounds = (asked.period.start, asked.period.end, asked.departments)
    told = durations.spent(connection, *bounds)
    lengths = durations.lengths(connection, *bounds, day // TENTHS)
    found = []
    for department in sorted({one.department for one in told}):
        mine = [one for one in told if one.department == department]
        counts = histogram(lengths.get(department, ()))
        found.append(
            AtDepartment(
                department=department,
                every=_together(mine),
                late=_together(one for one in mine if one.late),
                median=percentile(counts, 50),
                p90=percentile(counts, 90),
                handed=sum(one.handed for one in mine),
                back=sum(one.back for one in mine),
                before_last=sum(one.before_last for one in mine),
            )
        )
    return TimeSpent(tuple(found), _together(told), _together(one for one in told if one.late))


def _together(told: Iterable[Spent]) -> Part:
    listed = list(told)
    stages = tuple(sum(one.stages[number] for one in listed) for number in range(len(STAGES)))
    return Part(sum(one.rounds for one in listed), stages)
