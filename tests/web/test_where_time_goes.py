"""Does the page say where the time went, in parts that add up, and hide what is too small?"""

import csv
import re
from datetime import timedelta
from xml.etree import ElementTree

from gru.domain.case import AssignCase, CloseCase, StartWait, TransferCase
from tests.web.conftest import Town


def _closed(town: Town, number: int, *, hand_over: bool = False) -> None:
    now = town.clock.at
    town.clock.at = now - timedelta(days=20)
    for one in range(number):
        ref = town.open_case(f"Trou {one}")
        case = town.id_of(ref)
        town.clock.at += timedelta(hours=2)
        if hand_over:
            town.do(TransferCase(case_id=case, department="PRO", reason="propreté"), by=town.by("julien.moreau"))
            town.clock.at += timedelta(minutes=5)
            town.do(TransferCase(case_id=case, department="VOI", reason="voirie"), by=town.by("julien.moreau"))
        town.do(
            AssignCase(case_id=case, agent=town.by("julien.moreau").removeprefix("agent:")), by=town.by("julien.moreau")
        )
        town.clock.at += timedelta(hours=24)
        town.do(CloseCase(case_id=case, outcome="resolved"), by=town.by("julien.moreau"))
    town.clock.at = now
    town.office.projector.catch_up("later")


def page(town: Town, slug: str = "parcours") -> str:
    return town.agent("isabelle.fournier").get(f"/pilotage/{slug}").replace("\u202f", " ").replace("\xa0", " ")


def test_the_shares_of_the_stages_add_up(town: Town) -> None:
    _closed(town, 6)
    said = page(town)
    shares = [int(share) for share in re.findall(r">(\d+) %<", said)]
    assert shares and 97 <= sum(shares) <= 103
    assert "6 demandes seulement" in said and "Voirie" in said


def test_less_than_five_are_not_shown(town: Town) -> None:
    _closed(town, 3)
    assert "<td>" not in page(town).split("D’une main")[0]


def test_cases_that_came_back_are_counted(town: Town) -> None:
    _closed(town, 5, hand_over=True)
    assert "5 demandes sur 5 ont changé de service, 5 sont revenues" in page(town)


def test_the_process_view_draws_what_follows_what(town: Town) -> None:
    _closed(town, 6, hand_over=True)
    said = page(town, "processus")
    assert "Passages d’un service à un autre" in said and "12 passages d’un service à un autre." in said
    assert "À attribuer → En instruction" in said
    assert "<title>Par quels chemins" in said
    assert 'href="/pilotage/journal-des-etapes.xes?' in said and 'href="/pilotage/journal-des-etapes.csv?' in said


def test_a_stage_that_is_too_rare_to_be_linked_is_named_below_the_picture(town: Town) -> None:
    now = town.clock.at
    town.clock.at = now - timedelta(days=19)
    case = town.id_of(town.open_case("Un arbre"))
    wait = StartWait(case_id=case, wait_id="0189" + "0" * 28, party="third_party", reason="entreprise")
    town.do(wait, by=town.by("julien.moreau"))
    town.clock.at += timedelta(hours=3)
    town.do(CloseCase(case_id=case, outcome="resolved"), by=town.by("julien.moreau"))
    town.clock.at = now
    _closed(town, 6)
    said = page(town, "processus")
    assert "pour être dessinées : Attente tiers." in said
    assert "Attente tiers" not in said.partition('<svg class="chart"')[2].partition("</svg>")[0]


def test_the_log_of_stages_is_read_by_process_mining_tools(town: Town) -> None:
    _closed(town, 3)
    agent = town.agent("isabelle.fournier")
    log = ElementTree.fromstring(agent.get("/pilotage/journal-des-etapes.xes"))
    traces = log.findall("{http://www.xes-standard.org/}trace")
    assert len(traces) == 3
    for trace in traces:
        stamps = [one.get("value") for one in trace.iter() if one.get("key") == "time:timestamp"]
        assert stamps and stamps == sorted(stamps, key=str)
    lines = list(csv.DictReader(agent.get("/pilotage/journal-des-etapes.csv").splitlines()))
    assert {line["case"] for line in lines} == {trace[0].get("value") for trace in traces}
    assert "En instruction" in {line["activity"] for line in lines}
    assert {line["activity"] for line in lines} == {
        one.get("value") for trace in traces for one in trace.iterfind("*/*") if one.get("key") == "concept:name"
    }


def test_the_log_of_stages_is_within_the_reach_of_the_reader(town: Town) -> None:
    _closed(town, 3)
    assert "VOI" not in town.agent("catherine.ollivier").get("/pilotage/journal-des-etapes.csv")


def test_an_empty_period_says_so(town: Town) -> None:
    assert "Aucune demande close sur cette période." in page(town)
