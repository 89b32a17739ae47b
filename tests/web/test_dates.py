"""How are instants, deadlines and lengths of time said?"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gru.domain.clocks import Calendar, parse_week
from gru.web.badges import deadline_badge
from gru.web.dates import French, elapsed, long_date, working

PARIS = ZoneInfo("Europe/Paris")
OFFICE = Calendar("mairie", "Europe/Paris", parse_week({"mon-fri": ["08:30-12:00", "13:30-17:30"]}))
NOW = datetime(2026, 3, 18, 10, 42, tzinfo=PARIS)
FRENCH = French(NOW.astimezone(UTC), PARIS)


def at(day: int, hour: int, minute: int = 0, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_prose_says_the_whole_date_in_town_time() -> None:
    assert plain(FRENCH.prose(at(12, 10, 42))) == "jeudi 12 mars 2026 à 10 h 42"


def test_an_iso_instant_carries_its_offset() -> None:
    assert FRENCH.iso(at(12, 10, 42)) == "2026-03-12T10:42:00+01:00"
    assert FRENCH.iso(at(12, 10, 42, month=7)) == "2026-07-12T10:42:00+02:00"


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (at(18, 10, 31), "aujourd’hui, 10 h 31"),
        (at(17, 16, 5), "hier, 16 h 05"),
        (at(12, 11, 20), "jeu. 12 mars, 11 h 20"),
        (at(1, 9, year=2025), "sam. 1er mars 2025, 9 h"),
    ],
)
def test_lists_say_today_yesterday_or_the_day(instant: datetime, said: str) -> None:
    assert plain(FRENCH.listed(instant)) == said


def test_a_limit_at_midnight_is_the_day_that_ends() -> None:
    assert plain(FRENCH.deadline(at(27, 0))) == "jeu. 26 mars"
    assert FRENCH.last_day(at(27, 0)) == "jeudi 26 mars 2026"
    assert plain(FRENCH.deadline(at(26, 17, 30))) == "jeu. 26 mars, 17 h 30"


def test_the_first_of_a_month_is_said_as_in_french() -> None:
    assert long_date(date(2026, 5, 1)) == "vendredi 1er mai 2026"


@pytest.mark.parametrize(("seconds", "said"), [(20, "1 min"), (2280, "38 min"), (7740, "2 h 09"), (7200, "2 h"),
                                               (260_000, "3 j")])  # fmt: skip
def test_elapsed_time_is_short(seconds: int, said: str) -> None:
    assert plain(elapsed(seconds)) == said


def test_working_time_is_in_days_the_service_is_open_and_in_hours_under_one() -> None:
    assert plain(working(OFFICE, at(16, 17), NOW)) == "2 j"
    assert plain(working(OFFICE, at(17, 12), NOW)) == "6 h"
    assert plain(working(OFFICE, at(20, 17), at(24, 12))) == "2 j"


# the badges of the mock-up: it is Wednesday 18 March, 10:42
@pytest.mark.parametrize(
    ("due", "warn", "state", "text", "detail"),
    [
        (at(16, 17), at(13, 9), "late", "En retard de 2 j", "lun. 16 mars, 17 h"),
        (at(17, 12), at(13, 9), "late", "En retard de 6 h", "mar. 17 mars, 12 h"),
        (at(18, 17), at(18, 14), "soon", "Aujourd’hui, 17 h", "mer. 18 mars, 17 h"),
        (at(20, 17), at(18, 9), "soon", "Dans 2 j", "ven. 20 mars, 17 h"),
        (at(24, 12), at(23, 9), "ok", "Dans 4 j", "mar. 24 mars, 12 h"),
        (at(26, 17, 30), at(25, 9), "ok", "Dans 6 j", "jeu. 26 mars, 17 h 30"),
    ],
)
def test_the_badge_tells_late_from_soon_from_in_good_time(
    due: datetime, warn: datetime, state: str, text: str, detail: str
) -> None:
    badge = deadline_badge(FRENCH, OFFICE, due, warn, None)
    assert (badge.state, plain(badge.text), plain(badge.detail)) == (state, text, detail)


def test_a_stopped_clock_says_since_when_and_no_date() -> None:
    badge = deadline_badge(FRENCH, OFFICE, at(26, 17), at(25, 9), at(13, 12))
    assert (badge.state, plain(badge.text), badge.detail) == ("pause", "En pause depuis 3 j", "reprend à la réponse")


def test_without_a_duty_there_is_no_deadline() -> None:
    assert deadline_badge(FRENCH, OFFICE, None, None, None).text == "Sans échéance"
