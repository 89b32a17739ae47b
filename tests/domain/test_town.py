"""What does the town promise for what it receives, and what does the law count?"""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from gru.domain import clocks
from gru.domain.clocks import Amount, Pause
from gru.domain.errors import BadInput
from gru.domain.events import Channel
from gru.domain.town import ALL_CHANNELS, LegalDate, Promise, Town, town_of
from gru.office.town_hall import SAMPLE, read_folder


@pytest.fixture(scope="module")
def town() -> Town:
    return town_of(read_folder(SAMPLE).catalogue, 1, datetime(2026, 1, 1, tzinfo=UTC))


def paris(text: str) -> datetime:
    """A local instant such as 2026-12-23 10:42, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


MONDAY = paris("2026-03-02 10:00")


def promised(
    town: Town,
    type_code: str = "",
    channel: Channel = "email",
    at: datetime = MONDAY,
    danger: bool = False,
    department: str = "",
) -> dict[str, Promise]:
    return {promise.kind: promise for promise in town.promises(type_code, department, channel, at, danger)}


def silence(town: Town, type_code: str, channel: Channel, at: datetime) -> datetime | None:
    dates = {each.clock: each.due for each in town.legal_dates(type_code, channel, at)}
    return dates.get("silence")


# --- what the town promises --------------------------------------------------------------------------------------


def test_a_request_nobody_has_read_yet_is_promised_what_every_request_is(town: Town) -> None:
    assert town.promises("", "", "email", MONDAY) == (
        Promise(
            "acknowledge", paris("2026-03-03 17:30"), paris("2026-03-03 14:48"), "channel/email/acknowledge", "bureaux"
        ),
        Promise(
            "first_response", paris("2026-03-09 17:30"), paris("2026-03-06 16:18"), "default/first_response", "bureaux"
        ),
        Promise("resolve", paris("2026-03-23 17:30"), paris("2026-03-18 16:18"), "default/resolve", "bureaux"),
    )


def test_a_target_ends_with_the_closing_of_the_service_that_answers(town: Town) -> None:
    assert promised(town, "VOI-ECLAIR")["first_response"].due == paris("2026-03-04 17:00")
    assert promised(town, "VOI-ECLAIR", at=paris("2026-03-04 10:00"))["first_response"].due == paris("2026-03-06 16:00")


def test_a_case_at_another_department_is_promised_under_its_hours(town: Town) -> None:
    at_home = promised(town, "VOI-ECLAIR")["resolve"]
    elsewhere = promised(town, "VOI-ECLAIR", department="DRU")["resolve"]
    assert (at_home.calendar, at_home.due) == ("technique", paris("2026-03-09 17:00"))
    assert (elsewhere.calendar, elsewhere.due) == ("bureaux", paris("2026-03-09 17:30"))


def test_the_target_of_a_type_stands_in_place_of_the_default_even_when_it_is_longer(town: Town) -> None:
    found = promised(town, "EDU-REPAS")["first_response"]
    assert (found.rule, found.due) == ("type/EDU-REPAS/first_response", paris("2026-03-16 17:30"))


def test_of_the_rule_of_the_type_and_that_of_the_channel_the_strictest_wins(town: Town) -> None:
    assert promised(town, "EDU-REPAS", "facebook")["first_response"].rule == "channel/facebook/first_response"
    assert promised(town, "PRO-DEPOT", "facebook")["first_response"].rule == "type/PRO-DEPOT/first_response"


def test_a_letter_by_post_is_acknowledged_later_than_a_message_by_email(town: Town) -> None:
    assert promised(town, channel="post")["acknowledge"].due == paris("2026-03-09 17:30")
    assert promised(town, channel="email")["acknowledge"].due == paris("2026-03-03 17:30")


def test_danger_hastens_the_first_response_and_promises_safety_before_the_solution(town: Town) -> None:
    calm, danger = promised(town, "VOI-ECLAIR"), promised(town, "VOI-ECLAIR", danger=True)
    assert danger["first_response"].due == paris("2026-03-02 12:00")
    assert danger["make_safe"].due == paris("2026-03-03 10:00")
    assert danger["make_safe"].rule == "type/VOI-ECLAIR/urgent/make_safe"
    assert danger["resolve"] == calm["resolve"]
    assert "make_safe" not in calm


def test_danger_is_answered_even_when_nobody_knows_the_type_or_the_type_says_nothing(town: Town) -> None:
    assert promised(town, danger=True)["make_safe"].rule == "default/urgent/make_safe"
    assert promised(town, "ESV-ARBRE", danger=True)["make_safe"].rule == "type/ESV-ARBRE/urgent/make_safe"
    assert promised(town, "HYG-NUISIBLE", danger=True)["make_safe"].rule == "default/urgent/make_safe"


def test_the_warning_comes_when_four_fifths_of_the_working_time_are_used(town: Town) -> None:
    promise = promised(town, "VOI-ECLAIR")["resolve"]
    calendar = town.calendars["technique"]
    whole = clocks.working_seconds(calendar, MONDAY, promise.due)
    assert clocks.working_seconds(calendar, MONDAY, promise.warn_at) == round(whole * 0.8)


def test_a_bridge_day_moves_a_promise_and_no_legal_date(town: Town) -> None:
    wednesday = paris("2027-05-05 11:00")  # Ascension on Thursday, a bridge on Friday
    dates = {each.clock: each.due for each in town.legal_dates("", "email", wednesday)}
    assert promised(town, at=wednesday)["acknowledge"].due == paris("2027-05-10 17:30")
    assert dates["receipt"] == paris("2027-05-08 00:00")


def test_calendar_days_end_at_midnight(town: Town) -> None:
    assert promised(town, "EC-ELEC")["resolve"].due == paris("2026-03-08 00:00")


def test_every_promise_names_a_rule_whose_amount_gives_its_date(town: Town) -> None:
    for code, channel, danger in product(["", *town.types], ALL_CHANNELS, [False, True]):
        for promise in town.promises(code, "", channel, MONDAY, danger):
            calendar = town.calendars[promise.calendar]
            assert promise.due == clocks.due(calendar, MONDAY, town.amount(promise.rule))
            assert MONDAY < promise.warn_at <= promise.due


@pytest.mark.parametrize(
    "rule",
    ["", "default", "default/make_safe", "type/NONE/resolve", "type/REL-INFO/urgent/make_safe", "channel/email/resolve",
     "default/urgent/field", "else/resolve"],
)  # fmt: skip
def test_a_rule_the_catalogue_does_not_have_is_refused(town: Town, rule: str) -> None:
    with pytest.raises(BadInput):
        town.amount(rule)


def test_an_unknown_type_or_department_is_refused(town: Town) -> None:
    with pytest.raises(BadInput, match="NONE is no request type"):
        town.promises("NONE", "", "email", MONDAY)
    with pytest.raises(BadInput, match="NONE is no department"):
        town.promises("", "NONE", "email", MONDAY)


def test_a_pause_gives_back_the_open_time_it_took(town: Town) -> None:
    promise = promised(town, "VOI-ECLAIR")["resolve"]
    pause = Pause(paris("2026-03-03 09:00"), paris("2026-03-05 09:00"), "resident", "complement", True)
    moved = town.moved(promise, [pause])
    assert moved.due == paris("2026-03-11 17:00") == promise.due + timedelta(days=2)
    assert promise.warn_at < moved.warn_at < moved.due


@pytest.mark.parametrize(
    "pause",
    [
        Pause(paris("2026-03-03 09:00"), paris("2026-03-05 09:00"), "resident", "useful", False),
        Pause(paris("2026-03-03 09:00"), None, "resident", "complement", True),
        Pause(paris("2026-04-03 09:00"), paris("2026-04-05 09:00"), "resident", "complement", True),
    ],
)
def test_a_pause_that_does_not_stop_the_clock_or_has_not_ended_or_comes_too_late_moves_nothing(
    town: Town, pause: Pause
) -> None:
    promise = promised(town, "VOI-ECLAIR")["resolve"]
    assert town.moved(promise, [pause]) == promise


# --- what the law counts -----------------------------------------------------------------------------------------


def test_a_request_by_email_has_its_receipt_its_acknowledgement_and_its_day_of_silence(town: Town) -> None:
    assert town.legal_dates("ODP-DEMEN", "email", paris("2026-12-23 10:42")) == (
        LegalDate("receipt", paris("2026-12-25 00:00"), "rejection", "CRPA, art. L112-11 ; décret n° 2016-1411"),
        LegalDate("acknowledgement", paris("2027-01-09 00:00"), "rejection", "CRPA, art. L112-11 et R112-11-1"),
        LegalDate(
            "silence", paris("2027-02-24 00:00"), "rejection", "occupation du domaine public (décret n° 2015-1459)"
        ),
    )


@pytest.mark.parametrize(
    ("received", "type_code", "day"),
    [
        ("2026-12-31 09:00", "ODP-DEMEN", date(2027, 2, 28)),
        ("2026-12-23 09:00", "JUR-CADA", date(2027, 1, 23)),
        ("2026-12-23 09:00", "EDU-INSC", date(2027, 2, 23)),
        ("2026-12-23 09:00", "EC-ELEC", date(2026, 12, 28)),
        ("2026-12-23 23:30", "JUR-RGPD", date(2027, 1, 23)),
    ],
)
def test_silence_decides_at_the_end_of_the_day_the_text_names(
    town: Town, received: str, type_code: str, day: date
) -> None:
    due = silence(town, type_code, "email", paris(received))
    assert due is not None
    assert clocks.last_day(town.legal_calendar, due) == day
    assert due == paris(f"{day + timedelta(days=1)} 00:00")


def test_ten_working_days_do_not_count_public_holidays(town: Town) -> None:
    dates = {each.clock: each.due for each in town.legal_dates("", "web", paris("2027-04-30 09:00"))}
    assert clocks.last_day(town.legal_calendar, dates["acknowledgement"]) == date(2027, 5, 18)


def test_only_an_electronic_message_must_have_a_receipt_within_a_day(town: Town) -> None:
    clocks_of = {
        channel: [each.clock for each in town.legal_dates("ASS-SALLE", channel, MONDAY)] for channel in ALL_CHANNELS
    }
    assert clocks_of == {
        "email": ["receipt", "acknowledgement", "silence"],
        "web": ["receipt", "acknowledgement", "silence"],
        "facebook": ["receipt", "acknowledgement"],
        "open311": ["receipt", "acknowledgement"],
        "counter": ["silence"],
        "phone": ["silence"],
        "post": ["silence"],
    }


@pytest.mark.parametrize("type_code", ["", "VOI-ECLAIR", "EC-ACTE", "REL-INFO"])
def test_silence_decides_nothing_where_no_decision_is_asked(town: Town, type_code: str) -> None:
    assert silence(town, type_code, "email", MONDAY) is None


def test_a_type_with_an_online_service_of_its_own_starts_its_clock_on_paper_only(town: Town) -> None:
    assert silence(town, "URB-DP", "email", MONDAY) is None
    assert silence(town, "URB-DP", "web", MONDAY) is None
    assert silence(town, "URB-DP", "counter", MONDAY) == paris("2026-04-03 00:00")
    assert silence(town, "URB-DP", "post", MONDAY) == paris("2026-04-03 00:00")


def test_the_delay_of_silence_is_the_types_own_or_its_regimes(town: Town) -> None:
    delays = {code: town.silence_delay(code) for code in ("URB-DP", "PRO-COLLECTE", "EC-ELEC", "REL-INFO", "")}
    assert delays == {
        "URB-DP": Amount(1, "month"),
        "PRO-COLLECTE": Amount(2, "month"),
        "EC-ELEC": Amount(5, "jc"),
        "REL-INFO": None,
        "": None,
    }


# --- what can be looked up ---------------------------------------------------------------------------------------


def test_the_answer_that_means_danger_is_known_from_the_form(town: Town) -> None:
    lamp, dump = town.types["VOI-ECLAIR"], town.types["PRO-DEPOT"]
    assert lamp.is_urgent({"danger": "oui"})
    assert not lamp.is_urgent({"danger": "nsp"})
    assert dump.is_urgent({"type_dechet": ["gravats", "dangereux"]})
    assert not dump.is_urgent({})
    assert not town.types["REL-INFO"].is_urgent({"danger": "oui"})


def test_a_type_is_found_by_the_address_of_its_page(town: Town) -> None:
    found = town.type_by_slug("acte-etat-civil")
    assert found is not None
    assert found.code == "EC-ACTE"
    assert town.type_by_slug("rien") is None


def test_the_acknowledgement_has_a_template_for_each_regime(town: Town) -> None:
    assert town.template("receipt") == "accuse_enregistrement"
    assert town.template("acknowledgement", "acceptance") == "accuse_reception_sva"
    assert town.template("acknowledgement", "special") == "accuse_reception_delai_special"
