"""Are the figures of an earlier fact the same for ever, found again under their address?"""

import re
from datetime import timedelta
from html import unescape

import pytest

from gru.domain.case import CloseCase
from gru.web.reports.registry import REPORTS
from tests.web.conftest import Town, Visitor

REPORT = re.compile(r'<p class="finding">.*</main>', re.S)


def _figures(page: str) -> str:
    return REPORT.findall(page)[0]


def _address(page: str) -> str:
    found = re.search(r'href="([^"]+)">Lien vers ces chiffres', page)
    assert found
    return unescape(found[1])


def _later(town: Town, closed: str) -> None:
    """What changes every figure: one more case, and one that is closed."""
    town.clock.pass_(hours=1)
    town.open_case("Nouvelle")
    town.do(CloseCase(case_id=town.id_of(closed), outcome="resolved"), by=town.by("julien.moreau"))


def _before(town: Town) -> tuple[Visitor, str]:
    now = town.clock.at
    town.clock.at = now - timedelta(days=30)
    first = town.open_case("Ancienne")
    town.clock.at = now
    return town.agent("isabelle.fournier"), first


def test_a_figure_is_found_again_after_the_town_has_gone_on(town: Town) -> None:
    manager, first = _before(town)
    page = manager.get("/pilotage/stock")
    address, told = _address(page), _figures(page)
    _later(town, first)
    assert _figures(manager.get("/pilotage/stock")) != told
    asked = manager.get(address, 202)
    sent = manager.send(asked, _action(asked))
    assert sent.status_code == 303
    assert "Recalcul en cours" in manager.get(sent.location, 202)
    for effect in town.office.work.due_effects(town.clock.at):
        assert town.office.reactions.perform(effect.key)
    assert _figures(manager.get(sent.location)) == told
    assert _figures(manager.get(address)) == told


def test_every_page_says_the_same_from_a_cut_as_live(town: Town) -> None:
    """Folded again from the history, by other tables, the figures are those of the page."""
    manager, _ = _before(town)
    pages = {report.slug: manager.get(f"/pilotage/{report.slug}") for report in REPORTS}
    position = town.office.projector.position("later")
    town.office.cuts.make(position)
    town.open_case("Une autre")
    for slug, page in pages.items():
        assert _figures(manager.get(_address(page))) == _figures(page), slug


def test_the_cut_says_as_of_which_fact_and_version(town: Town) -> None:
    manager, _ = _before(town)
    page = manager.get("/pilotage/respect").replace("\u202f", " ")
    assert re.search(r"fait n° [\d ]+, engagements en version 1", page)


def test_a_fact_that_never_was_has_no_figures(town: Town) -> None:
    manager, _ = _before(town)
    manager.get("/pilotage/stock?arret=999999999", 404)


@pytest.mark.parametrize("format", ["csv", "xes"])
def test_the_log_of_stages_as_of_a_fact_nobody_has_counted_leads_to_where_it_is_asked_for(
    town: Town, format: str
) -> None:
    manager, first = _before(town)
    log = f"/pilotage/journal-des-etapes.{format}"
    manager.get("/pilotage/processus")
    position = town.office.projector.position("later")
    _later(town, first)
    answer = manager.client.get(f"{log}?semaines=8&arret={position}")
    assert (answer.status_code, answer.location) == (303, f"/pilotage/processus?semaines=8&arret={position}")
    manager.get(answer.location, 202)
    town.office.cuts.make(position)
    assert manager.get(f"{log}?semaines=8&arret={position}")


def test_the_log_of_stages_lets_go_of_its_tables_though_nobody_reads_it(town: Town) -> None:
    manager, _ = _before(town)
    for _ in range(30):
        assert manager.client.head("/pilotage/journal-des-etapes.csv").status_code == 200
    assert manager.get("/pilotage/journal-des-etapes.csv")


def _action(page: str) -> str:
    found = re.search(r'method="post" action="(/pilotage[^"]+)"', page)
    assert found
    return unescape(found[1])
