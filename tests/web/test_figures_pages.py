"""Do the pages of delays, flow, outlook and equity say what happened, to whom they may, and lead to the cases?"""

import html
import re
from datetime import timedelta

import pytest

from gru.domain.case import CloseCase, ReopenCase, StartWait, TransferCase
from tests.web.conftest import Town, TownAfter, Visitor
from tests.web.test_queue import numbers

SLUGS = ("delais", "flux", "prevision", "equite", "respect")
LEADING = (*SLUGS, "parcours", "processus", "stock")


def _lived(town: Town) -> str:
    """Twelve cases of the last weeks: eight were solved, one withdrawn, one came back, three are open, one secret."""
    now = town.clock.at
    for number in range(12):
        town.clock.at = now - timedelta(days=30 - number)
        kind = "SOC-AIDE" if number == 11 else "VOI-CHAUSSEE"
        case = town.open_case(f"Demande {number}", type=kind, channel=("web", "counter")[number % 2])
        if number < 9:
            town.clock.at = now - timedelta(days=20 - number)
            outcome = "withdrawn" if number == 8 else "resolved"
            town.do(CloseCase(case_id=town.id_of(case), outcome=outcome), by=town.by("julien.moreau"))
        if number == 0:
            town.clock.at = now - timedelta(days=2)
            town.do(ReopenCase(case_id=town.id_of(case), reason="encore là"), by=town.by("julien.moreau"))
    town.clock.at = now
    town.office.projector.catch_up("later")
    return case


@pytest.fixture
def lived(town_after: TownAfter) -> Town:
    return town_after(_lived)[0]


def said(visitor: Visitor, address: str) -> str:
    """What the page says, its thin spaces as plain ones."""
    return html.unescape(visitor.get(address)).replace("\u202f", " ").replace("\xa0", " ")


def linked(page: str, wanted: str) -> list[tuple[str, int]]:
    """The addresses behind the figures of a page, each with its number."""
    found = re.findall(rf'<td><a href="(/agent/demandes\?[^"]*{wanted}[^"]*)">(\d+)(?: \(peu\))?</a>', page)
    return [(address, int(number)) for address, number in found]


def test_the_page_of_delays_shows_both_ways_of_counting(lived: Town) -> None:
    page = said(lived.agent("isabelle.fournier"), "/pilotage/delais?semaines=8")
    assert "La moitié des demandes est traitée en" in page and "8 demandes seulement" in page
    assert "Ce que vit l’usager" in page and "Sans les attentes qui arrêtent le délai" in page
    assert "Encore suivies" in page and "intervalle de Greenwood" in page
    assert "doublons, retraits et transmissions" in page, "what is censored is said"


def test_what_was_withdrawn_is_not_counted_as_solved(lived: Town) -> None:
    page = said(lived.agent("isabelle.fournier"), "/pilotage/delais?semaines=8")
    assert "Voir les 8 demandes" in page


@pytest.mark.parametrize("slug", LEADING)
def test_each_number_leads_to_as_many_cases(lived: Town, slug: str) -> None:
    """Read by who sees every case that is counted; the secret one is his too."""
    visitor = lived.agent("isabelle.fournier")
    page = said(visitor, f"/pilotage/{slug}?semaines=8&service=VOI")
    reader = lived.agent("julien.moreau")
    found = linked(page, "(?:compte|engagement|age|echeance)=")
    assert found or slug in ("prevision", "equite")
    for address, number in found:
        assert len(numbers(reader.get(address))) == number, address


def _handed(town: Town) -> str:
    """Six cases of the last weeks that the roads gave to cleaning and got back; four others, some old, are open."""
    now = town.clock.at
    for number in range(6):
        town.clock.at = now - timedelta(days=20 - number)
        case = town.id_of(town.open_case(f"Transmise {number}"))
        for department in ("PRO", "VOI"):
            town.clock.at += timedelta(hours=5)
            town.do(TransferCase(case_id=case, department=department, reason="à eux"), by=town.by("julien.moreau"))
        town.clock.at += timedelta(days=number + 1)
        town.do(CloseCase(case_id=case, outcome="resolved"), by=town.by("julien.moreau"))
    for number, days in enumerate((0, 8, 40, 400)):
        town.clock.at = now - timedelta(days=days, minutes=1)
        case = town.open_case(f"Ouverte {number}")
    town.clock.at = now
    town.office.projector.catch_up("later")
    return case


