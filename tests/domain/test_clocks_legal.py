"""Does the legal clock end on the day the law says? Vectors worked out by hand, by zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gru.domain.clocks import (
    Amount,
    Calendar,
    Pause,
    appeal_deadline,
    last_day,
    legal_deadline,
    moved_due,
    parse_week,
)
from gru.office.holidays import Zone, public_holidays

HOURS = parse_week({"mon-fri": ["08:30-12:00", "13:30-17:30"]})
SILENCE = Amount(2, "month")


def town(zone: Zone, timezone: str = "Europe/Paris") -> Calendar:
    days = tuple(holiday.day for holiday in public_holidays(zone, range(2026, 2031)))
    return Calendar(zone, timezone, HOURS, closed=days, holidays=days)


METROPOLE = town("metropole")
ALSACE = town("alsace-moselle")
GUADELOUPE = town("guadeloupe", "America/Guadeloupe")


def at(cal: Calendar, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(cal.timezone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("cal", "received", "amount", "expected"),
    [
        (METROPOLE, (2026, 12, 23), Amount(1, "jo"), date(2026, 12, 24)),
        (METROPOLE, (2026, 12, 23), Amount(10, "jo"), date(2027, 1, 8)),
        (METROPOLE, (2026, 12, 23), Amount(10, "ouvrables"), date(2027, 1, 6)),
        (METROPOLE, (2026, 12, 23), SILENCE, date(2027, 2, 23)),
        (METROPOLE, (2027, 4, 30), Amount(10, "jo"), date(2027, 5, 18)),
        (METROPOLE, (2026, 12, 31), SILENCE, date(2027, 2, 28)),
        (METROPOLE, (2027, 12, 31), SILENCE, date(2028, 2, 29)),
        (METROPOLE, (2027, 1, 31), Amount(1, "month"), date(2027, 2, 28)),
        (METROPOLE, (2027, 2, 28), Amount(1, "month"), date(2027, 3, 28)),
        (METROPOLE, (2027, 10, 31), Amount(14, "month"), date(2028, 12, 31)),
        (METROPOLE, (2027, 3, 25), Amount(1, "jo"), date(2027, 3, 26)),
        (ALSACE, (2027, 3, 25), Amount(1, "jo"), date(2027, 3, 30)),
        (GUADELOUPE, (2027, 5, 26), Amount(1, "jo"), date(2027, 5, 28)),
        (METROPOLE, (2027, 5, 26), Amount(1, "jo"), date(2027, 5, 27)),
        (METROPOLE, (2027, 3, 26), Amount(5, "jc"), date(2027, 3, 31)),
        (METROPOLE, (2027, 3, 1), Amount(3, "francs"), date(2027, 3, 5)),
        (METROPOLE, (2027, 3, 2), Amount(3, "francs"), date(2027, 3, 8)),
        (METROPOLE, (2027, 3, 25), Amount(2, "francs"), date(2027, 3, 30)),
    ],
)
def test_the_last_day_is_the_one_worked_out_by_hand(
    cal: Calendar, received: tuple[int, int, int], amount: Amount, expected: date
) -> None:
    for hour in (0, 10, 23):
        deadline = legal_deadline(cal, at(cal, *received, hour), amount)
        assert last_day(cal, deadline) == expected


def test_a_limit_runs_out_at_the_midnight_of_the_town() -> None:
    assert legal_deadline(METROPOLE, at(METROPOLE, 2027, 1, 25, 9), SILENCE) == datetime(2027, 3, 25, 23, tzinfo=UTC)
    assert legal_deadline(METROPOLE, at(METROPOLE, 2027, 1, 28, 9), SILENCE) == datetime(2027, 3, 28, 22, tzinfo=UTC)
    assert legal_deadline(GUADELOUPE, at(GUADELOUPE, 2027, 1, 25, 9), SILENCE) == datetime(2027, 3, 26, 4, tzinfo=UTC)


def test_a_date_of_silence_on_a_sunday_is_not_moved() -> None:
    deadline = legal_deadline(METROPOLE, at(METROPOLE, 2027, 1, 7, 9), SILENCE)

    assert last_day(METROPOLE, deadline) == date(2027, 3, 7)


@pytest.mark.parametrize(
    ("decided", "last"),
    [
        (date(2028, 9, 20), date(2028, 11, 21)),
        (date(2027, 9, 20), date(2027, 11, 22)),
        (date(2027, 9, 10), date(2027, 11, 12)),
        (date(2026, 12, 31), date(2027, 3, 1)),
    ],
    ids=["as in the guide", "moved over a Sunday", "moved over Armistice Day", "from a short month"],
)
def test_an_appeal_has_whole_months_and_ends_on_a_working_day(decided: date, last: date) -> None:
    assert last_day(METROPOLE, appeal_deadline(METROPOLE, decided)) == last


def test_a_bridge_day_never_extends_a_legal_limit() -> None:
    bridge = msgspec.structs.replace(METROPOLE, closed=(*METROPOLE.closed, date(2027, 5, 7)))
    received = at(METROPOLE, 2027, 5, 5, 10)

    for amount in (Amount(1, "jo"), Amount(1, "ouvrables"), Amount(1, "francs")):
        assert legal_deadline(bridge, received, amount) == legal_deadline(METROPOLE, received, amount)


def test_a_legal_limit_is_not_counted_in_opening_hours() -> None:
    with pytest.raises(ValueError, match="opening hours"):
        legal_deadline(METROPOLE, at(METROPOLE, 2027, 3, 1), Amount(2, "h"))


def test_silence_is_suspended_for_the_days_an_indispensable_document_was_waited_for() -> None:
    received = at(METROPOLE, 2027, 1, 11, 9)
    deadline = legal_deadline(METROPOLE, received, SILENCE)
    asked, came = at(METROPOLE, 2027, 1, 18, 15), at(METROPOLE, 2027, 2, 1, 9)

    indispensable = Pause(asked, came, "resident", "missing_document", stops=True)
    useful = Pause(asked, came, "resident", "useful_document", stops=False)

    assert last_day(METROPOLE, moved_due(METROPOLE, deadline, SILENCE, [indispensable])) == date(2027, 3, 25)
    assert moved_due(METROPOLE, deadline, SILENCE, [useful]) == deadline


def test_silence_that_means_acceptance_is_counted_from_the_complete_file() -> None:
    completed = at(METROPOLE, 2027, 2, 1, 9)

    assert last_day(METROPOLE, legal_deadline(METROPOLE, completed, SILENCE)) == date(2027, 4, 1)
