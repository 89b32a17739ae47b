"""Which whole days does a time limit count, and which does it skip?"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from gru.domain.clocks import Amount, Calendar, Charged, Pause, last_day
from gru.domain.clocks.pauses import stopped
from gru.domain.clocks.working_time import local_day, midnight, to_instant
from gru.domain.explaining.telling import Stretch

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6

Said = tuple[bool, str, Charged]


def days_told(
    cal: Calendar,
    start: datetime,
    limit: datetime,
    amount: Amount,
    pauses: Iterable[Pause] = (),
    *,
    before: datetime | None = None,
) -> list[Stretch]:
    """From `start` to the midnight that ends the limit; the day of the start is not counted.

    `before` is the reception of a file that was complete at `start` only. A suspended day is one on which a pause
    was still running, or had begun the day before: the first day of a pause is the clock's.
    """
    told: list[Stretch] = []
    if before is not None and before < start:
        told.append(Stretch(before, start, False, "incomplete", "resident", "used"))
    first, last = local_day(cal, start), last_day(cal, limit)
    suspended = _suspended(cal, pauses)
    says = _rule(cal, amount, last)
    _tell(told, start, _end_of(cal, first, limit), (False, "trigger", "town"), 0)
    day = first + _DAY
    while day <= last:
        said = suspended.get(day) or says(day)
        begins = to_instant(midnight(cal.zone, day))
        _tell(told, begins, _end_of(cal, day, limit), said, int(said[0]))
        day += _DAY
    return told


def _tell(told: list[Stretch], start: datetime, end: datetime, said: Said, days: int) -> None:
    """Days that follow each other for the same cause are one stretch."""
    if start >= end:
        return
    if told and (told[-1].counted, told[-1].cause, told[-1].party) == said:
        last = told.pop()
        start, days = last.start, last.days + days
    told.append(Stretch(start, end, *said, "used", days))


def _end_of(cal: Calendar, day: date, limit: datetime) -> datetime:
    return min(to_instant(midnight(cal.zone, day + _DAY)), limit)


def _suspended(cal: Calendar, pauses: Iterable[Pause]) -> dict[date, Said]:
    pauses = list(pauses)
    days: dict[date, Said] = {}
    for begins, ends in stopped(pauses):
        day, last = local_day(cal, to_instant(begins)) + _DAY, local_day(cal, to_instant(ends))
        cause = next(pause for pause in pauses if pause.end is not None and to_instant(begins) <= pause.end)
        while day <= last:
            days[day] = (False, f"pause:{cause.party}:{cause.reason}", cause.party)
            day += _DAY
    return days


def _rule(cal: Calendar, amount: Amount, last: date) -> Callable[[date], Said]:
    holidays = frozenset(cal.holidays)

    def working(day: date, weekend: int) -> Said:
        if day in holidays:
            return False, "holiday", "town"
        return (False, "weekend", "town") if day.weekday() >= weekend else (True, "day", "town")

    def says(day: date) -> Said:
        match amount.unit:
            case "jo":
                return working(day, _SATURDAY)
            case "ouvrables":
                return working(day, _SUNDAY)
            case "francs":
                return (False, "franc", "town") if day == last else (True, "day", "town")
            case _:
                return True, "day", "town"

    return says
