"""Does every badge lead to its calculation, and does what is shown there add up?"""

import csv
import io
from datetime import timedelta
from itertools import pairwise

import pytest

from gru.domain.case import EndWait, ProlongCommitment, StartWait
from gru.domain.clocks import working_seconds
from gru.web.agents.clock_links import SLUGS
from tests.web.conftest import Town


def path(number: str, slug: str = "resolution") -> str:
    return f"/agent/demandes/{number}/calcul/{slug}"


def lines(town: Town, number: str, slug: str) -> list[dict[str, str]]:
    answer = town.agent().client.get(path(number, slug) + "/csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}-{slug}.csv"'
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def ask(town: Town, number: str) -> None:
    town.do(
        StartWait(
            case_id=town.id_of(number), wait_id="a" * 32, party="resident", reason="documents", indispensable=True
        )
    )


def test_each_promise_and_legal_date_of_the_case_leads_to_its_calculation(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(f"/agent/demandes/{number}")
    for slug in ("accuse", "reponse", "resolution", "aee", "are", "premiere-reponse", "duree-brute", "duree-nette"):
        assert f'href="{path(number, slug)}"' in page
        assert town.agent().get(path(number, slug)).count("<h1") == 1


def test_a_promise_is_shown_with_its_sum_its_rule_and_every_stretch(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(path(number))
    promise = town.case(number).commitments["resolve"]
    assert promise.rule in page and "Promesse à la réception" in page and "Service ouvert" in page
    assert "Prolonger l’engagement de la ville ne change pas la date légale." in page


@pytest.mark.parametrize("slug", sorted(SLUGS.values()))
def test_the_file_adds_up_to_its_last_line_to_the_second(town: Town, slug: str) -> None:
    number = town.open_case(danger=True)
    ask(town, number)
    town.clock.pass_(days=2, seconds=7)
    town.do(EndWait(case_id=town.id_of(number), wait_id="a" * 32))
    town.clock.pass_(days=1)
    if slug == "silence":
        assert town.agent().client.get(path(number, slug) + "/csv").status_code == 404
        return
    *rows, total = lines(town, number, slug)
    counted = [row for row in rows if row["compté"] == "oui"]
    assert sum(int(row["secondes"]) for row in counted) == int(total["secondes"])
    assert sum(int(row["jours"] or 0) for row in counted) == int(total["jours"] or 0)
    assert all(before["fin"] == after["début"] for before, after in pairwise(rows))


def test_the_working_time_left_is_what_the_stretches_of_that_part_add_up_to(town: Town) -> None:
    number = town.open_case()
    town.clock.pass_(hours=3)
    case = town.case(number)
    promise = case.commitments["resolve"]
    calendar = town.office.town.version(case.town_version).calendars[promise.calendar]
    *rows, _ = lines(town, number, "resolution")
    left = [row for row in rows if row["partie"] == "Reste jusqu’à l’échéance" and row["compté"] == "oui"]
    expected = working_seconds(calendar, town.clock.at, promise.due)
    assert sum(int(row["secondes"]) for row in left) == expected


def test_a_wait_a_prolongation_and_each_fact_that_moved_the_date_are_named(town: Town) -> None:
    number = town.open_case()
    ask(town, number)
    town.clock.pass_(days=5)
    town.do(EndWait(case_id=town.id_of(number), wait_id="a" * 32))
    case = town.case(number)
    text = town.office.archive.write_text("Travaux plus longs", person=case.requester, case=case.id)
    later = case.commitments["resolve"].due + timedelta(days=30)
    town.do(ProlongCommitment(case_id=case.id, kind="resolve", due=later, explanation=text))
    page = town.agent().get(path(number))
    for words in (
        "Attente rendue",
        "Prolongation motivée",
        "Pièces à fournir",
        "arrête l’horloge",
        "fixée par un agent",
    ):
        assert words in page
    legal = town.agent().get(path(number, "are"))
    assert "Prolongation motivée" not in legal and "Jour de départ, jamais compté" in legal


def test_a_clock_can_be_looked_at_as_it_was(town: Town) -> None:
    number = town.open_case()
    facts = len(town.names_of(number))
    ask(town, number)
    assert "Pièces à fournir" in town.agent().get(path(number))
    assert "Pièces à fournir" not in town.agent().get(path(number) + f"?fait={facts}")


def test_a_clock_the_case_has_not_says_so_and_an_unknown_one_is_not_found(town: Town) -> None:
    number = town.open_case()
    assert "n’a pas cette horloge" in town.agent().get(path(number, "securite"))
    town.agent().get(path(number, "rien"), status=404)
    assert town.agent().client.get(path(number, "rien") + "/csv").status_code == 404


def test_who_may_not_see_the_case_sees_none_of_its_clocks(town: Town) -> None:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    secret = next(one.code for one in kinds if one.confidentiality == "secret")
    number = town.open_case(type=secret)
    answer = town.agent().client.get(path(number, "duree-brute"))
    assert answer.status_code == 403
    assert town.agent().client.get(path(number, "duree-brute") + "/csv").status_code == 403
