"""Do the clocks agree, on thousands of random lives, with somebody who looks at the wall every minute?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gru.domain.clocks import (
    Amount,
    Calendar,
    Charged,
    Interval,
    Pause,
    Slot,
    SpecialDay,
    add_working,
    charge,
    due,
    end_of_working_day,
    explain,
    moved_due,
    warn_at,
    working_seconds,
)
from gru.domain.events import Party
from tests.examples import examples

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ZONES = (
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Cayenne",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
)
BEGINNINGS = (
    datetime(2027, 3, 27, tzinfo=UTC),  # clocks change in Paris on the 28th
    datetime(2027, 10, 30, tzinfo=UTC),  # and on the 31st
    datetime(2027, 3, 13, tzinfo=UTC),  # in Saint-Pierre on the 14th
    datetime(2027, 11, 6, tzinfo=UTC),  # and on the 7th
    datetime(2026, 12, 30, tzinfo=UTC),  # the year changes
    datetime(2028, 2, 27, tzinfo=UTC),  # a leap day
    datetime(2027, 5, 5, tzinfo=UTC),
)
PRECEDENCE: tuple[Party, ...] = ("resident", "third_party", "service")


def slots() -> st.SearchStrategy[tuple[Slot, ...]]:
    cuts = st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True).map(sorted)
    return cuts.map(lambda c: tuple(zip(c[0::2], c[1::2], strict=False)))


@st.composite
def lives(draw: st.DrawFn, longest_days: int = 2) -> tuple[Calendar, datetime, datetime]:
    """A calendar full of trouble, and two instants around one of the dates that trouble it."""
    beginning = draw(st.sampled_from(BEGINNINGS))
    near = st.integers(-1, 7).map(lambda n: beginning.date() + timedelta(days=n))
    holidays = draw(st.frozensets(near, max_size=2))
    cal = Calendar(
        code="X",
        timezone=draw(st.sampled_from(ZONES)),
        week=draw(st.tuples(*(slots(),) * 7).filter(any)),
        closed=tuple(sorted(draw(st.frozensets(near, max_size=2)) | draw(st.sampled_from((holidays, frozenset()))))),
        exceptions=tuple(SpecialDay(day, draw(slots())) for day in sorted(draw(st.frozensets(near, max_size=1)))),
        holidays=tuple(sorted(holidays)),
    )
    start = beginning + draw(st.integers(0, 2 * 86_400)) * SECOND
    return cal, start, start + draw(st.integers(0, longest_days * 86_400)) * SECOND


@st.composite
def pauses(draw: st.DrawFn, start: datetime, end: datetime) -> list[Pause]:
    length = int((end - start).total_seconds())
    moments = st.integers(-3600, length + 3600).map(lambda n: start + n * SECOND)
    return [
        Pause(
            start=draw(moments),
            end=draw(st.none() | moments),
            party=draw(st.sampled_from(PRECEDENCE)),
            reason=draw(st.sampled_from(("document", "works"))),
            stops=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]


# --- the oracle ---------------------------------------------------------------------------------------------


def slots_of(cal: Calendar, day: date) -> tuple[Slot, ...]:
    for special in cal.exceptions:
        if special.day == day:
            return special.slots
    return () if day in cal.closed else cal.week[day.weekday()]


def why(cal: Calendar, wall: datetime) -> str:
    """What the town hall's door says at this minute."""
    today = slots_of(cal, wall.date())
    if any(opening <= wall.hour * 60 + wall.minute < closing for opening, closing in today):
        return "open"
    shut = wall.date() in cal.closed or any(special.day == wall.date() for special in cal.exceptions)
    if shut and not today:
        return "holiday" if wall.date() in cal.holidays else "closure"
    return "closed"


def minutes(cal: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str]]:
    """Minute by minute from `start` to `end`, the first and the last one perhaps in part."""
    zone = ZoneInfo(cal.timezone)
    while start < end:
        stop = min(start.replace(second=0) + MINUTE, end)
        yield start, stop, why(cal, start.astimezone(zone))
        start = stop


def seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def open_seconds(cal: Calendar, start: datetime, end: datetime) -> int:
    return sum(seconds(a, b) for a, b, cause in minutes(cal, start, end) if cause == "open")


def open_minutes(cal: Calendar, day: date) -> list[datetime]:
    midnight, next_midnight = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(cal.timezone)).astimezone(UTC)
        for d in (day, day + timedelta(days=1))
    )
    return [start for start, _, cause in minutes(cal, midnight, next_midnight) if cause == "open"]


