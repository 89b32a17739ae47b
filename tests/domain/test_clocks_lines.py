"""Does each situation in which a clock once broke a case tracker hold here, told as a case?"""

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.clocks import Amount, Calendar, due, last_day, legal_deadline, parse_week
from gru.domain.explaining import History, explain_clock
from gru.office.holidays import Zone, public_holidays
from tests.domain.histories import CASE, MONDAY, TEXT, Story, hours
from tests.domain.towns import sample_town

TYPE = "VOI-CHAUSSEE"
DAY = timedelta(days=1)
WEEK = parse_week({"mon-fri": ["08:30-12:00", "13:30-17:30"]})


def answer(story: Story, at: datetime, *, human: bool = True, kind: str = "answer", id: str = "r") -> None:
    """Written and sent; logged at `at` or later."""
    write = c.WriteReply(case_id=CASE, reply_id=id, kind=kind, channel="phone", text=TEXT, human=human)
    logged = max(at, story.facts[-1].at)
    story.tell(write, logged)
    story.tell(c.RecordSent(case_id=CASE, reply_id=id, sent_at=at), logged)


def resolve(story: Story) -> e.CommitmentPromised | c.Commitment:
    return story.now.commitments["resolve"]


# --- situations -------------------------------------------------------------------------------------------------


def test_a_transfer_resets_no_clock_and_keeps_the_calendar_of_the_promise() -> None:
    story = Story(type=TYPE)
    before = resolve(story)
    story.tell(c.TransferCase(case_id=CASE, department="ESV", reason="x"), MONDAY + DAY)

    assert resolve(story) == before


def test_another_type_is_counted_from_reception_under_its_own_rule_and_calendar() -> None:
    story = Story(type=TYPE)
    story.tell(c.QualifyCase(case_id=CASE, type="EC-ELEC"), MONDAY + 2 * DAY)
    fresh = Story(type="EC-ELEC")

    assert (resolve(story).due, resolve(story).rule) == (resolve(fresh).due, "type/EC-ELEC/resolve")
    assert story.now.legal == fresh.now.legal


@pytest.mark.parametrize("after", [DAY, 365 * DAY])
def test_a_reopening_after_a_day_or_a_year_promises_anew_from_then_and_leaves_the_law_alone(after: timedelta) -> None:
    story = Story(type=TYPE)
    legal = story.now.legal
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + hours(1))
    again = MONDAY + after
    story.tell(c.ReopenCase(case_id=CASE, reason="x"), again)
    town = story.town
    one = story.now.commitments["resolve"]

    assert one.due == due(town.calendars[one.calendar], again, town.amount(one.rule))
    assert one.kept_at is None and story.now.legal == legal


def test_a_second_request_in_the_same_message_is_counted_from_that_message() -> None:
    """What is parted from a case is opened late, with the reception of the message it came in."""
    first = Story(at=MONDAY, type=TYPE)
    split = Story(at=MONDAY + 3 * DAY, received_at=MONDAY, type=TYPE)

    assert split.now.received_at == MONDAY
    assert {k: one.due for k, one in split.now.commitments.items()} == {
        k: one.due for k, one in first.now.commitments.items()
    }


def test_an_old_backlog_closed_in_one_go_is_late_by_its_whole_age() -> None:
    story = Story(type=TYPE)
    closing = MONDAY + 300 * DAY
    story.tell(c.CloseCase(case_id=CASE, outcome="resolved"), closing)
    one = story.now.commitments["resolve"]
    told = explain_clock(History(tuple(story.facts), closing + DAY), lambda number, days: sample_town(), "gross")

    assert one.kept_at == closing > one.due
    assert told is not None and told.counted("used") == 300 * 86_400


def test_a_telephone_answer_logged_later_counts_at_its_true_time() -> None:
    story = Story(type=TYPE)
    story.tell(c.AddNote(case_id=CASE, note_id="n", text=TEXT), MONDAY + 5 * DAY)
    answer(story, MONDAY + hours(2))

    assert story.now.commitments["first_response"].kept_at == MONDAY + hours(2)
    assert story.facts[-1].at == MONDAY + 5 * DAY


