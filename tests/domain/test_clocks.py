"""When is a promise due, and where did the time go? Situations, each of which once broke a case tracker."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gru.domain.clocks import (
    Amount,
    Calendar,
    Pause,
    SpecialDay,
    add_working,
    begun_by,
    charge,
    due,
    end_of_calendar_day,
    end_of_working_day,
    explain,
    last_day,
    moved_due,
    parse_week,
    warn_at,
    working_seconds,
)

PARIS = ZoneInfo("Europe/Paris")
HOURS = {"mon-fri": ["08:30-12:00", "13:30-17:30"]}
EASTER_MONDAY = date(2027, 3, 29)
ASCENSION = date(2027, 5, 6)
HOLIDAYS = (
    date(2026, 12, 25),
    date(2027, 1, 1),
    EASTER_MONDAY,
    date(2027, 5, 1),
    ASCENSION,
    date(2027, 5, 8),
    date(2027, 5, 17),
)
OFFICE = Calendar("DRU", "Europe/Paris", parse_week(HOURS), closed=HOLIDAYS, holidays=HOLIDAYS)
WATCH = Calendar("TRP", "Europe/Paris", parse_week({"mon-sun": ["00:00-24:00"]}), holidays=HOLIDAYS)


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS).astimezone(UTC)


def hours(number: float) -> int:
    return round(number * 3600)


def waiting(start: datetime, end: datetime | None, party: str = "resident", stops: bool = True) -> Pause:
    return msgspec.convert(
        {"start": start, "end": end, "party": party, "reason": "missing_document", "stops": stops}, Pause
    )


def told(cal: Calendar, start: datetime, end: datetime, *pauses: Pause) -> list[tuple[float, str, str]]:
    return [(i.seconds / 3600, i.cause, i.party) for i in explain(cal, start, end, pauses)]


# --- hours --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (paris(2027, 3, 2, 9, 0), paris(2027, 3, 2, 11, 0)),
        (paris(2027, 3, 2, 11, 0), paris(2027, 3, 2, 14, 30)),
        (paris(2027, 3, 2, 10, 0), paris(2027, 3, 2, 12, 0)),
        (paris(2027, 3, 2, 12, 45), paris(2027, 3, 2, 15, 30)),
        (paris(2027, 3, 2, 2, 10), paris(2027, 3, 2, 10, 30)),
        (paris(2027, 3, 5, 17, 0), paris(2027, 3, 8, 10, 0)),
        (paris(2027, 3, 6, 11, 0), paris(2027, 3, 8, 10, 30)),
        (paris(2027, 3, 29, 10, 0), paris(2027, 3, 30, 10, 30)),
        (paris(2027, 3, 26, 16, 30), paris(2027, 3, 30, 9, 30)),
    ],
    ids=[
        "in the morning",
        "before the lunch break",
        "ending with the morning",
        "in the lunch break",
        "at night",
        "on Friday evening",
        "on Saturday",
        "on Easter Monday",
        "before the Easter weekend",
    ],
)
def test_two_hours_are_opening_hours(received: datetime, expected: datetime) -> None:
    assert due(OFFICE, received, Amount(2, "h")) == expected


def test_a_target_of_no_time_is_due_at_reception_even_at_night() -> None:
    at_night = paris(2027, 3, 2, 2, 10)

    assert due(OFFICE, at_night, Amount(0, "h")) == at_night


def test_a_night_and_a_lunch_break_hold_no_working_time() -> None:
    assert working_seconds(OFFICE, paris(2027, 3, 1, 17, 30), paris(2027, 3, 2, 8, 30)) == 0
    assert working_seconds(OFFICE, paris(2027, 3, 2, 12, 0), paris(2027, 3, 2, 13, 30)) == 0
    assert working_seconds(OFFICE, paris(2027, 3, 1, 17, 29, 59), paris(2027, 3, 2, 8, 30, 1)) == 2


def test_time_does_not_run_backwards() -> None:
    start, end = paris(2027, 3, 2, 10), paris(2027, 3, 2, 9)

    assert working_seconds(OFFICE, start, end) == 0
    assert explain(OFFICE, start, end) == ()
    assert sum(charge(start, end, [waiting(end, start)]).values()) == 0
    with pytest.raises(ValueError, match="backwards"):
        add_working(OFFICE, start, -1)


def test_an_instant_is_read_to_the_whole_second() -> None:
    start = paris(2027, 3, 2, 9, 0, 0, 999_999)

    assert working_seconds(OFFICE, start, paris(2027, 3, 2, 9, 0, 10, 1)) == 10
    assert add_working(OFFICE, start, 10) == paris(2027, 3, 2, 9, 0, 10)


def test_the_latest_beginning_is_the_last_second_from_which_so_much_is_worked() -> None:
    end = paris(2027, 3, 2, 10)
    for seconds in (1, 3600, hours(7.5), hours(7.5) * 20, hours(7.5) * 300):
        start = begun_by(OFFICE, end, seconds)
        assert working_seconds(OFFICE, start, end) == seconds
        assert working_seconds(OFFICE, start + timedelta(seconds=1), end) == seconds - 1
    with pytest.raises(ValueError, match="every second"):
        begun_by(OFFICE, end, 0)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        add_working(OFFICE, datetime(2027, 3, 2, 9), 10)
    with pytest.raises(ValueError, match="without a time zone"):
        due(OFFICE, datetime(2027, 3, 2, 9), Amount(1, "jo"))
    with pytest.raises(ValueError, match="without a time zone"):
        due(OFFICE, datetime(2027, 3, 2, 9), Amount(1, "jc"))


# --- days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "days", "expected"),
    [
        (paris(2026, 12, 23, 10), 1, paris(2026, 12, 24, 17, 30)),
        (paris(2026, 12, 23, 10), 10, paris(2027, 1, 8, 17, 30)),
        (paris(2027, 4, 30, 10), 10, paris(2027, 5, 18, 17, 30)),
        (paris(2027, 3, 25, 10), 1, paris(2027, 3, 26, 17, 30)),
        (paris(2027, 3, 2, 23, 59, 59), 1, paris(2027, 3, 3, 17, 30)),
        (paris(2027, 3, 3, 0, 0), 1, paris(2027, 3, 4, 17, 30)),
        (paris(2027, 3, 6, 11), 1, paris(2027, 3, 8, 17, 30)),
        (paris(2027, 3, 29, 11), 1, paris(2027, 3, 30, 17, 30)),
    ],
)
def test_working_days_end_when_the_service_closes(received: datetime, days: int, expected: datetime) -> None:
    assert due(OFFICE, received, Amount(days, "jo")) == expected


def test_the_day_of_reception_is_that_of_the_town_not_that_of_greenwich() -> None:
    island = Calendar("DRU", "Indian/Reunion", parse_week(HOURS))
    late_on_monday_in_london = datetime(2027, 3, 1, 22, tzinfo=UTC)

    target = end_of_working_day(island, late_on_monday_in_london, 1)

    assert target == datetime(2027, 3, 3, 17, 30, tzinfo=ZoneInfo("Indian/Reunion"))


def test_a_saturday_opening_is_a_working_day_and_ends_at_its_own_closing() -> None:
    town_hall = Calendar("HDV", "Europe/Paris", parse_week(HOURS | {"sat": ["09:00-12:00"]}))

    assert end_of_working_day(town_hall, paris(2027, 3, 5, 10), 1) == paris(2027, 3, 6, 12)


def test_a_bridge_day_is_no_working_day_of_the_service() -> None:
    bridge = msgspec.structs.replace(OFFICE, closed=(*HOLIDAYS, date(2027, 5, 7)))

    assert due(OFFICE, paris(2027, 5, 5, 10), Amount(1, "jo")) == paris(2027, 5, 7, 17, 30)
    assert due(bridge, paris(2027, 5, 5, 10), Amount(1, "jo")) == paris(2027, 5, 10, 17, 30)


def test_a_service_that_works_on_holidays_counts_their_hours_but_not_their_day() -> None:
    before_ascension = paris(2027, 5, 5, 22)

    assert due(WATCH, before_ascension, Amount(8, "h")) == paris(2027, 5, 6, 6)
    assert due(WATCH, before_ascension, Amount(1, "jo")) == paris(2027, 5, 8)


def test_a_special_day_replaces_the_week_and_a_closure() -> None:
    special = (SpecialDay(ASCENSION, ((540, 600),)), SpecialDay(date(2027, 5, 7), ((540, 600),)))
    cal = msgspec.structs.replace(OFFICE, exceptions=(*special, SpecialDay(date(2027, 5, 10), ())))
    start = paris(2027, 5, 5, 17, 30)

    assert working_seconds(cal, start, paris(2027, 5, 7)) == hours(1)
    assert end_of_working_day(cal, start, 1) == paris(2027, 5, 7, 10)
    assert end_of_working_day(cal, start, 2) == paris(2027, 5, 11, 17, 30)


def test_calendar_days_end_at_midnight_of_the_town() -> None:
    received = paris(2027, 3, 25, 23, 30)

    assert due(OFFICE, received, Amount(5, "jc")) == paris(2027, 3, 31)
    assert end_of_calendar_day(OFFICE, received, 0) == paris(2027, 3, 26)
    assert last_day(OFFICE, paris(2027, 3, 31)) == date(2027, 3, 30)
    assert last_day(OFFICE, paris(2027, 3, 30, 17, 30)) == date(2027, 3, 30)


def test_a_far_target_crosses_the_years() -> None:
    cal = msgspec.structs.replace(OFFICE, closed=(), holidays=())

    assert due(cal, paris(2026, 12, 31, 23, 59), Amount(1305, "jo")) == paris(2032, 1, 1, 17, 30)
    assert due(cal, paris(2026, 12, 31, 18), Amount(7500 * 1305 // 1000, "h")) > paris(2031, 12, 1)


def test_a_calendar_that_hardly_ever_opens_says_so() -> None:
    shut = tuple(date(2027, 1, 1) + timedelta(days=n) for n in range(40 * 366))
    cal = msgspec.structs.replace(OFFICE, closed=shut)

    with pytest.raises(ValueError, match="never opens"):
        due(cal, paris(2027, 3, 1), Amount(1, "h"))
    with pytest.raises(ValueError, match="never opens"):
        due(cal, paris(2027, 3, 1), Amount(1, "jo"))


def test_a_target_of_no_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="triggering day"):
        end_of_working_day(OFFICE, paris(2027, 3, 2, 9), 0)


# --- the clock change ---------------------------------------------------------------------------------------


def test_the_night_of_the_clock_change_counts_the_seconds_that_elapse() -> None:
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    for day, elapsed in ((spring, 23), (autumn, 25), (date(2027, 11, 1), 24)):
        start = datetime(day.year, day.month, day.day, tzinfo=PARIS)
        end = datetime.combine(day + timedelta(days=1), datetime.min.time(), PARIS)
        assert working_seconds(WATCH, start, end) == hours(elapsed)


def test_the_hour_lost_is_never_open_and_the_hour_repeated_is_open_twice() -> None:
    small_hours = Calendar("TRP", "Europe/Paris", parse_week({"sun": ["02:00-03:00"]}))

    assert working_seconds(small_hours, paris(2027, 3, 28), paris(2027, 3, 29)) == 0
    assert working_seconds(small_hours, paris(2027, 10, 31), paris(2027, 11, 1)) == hours(2)
    assert end_of_working_day(small_hours, paris(2027, 3, 27), 1) == paris(2027, 4, 4, 3)


def test_office_hours_after_a_clock_change_are_those_on_the_wall() -> None:
    assert due(OFFICE, paris(2027, 10, 29, 17, 0), Amount(1, "h")) == paris(2027, 11, 1, 9, 0)
    assert due(OFFICE, paris(2027, 10, 29, 17, 0), Amount(1, "h")) == datetime(2027, 11, 1, 8, tzinfo=UTC)
    assert due(OFFICE, paris(2027, 3, 26, 12), Amount(1, "jo")) == datetime(2027, 3, 30, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Beirut", "America/Miquelon", "Australia/Lord_Howe"])
def test_a_clock_that_changes_at_midnight_or_by_half_an_hour_still_adds_up(zone: str) -> None:
    cal = Calendar("X", zone, parse_week({"mon-sun": ["00:00-24:00"]}))
    start, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)

    assert working_seconds(cal, start, end) == (end - start).total_seconds()
    assert told(cal, start, end) == [(366 * 24, "open", "town")]


# --- a warning ----------------------------------------------------------------------------------------------


def test_the_warning_comes_when_four_fifths_of_the_open_time_are_used() -> None:
    start = paris(2027, 3, 1, 13, 30)
    limit = due(OFFICE, start, Amount(1, "jo"))

    assert warn_at(OFFICE, start, limit) == add_working(OFFICE, start, round(0.8 * hours(11.5)))
    assert warn_at(OFFICE, start, limit, share=0.5) == paris(2027, 3, 2, 10, 15)


def test_the_warning_for_a_limit_without_open_time_goes_by_the_time_that_elapses() -> None:
    saturday, sunday = paris(2027, 3, 6, 10), paris(2027, 3, 7, 10)

    assert warn_at(OFFICE, saturday, sunday, share=0.5) == paris(2027, 3, 6, 22)


# --- another calendar ---------------------------------------------------------------------------------------


def test_a_holiday_added_afterwards_makes_another_calendar_and_leaves_the_old_answer() -> None:
    mourning = date(2027, 3, 3)
    corrected = msgspec.structs.replace(OFFICE, closed=(*HOLIDAYS, mourning), holidays=(*HOLIDAYS, mourning))
    received = paris(2027, 3, 2, 10)

    assert due(corrected, received, Amount(2, "jo")) == paris(2027, 3, 5, 17, 30)
    assert due(OFFICE, received, Amount(2, "jo")) == paris(2027, 3, 4, 17, 30)


def test_the_department_a_case_moves_to_may_open_at_other_hours() -> None:
    nursery = Calendar("PEN", "Europe/Paris", parse_week({"tue-sat": ["07:30-18:30"]}))
    received = paris(2027, 3, 5, 17, 0)

    assert due(OFFICE, received, Amount(2, "h")) == paris(2027, 3, 8, 10, 0)
    assert due(nursery, received, Amount(2, "h")) == paris(2027, 3, 6, 8, 0)


def test_a_case_reopened_after_a_day_or_a_year_has_a_clock_of_its_own() -> None:
    assert due(OFFICE, paris(2027, 3, 3, 10), Amount(5, "jo")) == paris(2027, 3, 10, 17, 30)
    assert due(OFFICE, paris(2028, 3, 2, 10), Amount(5, "jo")) == paris(2028, 3, 9, 17, 30)


# --- pauses -------------------------------------------------------------------------------------------------


def test_the_clock_is_explained_from_reception_to_answer() -> None:
    assert told(OFFICE, paris(2027, 3, 26, 10), paris(2027, 3, 30, 9)) == [
        (2, "open", "town"),
        (1.5, "closed", "town"),
        (4, "open", "town"),
        (53.5, "closed", "town"),
        (24, "holiday", "town"),
        (8.5, "closed", "town"),
        (0.5, "open", "town"),
    ]


def test_a_bridge_day_is_explained_as_a_closure() -> None:
    bridge = msgspec.structs.replace(OFFICE, closed=(*HOLIDAYS, date(2027, 5, 7)))

    assert told(bridge, paris(2027, 5, 6), paris(2027, 5, 8)) == [
        (24, "holiday", "town"),
        (24, "closure", "town"),
    ]


def test_a_pause_over_a_holiday_hides_it_and_gives_back_only_open_time() -> None:
    received = paris(2027, 3, 26, 14, 30)
    pause = waiting(paris(2027, 3, 26, 15, 30), paris(2027, 3, 30, 10, 30))
    limit = due(OFFICE, received, Amount(2, "h"))

    moved = moved_due(OFFICE, limit, Amount(2, "h"), [pause])

    assert moved == paris(2027, 3, 30, 11, 30)
    assert told(OFFICE, received, moved, pause) == [
        (1, "open", "town"),
        (90, "pause:resident:missing_document", "resident"),
        (1, "open", "town"),
    ]


def test_two_pauses_that_overlap_are_charged_once_and_give_back_once() -> None:
    start = paris(2027, 3, 2, 8, 30)
    supplier = waiting(paris(2027, 3, 2, 9), paris(2027, 3, 2, 11), "third_party")
    resident = waiting(paris(2027, 3, 2, 10), paris(2027, 3, 2, 12), "resident")

    assert charge(start, paris(2027, 3, 2, 12), [supplier, resident]) == {
        "resident": hours(2),
        "third_party": hours(1),
        "service": 0,
        "town": hours(0.5),
    }
    moved = moved_due(OFFICE, paris(2027, 3, 2, 15), Amount(5, "h"), [resident, supplier])
    assert moved == paris(2027, 3, 3, 9)


def test_the_resident_goes_before_a_third_party_before_a_service() -> None:
    start, end = paris(2027, 3, 2, 9), paris(2027, 3, 2, 10)
    waits = [waiting(start, end, party) for party in ("service", "third_party", "resident")]

    for number, party in ((3, "resident"), (2, "third_party"), (1, "service"), (0, "town")):
        assert charge(start, end, waits[:number]) == dict.fromkeys(
            ("resident", "third_party", "service", "town"), 0
        ) | {party: 3600}


def test_a_wait_that_does_not_stop_the_clock_is_charged_but_counted() -> None:
    start, end = paris(2027, 3, 2, 11), paris(2027, 3, 2, 14)
    contractor = waiting(start, None, "third_party", stops=False)

    assert told(OFFICE, start, end, contractor) == [
        (1, "open", "third_party"),
        (1.5, "closed", "third_party"),
        (0.5, "open", "third_party"),
    ]
    assert moved_due(OFFICE, end, Amount(2, "h"), [contractor]) == end


def test_a_pause_that_stops_names_the_cause_beside_a_wait_that_does_not() -> None:
    start, end = paris(2027, 3, 2, 9), paris(2027, 3, 2, 10)
    useful = waiting(start, end, "resident", stops=False)
    stopping = waiting(start, end, "third_party")

    assert told(OFFICE, start, end, useful, stopping) == [(1, "pause:third_party:missing_document", "resident")]


def test_a_pause_entered_afterwards_gives_the_same_as_one_entered_in_time() -> None:
    first = waiting(paris(2027, 3, 2, 9), paris(2027, 3, 2, 10))
    second = waiting(paris(2027, 3, 3, 9), paris(2027, 3, 3, 10))
    start, end = paris(2027, 3, 1, 9), paris(2027, 3, 5, 9)

    assert explain(OFFICE, start, end, [second, first]) == explain(OFFICE, start, end, [first, second])
    assert moved_due(OFFICE, end, Amount(4, "jo"), [second, first]) == paris(2027, 3, 5, 11)


def test_a_pause_still_running_is_explained_up_to_now_and_has_moved_nothing_yet() -> None:
    start, now = paris(2027, 3, 2, 9), paris(2027, 3, 4, 9)
    running = waiting(paris(2027, 3, 2, 10), None)

    assert told(OFFICE, start, now, running) == [
        (1, "open", "town"),
        (47, "pause:resident:missing_document", "resident"),
    ]
    assert moved_due(OFFICE, paris(2027, 3, 3, 9), Amount(8, "h"), [running]) == paris(2027, 3, 3, 9)


def test_a_pause_begun_after_the_limit_saves_nothing_and_one_begun_before_keeps_what_remained() -> None:
    limit = paris(2027, 3, 2, 11)
    late = waiting(paris(2027, 3, 2, 11), paris(2027, 3, 3, 11))
    in_time = waiting(paris(2027, 3, 2, 10), paris(2027, 3, 3, 11))

    assert moved_due(OFFICE, limit, Amount(2, "h"), [late]) == limit
    assert moved_due(OFFICE, limit, Amount(2, "h"), [in_time]) == paris(2027, 3, 3, 12)


def test_a_pause_outside_the_life_of_the_case_or_of_no_length_is_not_told() -> None:
    start, end = paris(2027, 3, 2, 9), paris(2027, 3, 2, 10)
    before = waiting(paris(2027, 3, 1, 9), start)
    after = waiting(end, None)
    momentary = waiting(paris(2027, 3, 2, 9, 30), paris(2027, 3, 2, 9, 30))

    assert told(OFFICE, start, end, before, after, momentary) == [(1, "open", "town")]


def test_a_pause_that_ends_before_it_begins_changes_nothing() -> None:
    start, limit = paris(2027, 3, 1, 9), paris(2027, 3, 9)
    inverted = waiting(paris(2027, 3, 3, 9), paris(2027, 3, 2, 9))

    assert explain(OFFICE, start, limit, [inverted]) == explain(OFFICE, start, limit)
    for amount in (Amount(8, "h"), Amount(8, "jc")):
        assert moved_due(OFFICE, limit, amount, [inverted]) == limit
