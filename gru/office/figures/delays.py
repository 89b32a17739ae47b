"""How long does it take until a request is resolved, of those that were and of all that came?

Lengths of what was resolved are in tenths of a working day, begun ones whole, gross (what the resident lives) and net
(without the waits that stop the town's clock). What came is followed in cohorts by reception, in whole
working days, with what is still open and what left without being resolved (duplicate, withdrawn, sent elsewhere) as
censored: known to have lasted so long, no more.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

import msgspec
from sqlalchemy import Connection

from gru.domain.clocks import working_seconds
from gru.domain.statistics import Count, Curve, Histogram, LogRank, histogram, logrank, percentile, survival
from gru.domain.town import Town
from gru.office.figures.asked import Asked, Period, day_seconds
from gru.office.figures.stages import TENTHS
from projections import durations

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
    day = day_seconds(town)
    found = durations.resolved(connection, asked.period.start, asked.until, asked.departments, day // TENTHS)
    edges, at, who = cohort_edges(asked.period), asked.cut.at, asked.departments
    ended = durations.ended(connection, edges, at, who, day)
    still = durations.unfinished(connection, edges[0], edges[-1], at, who)
    counts, cohorts = followed(ended, still, asked, town)
    return Delays(
        gross=Spread(histogram((gross, number) for gross, _, number in found)),
        net=Spread(histogram((net, number) for _, net, number in found)),
        cohorts=cohorts,
        compared=logrank(counts),
    )


def cohort_edges(period: Period) -> tuple[datetime, ...]:
    """The weeks parted into cohorts of about as many, each of two weeks at least."""
    weeks = len(period.edges) - 1
    parts = max(1, min(_COHORTS, weeks // 2))
    return tuple(period.edges[weeks * number // parts] for number in range(parts + 1))


def followed(
    ended: Iterable[tuple[int, int, int, int]], still: Iterable[tuple[str, datetime]], asked: Asked, town: Town
) -> tuple[list[list[Count]], tuple[Cohort, ...]]:
    """`ended`: number of the cohort, working days, how many by what is followed, and how many otherwise.

    `still`: the department and the beginning of what was neither at the cut.
    """
    edges, at, day = cohort_edges(asked.period), asked.cut.at, day_seconds(town)
    counts: list[list[Count]] = [[] for _ in edges[1:]]
    for number, units, done, others in ended:
        counts[number].append((units, done, others))
    left = [sum(others for _, _, others in one) for one in counts]
    opened = [0] * len(counts)
    for department, begun in still:
        number = next(place for place, edge in enumerate(edges[1:]) if begun < edge)
        opened[number] += 1
        calendar = town.calendar_of(department) if department in town.departments else town.legal_calendar
        counts[number].append((working_seconds(calendar, begun, at) // day, 0, 1))
    cohorts = (
        Cohort(start, end, survival(one), still_open, gone)
        for (start, end), one, still_open, gone in zip(pairwise(edges), counts, opened, left, strict=True)
    )
    return counts, tuple(cohorts)
