"""How many open seconds lie between two instants, and where does a given number of them lead?

A calendar is laid out once as a line of UTC seconds cut at every opening and closing; questions are then
binary searches on it. A second is open when the clock on the town hall's wall shows an opening hour: the
night of a clock change counts the seconds that really elapse, the hour lost never, the hour repeated twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gru.domain.clocks.calendars import Calendar, Slot

OPEN = "open"

_YEARS_AHEAD = (1, 4, 32)
_DAYS_AROUND = 2  # no civil time is further from UTC
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_SECONDS_A_DAY = 86_400

Span = tuple[int, int]


class _Line(NamedTuple):
    """Some years of a calendar: `causes[i]` holds from `edges[i]` on, `worked[i]` open seconds lie before."""

    edges: list[int]
    causes: list[str]
    worked: list[int]
    working_days: list[int]
    closings: list[int]

    def worked_until(self, second: int) -> int:
        at = bisect_right(self.edges, second) - 1
        return self.worked[at] + (second - self.edges[at] if self.causes[at] == OPEN else 0)


def working_seconds(cal: Calendar, start: datetime, end: datetime) -> int:
    """Open seconds of the service between two instants; none when `end` is not after `start`."""
    if end <= start:
        return 0
    line = _line_between(cal, start, end)
    return line.worked_until(to_second(end)) - line.worked_until(to_second(start))


def add_working(cal: Calendar, start: datetime, seconds: int) -> datetime:
    """The earliest UTC instant at which `seconds` open seconds have gone by since `start`."""
    if seconds < 0:
        raise ValueError("Working time cannot be counted backwards.")
    begun = to_second(start)
    if seconds == 0:
        return to_instant(begun)
    for line in _lines_from(cal, start):
        wanted = line.worked_until(begun) + seconds
        at = bisect_left(line.worked, wanted)
        if at < len(line.edges):
            return to_instant(line.edges[at] - line.worked[at] + wanted)
    raise ValueError(f"The calendar {cal.code} never opens for {seconds} seconds.")


def begun_by(cal: Calendar, end: datetime, seconds: int) -> datetime:
    """The latest UTC second from which so many open seconds go by until `end`; the other way round of `add_working`."""
    if seconds < 1:
        raise ValueError("Of no working time at all every second is the beginning.")
    for years in _YEARS_AHEAD:
        line = _line(cal, end.year - years, end.year + 1)
        wanted = line.worked_until(to_second(end)) - seconds
        at = bisect_right(line.worked, wanted) - 1
        if wanted >= 0:
            return to_instant(line.edges[at] + wanted - line.worked[at])
    raise ValueError(f"The calendar {cal.code} was never open for {seconds} seconds.")


def end_of_working_day(cal: Calendar, start: datetime, days: int) -> datetime:
    """The UTC instant at which the service closes on its n-th working day after the local day of `start`.

    A working day has at least one opening slot and is no public holiday; the triggering day is not counted.
    """
    if days < 1:
        raise ValueError("The triggering day is not counted: a target has at least one working day.")
    today = local_day(cal, start).toordinal()
    for line in _lines_from(cal, start):
        at = bisect_right(line.working_days, today) + days - 1
        if at < len(line.closings):
            return to_instant(line.closings[at])
    raise ValueError(f"The calendar {cal.code} never opens on {days} working days.")


def openings_between(cal: Calendar, start: int, end: int) -> Iterator[tuple[int, str]]:
    """From which UTC second on the service is open, or why it is not, between two of them."""
    line = _line_between(cal, to_instant(start), to_instant(end))
    first = bisect_right(line.edges, start) - 1
    last = bisect_left(line.edges, end)
    edges = (start, *line.edges[first + 1 : last])
    return zip(edges, line.causes[first:last], strict=True)


def to_second(instant: datetime) -> int:
    """The whole second since 1970 in which an aware instant lies."""
    _refuse_without_zone(instant)
    return int(instant.timestamp())


def to_instant(second: int) -> datetime:
    """The UTC instant at which a second since 1970 begins."""
    return _EPOCH + timedelta(seconds=second)


def local_day(cal: Calendar, instant: datetime) -> date:
    """The day of the town's civil time on which an aware instant lies."""
    _refuse_without_zone(instant)
    return instant.astimezone(cal.zone).date()


def midnight(zone: ZoneInfo, day: date) -> int:
    """The UTC second at which a local day begins."""
    return _midnight(zone, day.toordinal())[0]


