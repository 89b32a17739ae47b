"""Does the page of legal dates list what the law counts, for whom it concerns, each line leading to its case?"""

from datetime import timedelta

import pytest

from gru.domain.case import CloseCase, NoticeLegalDate, QualifyCase, StartWait
from tests.web.conftest import Town, Visitor
from tests.web.test_duties import react

PATH = "/agent/echeances-legales"
CHIEF = "julien.moreau"


def shown(town: Town, visitor: Visitor, query: str = "") -> str:
    town.office.projector.catch_up("later", seconds=30)
    return visitor.get(PATH + query)


def accepted_by_silence(town: Town) -> str:
    """A case in Julien's department that silence accepts."""
    kinds = town.office.town.in_force(town.clock.at).types.values()
    kind = next(one for one in kinds if (one.legal.regime, one.electronic) == ("acceptance", "open"))
    number = town.open_case("Occuper le trottoir", type=kind.code)
    town.do(QualifyCase(case_id=town.id_of(number), type=kind.code, department="VOI", confidentiality="normal"))
    return number


def test_silence_that_comes_within_thirty_days_is_listed_with_its_regime_and_leads_to_its_case(town: Town) -> None:
    number = accepted_by_silence(town)
    due = town.case(number).legal["silence"].due
    assert number not in shown(town, town.agent()), "two months ahead"
    town.clock.at = due - timedelta(days=10)
    page = shown(town, town.agent())
    assert f'href="/agent/demandes/{number}"' in page and "Silence vaut accord" in page and "Dans 10 jours" in page
    assert "Silence sous 30 jours (1)" in page


def test_the_clock_announces_it_once_at_each_warning_and_then_lists_it_as_passed(town: Town) -> None:
    number = accepted_by_silence(town)
    react(town)
    due = town.case(number).legal["silence"].due
    for before, names in ((15, 1), (14, 1), (3, 2), (1, 2)):
        town.clock.at = due - timedelta(days=before)
        town.office.projector.catch_up("later", seconds=30)
        town.office.clock.tick()
        assert town.names_of(number).count("case.legal_date_near") == names
    assert "Date légale proche" in town.agent().get(f"/agent/demandes/{number}")
    town.clock.at = due + timedelta(minutes=1)
    town.do(NoticeLegalDate(case_id=town.id_of(number), clock="silence", due=due), by="clock")
    page = shown(town, town.agent(), "?voir=silence-passe")
    assert number in page and "Décision implicite acquise" in page


def test_receipts_are_rated_with_their_number_and_those_missing_are_listed(town: Town) -> None:
    sent = town.open_case()
    react(town)
    missing = town.open_case("Lampadaire éteint")
    town.clock.pass_(days=5)
    page = shown(town, town.agent(), "?voir=accuses")
    assert "AEE sous 1 jour ouvré" in page and "Peu de cas" in page and "jamais envoyés" in page
    assert missing in page and sent not in page and "Jamais envoyé" in page
    assert "aucun n’était dû dans cette période" in page, "no acknowledgement was due yet"


def test_an_incomplete_file_is_listed_with_the_day_given(town: Town) -> None:
    number = town.open_case()
    wait = StartWait(case_id=town.id_of(number), wait_id="a" * 32, party="resident", reason="documents",
                     indispensable=True, until=town.clock.at + timedelta(days=40))  # fmt: skip
    town.do(wait)
    page = shown(town, town.agent(), "?voir=incomplets")
    assert number in page and "Pièces à fournir" in page and "CRPA, art. L114-5" in page


def test_a_request_sent_to_another_administration_is_listed_until_the_resident_is_told(town: Town) -> None:
    number = town.open_case()
    town.do(CloseCase(case_id=town.id_of(number), outcome="redirected", body="EPCI"), by=town.by("julien.moreau"))
    page = shown(town, town.agent(), "?voir=reorientees")
    assert number in page and "Usager à prévenir" in page and "Transmise à" in page


def test_nobody_reads_here_of_a_case_he_does_not_see(town: Town) -> None:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    hers = town.by_name["catherine.ollivier"].departments
    secret = next(one.code for one in kinds if one.confidentiality == "secret" and one.department in hers)
    number = town.open_case("Aide urgente", type=secret)
    wait = StartWait(case_id=town.id_of(number), wait_id="a" * 32, party="resident", reason="documents",
                     indispensable=True)  # fmt: skip
    town.do(wait)
    page = shown(town, town.agent(), "?voir=incomplets")
    assert number not in page and "Dossiers incomplets (0)" in page
    page = shown(town, town.agent("catherine.ollivier"), "?voir=incomplets")
    assert number in page


@pytest.mark.parametrize("query", ["", "?voir=silence-passe", "?voir=accuses&semaines=x&accuse=y", "?voir=incomplets",
                                   "?voir=reorientees&page=2", "?voir=rien&page=-3"])  # fmt: skip
def test_an_empty_list_and_a_strange_address_say_so_calmly(town: Town, query: str) -> None:
    assert "Aucune demande que vous pouvez voir n’est dans cette liste." in shown(town, town.agent(CHIEF), query)


def test_the_menu_leads_there_who_may_look(town: Town) -> None:
    assert f'href="{PATH}"' in town.agent().get("/agent/demandes")