def test_neither_a_receipt_nor_an_automatic_answer_is_a_first_response() -> None:
    story = Story(type=TYPE)
    answer(story, MONDAY, human=False, kind="receipt", id="aee")
    answer(story, MONDAY, human=False, kind="answer", id="robot")

    assert story.now.commitments["first_response"].kept_at is None
    assert story.now.commitments["acknowledge"].kept_at == MONDAY


def test_writing_again_before_any_answer_starts_no_clock_anew() -> None:
    story = Story(type=TYPE)
    before = story.now.commitments
    message = c.AddMessage(case_id=CASE, message="m2", channel="email", received_at=MONDAY + DAY, proof="known_sender")
    story.tell(message, MONDAY + DAY)

    assert story.now.commitments == before


def test_closed_without_an_answer_keeps_no_promise_to_answer_and_duplicates_no_promise_to_solve() -> None:
    solved, doubled = Story(type=TYPE), Story(type=TYPE)
    solved.tell(c.CloseCase(case_id=CASE, outcome="resolved"), MONDAY + hours(1))
    doubled.tell(c.CloseCase(case_id=CASE, outcome="duplicate", main="m"), MONDAY + hours(1))

    assert solved.now.commitments["first_response"].kept_at is None
    assert solved.now.commitments["resolve"].kept_at == MONDAY + hours(1)
    assert doubled.now.commitments["resolve"].kept_at is None


def test_a_policy_changed_at_midnight_binds_what_is_received_from_then_on_and_no_open_case() -> None:
    town = sample_town()
    generous = replace(town.types[TYPE], targets=replace(town.types[TYPE].targets, resolve=Amount(90, "jo")))
    second = replace(town, number=2, types={**town.types, TYPE: generous})
    before, after = Story(type=TYPE), Story(town=second, type=TYPE)
    promised = before.now.commitments["resolve"]
    before.tell(c.AddNote(case_id=CASE, note_id="n", text=TEXT), MONDAY + DAY)

    assert before.now.commitments["resolve"] == promised
    assert after.now.commitments["resolve"].due > promised.due
    assert (before.now.town_version, after.now.town_version) == (1, 2)


# --- zones ------------------------------------------------------------------------------------------------------

TIMEZONES: dict[Zone, str] = {
    "metropole": "Europe/Paris",
    "alsace-moselle": "Europe/Paris",
    "guadeloupe": "America/Guadeloupe",
    "martinique": "America/Martinique",
    "guyane": "America/Cayenne",
    "reunion": "Indian/Reunion",
    "mayotte": "Indian/Mayotte",
    "saint-martin": "America/Guadeloupe",
    "saint-barthelemy": "America/Guadeloupe",
}
OWN: dict[Zone, date] = {
    "mayotte": date(2027, 4, 27),
    "martinique": date(2028, 5, 22),
    "guadeloupe": date(2027, 5, 27),
    "saint-martin": date(2027, 5, 28),
    "guyane": date(2027, 6, 10),
    "saint-barthelemy": date(2028, 10, 9),
    "reunion": date(2027, 12, 20),
    "alsace-moselle": date(2027, 3, 26),
}
"""A working day in every other zone."""


def calendar(zone: Zone) -> Calendar:
    days = tuple(holiday.day for holiday in public_holidays(zone, range(2026, 2030)))
    return Calendar(zone, TIMEZONES[zone], WEEK, closed=days, holidays=days)


def day_after(cal: Calendar, holiday: date) -> date:
    """One working day after the eve of this day, as the law counts in this zone."""
    eve = datetime(holiday.year, holiday.month, holiday.day, 10, tzinfo=ZoneInfo(cal.timezone)) - DAY
    return last_day(cal, legal_deadline(cal, eve.astimezone(UTC), Amount(1, "jo")))


@pytest.mark.parametrize("zone", get_args(Zone))
def test_the_holiday_of_a_zone_extends_the_limit_there_and_nowhere_else(zone: Zone) -> None:
    cal = calendar(zone)
    for owner, holiday in OWN.items():
        counted = day_after(cal, holiday)
        assert (counted > holiday) is (owner == zone), (owner, counted)


@pytest.mark.parametrize("zone", get_args(Zone))
def test_the_eleven_national_holidays_hold_in_every_zone(zone: Zone) -> None:
    national = {holiday.day for holiday in public_holidays("metropole", [2027])}
    assert len(national) == 11
    assert national <= {holiday.day for holiday in public_holidays(zone, [2027])}
