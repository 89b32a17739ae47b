"""Do the pages of first answers, returns, closings in one go and volumes say what happened, and lead to the cases?"""

import re
from datetime import timedelta

import pytest

from gru.domain.case import CloseCase, RecordSent, ReopenCase, StartWait, WriteReply
from gru.office.rebuild import rebuild
from gru.web.reports.registry import REPORTS
from tests.web.conftest import Town, TownAfter
from tests.web.test_figures_pages import linked, said
from tests.web.test_queue import numbers

MANAGER, READER = "isabelle.fournier", "julien.moreau"
PAGES = (
    "delais?semaines=13",
    "delais?semaines=13&mesure=reponse",
    "delais?semaines=13&mesure=accuse",
    "retours",
    "flux?semaines=13&par=canal",
    "flux?semaines=13&par=site",
    "flux?semaines=13&par=type",
    "flux?semaines=13&par=secteur",
    "respect?semaines=13",
)


def _returned(town: Town) -> str:
    """Two months ago: Claire asked for the same thing again and again; eight cases were answered and closed one by one,
    two of them came back, twenty-two more were closed within a minute."""
    now = town.clock.at
    for number in range(30):
        town.clock.at = now - timedelta(days=60 - number)
        case = town.id_of(town.open_case(f"Demande {number}", channel=("web", "counter")[number % 2]))
        if number < 8:
            town.clock.at += timedelta(days=4)
            words = town.office.archive.write_text("Réponse", person="", case=case)
            reply = f"{number:032x}"
            written = WriteReply(case_id=case, reply_id=reply, kind="answer", channel="email", text=words)
            town.do(written, by=town.by(READER))
            town.do(RecordSent(case_id=case, reply_id=reply, sent_at=town.clock.at))
        else:
            town.clock.at = now - timedelta(days=33)
        town.do(CloseCase(case_id=case, outcome="resolved"), by=town.by(READER))
        if number < 2:
            town.clock.at += timedelta(days=3)
            town.do(ReopenCase(case_id=case, reason="encore là"), by=town.by(READER))
    town.clock.at = now
    town.office.projector.catch_up("later", seconds=30)
    return case


@pytest.fixture
def returned(town_after: TownAfter) -> Town:
    return town_after(_returned)[0]


def report(page: str) -> str:
    return page.split('<div class="report">')[1]


def test_the_first_answer_of_a_person_is_a_measure_of_its_own(returned: Town) -> None:
    page = said(returned.agent(MANAGER), "/pilotage/delais?semaines=13&mesure=reponse")
    assert "La moitié des premières réponses part en" in page and "8 demandes seulement" in page
    assert "Closes sans réponse" in page and "Part encore sans réponse" in page
    assert '<option value="reponse" selected' in page


def test_the_acknowledgement_is_a_measure_of_its_own(returned: Town) -> None:
    page = said(returned.agent(MANAGER), "/pilotage/delais?semaines=13&mesure=accuse")
    assert "est accusée en" in page and "sans les réouvertures" in page


def test_what_came_back_is_counted_with_its_bounds(returned: Town) -> None:
    page = said(returned.agent(MANAGER), "/pilotage/retours")
    assert "6,7 % des demandes closes ont été rouvertes (2 sur 30)." in page
    assert "97 % des demandes avaient déjà été faites par la même personne (29 sur 30)." in page
    assert "1,8 % à 21 %" in page, "Wilson's interval of two out of thirty"
    assert "ret-span" in page, "the bounds are drawn"


def test_a_week_without_thirty_days_of_hindsight_is_not_judged(returned: Town) -> None:
    page = said(returned.agent(MANAGER), "/pilotage/retours?semaines=4")
    assert "Pas encore assez de recul : une semaine est jugée 30 jours après sa fin." in page


