"""What was closed in one go, and what would the figures be without it?"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import histogram
from gru.domain.town import Town
from gru.office.figures.asked import TENTHS, Asked, day_seconds
from gru.office.figures.delays import Spread
from projections import commitments, durations
from projections.durations import Lot

BEFORE = timedelta(weeks=13)
"""So long before the period an act is still looked for that kept promises of the period."""


class Without(msgspec.Struct, frozen=True):
    """How long what was resolved took, without what was closed in one go."""

    gross: Spread
    net: Spread


def lots(connection: Connection, asked: Asked) -> tuple[Lot, ...]:
    """The closings of the period that many had in common, in order."""
    return durations.lots(connection, asked.period.start, asked.until, asked.departments)


def without(connection: Connection, asked: Asked, town: Town, gross: Spread, net: Spread) -> Without:
    found = durations.resolved_in_lots(
        connection, asked.period.start, asked.until, asked.departments, day_seconds(town) // TENTHS
    )
    return Without(
        gross=_less(gross, ((length, number) for length, _, number in found)),
        net=_less(net, ((length, number) for _, length, number in found)),
    )


def closed_by_week(found: Iterable[Lot], asked: Asked) -> tuple[int, ...]:
    """How many closings of each week these were."""
    told = list(found)
    return tuple(sum(lot.closed for lot in told if start <= lot.at < end) for start, end in asked.period.parts())


def kept_in_lots(connection: Connection, asked: Asked) -> tuple[int, int]:
    """Of the dates of resolution promised for the period: how many were kept in time, and late, by such an act."""
    start, end = asked.period.start, asked.period.end
    cases = durations.cases_in_lots(start - BEFORE, asked.until, asked.departments)
    return commitments.kept_among(connection, "resolve", start, end, asked.departments, cases)


def _less(spread: Spread, taken: Iterable[tuple[int, int]]) -> Spread:
    out = dict(histogram(taken))
    left = ((length, number - out.get(length, 0)) for length, number in spread.lengths)
    return Spread(tuple((length, number) for length, number in left if number))
