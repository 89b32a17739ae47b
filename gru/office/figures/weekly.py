"""Which questions do the figures ask week by week, so that what was counted once is kept?

Every page asks through `counts`; `plan` says what the clock is to keep at hand, for all pages and all their spans.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import structs
from sqlalchemy import Connection, Engine

from gru.domain.events import CommitmentKind
from gru.domain.town import Town
from gru.office.figures.asked import TENTHS, Asked, day_seconds, weeks
from gru.office.subtotals import Plan, Posed, Subtotal, read, refresh
from gru.office.town_hall import NoTown, TownBook
from gru.storage.work import Work
from projections import commitments, durations, rework, stages, volumes
from projections.base import Tree, added
from projections.durations import SIDES

KINDS: tuple[CommitmentKind, ...] = ("resolve", "first_response", "acknowledge", "make_safe")
WEEKS_KEPT = 53
"""As many as the longest span of a page has, and one more."""

LEASE = "weekly counts"
LEASE_SECONDS = 60


def counts(connection: Connection, asked: Asked, posed: Posed, until: datetime | None = None) -> list[Subtotal]:
    """By week of the period and department, before `until`: by default all that is told of the period.

    A week that is not over is told in several.
    """
    return _read(connection, asked, posed, asked.period.edges, min(asked.period.end, until or asked.until))


def together(connection: Connection, asked: Asked, posed: Posed) -> Tree:
    """Of all weeks and departments."""
    return added(one.counts for one in counts(connection, asked, posed))


def together_since(connection: Connection, asked: Asked, posed: Posed) -> Tree:
    """Of all that happened since the period began, be it after its end."""
    edges, cut = list(asked.period.edges), asked.cut.at + timedelta(microseconds=1)
    while edges[-1] < cut:
        edges.append(edges[-1] + timedelta(weeks=1))
    return added(one.counts for one in _read(connection, asked, posed, edges, cut))


def _read(
    connection: Connection, asked: Asked, posed: Posed, edges: Sequence[datetime], end: datetime
) -> list[Subtotal]:
    """A week that is not over is told by its days, so that no more than today must be counted."""
    before = [edge for edge in edges if edge < end]
    if not before:
        return []
    parts = [*before, *([] if end in edges else _days(before[-1], end)), end]
    found = read(connection, posed, parts, asked.cut.at, asked.departments)
    last = len(before) - 1
    return [structs.replace(one, part=min(one.part, last)) for one in found]


def _days(start: datetime, end: datetime) -> list[datetime]:
    """The local midnights between two instants; `start` is one too."""
    midnights = (start + timedelta(days=number) for number in itertools.count(1))
    return list(itertools.takewhile(lambda midnight: midnight < end, midnights))


def plan(town: Town, at: datetime) -> Plan:
    """Of everything the pages ask by the week: the weeks that are over, and the days of this one that are."""
    day = day_seconds(town)
    tenth = day // TENTHS
    posed: list[Posed] = [
        *((commitments.STANDINGS, (kind,)) for kind in KINDS),
        *((commitments.STANDINGS, ("resolve", side)) for side in SIDES),
        *((durations.TOOK, (tenth, measure)) for measure in durations.MEASURED),
        (durations.ENDED, (day,)),
        *((question, (tenth, answer)) for answer, question in durations.ANSWERED.items()),
        *((durations.FOLLOWED, (day, answer)) for answer in durations.ANSWERED),
        *((durations.RESOLVED_BY_TYPE, (day, side)) for side in SIDES),
        (durations.SPENT, ()),
        (durations.LENGTHS, (tenth,)),
        (durations.WAYS, (tenth,)),
        (durations.LOTS, ()),
        (durations.REOPENED, ()),
        (durations.ASKED_AGAIN, ()),
        (stages.FOLLOWS, (tenth,)),
        (stages.HAND_OVERS, (tenth,)),
        (rework.REDONE, ()),
        (rework.ENTERED_BY_HOUR, ()),
        (volumes.MOVED, ()),
        *((volumes.MOVED_BY, (part,)) for part in volumes.PARTS),
    ]
    over = weeks(at, WEEKS_KEPT + 1, town.legal_calendar.zone).edges[:-1]
    return Plan(tuple(posed), (*over, *_days(over[-1], at)), tuple(sorted(town.departments)))


class WeeklyCounts:
    """Keeps these counts at hand; one process at a time."""

    def __init__(self, *, views: Engine, work: Work, town: TownBook, now: Callable[[], datetime], holder: str) -> None:
        self._views = views
        self._work = work
        self._town = town
        self._now = now
        self._holder = holder

    def refresh(self, seconds: float) -> bool:
        """Count what is not at hand; `False` when the time was not enough. Another process's work is done."""
        if not self._work.lease(LEASE, self._holder, LEASE_SECONDS):
            return True
        try:
            town = self._town.in_force(self._now())
        except NoTown:
            return True
        return refresh(self._views, plan(town, self._now()), self._now, seconds)