def _refuse_without_zone(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone cannot be placed.")


def _line_between(cal: Calendar, start: datetime, end: datetime) -> _Line:
    return _line(cal, start.year, max(end.year, start.year + _YEARS_AHEAD[0]))


def _lines_from(cal: Calendar, start: datetime) -> Iterator[_Line]:
    return (_line(cal, start.year, start.year + years) for years in _YEARS_AHEAD)


@lru_cache(maxsize=1024)
def _line(cal: Calendar, first_year: int, last_year: int) -> _Line:
    line = _Line([], [], [], [], [])
    first = date(first_year, 1, 1).toordinal() - _DAYS_AROUND
    last = date(last_year, 12, 31).toordinal() + _DAYS_AROUND
    zone, plan, worked = cal.zone, _Plan(cal), 0
    begins, before = _midnight(zone, first)
    for ordinal in range(first, last + 1):
        ends, after = _midnight(zone, ordinal + 1)
        day = date.fromordinal(ordinal)
        slots, cause = plan.of(day)
        openings = _openings(zone, (begins, ends), (before, after), slots)
        worked = _lay_out(line, (begins, ends), openings, cause, worked)
        if openings and day not in plan.holidays:
            line.working_days.append(ordinal)
            line.closings.append(openings[-1][1])
        begins, before = ends, after
    _cut(line, begins, "", worked)
    return line


class _Plan:
    """The rules of a calendar, ready to be asked about one day after another."""

    def __init__(self, cal: Calendar) -> None:
        self.week = cal.week
        self.closed = frozenset(cal.closed)
        self.holidays = frozenset(cal.holidays)
        self.special = {special.day: special.slots for special in cal.exceptions}

    def of(self, day: date) -> tuple[tuple[Slot, ...], str]:
        """The opening slots of a day, and why it is closed outside them."""
        special = self.special.get(day)
        if special:
            return special, "closed"
        if special is not None or day in self.closed:
            return (), "holiday" if day in self.holidays else "closure"
        return self.week[day.weekday()], "closed"


def _lay_out(line: _Line, day: Span, openings: list[Span], cause: str, worked: int) -> int:
    reached, ends = day
    for opening, closing in openings:
        if reached < opening:
            _cut(line, reached, cause, worked)
        _cut(line, opening, OPEN, worked)
        worked += closing - opening
        reached = closing
    if reached < ends:
        _cut(line, reached, cause, worked)
    return worked


def _cut(line: _Line, edge: int, cause: str, worked: int) -> None:
    if line.causes and line.causes[-1] == cause:
        return
    line.edges.append(edge)
    line.causes.append(cause)
    line.worked.append(worked)


def _openings(zone: ZoneInfo, day: Span, offsets: Span, slots: tuple[Slot, ...]) -> list[Span]:
    """The slots of a local day as spans of UTC seconds, in order; `offsets` from UTC at its two midnights."""
    (begins, ends), (before, after) = day, offsets
    if before == after:
        return [(begins + opening * 60, begins + closing * 60) for opening, closing in slots]
    change = _clock_change(zone, day, before)
    morning = _shown(slots, begins, (begins, change))
    return morning + _shown(slots, begins + before - after, (change, ends))


def _shown(slots: tuple[Slot, ...], zero: int, used: Span) -> list[Span]:
    """The slots on a wall clock that shows midnight at `zero`, while it is used."""
    spans = ((max(zero + a * 60, used[0]), min(zero + b * 60, used[1])) for a, b in slots)
    return [span for span in spans if span[0] < span[1]]


def _clock_change(zone: ZoneInfo, day: Span, before: int) -> int:
    """The first UTC second of a day at which its clocks no longer run at the offset `before`."""
    return day[0] + bisect_left(
        range(*day), True, key=lambda second: _offset(zone, datetime.fromtimestamp(second, zone)) != before
    )


def _midnight(zone: ZoneInfo, ordinal: int) -> tuple[int, int]:
    """The UTC second at which a local day begins, and the offset from UTC that leads to it."""
    offset = _offset(zone, datetime.fromordinal(ordinal))
    return (ordinal - _EPOCH_DAY) * _SECONDS_A_DAY - offset, offset


def _offset(zone: ZoneInfo, wall: datetime) -> int:
    offset = zone.utcoffset(wall)
    return int(offset.total_seconds()) if offset else 0
