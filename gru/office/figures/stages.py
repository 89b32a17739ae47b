"""Where does the time go: in which stage, at which department, for which late cases?"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import Histogram, histogram, percentile
from gru.office.figures.asked import TENTHS, Asked
from gru.office.figures.weekly import counts
from gru.office.subtotals import Subtotal
from projections import durations
from projections.base import STAGES, Tree, added

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
    told = by_department(counts(connection, asked, (durations.SPENT, ())))
    lengths = by_department(counts(connection, asked, (durations.LENGTHS, (day // TENTHS,))))
    found = tuple(
        _at_department(department, spent, histogram(lengths[department].items()))
        for department, spent in sorted(told.items())
    )
    every = [spent for known in told.values() for spent in known.values()]
    late = [known[LATE] for known in told.values() if LATE in known]
    return TimeSpent(found, part_of(every), part_of(late))


def by_department(found: Iterable[Subtotal]) -> dict[str, Tree]:
    """All weeks together."""
    weeks: dict[str, list[Tree]] = {}
    for one in found:
        weeks.setdefault(one.department, []).append(one.counts)
    return {department: added(trees) for department, trees in weeks.items()}


LATE = 1
"""Under this number `SPENT` tells of the rounds that were late; under 0 of the others."""


def _at_department(department: str, spent: Tree, lengths: Histogram) -> AtDepartment:
    every = added(spent.values())
    return AtDepartment(
        department=department,
        every=part_of([every]),
        late=part_of([spent.get(LATE, {})]),
        median=percentile(lengths, 50),
        p90=percentile(lengths, 90),
        handed=every["handed"],
        back=every["back"],
        before_last=every["before_last"],
    )


def part_of(spent: Iterable[Tree]) -> Part:
    whole = added(spent)
    return Part(whole.get("rounds", 0), tuple(whole.get(stage, 0) for stage in STAGES))
