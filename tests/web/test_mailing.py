"""Does every answer on paper get printed, signed and posted, and does the town know what came back?"""

import os
import re
from datetime import UTC, datetime

from werkzeug.test import TestResponse

from gru.domain import events as e
from gru.domain.case import ErasePerson, WriteReply
from gru.domain.references import new_id
from gru.storage.people import Person
from tests.web.conftest import CLAIRE, Town, Visitor, fields
from tests.web.counters import at_the_counter, enter, number_of

PAGE = "/guichet/courriers"
LILAS = "3 rue des Lilas, 59999 Val-des-Tilleuls"


def by_post(town: Town, *, name: str = "Ahmed Invente", tel: str = "0639984567", **changed: str) -> str:
    """A case whose person wishes to be told by letter; its own acknowledgement is handed over the counter."""
    return number_of(enter(at_the_counter(town), nom=name, tel=tel, contact="courrier", adresse=LILAS, **changed))


def answer(town: Town, number: str, text: str = "Objet : Votre trou\n\nLe trou est rebouché.\n\nMerci.") -> str:
    """An agent's answer by letter; its id."""
    case = town.case(number)
    reply_id = new_id(town.clock.at, os.urandom(10))
    ref = town.office.archive.write_text(text, person=case.requester, case=case.id)
    town.do(WriteReply(case_id=case.id, reply_id=reply_id, kind="answer", channel="post", text=ref), by="agent:1")
    return f"{case.id}.{reply_id}"


def shown(town: Town, tab: str = "", name: str = "camille.rousselet", site: str = "") -> str:
    return town.agent(name).get(f"{PAGE}?voir={tab}&site={site}")


def step(town: Town, slug: str, tab: str, *letters: str, **more: object) -> tuple[Visitor, TestResponse]:
    visitor = town.agent("camille.rousselet")
    page = visitor.get(f"{PAGE}?voir={tab}")
    action = re.search(r'<form method="post" action="(/guichet/courriers/\w+)"', page)
    assert action, page
    sent = fields(page, action[1]) | more | {"lettre": list(letters)}
    return visitor, visitor.client.post(f"{PAGE}/{slug}", data=sent)


def state(town: Town, letter: str) -> str:
    case_id, reply_id = letter.split(".")
    case = town.office.desk.case(case_id)
    assert case
    return case.replies[reply_id].state


def events_of(town: Town, number: str) -> list[str]:
    return [name for name in town.names_of(number) if name.startswith("case.letter") or name == "case.reply_sent"]


def test_who_is_written_to_about_a_secret_case_stands_on_the_paper_only(town: Town) -> None:
    number = town.open_case("Aide au loyer", type="SOC-AIDE")
    letter = answer(town, number)
    page = shown(town, name="catherine.ollivier")
    assert letter in page and number in page and "Demande confidentielle" in page
    assert CLAIRE not in page


def test_a_letter_goes_its_way_and_the_answer_counts_when_it_is_posted(town: Town) -> None:
    number = by_post(town)
    letter = answer(town, number)
    assert letter in shown(town) and "Ahmed Invente" in shown(town)
    visitor, printed = step(town, "imprimer", "", letter)
    batch = printed.location.split("lot=")[1]
    paper = visitor.client.get(f"{PAGE}/lots/{batch}")
    assert paper.data.startswith(b"%PDF-") and paper.headers["Content-Type"] == "application/pdf"
    assert letter not in shown(town) and letter in shown(town, "a-signer")
    assert town.case(number).commitments["first_response"].kept_at is None
    step(town, "signer", "a-signer", letter)
    assert letter in shown(town, "a-poster")
    town.clock.pass_(hours=2)
    step(town, "poster", "a-poster", letter, recommande="RK 123")
    assert letter in shown(town, "postees") and "recommandé RK 123" in shown(town, "postees")
    case = town.case(number)
    assert case.commitments["first_response"].kept_at == town.clock.at and case.status == "answered"
    step(town, "retour", "postees", letter, retour="moved")
    assert "Parti sans laisser d’adresse" in shown(town, "revenues")
    assert state(town, letter) == "failed"
    assert events_of(town, number)[1:] == [
        "case.letter_printed", "case.letter_signed", "case.letter_posted", "case.reply_sent", "case.letter_returned",
    ]  # fmt: skip
    assert "Lettre revenue" in town.agent("camille.rousselet").get(f"/agent/demandes/{number}")


def test_the_machine_delivers_no_letter_and_fails_none_that_can_be_posted(town: Town) -> None:
    letter = answer(town, by_post(town))
    town.office.delivery.deliver(*letter.split("."), "cause")
    assert state(town, letter) == "written"


def test_a_letter_to_nowhere_fails_at_once(town: Town) -> None:
    letter = answer(town, number_of(enter(at_the_counter(town))))
    town.office.delivery.deliver(*letter.split("."), "cause")
    assert state(town, letter) == "failed"
    town.office.projector.catch_up("inline")
    assert letter not in shown(town)


