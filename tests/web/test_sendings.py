"""Does every answer that needs a person wait where he looks, and does it count when he gave it?"""

import pytest

from gru.domain import events as e
from gru.domain.case import RecordFailure, RecordSent, WriteReply
from tests.web.conftest import Town
from tests.web.counters import at_the_counter, enter, number_of

PAGE = "/agent/envois"
WHO = "camille.rousselet"
HERE = {"type": "REL-INFO", "lieu": ""}
"""What this agent's own department answers."""


def case_by(town: Town, contact: str = "telephone", **more: str) -> tuple[str, str]:
    """A case of somebody who wishes to be told this way: its number and page."""
    number = number_of(enter(at_the_counter(town), contact=contact, **{**HERE, **more}))
    return number, f"/agent/demandes/{number}"


def answer(town: Town, path: str, **values: str) -> None:
    """An agent writes it and lets the ten seconds pass."""
    visitor = town.agent(WHO)
    answered = visitor.fill(f"{path}?composer=repondre", f"{path}/repondre", texte="Votre carte est prête.", **values)
    assert answered.status_code == 303, answered.text
    town.clock.pass_(seconds=11)
    react(town)


def react(town: Town) -> None:
    office = town.office
    while office.reactions.react():
        pass
    for effect in office.work.due_effects(town.clock.at, 100):
        office.reactions.perform(effect.key)
    office.projector.catch_up("inline")


def the_answer(town: Town, number: str) -> tuple[str, e.Channel, str]:
    """Its id, the way it takes, its state."""
    ((key, reply),) = ((key, one) for key, one in town.case(number).replies.items() if one.kind == "answer")
    return key, reply.channel, reply.state


def shown(town: Town, tab: str = "") -> str:
    return town.agent(WHO).get(f"{PAGE}?voir={tab}")


def act(town: Town, path: str, slug: str, reply_id: str, **values: str) -> None:
    visitor = town.agent(WHO)
    action = f"{path}/{slug}"
    answered = visitor.fill(f"{action}?reponse={reply_id}", action, **values)
    assert answered.status_code == 303, answered.text


def test_who_prefers_the_telephone_is_called_and_the_answer_counts_when_he_was(town: Town) -> None:
    number, path = case_by(town)
    composer = town.agent(WHO).get(f"{path}?composer=repondre")
    assert "À dire par téléphone à Ahmed Invente" in composer and "Rien ne part tout seul" in composer
    answer(town, path)
    key, way, state = the_answer(town, number)
    assert (way, state) == ("phone", "written")
    assert number in shown(town, "a-dire") and "À dire au téléphone (1)" in shown(town)
    page = town.agent(WHO).get(path)
    assert "À dire par téléphone à Ahmed Invente" in page and 'href="tel:+33639984567"' in page
    assert "reste à dire au téléphone" in page
    town.clock.pass_(minutes=30)
    act(town, path, "dite", key)
    case = town.case(number)
    assert case.commitments["first_response"].kept_at == town.clock.at and case.status == "answered"
    assert number not in shown(town, "a-dire")
    assert "dite au téléphone le 18 mars" in town.agent(WHO).get(path)


def test_a_call_nobody_took_is_noted_and_one_noted_later_bears_its_true_time(town: Town) -> None:
    number, path = case_by(town)
    answer(town, path)
    key, *_ = the_answer(town, number)
    visitor = town.agent(WHO)
    assert visitor.fill(path, f"{path}/pas-joint").status_code == 303
    assert "1 appel sans réponse" in shown(town, "a-dire") and "1 appel sans réponse" in visitor.get(path)
    reached = town.clock.at
    town.clock.pass_(hours=2)
    local = town.office.town.in_force(reached).legal_calendar.zone
    act(town, path, "dite", key, quand=reached.astimezone(local).strftime("%Y-%m-%dT%H:%M"))
    kept = town.case(number).commitments["first_response"].kept_at
    assert kept == reached.replace(second=0, microsecond=0)


@pytest.mark.parametrize("when", ["2031-01-01T10:00", "2020-01-01T10:00", "demain"])
def test_nothing_was_said_tomorrow_or_before_it_was_asked(town: Town, when: str) -> None:
    number, path = case_by(town)
    answer(town, path)
    key, *_ = the_answer(town, number)
    action = f"{path}/dite"
    answered = town.agent(WHO).fill(f"{action}?reponse={key}", action, quand=when)
    assert answered.status_code == 422 and f'value="{when}"' in answered.text
    assert the_answer(town, number)[2] == "written"


def test_who_cannot_be_called_is_answered_another_way_with_the_same_words(town: Town) -> None:
    number, path = case_by(town, email="ahmed@courriel.example")
    answer(town, path)
    key, *_ = the_answer(town, number)
    act(town, path, "injoignable", key, motif="wrong_number")
    assert number in shown(town) and "le numéro de téléphone n’est pas le bon" in shown(town)
    page = town.agent(WHO).get(path)
    assert "Non arrivé\u00a0: réponse (le numéro de téléphone n’est pas le bon)" in page
    again = town.agent(WHO).get(f"{path}/renvoyer?reponse={key}")
    assert "Votre carte est prête." in again
    act(town, path, "renvoyer", key, voie="email")
    town.clock.pass_(seconds=11)
    react(town)
    (mail,) = [id for id, one in town.case(number).replies.items() if one.channel == "email"]
    town.do(RecordSent(case_id=town.id_of(number), reply_id=mail, sent_at=town.clock.at))
    assert number not in shown(town) and "Non arrivé" not in town.agent(WHO).get(path)


