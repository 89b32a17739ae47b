"""Does the page of acknowledgements list what is owed, why, until when, and lead to the case?"""

import pytest

from gru.domain.case import NoticeLegalDate, QualifyCase, RecordFailure, WithholdReply
from tests.web.conftest import Town, Visitor

PATH = "/agent/accuses"


def shown(town: Town, visitor: Visitor, which: str = "") -> str:
    town.office.projector.catch_up("later", seconds=30)
    return visitor.get(PATH + (f"?voir={which}" if which else ""))


def react(town: Town) -> None:
    """Everything called for so far is done: receipts are written and sent."""
    office = town.office
    while office.reactions.react():
        pass
    while due := office.work.due_effects(town.clock.at, 100):
        for effect in due:
            office.reactions.perform(effect.key)
        office.reactions.react()


def test_what_is_not_sent_in_its_working_day_is_late_and_leads_to_its_case(town: Town) -> None:
    number = town.open_case()
    agent = town.agent()
    assert number not in shown(town, agent)
    coming = shown(town, agent, "a-venir")
    assert f'href="/agent/demandes/{number}"' in coming and "Pas encore parti" in coming
    assert "jeudi 19 mars 2026" in coming, "one working day after Wednesday"
    town.clock.pass_(days=3)
    late = shown(town, town.agent())
    assert number in late and "Accusé d’enregistrement (AEE)" in late and "En retard (1)" in late
    assert "CRPA, art. L112-11" in late


def test_what_was_sent_stands_with_its_proof(town: Town) -> None:
    number = town.open_case()
    react(town)
    town.clock.pass_(days=3)
    agent = town.agent()
    assert "En retard (1)" not in shown(town, agent) and number not in shown(town, agent)
    done = shown(town, agent, "envoyes")
    assert number in done and "Envoyé le 18 mars" in done and "modèle " in done and "hors délai" not in done


def test_a_withheld_one_is_to_be_written_by_an_agent_with_the_reason(town: Town) -> None:
    number = town.open_case()
    town.do(WithholdReply(case_id=town.id_of(number), kind="receipt", reason="sender_asks_none"))
    page = shown(town, town.agent(), "a-ecrire")
    assert number in page and "À écrire par un agent (1)" in page
    assert "(AEE)" not in shown(town, town.agent(), "a-venir")


def test_whom_no_machine_may_write_to_is_written_to_by_an_agent_in_full_as_well(town: Town) -> None:
    number = town.open_case("Occuper le trottoir", type="")
    town.do(WithholdReply(case_id=town.id_of(number), kind="receipt", reason="sender_asks_none"))
    types = town.office.town.in_force(town.clock.at).types.values()
    silent = next(one.code for one in types if one.legal.regime == "acceptance")
    town.do(QualifyCase(case_id=town.id_of(number), type=silent))
    react(town)
    assert not town.case(number).replies
    page = shown(town, town.agent("pauline.noiret"), "a-ecrire")
    assert "À écrire par un agent (2)" in page and "(AEE)" in page and "(ARE)" in page


def test_one_that_bounced_is_to_be_sent_another_way(town: Town) -> None:
    number = town.open_case()
    react(town)
    case = town.case(number)
    for reply_id in case.replies:
        failure = RecordFailure(case_id=case.id, reply_id=reply_id, reason="bounce_5", permanent=True)
        town.do(failure)
    page = shown(town, town.agent(), "non-remis")
    assert number in page and "Non remis (" in page and "Non remis (0)" not in page
    assert number not in shown(town, town.agent(), "envoyes")


def test_the_implicit_decision_is_shown_with_its_date_and_the_case_stays_open(town: Town) -> None:
    types = town.office.town.in_force(town.clock.at).types.values()
    silent = [one.code for one in types if one.legal.regime == "acceptance" and one.electronic == "open"]
    number = town.open_case("Occuper le trottoir", type=silent[0])
    agent = town.agent("pauline.noiret")
    coming = shown(town, agent, "silence")
    assert "Pas encore acquise" in coming and "Silence vaut accord" in coming
    due = town.case(number).legal["silence"].due
    town.clock.at = due
    town.do(NoticeLegalDate(case_id=town.id_of(number), clock="silence", due=due), by="clock")
    page = shown(town, town.agent("pauline.noiret"), "silence")
    assert number in page and "Décision implicite acquise" in page
    assert town.case(number).status != "closed"


def test_what_came_to_the_counter_is_told_at_once(town: Town) -> None:
    number = town.open_case(channel="counter")
    assert number in (page := shown(town, town.agent(), "envoyes")) and "Numéro donné à l’accueil" in page


def test_nobody_reads_about_a_case_he_may_not_see_and_a_secret_one_keeps_its_title(town: Town) -> None:
    secret = town.open_case("Aide au loyer", type="SOC-AIDE")
    assert secret not in shown(town, town.agent("julien.moreau"), "a-venir")
    hers = shown(town, town.agent("catherine.ollivier"), "a-venir")
    assert secret in hers and "Aide au loyer" not in hers


@pytest.mark.parametrize("which", ["", "a-ecrire", "non-remis", "a-venir", "silence", "envoyes", "autre"])
def test_every_list_may_be_empty(town: Town, which: str) -> None:
    page = shown(town, town.agent(), which)
    assert "Aucun accusé ici" in page and "<table" not in page


def test_many_are_turned_page_by_page(town: Town) -> None:
    for _ in range(51):
        town.open_case(type="")
    first = shown(town, town.agent("camille.rousselet"), "a-venir")
    assert "Page 1" in first and "page=2" in first
    second = town.agent("camille.rousselet").get(f"{PATH}?voir=a-venir&page=2")
    assert second.count("<tr") >= 2 and "Page 2" in second
