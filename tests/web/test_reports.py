"""Do the first reports count what happened, for whom, and lead to the cases?"""

import re
from datetime import timedelta

import pytest

from gru.domain.case import CloseCase
from gru.web.i18n import t
from gru.web.reports.registry import REPORTS
from tests.web.conftest import WEDNESDAY, Town
from tests.web.test_queue import numbers


@pytest.fixture
def judged(town: Town) -> Town:
    """Two promises to solve fell due last week: one was kept, one was not; a third case is new."""
    now = town.clock.at
    town.clock.at = now - timedelta(days=20)
    kept, missed = town.open_case("Tenue"), town.open_case("Manquée")
    town.clock.at = now - timedelta(days=18)
    town.do(CloseCase(case_id=town.id_of(kept), outcome="resolved"), by=town.by("julien.moreau"))
    town.clock.at = now
    town.open_case("Nouvelle")
    town.office.projector.catch_up("later")
    assert town.case(missed).commitments["resolve"].due < now
    return town


def test_the_page_of_questions_leads_to_each_with_a_sentence_of_what_it_says(town: Town) -> None:
    manager = town.agent("isabelle.fournier")
    page = manager.get("/pilotage")
    assert [f'href="/pilotage/{one.slug}"' in page for one in REPORTS] == [True] * len(REPORTS)
    assert all(t(f"pilotage.dit_{one.slug}") in page for one in REPORTS)


def test_open_and_overdue_counts_as_not_kept(judged: Town) -> None:
    page = judged.agent("isabelle.fournier").get("/pilotage/respect").replace("\u202f", " ")
    assert "50 % des engagements échus ont été tenus (1 sur 2)." in page
    assert "2 demandes seulement" in page
    assert "Données arrêtées au mercredi 18 mars 2026 à 10 h 42" in page


def test_a_figure_leads_to_its_cases(judged: Town) -> None:
    page = judged.agent().get("/pilotage/respect")
    link = re.search(r'<a href="([^"]+tenu=non[^"]*)">Voir la demande', page)
    assert link
    listed = judged.agent().get(link[1].replace("&amp;", "&"))
    assert len(numbers(listed)) == 1 and "Manquée" in listed


def test_the_numbers_stand_in_a_table_beside_the_picture(judged: Town) -> None:
    page = judged.agent("isabelle.fournier").get("/pilotage/respect")
    assert page.count('<svg class="chart"') <= page.count('<table class="data"')
    assert '<svg class="chart"' in page and "<title>Par semaine d’échéance." in page


def test_a_head_of_department_reads_his_own_figures_only(judged: Town) -> None:
    social = judged.agent("catherine.ollivier")
    page = social.get("/pilotage/respect")
    assert "Aucune demande sur cette période." in page
    assert "Voirie" not in page.split('<div class="report">')[1]
    assert "Aucune demande ouverte." in social.get("/pilotage/stock?service=VOI")


def test_the_stock_says_how_many_how_old_and_how_late(judged: Town) -> None:
    page = judged.agent("isabelle.fournier").get("/pilotage/stock").replace("\u202f", " ")
    assert "2 demandes ouvertes" in page and "1 en retard" in page
    assert 'href="/agent/demandes?service=VOI&amp;tri=recue"' in page


def test_filters_stand_in_the_address(judged: Town) -> None:
    page = judged.agent("isabelle.fournier").get("/pilotage/respect?engagement=reponse&semaines=26&service=VOI")
    assert '<option value="reponse" selected>' in page
    assert '<option value="26" selected>' in page
    assert '<option value="VOI" selected>' in page


def test_secret_cases_are_counted_without_being_shown(town: Town) -> None:
    town.open_case("Aide", type="SOC-AIDE", received_at=WEDNESDAY)
    page = town.agent("isabelle.fournier").get("/pilotage/stock")
    assert "1 demande ouverte" in page and "Aide" not in page.split('<div class="report">')[1]
