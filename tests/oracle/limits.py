"""How far does a limit reach that nobody interrupts, and how far one in whole days that somebody does?"""

from datetime import date
from functools import cache

from gru.domain.clocks import Amount, Calendar
from tests.oracle.doors import A_DAY, closings, day_of, end_of, opened, reach


@cache
def plain(calendar: Calendar, start: int, amount: Amount) -> int:
    """When so much time has gone by, if the clock never stands still."""
    if amount.unit == "h":
        return reach(opened(calendar), start, amount.value * 60)
    today = day_of(calendar.timezone, start)
    if amount.unit == "jo":
        return [ends for day, ends in closings(calendar) if day > today][amount.value - 1]
    return end_of(calendar.timezone, last_day(calendar, today, amount))


def by_days(zone: str, limit: int, pauses: list[tuple[int, int]]) -> int:
    """A limit in whole days gets back the midnights of each pause that began before it."""
    for begins, ends in pauses:
        if begins < limit:
            midnights = (day_of(zone, ends) - day_of(zone, begins)).days
            limit = end_of(zone, day_of(zone, limit - 1) + midnights * A_DAY)
    return limit


def counts(calendar: Calendar, day: date, unit: str) -> str:
    """Is this day counted (`day`), or why not?"""
    if unit in ("jo", "ouvrables"):
        if day in calendar.holidays:
            return "holiday"
        if day.weekday() == 6 or (day.weekday() == 5 and unit == "jo"):
            return "weekend"
    return "day"


def last_day(calendar: Calendar, day: date, amount: Amount) -> date:
    """The last day of a limit, the one it is triggered on not counted."""
    if amount.unit == "month":
        month = day.month - 1 + amount.value
        year, month = day.year + month // 12, month % 12 + 1
        number = day.day
        while True:
            try:
                return date(year, month, number)
            except ValueError:
                number -= 1
    left = amount.value
    while left:
        day += A_DAY
        left -= counts(calendar, day, amount.unit) == "day"
    if amount.unit == "francs":
        day += A_DAY
        while counts(calendar, day, "jo") != "day":
            day += A_DAY
    return day