@pytest.fixture
def handed(town_after: TownAfter) -> Town:
    return town_after(_handed)[0]


@pytest.mark.parametrize("slug", ["parcours", "processus", "stock", "flux"])
def test_what_was_handed_on_or_is_old_is_found_behind_its_number(handed: Town, slug: str) -> None:
    page = said(handed.agent("isabelle.fournier"), f"/pilotage/{slug}?semaines=8")
    found = linked(page, "(?:compte|age|echeance)=")
    assert found
    for address, number in found:
        listed = len(numbers(handed.agent("julien.moreau").get(address)))
        twice = any(one in address for one in ("compte=revenues", "compte=passage"))
        assert listed == number or (twice and 0 < listed < number), address


def test_every_age_leads_to_the_cases_of_that_age(handed: Town) -> None:
    page = said(handed.agent("isabelle.fournier"), "/pilotage/stock")
    ages = {address.split("age=")[1]: number for address, number in linked(page, "age=")}
    assert ages == {"0": 1, "7": 1, "30": 1, "365": 1}
    assert "fig-late" in page and "hachuré : en retard" in page


def test_a_hand_over_leads_to_the_cases_that_changed_hands(handed: Town) -> None:
    page = said(handed.agent("isabelle.fournier"), "/pilotage/processus?semaines=8")
    assert dict(linked(page, "compte=mains")) and {n for _, n in linked(page, "compte=mains")} == {6}
    assert {n for _, n in linked(page, "compte=chemin")} == {6}


def test_a_share_of_a_stage_leads_to_those_that_stayed_longest(handed: Town) -> None:
    page = said(handed.agent("isabelle.fournier"), "/pilotage/parcours?semaines=8")
    address = re.search(r'href="([^"]*compte=closes[^"]*etape=[^"]*)"', page)
    assert address and 0 < len(numbers(handed.agent("julien.moreau").get(address[1]))) < 6


def test_who_may_not_see_every_case_is_told_that_a_list_may_be_shorter(handed: Town) -> None:
    reader = handed.agent("isabelle.fournier")
    page = said(reader, "/pilotage/parcours?semaines=8")
    assert "peut donc en compter moins" in page
    behind = re.search(r'href="([^"]*compte=transmises[^"]*)"', page)
    assert behind
    shown = said(reader, behind[1])
    assert numbers(shown) == [] and "Aucune de ces demandes ne vous est ouverte" in shown


@pytest.mark.parametrize(
    "written",
    [
        "compte=chemin&chemin=%00",
        "compte=chemin",
        "compte=passage&etape=x&suivante=close",
        "compte=passage&etape=en-instruction",
        "compte=mains&de=VOI",
        "compte=mains&de=%27&vers=%22",
        "compte=ouvertes",
        "compte=notes-basses",
        "age=3",
        "age=-1",
    ],
)
def test_half_an_address_of_a_figure_breaks_nothing(lived: Town, written: str) -> None:
    page = lived.agent().get(f"/agent/demandes?{written}&du=2026-01-01&au=2026-12-31")
    assert "<h1>" in page


def test_the_flow_prints_its_reconciliation(lived: Town) -> None:
    page = said(lived.agent("isabelle.fournier"), "/pilotage/flux?semaines=8")
    line = re.search(
        r"(\d+) ouvertes au début \+ (\d+) reçues \+ (\d+) rouvertes − (\d+) closes = (\d+) ouvertes", page
    )
    assert line
    before, opened, again, closed, now = map(int, line.groups())
    assert (before, opened, again, closed, now) == (0, 12, 1, 9, 4)


def test_too_short_a_history_is_refused_with_its_length(lived: Town) -> None:
    page = said(lived.agent("isabelle.fournier"), "/pilotage/prevision")
    assert "Pas assez d’historique : il faut 12 semaines de données, il y en a 3." in page
    assert '<svg class="chart"' not in page.split('<div class="report">')[1]


