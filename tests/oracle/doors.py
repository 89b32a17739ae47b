"""What stands on the door of a department at each minute, and which day is it there?

Every minute of the year that is watched is laid out once, one sign each: `o` open, `c` outside the hours, `h` a public
holiday, `x` a closure. Nothing here asks the clocks of the product; a calendar is read, not counted with.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from gru.domain.clocks import Calendar, Slot

BEGIN = datetime(2027, 2, 20, tzinfo=UTC)
HOURS = 24 * 420
MINUTES = HOURS * 60
ONE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
MARK = b"\x01"


def minute(instant: datetime) -> int:
    """Which minute of the watch begins at this instant; histories are told at whole minutes."""
    number, rest = divmod(instant - BEGIN, ONE)
    assert not rest, instant
    return number


def instant(number: int) -> datetime:
    return BEGIN + number * ONE


@cache
def walls(timezone: str) -> tuple[tuple[date, int], ...]:
    """What the wall shows when each hour of the watch begins: the day, and the hour. No clock changes in mid-hour."""
    zone = ZoneInfo(timezone)
    shown = [(BEGIN + timedelta(hours=hour)).astimezone(zone) for hour in range(HOURS)]
    assert not any(wall.minute for wall in shown)
    return tuple((wall.date(), wall.hour) for wall in shown)


@cache
def midnights(timezone: str) -> dict[date, int]:
    """The minute at which each day begins there."""
    shown = walls(timezone)
    changes = ((hour, today) for hour, ((before, _), (today, _)) in enumerate(pairwise(shown), 1) if today != before)
    return {day: hour * 60 for hour, day in changes}


def day_of(timezone: str, at: int) -> date:
    return walls(timezone)[at // 60][0]


def end_of(timezone: str, day: date) -> int:
    return midnights(timezone)[day + A_DAY]


@cache
def door(calendar: Calendar) -> bytes:
    days = {day: _signs(calendar, day) for day in {day for day, _ in walls(calendar.timezone)}}
    return b"".join(days[day][hour * 60 : hour * 60 + 60] for day, hour in walls(calendar.timezone))


def _signs(calendar: Calendar, day: date) -> bytes:
    """The minutes from midnight to midnight by the wall's clock, whether or not it shows all of them that day."""
    special = next((one.slots for one in calendar.exceptions if one.day == day), None)
    slots = special if special is not None else () if day in calendar.closed else calendar.week[day.weekday()]
    shut = "c"
    if not slots and (special is not None or day in calendar.closed):
        shut = "h" if day in calendar.holidays else "x"
    return _written(slots, shut)


@cache
def _written(slots: tuple[Slot, ...], shut: str) -> bytes:
    signs = ["o" if any(opens <= at < closes for opens, closes in slots) else shut for at in range(24 * 60)]
    return "".join(signs).encode()


@cache
def opened(calendar: Calendar) -> bytes:
    """One mark for each open minute."""
    return bytes(sign == ord("o") for sign in door(calendar))


@cache
def closings(calendar: Calendar) -> tuple[tuple[date, int], ...]:
    """The days on which it opens at all and that are no public holiday, each with the end of its last open minute."""
    marks, days = opened(calendar), midnights(calendar.timezone)
    last = ((day, marks.rfind(MARK, begins, days[day + A_DAY])) for day, begins in days.items() if day + A_DAY in days)
    return tuple((day, at + 1) for day, at in last if at >= 0 and day not in calendar.holidays)


def without(marks: bytes, spans: tuple[tuple[int, int], ...]) -> bytes:
    """The marks of the minutes that lie in none of these spans."""
    if not spans:
        return marks
    left = bytearray(marks)
    for begins, ends in spans:
        left[begins:ends] = bytes(max(0, ends - begins))
    return bytes(left)


def reach(marks: bytes, start: int, number: int) -> int:
    """The end of the n-th marked minute from `start` on: day by day, then hour by hour, then minute by minute."""
    if not number:
        return start
    for step in (1440, 60, 1):
        while (found := marks.count(MARK, start, start + step)) < number:
            number -= found
            start += step
            assert start < MINUTES, "the watch ends before"
    return start + 1


def stretches(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The same minutes as spans that neither meet nor overlap."""
    if not spans:
        return []
    first, last = min(begins for begins, _ in spans), max(ends for _, ends in spans)
    stopped = bytearray(last - first)
    for begins, ends in spans:
        stopped[begins - first : ends - first] = MARK * (ends - begins)
    found, at = [], stopped.find(MARK)
    while at >= 0:
        after = stopped.find(b"\x00", at)
        after = len(stopped) if after < 0 else after
        found.append((first + at, first + after))
        at = stopped.find(MARK, after)
    return found