def test_a_letter_posted_yesterday_left_yesterday(town: Town) -> None:
    number = by_post(town)
    letter = answer(town, number)
    step(town, "imprimer", "", letter)
    step(town, "signer", "a-signer", letter)
    town.clock.pass_(days=2)
    step(town, "poster", "a-poster", letter, jour="2026-03-19")
    (posted,) = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.LetterPosted)]
    assert posted.posted_at == datetime(2026, 3, 19, 11, tzinfo=UTC)


def test_a_letter_is_posted_on_no_day_to_come(town: Town) -> None:
    letter = answer(town, by_post(town))
    step(town, "imprimer", "", letter)
    step(town, "signer", "a-signer", letter)
    for day, said in (("2026-03-19", "futur"), ("demain", "date complète"), ("", "date complète")):
        _, answered = step(town, "poster", "a-poster", letter, jour=day)
        assert answered.status_code == 422 and said in answered.text
    assert state(town, letter) == "written"


def test_what_a_person_wrote_is_not_posted_unsigned(town: Town) -> None:
    letter = answer(town, by_post(town))
    step(town, "imprimer", "", letter)
    visitor, answered = step(town, "poster", "a-signer", letter)
    assert "1 lettre n’a pas changé" in visitor.get(answered.location)
    assert state(town, letter) == "written"


def test_nothing_ticked_is_said_and_nothing_happens(town: Town) -> None:
    answer(town, by_post(town))
    head = town.office.log.head()
    for letters in ((), ("x.y",), ("x",), (f"{'0' * 32}.{'1' * 32}",)):
        _, answered = step(town, "imprimer", "", *letters)
        assert answered.status_code == 422 and "Cochez au moins une lettre." in answered.text
    assert town.office.log.head() == head


def test_a_letter_of_a_case_the_agent_does_not_see_is_not_there(town: Town) -> None:
    kinds = town.office.town.in_force(town.clock.at).types.values()
    secret = next(k.code for k in kinds if k.confidentiality == "secret" and k.location != "required")
    number = by_post(town, type=secret)
    letter = answer(town, number)
    visible = answer(town, by_post(town, tel="0639984568"))
    assert letter not in shown(town) and visible in shown(town)
    _, printed = step(town, "imprimer", "", letter, visible)
    assert events_of(town, number) == ["case.reply_sent"]
    batch = printed.location.split("lot=")[1]
    assert town.agent("patrice.lenoir").client.get(f"{PAGE}/lots/{batch}").status_code in (200, 404)
    assert town.agent("catherine.ollivier").client.get(f"{PAGE}/lots/{batch}").status_code == 404


def test_letters_are_listed_by_the_site_that_received_them(town: Town) -> None:
    letter = answer(town, by_post(town))
    assert letter in shown(town, site="HDV") and letter not in shown(town, site="MQN")
    assert letter in shown(town, site="partout")


def test_a_letter_whose_reader_was_erased_is_printed_no_more(town: Town) -> None:
    number = by_post(town)
    letter = answer(town, number)
    _, printed = step(town, "imprimer", "", letter)
    batch = printed.location.split("lot=")[1]
    person = town.case(number).requester
    town.office.archive.destroy_person(person)
    town.do(ErasePerson(case_id=town.id_of(number), person=person))
    assert town.agent("camille.rousselet").client.get(f"{PAGE}/lots/{batch}").status_code == 404
    assert "Adresse postale inconnue ou effacée." in shown(town, "a-signer")
    _, again = step(town, "imprimer", "a-signer", letter)
    assert again.status_code == 422


def test_the_acknowledgement_of_who_wrote_on_paper_waits_among_the_letters(town: Town) -> None:
    number = by_post(town, canal="courrier")
    assert number in shown(town) and "Accusé de réception" in shown(town)


def test_an_agents_answer_goes_by_letter_to_who_wished_so(town: Town) -> None:
    number = by_post(town, type="REL-INFO", lieu="")
    visitor = town.agent("camille.rousselet")
    path = f"/agent/demandes/{number}"
    assert visitor.fill(f"{path}?composer=repondre", f"{path}/repondre", texte="Oui.").status_code == 303
    (reply,) = [r for r in town.case(number).replies.values() if r.kind == "answer"]
    assert reply.channel == "post"
    assert number not in shown(town)
    town.clock.pass_(seconds=11)
    assert number in shown(town)


def test_who_moved_is_written_to_where_he_lives_now(town: Town) -> None:
    number = by_post(town)
    letter = answer(town, number)
    person = town.case(number).requester
    known = town.office.archive.people([person])[person]
    assert known
    town.office.archive.save_person(Person(id=known.id, name=known.name, phone=known.phone, address="1 rue Y\n59999 Z"))
    assert step(town, "imprimer", "", letter)[1].status_code == 303