def test_a_long_enough_history_is_forecast_with_its_past_error(town: Town) -> None:
    now = town.clock.at
    for week in range(24, 0, -1):
        town.clock.at = now - timedelta(weeks=week)
        for number in range(2):
            town.open_case(f"Demande {week}-{number}")
    town.clock.at = now
    town.office.projector.catch_up("later")
    page = said(town.agent("isabelle.fournier"), "/pilotage/prevision")
    assert "demandes attendues la semaine du 23 mars (8 chances sur 10)" in page
    assert "Sur les 12 dernières semaines, la prévision s’est trompée de 0 % en médiane." in page
    assert re.search(r"La bande contenait la réalité 100 fois sur 100, sur \d+ essais\.", page)
    found = linked(page, "compte=entrees")
    assert {number for _, number in found} == {2}
    assert len(numbers(town.agent().get(found[0][0]))) == 2


def test_groups_of_fewer_than_five_are_not_shown(lived: Town) -> None:
    page = said(lived.agent("isabelle.fournier"), "/pilotage/equite?semaines=8&cote=canal")
    report = page.split('<div class="report">')[1]
    assert "2 groupes de moins de 5 demandes ne sont pas montrés" in report
    assert "Canal : Guichet" not in report.split("Part des dates promises tenues")[0], "four are nearly persons"
    report = said(lived.agent("isabelle.fournier"), "/pilotage/equite?semaines=8").split('<div class="report">')[1]
    assert "8 (peu)" in report


@pytest.fixture
def waiting(town: Town) -> str:
    """The number of a case that waits for a document since it came, and whose date went by."""
    now = town.clock.at
    town.clock.at = now - timedelta(days=20)
    number = town.open_case("Attend un papier")
    since = town.clock.at
    wait = StartWait(
        case_id=town.id_of(number), wait_id="w", party="resident", reason="pièce", since=since, indispensable=True
    )
    town.do(wait, by=town.by("julien.moreau"))
    town.clock.at = now
    town.office.projector.catch_up("later")
    return number


def test_suspended_cases_stand_beside_the_promises(town: Town, waiting: str) -> None:
    page = said(town.agent("julien.moreau"), "/pilotage/respect?semaines=4")
    assert "1 date promise de la période est suspendue" in page
    assert f'href="/agent/demandes/{waiting}"' in page and "20 j" in page


def test_who_reads_figures_only_is_named_no_suspended_case(town: Town, waiting: str) -> None:
    page = said(town.agent("isabelle.fournier"), "/pilotage/respect?semaines=4")
    assert "1 date promise de la période est suspendue" in page and waiting not in page


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_without_cases_says_so(town: Town, slug: str) -> None:
    page = said(town.agent("isabelle.fournier"), f"/pilotage/{slug}")
    assert "Aucune demande sur cette période." in page or "Pas assez d’historique" in page


@pytest.mark.parametrize("slug", SLUGS)
def test_a_head_of_department_reads_his_own_figures_only(lived: Town, slug: str) -> None:
    page = said(lived.agent("catherine.ollivier"), f"/pilotage/{slug}?service=VOI&semaines=8")
    report = page.split('<div class="report">')[1]
    assert "Aucune demande sur cette période." in report or "Pas assez d’historique" in report
    assert "compte=" not in report


@pytest.mark.parametrize("written", ["0", "-3", "NaN", "1e9999", "x", "1e7", "9" * 400, "6,2\0"])
def test_an_address_written_by_hand_breaks_nothing(lived: Town, written: str) -> None:
    address = f"/agent/demandes?compte=resolues&du=2026-01-01&au=2026-12-31&plus-de={written}"
    assert "Demandes traitées" in lived.agent().get(address)


def test_a_figure_that_nobody_knows_is_named_and_not_obeyed(lived: Town) -> None:
    page = lived.agent().get("/agent/demandes?compte=tout&du=2026-01-01&au=2026-12-31")
    assert len(numbers(page)) == 3, "the open ones, as without it"


def test_the_filters_of_the_queue_narrow_what_stands_behind_a_figure(lived: Town) -> None:
    behind = "/agent/demandes?compte=resolues&du=2026-01-01&au=2026-12-31"
    assert len(numbers(lived.agent().get(behind))) == 8
    assert len(numbers(lived.agent().get(f"{behind}&canal=guichet"))) == 4
    assert len(numbers(lived.agent().get(f"{behind}&service=SOC"))) == 0
    assert len(numbers(lived.agent().get(f"{behind}&plus-de=9000"))) == 0