@pytest.mark.parametrize("slug", ["delais", "flux", "respect"])
def test_what_was_closed_in_one_go_is_said_with_the_figures_without_it(returned: Town, slug: str) -> None:
    page = said(returned.agent(MANAGER), f"/pilotage/{slug}?semaines=13")
    assert "Clôtures en lot" in page and "ans les clôtures en lot" in page
    assert "22 " in page.split("Clôtures en lot")[1][:400]


def test_a_town_that_closes_one_by_one_reads_nothing_of_it(town: Town) -> None:
    town.open_case()
    for slug in ("delais", "flux", "respect"):
        assert "en lot" not in report(said(town.agent(MANAGER), f"/pilotage/{slug}"))


@pytest.mark.parametrize("page", PAGES[:-1])
def test_each_number_leads_to_as_many_cases(returned: Town, page: str) -> None:
    joined = "&" if "?" in page else "?"
    shown = said(returned.agent(MANAGER), f"/pilotage/{page}{joined}service=VOI")
    reader = returned.agent(READER)
    found = linked(shown, "(?:compte|engagement)=")
    assert found or "secteur" in page, "no district is known of any"
    for address, number in found:
        assert len(numbers(reader.get(f"{address}&statut=close&statut=rouverte&statut=recue"))) == number, address


def test_the_parts_of_the_flow_are_named_and_their_stock_is_linked(returned: Town) -> None:
    page = report(said(returned.agent(MANAGER), "/pilotage/flux?semaines=13&par=canal"))
    assert "« Formulaire web »" in page or "« Web »" in page or "« Guichet »" in page
    assert 'href="/agent/demandes?canal=' in page


@pytest.mark.parametrize("slug", ["retours", "delais", "flux"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_these_pages_are_exported_like_all_others(returned: Town, slug: str, format: str) -> None:
    answer = returned.agent(MANAGER).client.get(f"/pilotage/{slug}.{format}?mesure=reponse&par=type")
    assert answer.status_code == 200 and len(answer.data) > 500


@pytest.mark.parametrize("query", ["mesure=x", "par=x", "mesure=%00", "par=" + "a" * 3000])
def test_a_choice_that_nobody_knows_is_the_usual_one(returned: Town, query: str) -> None:
    for slug in ("delais", "flux"):
        assert "<table" in returned.agent(MANAGER).get(f"/pilotage/{slug}?semaines=13&{query}")


def test_an_empty_town_has_nothing_that_came_back(town: Town) -> None:
    page = said(town.agent(MANAGER), "/pilotage/retours")
    assert "Aucune demande sur cette période." in page


def test_erasing_every_resident_changes_no_figure_on_any_page(returned: Town) -> None:
    """Whoever asked: what is counted names nobody."""
    waiting = returned.open_case("Attend", name="Ali Haddad", email="ali@exemple.fr")
    wait = StartWait(case_id=returned.id_of(waiting), wait_id="w", party="resident", reason="pièce", indispensable=True)
    returned.do(wait, by=returned.by(READER))
    visitor = returned.agent(READER)
    slugs = [*(report.slug for report in REPORTS), *PAGES]

    def figures() -> dict[str, str]:
        returned.office.projector.catch_up("later", seconds=30)
        shown = {slug: report(visitor.get(f"/pilotage/{slug}")) for slug in slugs}
        return {slug: re.sub(r"arret=\d+|fait n° [\d\s]+", "", page) for slug, page in shown.items()}

    before = figures()
    people = {case.requester for case in map(returned.case, numbers_of(returned))} - {""}
    assert len(people) == 2
    for person in people:
        returned.office.erasure.erase(person, by="agent:dpo")
    assert figures() == before
    rebuild(returned.office.projector, ["durations", "stages", "volumes", "commitments"])
    assert figures() == before


def numbers_of(town: Town) -> list[str]:
    reader = town.agent(READER)
    closed = numbers(reader.get("/agent/demandes?compte=entrees&du=2025-12-01&au=2026-12-31"))
    return list(dict.fromkeys(closed))
