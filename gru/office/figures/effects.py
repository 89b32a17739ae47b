"""Did a decision help? Requests received before it and after it are followed for the same time, and compared.

Nobody who was received before is followed into the time after: the cohort before ends `FOLLOW` days before the day of
effect. What is received in the first `WASH_OUT` days after it belongs to neither: the new way is being learnt. Both
cohorts are as long as each other, and as long as time allows, up to `LONGEST` days.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import ControlChart, Interval, LogRank, control_chart, logrank, survival, wilson
from gru.domain.town import Town
from gru.office.figures.asked import Cut
from projections import durations
from projections.durations import Followed

FOLLOW, WASH_OUT, LONGEST, SHORTEST = 28, 14, 91, 14
HOUR = 3600
FEWEST = 20
"""Requests in each cohort, under which nothing is concluded."""

SURE = 0.05

Verdict = Literal["too_few", "no_difference", "faster", "slower"]


class Cohort(msgspec.Struct, frozen=True):
    """Those received from `first` to `last`: how many, how many resolved within `FOLLOW` days, the median in days."""

    first: date
    last: date
    total: int
    resolved: int
    share: Interval | None
    median: float | None


class Week(msgspec.Struct, frozen=True):
    """Of those received in the week from `first` on, how many of a hundred were resolved within `FOLLOW` days."""

    first: date
    total: int
    share: float | None
    after: bool


class Effect(msgspec.Struct, frozen=True):
    before: Cohort
    after: Cohort
    weeks: tuple[Week, ...]
    control: ControlChart | None
    test: LogRank | None

    @property
    def verdict(self) -> Verdict:
        if self.test is None or self.test.hazard is None or min(self.before.total, self.after.total) < FEWEST:
            return "too_few"
        if self.test.p >= SURE:
            return "no_difference"
        return "faster" if self.test.hazard.ratio > 1 else "slower"


def measurable_from(effect: date) -> date:
    """The first day on which the shortest cohort after it has been followed long enough."""
    return effect + timedelta(days=WASH_OUT + SHORTEST + FOLLOW)


def effect_of(
    connection: Connection, town: Town, effect: date, types: Sequence[str], departments: Sequence[str], cut: Cut
) -> Effect | None:
    """What changed around a day; `None` while it is too early."""
    zone = town.legal_calendar.zone
    today = cut.at.astimezone(zone).date()
    length = min(LONGEST, (today - effect).days - WASH_OUT - FOLLOW)
    if length < SHORTEST:
        return None
    length -= length % 7
    begin_before = effect - timedelta(days=FOLLOW + length)
    begin_after = effect + timedelta(days=WASH_OUT)
    who = tuple(departments) or tuple(sorted(town.departments))

    def received(first: date) -> tuple[Followed, ...]:
        start, end = (_midnight(day, zone) for day in (first, first + timedelta(days=length)))
        return durations.followed(connection, start, end, who, types)

    both = received(begin_before), received(begin_after)
    counts = [[_observed(one) for one in rounds] for rounds in both]
    weeks = (*_weeks(both[0], begin_before, length, zone, False), *_weeks(both[1], begin_after, length, zone, True))
    shares = [week.share for week in weeks if week.share is not None]
    based = sum(1 for week in weeks if week.share is not None and not week.after)
    return Effect(
        before=_cohort(counts[0], begin_before, length),
        after=_cohort(counts[1], begin_after, length),
        weeks=weeks,
        control=control_chart(shares, based) if based else None,
        test=logrank([counts[1], counts[0]]),
    )


_Observed = tuple[int, int, int]
"""Hours until the end, or until nobody looked any more; whether it was resolved; whether it was not."""


def _observed(one: Followed) -> _Observed:
    limit = FOLLOW * 24
    if one.closed_at is None:
        return limit, 0, 1
    hours = max(0, -(-int((one.closed_at - one.started_at).total_seconds()) // HOUR))
    if hours > limit:
        return limit, 0, 1
    return hours, int(one.resolved), int(not one.resolved)


def _cohort(observed: list[_Observed], first: date, length: int) -> Cohort:
    resolved = sum(events for _, events, _ in observed)
    median = survival(observed).median if observed else None
    return Cohort(
        first=first,
        last=first + timedelta(days=length - 1),
        total=len(observed),
        resolved=resolved,
        share=wilson(resolved, len(observed)),
        median=median / 24 if median is not None else None,
    )


def _weeks(rounds: Iterable[Followed], first: date, length: int, zone: ZoneInfo, after: bool) -> tuple[Week, ...]:
    by_week: dict[int, list[_Observed]] = {}
    for one in rounds:
        number = (one.started_at.astimezone(zone).date() - first).days // 7
        by_week.setdefault(number, []).append(_observed(one))
    return tuple(_week(by_week.get(n, []), first + timedelta(weeks=n), after) for n in range(length // 7))


def _week(observed: list[_Observed], first: date, after: bool) -> Week:
    resolved = sum(events for _, events, _ in observed)
    return Week(first, len(observed), 100 * resolved / len(observed) if observed else None, after)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)
