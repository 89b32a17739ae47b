"""Until which day does the law allow?

The legal calendar knows public holidays only: a bridge day or a closed counter never extends a legal limit.
The triggering day is not counted, and a limit runs out when its last local day ends.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import assert_never

from gru.domain.clocks.amounts import Amount
from gru.domain.clocks.calendars import Calendar
from gru.domain.clocks.working_time import local_day, midnight, to_instant

_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = 5
_MONDAY_TO_SATURDAY = 6


def legal_deadline(cal: Calendar, received: datetime, amount: Amount) -> datetime:
    """The UTC instant at which a legal limit runs out: the end of its last local day.

    jo: Monday to Friday without public holidays (CRPA L112-11, decree 2016-1411). ouvrables: Monday to
    Saturday without them. jc: every day. francs: whole days, see `appeal_deadline`. month: date to date, or
    the last day of a month too short (silence: CRPA L231-1, L231-4), not moved when it ends on a weekend or
    holiday.
    """
    day = local_day(cal, received)
    match amount.unit:
        case "jo":
            last = _nth_day(day, amount.value, _counts(cal, _MONDAY_TO_FRIDAY))
        case "ouvrables":
            last = _nth_day(day, amount.value, _counts(cal, _MONDAY_TO_SATURDAY))
        case "jc":
            last = day + amount.value * _DAY
        case "francs":
            last = _franc(cal, day + amount.value * _DAY)
        case "month":
            last = _months_later(day, amount.value)
        case "h":
            raise ValueError("A legal limit is not counted in opening hours.")
        case _:
            assert_never(amount.unit)
    return _end_of(cal, last)


def appeal_deadline(cal: Calendar, decided: date, months: int = 2) -> datetime:
    """The UTC instant at which the time to go to the administrative court ends (CJA R421-1).

    `decided` is the local day on which the decision was notified, or silence became one. The limit is a délai
    franc: its last day is not counted either, and an end on a weekend or public holiday moves to the next
    working day (CE 312682).
    """
    return _end_of(cal, _franc(cal, _months_later(decided, months)))


def end_of_calendar_day(cal: Calendar, start: datetime, days: int) -> datetime:
    """The UTC instant at which the n-th local day after that of `start` ends; 0 is that of `start` itself."""
    return _end_of(cal, local_day(cal, start) + days * _DAY)


def last_day(cal: Calendar, deadline: datetime) -> date:
    """The local day to show for a limit that may end at midnight (« jusqu'au 23 février inclus »)."""
    return local_day(cal, deadline - timedelta(microseconds=1))


def postponed(cal: Calendar, deadline: datetime, days: int) -> datetime:
    """The UTC instant at which the n-th local day after the last day of `deadline` ends."""
    return _end_of(cal, last_day(cal, deadline) + days * _DAY)


def days_between(cal: Calendar, start: datetime, end: datetime) -> int:
    """How many local midnights lie between two instants."""
    return (local_day(cal, end) - local_day(cal, start)).days


def _end_of(cal: Calendar, day: date) -> datetime:
    return to_instant(midnight(cal.zone, day + _DAY))


def _counts(cal: Calendar, days_of_week: int) -> Callable[[date], bool]:
    holidays = _holidays(cal)
    return lambda day: day.weekday() < days_of_week and day not in holidays


@lru_cache(maxsize=256)
def _holidays(cal: Calendar) -> frozenset[date]:
    return frozenset(cal.holidays)


def _nth_day(day: date, number: int, counts: Callable[[date], bool]) -> date:
    while number:
        day += _DAY
        number -= counts(day)
    return day


def _franc(cal: Calendar, last_counted: date) -> date:
    return _nth_day(last_counted, 1, _counts(cal, _MONDAY_TO_FRIDAY))


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
