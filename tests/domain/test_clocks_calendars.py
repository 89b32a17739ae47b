"""Are opening hours and time limits read as they are written, and refused when they make no sense?"""

from datetime import date

import msgspec
import pytest

from gru.domain.clocks import Amount, BadHours, Calendar, SpecialDay, parse_amount, parse_slots, parse_week

WEEK = parse_week({"mon-fri": ["08:30-12:00", "13:30-17:30"]})
DAY = date(2027, 5, 6)


def test_amounts_are_read_as_the_catalogue_writes_them() -> None:
    assert parse_amount("P2M") == Amount(2, "month")
    assert parse_amount("5 jc") == Amount(5, "jc")
    assert parse_amount({"value": 15, "unit": "jo", "note": "with certificate"}) == Amount(15, "jo")
    assert parse_amount({"value": 0, "unit": "h"}) == Amount(0, "h")


@pytest.mark.parametrize(
    "written", ["two months", "5 weeks", "P0M", "0 jo", {"value": "5", "unit": "jo"}, {"unit": "jo"}, {}]
)
def test_an_amount_that_cannot_be_counted_is_refused(written: str | dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_amount(written)


def test_a_named_day_replaces_the_range_whatever_the_order() -> None:
    late = {"thu": ["09:00-12:00", "14:00-19:00"], "mon-fri": ["09:00-12:00", "14:00-17:00"]}

    week = parse_week(late)

    assert week[3] == ((540, 720), (840, 1140))
    assert week[2] == ((540, 720), (840, 1020))
    assert week[5] == week[6] == ()


@pytest.mark.parametrize(
    "hours_written", [{"lundi": ["09:00-12:00"]}, {"mon-": []}, {"fri-mon": []}, {"mon": ["8-12"]}]
)
def test_opening_hours_that_cannot_be_read_are_refused(hours_written: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"names no day|not an opening"):
        parse_week(hours_written)


@pytest.mark.parametrize(
    "written", ["08:30-12:00", "8:30–12:00", " 8 h 30 — 12 h ", "8h30-12h00", "8 : 30 - 12 : 00", "08h30–12:00"]
)
def test_an_opening_is_read_as_catalogues_and_people_write_it(written: str) -> None:
    assert parse_slots([written]) == ((510, 720),)


def test_openings_of_a_day_may_touch_and_last_until_midnight() -> None:
    assert parse_slots(["00:00-12:00", "12:00-24:00"]) == ((0, 720), (720, 1440))
    assert parse_slots([]) == ()


@pytest.mark.parametrize(
    ("hours", "why", "written"),
    [
        (["toujours"], "unreadable", "toujours"),
        ([""], "unreadable", ""),
        (["8-12"], "unreadable", "8-12"),
        (["08:75-12:00"], "unreadable", "08:75-12:00"),
        (["08:30-24:30"], "unreadable", "08:30-24:30"),
        (["99:00-99:30"], "unreadable", "99:00-99:30"),
        (["٠٨:٣٠-١٢:٠٠"], "unreadable", "٠٨:٣٠-١٢:٠٠"),
        (["08:30-12:00-13:00"], "unreadable", "08:30-12:00-13:00"),
        (["22:00-06:00"], "backwards", "22:00-06:00"),
        (["09:00-09:00"], "backwards", "09:00-09:00"),
        (["08:30-12:00", "11:59-17:00"], "overlapping", "11:59-17:00"),
        (["13:30-17:00", "08:30-12:00"], "overlapping", "08:30-12:00"),
    ],
)
def test_openings_that_cannot_be_say_which_and_why(hours: list[str], why: str, written: str) -> None:
    with pytest.raises(BadHours) as refused:
        parse_slots(hours)
    assert (refused.value.why, refused.value.written) == (why, written)


@pytest.mark.parametrize(
    "slots", [((720, 510),), ((510, 720), (700, 900)), ((-10, 60),), ((1380, 1500),), ((600, 600),)]
)
def test_a_calendar_whose_slots_overlap_or_leave_the_day_is_refused(
    slots: tuple[tuple[int, int], ...],
) -> None:
    with pytest.raises(ValueError, match="overlap or leave the day"):
        Calendar("X", "Europe/Paris", (slots, *((),) * 6))
    with pytest.raises(ValueError, match="overlap or leave the day"):
        Calendar("X", "Europe/Paris", WEEK, exceptions=(SpecialDay(DAY, slots),))


def test_a_calendar_without_seven_days_or_without_any_opening_is_refused() -> None:
    with pytest.raises(ValueError, match="6 days"):
        Calendar("X", "Europe/Paris", WEEK[:6])
    with pytest.raises(ValueError, match="never open"):
        Calendar("X", "Europe/Paris", ((),) * 7)


def test_a_calendar_is_the_same_after_it_was_stored() -> None:
    cal = Calendar("X", "Europe/Paris", WEEK, closed=(DAY,), exceptions=(SpecialDay(DAY, ((540, 600),)),))

    stored = msgspec.json.decode(msgspec.json.encode(cal), type=Calendar)

    assert stored == cal
    assert hash(stored) == hash(cal)
