"""Which figures are asked for: of which time, as of which fact, of whom?"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from gru.domain.town import Town

TENTHS = 10
"""Of a working day: the unit of most lengths."""


class Cut(msgspec.Struct, frozen=True):
    """Where the history is cut: what is counted is what was recorded up to `position`, judged as of the instant `at`.

    The same cut gives the same figures for ever.
    """

    position: int
    at: datetime


class Period(msgspec.Struct, frozen=True):
    """The instants at which the town's weeks or months begin, in order, and that at which the last one ends."""

    edges: tuple[datetime, ...]

    @property
    def start(self) -> datetime:
        return self.edges[0]

    @property
    def end(self) -> datetime:
        return self.edges[-1]

    def days(self, zone: ZoneInfo) -> tuple[date, date]:
        """The first and the last local day, both counted."""
        return self.start.astimezone(zone).date(), self.end.astimezone(zone).date() - timedelta(days=1)

    def parts(self) -> Sequence[tuple[datetime, datetime]]:
        return list(pairwise(self.edges))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`departments` are those the asker may read; the others choose one value each, `""` all of them."""

    period: Period
    cut: Cut
    departments: tuple[str, ...]
    type: str = ""
    channel: str = ""
    site: str = ""
    district: str = ""

    @property
    def until(self) -> datetime:
        """The instant before which the period is told: its end, or right after the cut."""
        return min(self.period.end, self.cut.at + timedelta(microseconds=1))


def weeks(at: datetime, number: int, zone: ZoneInfo) -> Period:
    """The last weeks, Monday to Sunday, that in which `at` lies as the last."""
    today = at.astimezone(zone).date()
    this = today - timedelta(days=today.weekday())
    mondays = (this + timedelta(weeks=offset) for offset in range(1 - number, 2))
    return Period(tuple(datetime.combine(day, time(0), zone) for day in mondays))


def day_seconds(town: Town) -> int:
    """The open seconds of an ordinary open day of the reception: what the figures call a working day."""
    week = town.legal_calendar.week
    lengths = [sum(closing - opening for opening, closing in day) * 60 for day in week if day]
    return round(sum(lengths) / len(lengths))