def watched(cal: Calendar, start: datetime, end: datetime, waits: list[Pause]) -> list[Interval]:
    """What somebody would write down who looked up every minute, and whenever a wait begins or ends."""
    moments = sorted({start, end} | {m for wait in waits for m in (wait.start, wait.end) if m and start < m < end})
    seen: list[Interval] = []
    for begins, ends in pairwise(moments):
        running = [wait for wait in waits if wait.start <= begins and (wait.end is None or wait.end >= ends)]
        running.sort(key=lambda wait: (PRECEDENCE.index(wait.party), wait.start, wait.reason))
        party: Charged = running[0].party if running else "town"
        stopping = [f"pause:{wait.party}:{wait.reason}" for wait in running if wait.stops]
        for a, b, door in minutes(cal, begins, ends):
            cause = stopping[0] if stopping else door
            new = Interval(a, b, cause == "open", cause, party)
            if seen and msgspec.structs.replace(new, start=seen[-1].start, end=seen[-1].end) == seen[-1]:
                seen[-1] = msgspec.structs.replace(seen[-1], end=b)
            else:
                seen.append(new)
    return seen


# --- the comparisons ----------------------------------------------------------------------------------------


@settings(max_examples=examples(1500), deadline=None)
@given(lives())
def test_working_time_is_what_the_open_minutes_add_up_to(life: tuple[Calendar, datetime, datetime]) -> None:
    assert working_seconds(*life) == open_seconds(*life)


@settings(max_examples=examples(500), deadline=None)
@given(lives(longest_days=700), st.floats(0, 1))
def test_working_time_adds_up_wherever_it_is_cut(life: tuple[Calendar, datetime, datetime], share: float) -> None:
    cal, start, end = life
    between = start + int(seconds(start, end) * share) * SECOND

    assert working_seconds(cal, start, end) == sum(
        (working_seconds(cal, start, between), working_seconds(cal, between, end))
    )


@settings(max_examples=examples(500), deadline=None)
@given(lives(), st.integers(1, 300_000))
def test_adding_working_time_ends_at_the_earliest_instant_that_holds_it(
    life: tuple[Calendar, datetime, datetime], wanted: int
) -> None:
    cal, start, _ = life

    reached = add_working(cal, start, wanted)

    assert working_seconds(cal, start, reached) == wanted
    assert working_seconds(cal, start, reached - SECOND) == wanted - 1


@settings(max_examples=examples(200), deadline=None)
@given(lives(), st.integers(1, 5))
def test_a_target_in_working_days_ends_with_the_last_open_minute_of_the_nth(
    life: tuple[Calendar, datetime, datetime], days: int
) -> None:
    cal, start, _ = life
    day, left = start.astimezone(ZoneInfo(cal.timezone)).date(), days
    while left:
        day += timedelta(days=1)
        opened = open_minutes(cal, day)
        left -= bool(opened) and day not in cal.holidays
    assert end_of_working_day(cal, start, days) == opened[-1] + MINUTE


@settings(max_examples=examples(800), deadline=None)
@given(st.data())
def test_each_second_is_explained_and_charged_once(data: st.DataObject) -> None:
    cal, start, end = data.draw(lives())
    waits = data.draw(pauses(start, end))

    told = explain(cal, start, end, waits)

    assert list(told) == watched(cal, start, end, waits)
    assert sum(interval.seconds for interval in told) == seconds(start, end)
    assert charge(start, end, waits) == {
        party: sum(interval.seconds for interval in told if interval.party == party) for party in (*PRECEDENCE, "town")
    }


@settings(max_examples=examples(500), deadline=None)
@given(st.data())
def test_a_moved_target_leaves_the_working_time_that_was_promised(data: st.DataObject) -> None:
    cal, start, _ = data.draw(lives())
    amount = Amount(data.draw(st.integers(1, 12)), "h")
    drawn = data.draw(pauses(start, start + timedelta(days=3)))
    waits = [pause for pause in drawn if pause.end and pause.start >= start]

    moved = moved_due(cal, due(cal, start, amount), amount, waits)

    counted = [interval.seconds for interval in explain(cal, start, moved, waits) if interval.counted]
    assert sum(counted) == amount.value * 3600


@settings(max_examples=examples(200), deadline=None)
@given(lives(longest_days=30))
def test_the_warning_leaves_a_fifth_of_the_working_time(life: tuple[Calendar, datetime, datetime]) -> None:
    cal, start, limit = life
    total = working_seconds(cal, start, limit)

    warned = warn_at(cal, start, limit)

    assert start <= warned <= limit
    assert working_seconds(cal, start, warned) == round(0.8 * total)
