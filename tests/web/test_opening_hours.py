"""Are the days and hours of a calendar shown as they are, drafted as they were typed, refused in a sentence?"""

import pytest
from markupsafe import escape
from msgspec.structs import replace

from gru.domain.simulating import differences
from gru.web.admin.drafting import CALENDARS, ENGAGEMENTS
from gru.web.admin.rule_words import lines
from tests.web.conftest import Town
from tests.web.test_rules import ADMIN, dues, published, simulated


def test_a_day_is_shut_in_the_draft_of_a_calendar_and_opened_again(town: Town) -> None:
    visitor = town.agent(ADMIN)
    shut = visitor.fill(CALENDARS, CALENDARS, calendrier="bureaux", jour="2026-12-24", acte="fermer")
    assert (shut.status_code, shut.location) == (303, f"{CALENDARS}?annee=2026")
    page = visitor.get(CALENDARS)
    assert "24 décembre" in page and "Brouillon non publié" in page
    visitor.fill(CALENDARS, CALENDARS, calendrier="bureaux", jour="2026-12-24", acte="ouvrir")
    assert "Brouillon non publié" not in visitor.get(CALENDARS)


def test_a_day_with_hours_of_its_own_is_shown_with_them(town: Town) -> None:
    assert "18 juin (8\u202fh\u202f30 - 12\u202fh)" in town.agent(ADMIN).get(f"{CALENDARS}?annee=2026")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"jour": "2026-12-25", "acte": "ouvrir"}, "C’est un jour férié"),
        ({"jour": "2026-05-15", "acte": "fermer"}, "déjà fermé"),
        ({"jour": "2026-05-18", "acte": "ouvrir"}, "n’est pas fermé"),
        ({"jour": "2026-06-18", "acte": "fermer"}, "ses propres horaires au catalogue (8\u202fh\u202f30 - 12\u202fh)"),
        ({"jour": "2190-05-18", "acte": "fermer"}, "de 2020 à 2035"),
        ({"jour": "", "acte": "fermer"}, "Il y a un problème"),
        ({"jour": "2026-05-18", "acte": "raser"}, "Choisissez"),
        ({"jour": "2026-05-18", "acte": "fermer", "calendrier": "nix"}, "Choisissez"),
    ],
)
def test_a_day_that_cannot_be_shut_or_opened_says_why(town: Town, values: dict[str, str], said: str) -> None:
    answer = town.agent(ADMIN).fill(CALENDARS, CALENDARS, **{"calendrier": "bureaux", **values})
    assert answer.status_code == 422 and said in answer.text


def test_a_calendar_that_is_called_otherwise_is_told_with_both_names(town: Town) -> None:
    before = town.office.town.latest()
    called = replace(before.calendars["bureaux"], label="Guichets")
    after = replace(before, calendars={**before.calendars, "bureaux": called})
    [row] = lines(before, after, differences(before, after))
    assert [cell.text for cell in row[1:]] == ["Services administratifs", "Guichets"]


# --- the hours of the week ---------------------------------------------------------------------------------------

WEEK = f"{CALENDARS}/technique"
OPEN = {"lundi": "8:30–12:00, 13:30–17:30", "mardi": "8h30-12h et 13h30-17h", "mercredi": "", "jeudi": "8:00–18:00",
        "vendredi": "8:30–12:00", "samedi": "9 h – 12 h", "dimanche": ""}  # fmt: skip


def test_the_hours_of_a_week_are_drafted_simulated_and_published(town: Town) -> None:
    visitor, number = town.agent(ADMIN), town.open_case()
    before = dues(town, number)
    assert f'href="{WEEK}"' in visitor.get(CALENDARS)
    kept = visitor.fill(WEEK, WEEK, **OPEN)
    assert (kept.status_code, kept.location) == (303, CALENDARS)
    assert "samedi, 9\u202fh - 12\u202fh" in visitor.get(CALENDARS)
    drafted_ = visitor.get(ENGAGEMENTS)
    assert "Calendrier «\xa0Équipes techniques\xa0»" in drafted_ and "jeudi, 8\u202fh - 18\u202fh" in drafted_
    assert 'value="9:00–12:00"' in visitor.get(WEEK) and 'value="8:30–12:00, 13:30–17:00"' in visitor.get(WEEK)
    assert "jeudi, 8\u202fh - 18\u202fh" in visitor.get(simulated(town, visitor))
    published(town, visitor)
    calendar = town.office.town.latest().calendars["technique"]
    assert calendar.week == (
        ((510, 720), (810, 1050)), ((510, 720), (810, 1020)), (), ((480, 1080),), ((510, 720),), ((540, 720),), (),
    )  # fmt: skip
    assert dues(town, number) == before
    later = town.open_case()
    assert town.case(later).town_version == 2 and dues(town, later) != before


def test_a_week_as_it_is_already_is_no_draft_and_leaves_the_days_that_were_shut(town: Town) -> None:
    visitor = town.agent(ADMIN)
    page = visitor.get(WEEK)
    assert visitor.send(page, WEEK).status_code == 303
    assert "Brouillon non publié" not in visitor.get(CALENDARS)
    visitor.fill(CALENDARS, CALENDARS, calendrier="technique", jour="2026-12-24", acte="fermer")
    visitor.fill(WEEK, WEEK, **OPEN)
    assert visitor.send(page, WEEK).status_code == 303
    draft = town.office.publishing.draft(town.by_name[ADMIN].id)
    assert [one.isoformat() for one in draft.changes.calendars["technique"].shut] == ["2026-12-24"]
    assert draft.changes.calendars["technique"].week is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("13:30–17:30, 8:30–12:00", "commence avant la fin de ce qui précède"),
        ("8:30–12:30, 12:00–17:30", "commence avant la fin de ce qui précède"),
        ("17:30–8:30", "finit avant d’avoir commencé"),
        ("22:00–6:00", "finit avant d’avoir commencé"),
        ("le matin", "ne se lit pas comme des heures d’ouverture"),
        ("8:30–25:00", "ne se lit pas comme des heures d’ouverture"),
        ("<script>alert(1)</script>", "ne se lit pas comme des heures d’ouverture"),
        ("8" * 5000, "ne se lit pas comme des heures d’ouverture"),
    ],
)
def test_hours_that_cannot_be_get_a_sentence_and_nothing_typed_is_lost(town: Town, typed: str, said: str) -> None:
    visitor = town.agent(ADMIN)
    answer = visitor.fill(WEEK, WEEK, **(OPEN | {"mardi": typed, "samedi": "10:00–11:00"}))
    assert answer.status_code == 422 and said in answer.text
    assert f'value="{escape(typed)}"' in answer.text and 'value="10:00–11:00"' in answer.text
    assert "Brouillon non publié" not in visitor.get(CALENDARS)


def test_a_week_in_which_nothing_opens_is_refused(town: Town) -> None:
    visitor = town.agent(ADMIN)
    answer = visitor.fill(WEEK, WEEK, **dict.fromkeys(OPEN, ""))
    assert answer.status_code == 422 and "Ce calendrier ne serait jamais ouvert" in answer.text


@pytest.mark.parametrize("code", ["nix", "%3Cb%3E", "..", "bureaux%00"])
def test_a_calendar_that_is_none_has_no_week(town: Town, code: str) -> None:
    town.agent(ADMIN).get(f"{CALENDARS}/{code}", 404)


def test_an_agent_who_may_not_simulate_does_not_change_hours(town: Town) -> None:
    town.agent().get(WEEK, 403)
