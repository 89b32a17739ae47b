"""Does an agent see his reply as it will leave, begin it with a template, and lose nothing on the way?"""

import re
from email import message_from_bytes
from email.policy import default
from html import unescape
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from gru.domain import events as e
from tests.web.conftest import Town, Visitor
from tests.web.test_actions import PNG, path, write


def compose(visitor: Visitor, number: str, step: str, /, **values: object) -> TestResponse:
    """Press another button of the composer of the case page."""
    page = visitor.get(path(number))
    return pressed(visitor, page, number, step, **values)


def pressed(visitor: Visitor, page: str, number: str, step: str, /, **values: object) -> TestResponse:
    """A button that sends the reply's form elsewhere."""
    action = f"{path(number)}/repondre"
    assert f'formaction="{action}/{step}"' in page
    return visitor.send(
        page.replace(f'action="{action}"', f'action="{action}/{step}"', 1), f"{action}/{step}", **values
    )


def read(answer: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ")


def written(town: Town, number: str) -> e.ReplyWritten:
    [reply] = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.ReplyWritten)]
    return reply


def test_the_preview_is_what_leaves(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    words = "Objet : Un cône est posé\n\nBonjour,\nl’équipe passe jeudi <matin>."
    answer = compose(agent, number, "apercu", texte=words, nature="answer", pieces=(BytesIO(PNG), "plan.png"))
    assert answer.status_code == 200
    assert "case.reply_written" not in town.names_of(number)
    sent = agent.send(answer.text, f"{path(number)}/repondre")
    assert sent.status_code == 303
    reply = written(town, number)
    office = town.office
    town.clock.pass_(seconds=15)
    office.delivery.deliver(town.id_of(number), reply.reply_id, "")
    [left] = (office.settings.data / "outbox" / "new").iterdir()
    mail = message_from_bytes(left.read_bytes(), policy=default)
    for head in ("From", "To", "Reply-To", "Subject"):
        assert str(mail[head]) in read(answer), head
    body = mail.get_body(("plain",))
    assert body is not None
    assert " ".join(body.get_content().split()) in " ".join(read(answer).split())
    assert [part.get_filename() for part in mail.iter_attachments()] == ["plan.jpg"]
    assert "plan.jpg" in answer.text


def test_going_back_from_the_preview_loses_neither_words_nor_files(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    shown = compose(agent, number, "apercu", texte="Un cône\n\nest posé.", nature="delay",
                    pieces=(BytesIO(PNG), "plan.png"))  # fmt: skip
    back = pressed(agent, shown.text, number, "modifier")
    assert back.status_code == 200
    assert "Un cône\n\nest posé." in back.text and "plan.jpg" in back.text
    assert 'value="delay" selected' in back.text
    assert agent.send(back.text, f"{path(number)}/repondre").status_code == 303
    assert [file.media_type for file in written(town, number).files] == ["image/jpeg"]


def test_files_attached_before_can_be_let_go(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    shown = compose(agent, number, "apercu", texte="Voici.", nature="answer", pieces=(BytesIO(PNG), "faux.png"))
    back = pressed(agent, shown.text, number, "modifier")
    assert agent.send(back.text, f"{path(number)}/repondre", sans_gardees="oui").status_code == 303
    assert written(town, number).files == ()


def test_a_template_is_filled_with_what_is_known_and_shows_its_holes(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    answer = compose(agent, number, "modele", modele="intervention", texte="PS : merci.")
    assert answer.status_code == 200
    page = read(answer)
    for words in (f"Objet : Votre demande {number}", "Claire Lefèvre", "mercredi 18 mars 2026", "Julien Moreau",
                  "[à compléter : le jour et le moment]", "PS : merci."):  # fmt: skip
        assert words in page, words
    refused = agent.send(answer.text, f"{path(number)}/repondre")
    assert refused.status_code == 422 and "Il reste un champ à compléter : le jour et le moment" in read(refused)
    assert "case.reply_written" not in town.names_of(number)
    held_back = pressed(agent, answer.text, number, "apercu")
    assert held_back.status_code == 422 and "le jour et le moment" in read(held_back)


def test_the_template_a_reply_began_with_is_recorded(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    answer = compose(agent, number, "modele", modele="fait")
    agent.send(answer.text, f"{path(number)}/repondre", texte="C’est fait : le trou est rebouché.")
    assert written(town, number).template == "modele_fait"


def test_templates_are_those_of_the_type_and_all_letters_can_be_begun(town: Town) -> None:
    agent = town.agent("nadia.benali")
    roads, papers = town.open_case(), town.open_case("Ma facture", type="REL-INFO")
    assert 'value="intervention"' in town.agent().get(path(roads))
    page = agent.get(path(papers))
    assert 'value="intervention"' not in page and 'value="precision"' in page
    for kind in ("answer", "refusal", "complement", "delay"):
        answer = compose(agent, papers, "modele", modele=f"lettre-{kind}")
        assert answer.status_code == 200 and f'value="{kind}" selected' in answer.text, kind


def test_a_message_that_came_while_writing_is_still_shown_first(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    shown = compose(agent, number, "apercu", texte="Un cône est posé.", nature="answer")
    write(town, number, "Le trou est rebouché.")
    again = pressed(agent, shown.text, number, "modifier")
    answer = agent.send(again.text, f"{path(number)}/repondre")
    assert answer.status_code == 409 and "Un cône est posé." in answer.text


def test_a_reply_for_the_tracking_page_is_shown_as_it_will_be_read_there(town: Town) -> None:
    number, agent = town.open_case(name="Jean", email=""), town.agent()
    shown = compose(agent, number, "apercu", texte="Un cône est posé.", nature="answer")
    assert "page de suivi" in read(shown) and "Julien Moreau, service Voirie" in read(shown)


@pytest.mark.parametrize("step", ["modele", "apercu"])
def test_what_is_wrong_is_said_with_every_word_still_there(town: Town, step: str) -> None:
    number, agent = town.open_case(), town.agent()
    answer = compose(agent, number, step, texte="Mes mots", nature="nimporte", modele="nimporte",
                     pieces=(BytesIO(b"MZ"), "virus.exe"))  # fmt: skip
    assert answer.status_code == 422
    assert "Mes mots" in answer.text and "virus.exe" in answer.text


def test_no_more_than_five_files_in_all(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    four = [(BytesIO(PNG), f"{n}.png") for n in range(4)]
    shown = compose(agent, number, "apercu", texte="Voici.", nature="answer", pieces=four)
    back = pressed(agent, shown.text, number, "modifier")
    for step in ("apercu", ""):
        more = [(BytesIO(PNG), f"autre{n}.png") for n in range(2)]
        action = f"{path(number)}/repondre"
        answer = pressed(agent, back.text, number, step, pieces=more) if step else agent.send(
            back.text, action, pieces=more)  # fmt: skip
        assert answer.status_code == 422 and "5 fichiers au maximum" in answer.text
    assert "case.reply_written" not in town.names_of(number)


def test_a_form_cannot_attach_a_file_of_another_case(town: Town) -> None:
    number, other, agent = town.open_case(), town.open_case("Un autre trou"), town.agent()
    foreign = compose(agent, other, "apercu", texte="Voici.", nature="answer", pieces=(BytesIO(PNG), "secret.png"))
    carried = re.search(r'name="gardees" value="([^"]+)"', foreign.text)
    assert carried
    for list_ in (unescape(carried[1]), "nimporte", "[]"):
        shown = compose(agent, number, "apercu", texte="Voici.", nature="answer", gardees=list_)
        assert shown.status_code == 200 and "secret.png" not in shown.text


def test_a_reply_that_waits_can_be_taken_back_from_the_top_of_the_page(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    agent.fill(path(number), f"{path(number)}/repondre", texte="Trop vite", nature="answer")
    page = agent.get(path(number))
    top = page.split('id="ecrire"')[0]
    assert "La réponse part dans 10" in top and "Annuler l’envoi" in top
    assert agent.send(page, f"{path(number)}/annuler-envoi").status_code == 303
    assert "case.reply_withdrawn" in town.names_of(number)
    assert "La réponse part dans" not in agent.get(path(number))


def test_without_the_right_to_handle_there_is_no_writing(town: Town) -> None:
    number = town.open_case()
    reader = town.agent("camille.rousselet")
    assert "/repondre" not in reader.get(path(number))
    token = re.search(r'name="csrf_token" value="([^"]+)"', reader.get("/agent/demandes"))
    data = {"texte": "x", "csrf_token": token[1] if token else ""}
    for step in ("modele", "apercu", "modifier"):
        assert reader.client.post(f"{path(number)}/repondre/{step}", data=data).status_code == 403
