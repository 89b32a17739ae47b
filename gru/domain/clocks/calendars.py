"""When is a service open, and which days are public holidays?"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Slot = tuple[int, int]
"""Opening and closing, in minutes after local midnight: (510, 720) is half past eight to noon."""

Week = tuple[tuple[Slot, ...], ...]
"""Seven days, Monday first."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES_A_DAY = 24 * 60
_HOUR = r"([0-9]{1,2})(?:\s*:\s*([0-5][0-9])|\s*h\s*([0-5][0-9])?)"
_HOURS = re.compile(rf"{_HOUR}\s*[-–—]\s*{_HOUR}")


class BadHours(ValueError):
    """Opening hours that cannot be: `written` cannot be read, ends before it begins, or overlaps the one before."""

    def __init__(self, why: Literal["unreadable", "backwards", "overlapping"], written: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why
        self.written = written


class SpecialDay(msgspec.Struct, frozen=True):
    """One day whose slots replace those of the week, and of a closure; no slot means closed."""

    day: date
    slots: tuple[Slot, ...]


class Calendar(msgspec.Struct, frozen=True, cache_hash=True):
    """Opening slots in local civil time, as concluded when the calendar was adopted.

    `closed` holds every day the service stays shut: the public holidays it keeps, bridge days, closures.
    `holidays` holds the public holidays only (Code du travail L3133-1, and the zone's own), for the law to
    count. `label` is what people call it. A calendar is a value: any change makes another one, so what is
    computed from it may be kept.
    """

    code: str
    timezone: str
    week: Week
    closed: tuple[date, ...] = ()
    exceptions: tuple[SpecialDay, ...] = ()
    holidays: tuple[date, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        if len(self.week) != len(_DAYS):
            raise ValueError(f"The calendar {self.code} has {len(self.week)} days in its week.")
        if not any(self.week):
            raise ValueError(f"The calendar {self.code} is never open: no target could be kept.")
        for slots in (*self.week, *(special.slots for special in self.exceptions)):
            _refuse_disorder(self.code, slots)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the town's civil time."""
        return ZoneInfo(self.timezone)


def parse_week(hours: Mapping[str, Sequence[str]]) -> Week:
    """Read opening hours such as {"mon-fri": ["08:30-12:00", "13:30-17:30"], "thu": ["09:00-12:00"]}.

    A key that names one day replaces the range for that day; a day that is not named is closed.
    """
    week: dict[str, tuple[Slot, ...]] = dict.fromkeys(_DAYS, ())
    for key in sorted(hours, key=len, reverse=True):
        slots = parse_slots(hours[key])
        week.update(dict.fromkeys(_days_named(key), slots))
    return tuple(week[day] for day in _DAYS)


def parse_slots(hours: Iterable[str]) -> tuple[Slot, ...]:
    """Read the openings of one day, such as “08:30-12:00” or “8 h 30 – 12 h”, in their order. `BadHours` if there is
    anything wrong with them."""
    slots: list[Slot] = []
    for written in hours:
        slot = _parse_slot(written)
        if slots and slot[0] < slots[-1][1]:
            sentence = f"The opening “{written}” overlaps the one before it, or should stand before it."
            raise BadHours("overlapping", written, sentence)
        slots.append(slot)
    return tuple(slots)


def _days_named(key: str) -> tuple[str, ...]:
    first, _, last = key.partition("-")
    named = _DAYS[_DAYS.index(first) :] if first in _DAYS else ()
    if last in named:
        return named[: named.index(last) + 1]
    if key in named:
        return (key,)
    raise ValueError(f"“{key}” names no day such as “thu” or “mon-fri”.")


def _parse_slot(written: str) -> Slot:
    hours = _HOURS.fullmatch(written.strip())
    opening, closing = (_minutes(*hours.groups()[at : at + 3]) for at in (0, 3)) if hours else (-1, -1)
    if hours is None or not 0 <= opening <= _MINUTES_A_DAY or not 0 <= closing <= _MINUTES_A_DAY:
        raise BadHours("unreadable", written, f"“{written}” is not an opening such as “08:30-12:00”.")
    if closing <= opening:
        raise BadHours("backwards", written, f"“{written}” does not end after it begins.")
    return opening, closing


def _minutes(hour: str, after_colon: str | None, after_h: str | None) -> int:
    return int(hour) * 60 + int(after_colon or after_h or 0)


def _refuse_disorder(code: str, slots: tuple[Slot, ...]) -> None:
    within = all(0 <= opening < closing <= _MINUTES_A_DAY for opening, closing in slots)
    if not within or any(before[1] > after[0] for before, after in pairwise(slots)):
        raise ValueError(f"The opening slots {slots} of the calendar {code} overlap or leave the day.")