def test_who_comes_for_his_answer_is_handed_it_on_paper(town: Town) -> None:
    number, path = case_by(town, contact="retrait")
    answer(town, path)
    key, way, state = the_answer(town, number)
    assert (way, state) == ("counter", "written")
    assert number in shown(town, "a-remettre")
    paper = town.agent(WHO).client.get(f"/guichet/a-remettre/{number}/{key}.pdf")
    assert paper.data.startswith(b"%PDF-") and paper.headers["Content-Type"] == "application/pdf"
    act(town, path, "dite", key)
    assert the_answer(town, number)[2] == "sent" and number not in shown(town, "a-remettre")


def test_a_paper_to_hand_over_is_shown_to_nobody_who_may_not_see_the_case(town: Town) -> None:
    number, path = case_by(town, contact="retrait")
    answer(town, path)
    key, *_ = the_answer(town, number)
    assert town.agent("catherine.ollivier").client.get(f"/guichet/a-remettre/{number}/{key}.pdf").status_code in (
        403,
        404,
    )
    assert town.agent(WHO).client.get(f"/guichet/a-remettre/{number}/{'0' * 32}.pdf").status_code == 404


def test_who_wishes_to_be_told_nothing_is_not_mailed(town: Town) -> None:
    number, path = case_by(town, contact="aucun", email="ahmed@courriel.example")
    answer(town, path)
    assert the_answer(town, number)[1:] == ("tracking", "sent")


def test_one_reply_goes_another_way_when_an_agent_says_so(town: Town) -> None:
    number, path = case_by(town, email="ahmed@courriel.example")
    answer(town, path, voie="email")
    assert the_answer(town, number)[1] == "email"
    assert town.case(number).reply_channel == "phone", "the wish itself stays"


def test_no_reply_goes_a_way_that_leads_nowhere(town: Town) -> None:
    number, path = case_by(town)
    visitor = town.agent(WHO)
    for way in ("post", "email", "facebook", "pigeon"):
        answered = visitor.fill(f"{path}?composer=repondre", f"{path}/repondre", texte="Mon texte.", voie=way)
        assert answered.status_code == 422 and "Mon texte." in answered.text
    assert [one for one in town.case(number).replies.values() if one.kind == "answer"] == []


def test_the_way_somebody_wishes_to_be_answered_is_changed_and_kept_in_the_history(town: Town) -> None:
    number, path = case_by(town, email="ahmed@courriel.example")
    act(town, path, "voie", "", voie="email")
    assert town.case(number).reply_channel == "email"
    page = town.agent(WHO).get(path)
    assert "Voie de réponse changée" in page and "Téléphone</s> → <ins>E-mail" in page
    answer(town, path)
    assert the_answer(town, number)[1] == "email"
    answered = town.agent(WHO).fill(f"{path}/voie", f"{path}/voie", voie="post")
    assert answered.status_code == 422, "no postal address is known"


def test_a_closing_message_that_bounces_is_a_task_though_the_case_is_closed(town: Town) -> None:
    number, path = case_by(town, contact="email", email="ahmed@courriel.example")
    visitor = town.agent(WHO)
    assert visitor.fill(f"{path}/clore", f"{path}/clore", issue="resolved", message="C’est fait.").status_code == 303
    ((key, _),) = ((id, one) for id, one in town.case(number).replies.items() if one.kind == "closing")
    town.do(RecordSent(case_id=town.id_of(number), reply_id=key, sent_at=town.clock.at))
    town.do(RecordFailure(case_id=town.id_of(number), reply_id=key, reason="bounce_5", permanent=True))
    assert number in shown(town) and "le serveur de l’usager a renvoyé le message" in shown(town)
    act(town, path, "renvoyer", key, voie="phone")
    (again,) = [one for one in town.case(number).replies.values() if one.channel == "phone"]
    assert again.kind == "closing"


def test_an_agent_leaves_it_at_that_and_says_why(town: Town) -> None:
    number, path = case_by(town, contact="email", email="ahmed@courriel.example")
    answer(town, path)
    key, *_ = the_answer(town, number)
    town.do(RecordFailure(case_id=town.id_of(number), reply_id=key, reason="bounce_5", permanent=True))
    assert number in shown(town)
    act(town, path, "classer-echec", key, motif="told")
    assert number not in shown(town)
    page = town.agent(WHO).get(path)
    assert "Non-remise classée" in page and "La personne a été informée autrement" in page


def test_what_should_have_left_and_has_not_is_listed(town: Town) -> None:
    number, path = case_by(town, contact="email", email="ahmed@courriel.example")
    text = town.office.archive.write_text("Bonjour", person=town.case(number).requester, case=town.id_of(number))
    wish = WriteReply(case_id=town.id_of(number), reply_id="e" * 32, kind="answer", channel="email", text=text)
    town.do(wish, by=town.by(WHO))
    assert number not in shown(town, "pas-partis")
    assert "en cours d’envoi" in town.agent(WHO).get(path)
    town.clock.pass_(minutes=20)
    assert number in shown(town, "pas-partis")


def test_who_handles_no_case_has_no_page_of_sendings(town: Town) -> None:
    assert town.agent("pauline.noiret").client.get(PAGE).status_code == 403
    assert PAGE not in town.agent("pauline.noiret").get("/administration/etat")
