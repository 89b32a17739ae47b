"""How long does it take until a request is resolved, of those that were and of all that came?

Lengths of what was resolved are in tenths of a working day, begun ones whole, gross (what the resident lives) and net
(without the waits that stop the town's clock). What came is followed in cohorts by reception, in whole
working days, with what is still open and what left without being resolved (duplicate, withdrawn, sent elsewhere) as
censored: known to have lasted so long, no more.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from itertools import count, pairwise, takewhile

import msgspec
from sqlalchemy import Connection

from gru.domain.clocks import Calendar, begun_by, to_instant, to_second
from gru.domain.statistics import Count, Curve, Histogram, LogRank, histogram, logrank, percentile, survival
from gru.domain.town import Town
from gru.office.figures.asked import TENTHS, Asked, Period, day_seconds
from gru.office.figures.weekly import together, together_since
from projections import durations
from projections.durations import Marks

MARKS = (50, 80, 90)
_COHORTS = 3


class Spread(msgspec.Struct, frozen=True):
    """Lengths in tenths of a working day, and within which of them half, eight and nine of ten were."""

    lengths: Histogram

    @property
    def total(self) -> int:
        return sum(number for _, number in self.lengths)

    def within(self, percent: int) -> int | None:
        return percentile(self.lengths, percent)


class Cohort(msgspec.Struct, frozen=True):
    """What began between two instants, followed in working days; `open` and `left` are those censored."""

    start: datetime
    end: datetime
    curve: Curve
    open: int
    left: int


class Delays(msgspec.Struct, frozen=True):
    gross: Spread
    net: Spread
    cohorts: tuple[Cohort, ...]
    compared: LogRank | None
    """The cohorts by the log-rank test."""


def delays(connection: Connection, asked: Asked, town: Town) -> Delays:
    day, edges = day_seconds(town), cohort_edges(asked.period)
    ended = [
        (bisect_right(edges, to_instant(began)) - 1, units, *((number, 0) if resolved else (0, number)))
        for began, outcomes in together_since(connection, asked, (durations.ENDED, (day,))).items()
        for resolved, lengths in outcomes.items()
        for units, number in lengths.items()
        if to_second(edges[0]) <= began < to_second(edges[-1])
    ]
    still = durations.unfinished(connection, edges, asked.cut.at, marks(asked, town))
    counts, cohorts = followed(ended, still, asked)
    gross, net = (together(connection, asked, (durations.TOOK, (day // TENTHS, one))) for one in durations.MEASURED)
    return Delays(
        gross=Spread(histogram(gross.items())),
        net=Spread(histogram(net.items())),
        cohorts=cohorts,
        compared=logrank(counts),
    )


def cohort_edges(period: Period) -> tuple[datetime, ...]:
    """The weeks parted into cohorts of about as many, each of two weeks at least."""
    weeks = len(period.edges) - 1
    parts = max(1, min(_COHORTS, weeks // 2))
    return tuple(period.edges[weeks * number // parts] for number in range(parts + 1))


def marks(asked: Asked, town: Town) -> list[Marks]:
    """Since when, in the hours of each department, so many working days have gone by at the cut."""
    same: dict[Calendar, list[str]] = {}
    for department in asked.departments:
        calendar = town.calendar_of(department) if department in town.departments else town.legal_calendar
        same.setdefault(calendar, []).append(department)
    return [Marks(tuple(among), _days_ago(calendar, asked, day_seconds(town))) for calendar, among in same.items()]


def _days_ago(calendar: Calendar, asked: Asked, day: int) -> tuple[datetime, ...]:
    ago = (begun_by(calendar, asked.cut.at, day * number) for number in count(1))
    return tuple(takewhile(lambda mark: mark >= asked.period.start, ago))


def followed(
    ended: Iterable[tuple[int, int, int, int]], still: Iterable[tuple[int, int, int]], asked: Asked
) -> tuple[list[list[Count]], tuple[Cohort, ...]]:
    """`ended`: number of the cohort, working days, how many by what is followed, and how many otherwise.

    `still`: number of the cohort, working days, and how many were neither at the cut.
    """
    edges = cohort_edges(asked.period)
    counts: list[list[Count]] = [[] for _ in edges[1:]]
    for number, units, done, others in ended:
        counts[number].append((units, done, others))
    left = [sum(others for _, _, others in one) for one in counts]
    opened = [0] * len(counts)
    for number, units, found in still:
        opened[number] += found
        counts[number].append((units, 0, found))
    cohorts = (
        Cohort(start, end, survival(one), still_open, gone)
        for (start, end), one, still_open, gone in zip(pairwise(edges), counts, opened, left, strict=True)
    )
    return counts, tuple(cohorts)
