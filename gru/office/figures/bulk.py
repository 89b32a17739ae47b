"""What was closed in one go, and what would the figures be without it?"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from gru.domain.clocks import to_instant
from gru.domain.statistics import histogram
from gru.domain.town import Town
from gru.office.figures.asked import TENTHS, Asked, Period, day_seconds
from gru.office.figures.delays import Spread
from gru.office.figures.weekly import counts
from projections import commitments, durations
from projections.durations import LOTS, Lot

WEEKS_BEFORE = 13
"""So long before the period an act is still looked for that kept promises of the period."""


class Without(msgspec.Struct, frozen=True):
    """How long what was resolved took, without what was closed in one go."""

    gross: Spread
    net: Spread


def lots(connection: Connection, asked: Asked) -> tuple[Lot, ...]:
    """The closings of the period that many had in common, in order."""
    found = [
        Lot(to_instant(60 * minute), week.department, closed)
        for week in counts(connection, asked, (LOTS, ()))
        for minute, closed in week.counts.items()
    ]
    return tuple(sorted(found, key=lambda lot: (lot.at, lot.department)))


def without(connection: Connection, found: Sequence[Lot], town: Town, gross: Spread, net: Spread) -> Without:
    taken = durations.resolved_in_lots(connection, found, day_seconds(town) // TENTHS)
    return Without(
        gross=_less(gross, ((length, number) for length, _, number in taken)),
        net=_less(net, ((length, number) for _, length, number in taken)),
    )


def closed_by_week(found: Iterable[Lot], asked: Asked) -> tuple[int, ...]:
    """How many closings of each week these were."""
    told = list(found)
    return tuple(sum(lot.closed for lot in told if start <= lot.at < end) for start, end in asked.period.parts())


def kept_in_lots(connection: Connection, asked: Asked) -> tuple[int, int]:
    """Of the dates of resolution promised for the period: how many were kept in time, and late, by such an act."""
    earlier = [asked.period.start - timedelta(weeks=number) for number in range(WEEKS_BEFORE, 0, -1)]
    found = lots(connection, structs.replace(asked, period=Period((*earlier, *asked.period.edges))))
    if not found:
        return 0, 0
    bounds, cases = (asked.period.start, asked.period.end), durations.cases_in_lots(found)
    return commitments.kept_among(connection, "resolve", *bounds, asked.departments, cases)


def _less(spread: Spread, taken: Iterable[tuple[int, int]]) -> Spread:
    out = dict(histogram(taken))
    left = ((length, number - out.get(length, 0)) for length, number in spread.lengths)
    return Spread(tuple((length, number) for length, number in left if number))
