"""Whom does each second of a case's life belong to, and was it counted?"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Literal

import msgspec

from gru.domain.clocks.calendars import Calendar
from gru.domain.clocks.working_time import OPEN, Span, openings_between, to_instant, to_second
from gru.domain.events import Party

Charged = Party | Literal["town"]

_PRECEDENCE: tuple[Party, ...] = ("resident", "third_party", "service")


class Pause(msgspec.Struct, frozen=True):
    """A wait on somebody, from one instant to another, or still running while `end` is None.

    Only one that `stops` interrupts the clock: that of the law may stop for an indispensable document, for a merely
    useful one it may not (CRPA L114-5-1); that of the town as the town says.
    """

    start: datetime
    end: datetime | None
    party: Party
    reason: str
    stops: bool


class Interval(msgspec.Struct, frozen=True):
    """A stretch of a case's life, in UTC: counted as working time or not, why, and whose time it was.

    `cause` is open, closed (outside the hours), holiday, closure (a day the service stays shut), or
    pause:<party>:<reason>; only open is counted.
    """

    start: datetime
    end: datetime
    counted: bool
    cause: str
    party: Charged

    @property
    def seconds(self) -> int:
        """The whole seconds that elapse in it."""
        return to_second(self.end) - to_second(self.start)


class _Wait(msgspec.Struct, frozen=True):
    """A pause in whole seconds, cut to the life it is looked at in."""

    start: int
    end: int
    party: Party
    cause: str
    stops: bool


_Piece = tuple[int, int, list[_Wait]]
_Told = tuple[int, bool, str, Charged]


def explain(cal: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> tuple[Interval, ...]:
    """The clock told interval by interval: they follow each other from `start` to `end`, to the second.

    Where no pause stops the clock, the counted ones add up to `working_seconds`. Of several pauses at a time,
    one that stops names the cause; the time is charged to the resident before a third party before a service.
    """
    told: list[_Told] = []
    for begins, ends, waits in _pieces(start, end, pauses):
        party = _charged(waits)
        stopping = next((wait for wait in waits if wait.stops), None)
        if stopping:
            _tell(told, (begins, False, stopping.cause, party))
            continue
        for since, cause in openings_between(cal, begins, ends):
            _tell(told, (since, cause == OPEN, cause, party))
    return _intervals(told, end)


def charge(start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> dict[Charged, int]:
    """Every elapsed second from `start` to `end` charged once, whether or not a pause stops the clock.

    The resident before a third party before a service; where nobody is waited for, the town.
    """
    seconds: dict[Charged, int] = dict.fromkeys((*_PRECEDENCE, "town"), 0)
    for begins, ends, waits in _pieces(start, end, pauses):
        seconds[_charged(waits)] += ends - begins
    return seconds


def stopped(pauses: Iterable[Pause]) -> Iterator[Span]:
    """The UTC seconds in which ended pauses stopped the clock, in order, overlapping ones taken together."""
    ended = ((to_second(pause.start), to_second(pause.end)) for pause in pauses if pause.stops and pause.end)
    spans = sorted(span for span in ended if span[0] < span[1])
    while spans:
        begins, ends = spans.pop(0)
        while spans and spans[0][0] <= ends:
            ends = max(ends, spans.pop(0)[1])
        yield begins, ends


def _pieces(start: datetime, end: datetime, pauses: Iterable[Pause]) -> Iterator[_Piece]:
    """From `start` to `end`, cut wherever a wait begins or ends; the first of those running weighs most."""
    begins, ends = to_second(start), to_second(end)
    waits = [wait for pause in sorted(pauses, key=_weight) if (wait := _cut_to(begins, ends, pause))]
    cuts = {begins, max(begins, ends)}.union(*((wait.start, wait.end) for wait in waits))
    for since, until in pairwise(sorted(cuts)):
        yield since, until, [wait for wait in waits if wait.start <= since and until <= wait.end]


def _weight(pause: Pause) -> tuple[int, datetime, str]:
    return _PRECEDENCE.index(pause.party), pause.start, pause.reason


def _cut_to(begins: int, ends: int, pause: Pause) -> _Wait | None:
    start = max(begins, to_second(pause.start))
    end = ends if pause.end is None else min(ends, to_second(pause.end))
    if start >= end:
        return None
    return _Wait(start, end, pause.party, f"pause:{pause.party}:{pause.reason}", pause.stops)


def _charged(waits: list[_Wait]) -> Charged:
    return waits[0].party if waits else "town"


def _tell(told: list[_Told], new: _Told) -> None:
    """Something else begins, unless nothing but the hour has changed."""
    if not told or told[-1][1:] != new[1:]:
        told.append(new)


def _intervals(told: list[_Told], end: datetime) -> tuple[Interval, ...]:
    edges = [to_instant(begins) for begins, *_ in told] + [to_instant(to_second(end))]
    return tuple(
        Interval(begins, ends, counted, cause, party)
        for (begins, ends), (_, counted, cause, party) in zip(pairwise(edges), told, strict=True)
    )
