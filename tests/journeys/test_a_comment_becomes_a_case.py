"""Can what a resident writes on the town's Facebook page be followed to its answer, and is nothing lost or doubled?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gru.demo.graph import PAGE
from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import Case
from gru.storage.databases import reading
from projections import inbox
from tests.journeys.pages import PageTown, copied, page_town
from tests.servers.recycled import Recycled


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PageTown]:
    if request.param == "sqlite":
        with page_town(copied(request.getfixturevalue("sqlite_town"), tmp_path / "town")) as opened:
            yield opened
        return
    pair: Recycled = request.getfixturevalue("postgresql_town")
    with page_town(tmp_path, *pair.as_made()) as opened:
        yield opened


def waiting(town: PageTown) -> list[inbox.Untaken]:
    with reading(town.journey.office.databases.views) as connection:
        return list(inbox.page(connection))


def answer(town: PageTown, case: Case, text: str, *, public: bool = False, reply_id: str = "ab" * 16) -> None:
    office = town.journey.office
    ref = office.archive.write_text(text, person=case.requester, case=case.id)
    reply = c.WriteReply(case_id=case.id, reply_id=reply_id, kind="answer", channel="facebook", text=ref, public=public)
    office.desk.execute(reply, by="agent:1")
    town.journey.settle()


def the_case(town: PageTown) -> Case:
    [case] = town.cases()
    return case


def test_a_comment_is_proposed_opened_by_an_agent_and_answered_in_private(town: PageTown) -> None:
    comment = town.graph.comment("Marcel Exemple", "Et la cantine ? Toujours pas de réponse.")
    town.deliver()
    [proposed] = waiting(town)
    assert (proposed.outcome, proposed.reason) == ("to_link", "comment")
    assert town.cases() == []

    case_id, _ = town.journey.office.intake.open(proposed.message, by="agent:1")
    case = the_case(town)
    assert (case.id, case.channel, case.reply_channel) == (case_id, "facebook", "facebook")

    answer(town, case, "Bonjour, votre facture est corrigée.")
    [talk] = town.graph.talks.values()
    assert [said.text for said in talk] == ["Bonjour, votre facture est corrigée."]
    assert town.graph.comments[comment].answered
    assert the_case(town).status == "answered"

    town.deliver()
    assert the_case(town).version == case.version + 2, "our own echo changed the case"

    town.graph.write("Marcel Exemple", "Merci, je l’ai reçue.")
    town.deliver()
    after = the_case(town)
    assert (len(after.messages), after.status) == (2, "in_progress"), "his answer did not join the case"


def test_a_message_becomes_a_case_and_is_answered_where_it_came_from(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Où en est la place à la crèche ?")
    town.deliver()
    case = the_case(town)
    answer(town, case, "La commission se réunit le 3 décembre.")
    said = town.graph.talks[town.graph.id_of("Nadia Fictive")]
    assert [(one.by_page, one.text) for one in said][1] == (True, "La commission se réunit le 3 décembre.")
    assert said[1].tag == ""
    town.graph.write("Nadia Fictive", "Merci !")
    town.deliver()
    after = the_case(town)
    assert (len(after.messages), after.status) == (2, "in_progress")


def test_two_messages_in_a_row_are_one_case_even_when_the_second_comes_first(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Bonjour,")
    town.graph.write("Nadia Fictive", "mon lampadaire est éteint.")
    town.deliver(list(reversed(town.webhooks)))
    case = the_case(town)
    [opened] = town.events(case, e.CaseOpened)
    assert isinstance(opened, e.CaseOpened) and town.words(opened.text) == "Bonjour,"
    assert len(case.messages) == 2


def test_after_a_day_only_a_person_may_answer_and_after_a_week_nobody(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    town.journey.watch.pass_(days=2)
    answer(town, the_case(town), "Nous y sommes.")
    said = town.graph.talks[town.graph.id_of("Nadia Fictive")]
    assert said[-1].tag == "HUMAN_AGENT"
    town.journey.watch.pass_(days=6)
    answer(town, the_case(town), "Encore un mot.", reply_id="cd" * 16)
    [failed] = town.events(the_case(town), e.DeliveryFailed)
    assert isinstance(failed, e.DeliveryFailed)
    assert (failed.reason, failed.permanent) == ("window_closed", True)
    assert len(said) == 2


def test_a_comment_gets_one_private_message_and_no_second(town: PageTown) -> None:
    town.graph.publish("Nadia Fictive", "Le lampadaire du 14 est éteint.")
    town.deliver()
    case = the_case(town)
    answer(town, case, "Merci, une équipe passe demain.")
    answer(town, case, "Elle est passée.", reply_id="cd" * 16)
    states = [reply.state for reply in the_case(town).replies.values()]
    assert states == ["sent", "failed"]


def test_a_public_answer_stands_under_the_comment_and_comes_back_without_effect(town: PageTown) -> None:
    comment = town.graph.comment("Marcel Exemple", "Nid-de-poule avenue de la Gare")
    town.deliver()
    town.journey.office.intake.open(waiting(town)[0].message, by="agent:1")
    answer(town, the_case(town), "Bonjour Marcel, merci. Écrivez-nous en message privé.", public=True)
    ours = [one for one in town.graph.comments.values() if one.author == "100200300400500"]
    assert [(one.parent, one.message[:14]) for one in ours] == [(comment, "Bonjour Marcel")]
    before = the_case(town).version
    town.deliver()
    assert the_case(town).version == before


def test_personal_data_never_leaves_in_public(town: PageTown) -> None:
    town.graph.comment("Marcel Exemple", "Nid-de-poule avenue de la Gare")
    town.deliver()
    town.journey.office.intake.open(waiting(town)[0].message, by="agent:1")
    answer(town, the_case(town), "Bonjour Monsieur Exemple, votre dossier 2026-000001 est suivi.", public=True)
    [failed] = town.events(the_case(town), e.DeliveryFailed)
    assert isinstance(failed, e.DeliveryFailed) and failed.reason == "personal_data"
    assert len(town.graph.comments) == 1


def test_what_the_mayor_types_in_metas_inbox_is_a_human_response(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Où en est la place à la crèche ?")
    town.deliver()
    town.graph.answer_elsewhere("Nadia Fictive", "La commission se réunit le 3 décembre. M. le maire")
    town.deliver()
    case = the_case(town)
    [written] = town.events(case, e.ReplyWritten)
    assert isinstance(written, e.ReplyWritten)
    assert (written.human, written.elsewhere, written.channel) == (True, True, "facebook")
    assert town.words(written.text).endswith("M. le maire")
    assert case.status == "answered"
    assert case.commitments["first_response"].kept_at is not None
    assert len(town.graph.talks[town.graph.id_of("Nadia Fictive")]) == 2, "it was sent a second time"


def test_an_answer_that_arrives_before_its_question_joins_it(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Où en est la place à la crèche ?")
    town.graph.answer_elsewhere("Nadia Fictive", "La commission se réunit le 3 décembre.")
    question, reply = town.webhooks
    town.webhooks.clear()
    town.deliver([reply])
    assert town.cases() == []
    town.deliver([question])
    case = the_case(town)
    assert len(town.events(case, e.ReplyWritten)) == 1
    assert case.status == "answered"


def test_an_edit_and_a_removal_are_facts_and_the_first_words_stay(town: PageTown) -> None:
    comment = town.graph.comment("Marcel Exemple", "Et la cantine ?")
    town.deliver()
    town.journey.office.intake.open(waiting(town)[0].message, by="agent:1")
    town.graph.edit(comment, "Et la cantine Jules-Ferry ?")
    town.deliver()
    town.graph.remove(comment)
    town.deliver()
    case = the_case(town)
    [opened, edited, removed] = town.events(case, e.CaseOpened, e.MessageEdited, e.MessageRemoved)
    assert isinstance(opened, e.CaseOpened) and town.words(opened.text) == "Et la cantine ?"
    assert isinstance(edited, e.MessageEdited) and town.words(edited.text) == "Et la cantine Jules-Ferry ?"
    assert isinstance(removed, e.MessageRemoved) and removed.message == edited.message == opened.message


def test_what_happened_to_a_comment_before_it_became_a_case_is_told_in_the_case(town: PageTown) -> None:
    comment = town.graph.comment("Marcel Exemple", "Et la cantine ?")
    town.graph.edit(comment, "Et la cantine Jules-Ferry ?")
    town.deliver(list(reversed(town.webhooks)))
    [proposed] = waiting(town)
    said = town.journey.office.sequels.said_about(proposed.message)
    assert [(kind, text) for kind, _, text in said] == [("edited", "Et la cantine Jules-Ferry ?")]
    town.journey.office.intake.open(proposed.message, by="agent:1")
    town.journey.office.intake.open(proposed.message, by="agent:1")
    assert len(town.events(the_case(town), e.MessageEdited)) == 1


def test_what_is_said_in_the_case_of_somebody_erased_is_taken_in_without_words_of_his(town: PageTown) -> None:
    office = town.journey.office
    town.graph.comment("Marcel Exemple", "Et la cantine ?")
    hers = town.graph.comment("Nadia Fictive", "Moi aussi, la cantine.")
    town.deliver()
    by_author = {office.intake.look_again(one.message)[0].incoming.name: one.message for one in waiting(town)}
    office.intake.open(by_author["Marcel Exemple"], by="agent:1")
    office.intake.link(by_author["Nadia Fictive"], the_case(town).id, by="agent:1")
    office.erasure.erase(the_case(town).requester, by="agent:1")

    town.graph.edit(hers, "Moi aussi, la cantine Jules-Ferry.")
    town.graph.comment("Val-des-Tilleuls", "Réponse publique.", hers, person=PAGE)
    town.deliver()

    assert office.archive.pending() == []
    [edited] = town.events(the_case(town), e.MessageEdited)
    assert isinstance(edited, e.MessageEdited) and town.words(edited.text) == "Moi aussi, la cantine Jules-Ferry."
    [replied] = town.events(the_case(town), e.ReplyWritten)
    assert isinstance(replied, e.ReplyWritten) and replied.elsewhere and town.words(replied.text) == ""
    kept = office.archive.kept(edited.edit)
    assert kept is not None and kept.raw is None


def test_a_refused_token_stops_all_sending_alarms_and_keeps_the_queue(town: PageTown) -> None:
    from gru.demo.graph import error

    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    town.graph.says = error(400, 190)
    asked = len(town.graph.calls)
    for number in range(3):
        answer(town, the_case(town), f"Mot {number}", reply_id=f"{number}" * 32)
    office = town.journey.office
    assert len(town.graph.calls) == asked + 1, "it went on asking with a refused token"
    [sign] = [sign for sign in office.work.signs() if sign.name.startswith("mailbox:facebook:")]
    assert sign.is_failing and "GRU_FACEBOOK_PAGES" in sign.failure
    assert office.work.backlog().pending == 3
    assert town.events(the_case(town), e.DeliveryFailed) == []

    town.graph.says = None
    for _ in range(8):
        town.journey.watch.pass_(minutes=16)
        town.journey.settle()
    assert [reply.state for reply in the_case(town).replies.values()] == ["sent"] * 3
    [sign] = [sign for sign in office.work.signs() if sign.name.startswith("mailbox:facebook:")]
    assert not sign.is_failing


def test_a_page_asked_too_much_waits_longer_each_time_and_loses_nothing(town: PageTown) -> None:
    from gru.demo.graph import error

    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    town.graph.says = error(400, 613)
    answer(town, the_case(town), "Nous y sommes.")
    for _ in range(20):
        town.journey.watch.pass_(seconds=61)
        town.journey.settle()
    sends = [call for call in town.graph.calls if call[1].endswith("/messages")]
    assert 3 <= len(sends) <= 6, "a page that is asked too much was asked again and again"
    town.graph.says = None
    town.journey.watch.pass_(hours=2)
    town.journey.settle()
    [reply] = the_case(town).replies.values()
    assert reply.state == "sent"


def test_a_day_without_facebook_becomes_a_task(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    town.server.hangs_up = True
    answer(town, the_case(town), "Nous y sommes.")
    for _ in range(10):
        town.journey.watch.pass_(hours=4)
        town.journey.settle()
    [failed] = town.events(the_case(town), e.DeliveryFailed)
    assert isinstance(failed, e.DeliveryFailed) and failed.reason == "given_up"


def test_an_answer_that_left_though_nobody_told_us_is_not_sent_again(town: PageTown) -> None:
    """The answer to our call was lost: the echo says that it left."""
    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    case, office = the_case(town), town.journey.office
    ref = office.archive.write_text("Nous y sommes.", person=case.requester, case=case.id)
    reply = c.WriteReply(case_id=case.id, reply_id="ab" * 16, kind="answer", channel="facebook", text=ref)
    office.desk.execute(reply, by="agent:1")
    outgoing = office.delivery.page_outgoing(the_case(town), "ab" * 16, office.log.history(case.id))
    office.channels["facebook"].send(outgoing)
    for body in town.webhooks:
        town.post(body)
    town.webhooks.clear()
    for key in office.archive.pending():
        office.intake.attempt(key)
    town.journey.settle()
    assert [said.by_page for said in town.graph.talks[town.graph.id_of("Nadia Fictive")]] == [False, True]
    [state] = the_case(town).replies.values()
    assert state.state == "sent"


def test_the_page_is_asked_every_hour_for_what_the_webhook_missed(town: PageTown) -> None:
    town.graph.comment("Marcel Exemple", "Vu par le webhook")
    town.deliver()
    missed = town.graph.comment("Marcel Exemple", "Manqué")
    town.graph.write("Nadia Fictive", "Manqué aussi")
    town.webhooks.clear()
    office = town.journey.office
    [source] = [one for one in office.sources() if one.name.startswith("facebook:")]
    found = [fetched.message for fetched in source.fetch()]
    assert len(found) == 2 and source.trouble == ""
    office.keep_all(found)
    town.work()
    assert {one.reason for one in waiting(town)} == {"comment"} and len(waiting(town)) == 2
    assert len(town.cases()) == 1
    [again] = [one for one in office.sources() if one.name.startswith("facebook:")]
    assert list(again.fetch()) == []
    town.graph.comments[missed].message = "Manqué, puis modifié"
    [edited] = [fetched.message for fetched in office.sources()[-1].fetch()]
    office.keep_all([edited, edited])
    town.work()
    said = [office.sequels.said_about(one.message) for one in waiting(town)]
    assert sorted(len(one) for one in said) == [0, 1]


def test_who_asks_for_deletion_leaves_a_task_and_can_read_its_state(town: PageTown) -> None:
    from gru.channels.facebook.signature import signed_request
    from gru.domain.message import PutAside
    from tests.journeys.pages import SECRET

    wish = signed_request(SECRET, {"algorithm": "HMAC-SHA256", "issued_at": 1794985121, "user_id": "218471"})
    answered = town.client.post("/facebook/suppression", data={"signed_request": wish})
    assert answered.status_code == 200 and answered.json is not None
    code = answered.json["confirmation_code"]
    town.work()
    [task] = waiting(town)
    assert task.reason == "data_deletion"
    assert answered.json["url"].endswith(f"/facebook/suppression/{code}") and "218471" not in answered.text
    path = f"/facebook/suppression/{code}"
    assert "a reçu votre demande" in town.client.get(path).text
    town.journey.office.desk.execute(PutAside(message_id=task.message, reason="handled_already"), by="agent:1")
    assert "a effacé les données" in town.client.get(path).text
    assert town.client.get("/facebook/suppression/inconnu").status_code == 404
    again = town.client.post("/facebook/suppression", data={"signed_request": wish})
    assert again.json == answered.json
    town.work()
    assert waiting(town) == []
