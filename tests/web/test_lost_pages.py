"""Is what was typed still there when the page was open too long, or the files were too large together?"""

import io
import re

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Town, Visitor, fields
from tests.web.filing import Resident, said
from tests.web.test_actions import path
from tests.web.test_third_parties import asked

WORDS = "Le trou s’est agrandi, un cycliste est tombé."
SAVED = "Rien n’a été enregistré."


def box(answer: TestResponse) -> str:
    """What stands in the page to be copied."""
    found = re.search(r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", answer.text, re.S)
    return found[1] if found else ""


def late(visitor: Visitor, page: str, action: str, **values: object) -> TestResponse:
    """The form is sent when the browser has lost the cookie of its pages."""
    visitor.client.delete_cookie("page")
    return visitor.send(page, action, **values)


def test_a_message_sent_too_late_is_shown_to_be_copied_with_the_way_back(town: Town) -> None:
    link, visitor = town.link(town.open_case()), town.visitor()
    answer = late(visitor, visitor.get(link), f"{link}/message", texte=f"<b>{WORDS}")
    assert answer.status_code == 400 and box(answer) == f"&lt;b&gt;{WORDS}"
    assert SAVED in said(answer) and f'href="{link}"' in answer.text
    assert visitor.fill(link, f"{link}/message", texte=WORDS).status_code == 303


@pytest.mark.parametrize(("deed", "name"), [("repondre", "texte"), ("clore", "message"), ("demander-tiers", "nom")])
def test_an_agents_words_sent_too_late_are_shown_to_be_copied(town: Town, deed: str, name: str) -> None:
    number, agent = town.open_case(), town.agent()
    action = f"{path(number)}/{deed}"
    answer = late(agent, agent.get(action), action, **{name: WORDS})
    assert answer.status_code == 400 and WORDS in box(answer)
    assert f'href="{action}"' in answer.text
    assert WORDS not in agent.get(path(number))


def test_the_words_of_a_third_party_are_kept_as_well(town: Town) -> None:
    url, firm = asked(town, town.open_case()), town.visitor()
    answer = late(firm, firm.get(url), url, reponse="done", texte=WORDS)
    assert answer.status_code == 400 and box(answer) == WORDS


def test_neither_a_password_nor_a_code_is_ever_shown_again(town: Town) -> None:
    visitor = town.visitor()
    secret = "mon mot de passe"
    answer = late(visitor, visitor.get("/connexion"), "/connexion", identifiant="a@b.example", mot_de_passe=secret)
    assert answer.status_code == 400 and secret not in answer.text
    answer = late(visitor, visitor.get("/suivi"), "/suivi", reference="2026-000001", code="7HQ4 XM2P")
    assert answer.status_code == 400 and "7HQ4" not in answer.text


def test_nothing_typed_leaves_no_box_and_a_page_without_a_form_no_way_back(town: Town) -> None:
    answer = town.visitor().client.post("/deconnexion")
    assert answer.status_code == 400 and "<textarea" not in answer.text and SAVED not in said(answer)


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("lieu", {"lieu": "14 rue des Acacias"}),
        ("description", {"description": WORDS}),
        ("contact", {"email": "claire@exemple.fr", "nom": "Lefèvre"}),
    ],
)
def test_a_question_answered_too_late_stands_there_again_with_its_answer(
    town: Town, step: str, values: dict[str, str]
) -> None:
    resident = Resident(town).begins()
    for earlier, answer in (("lieu", {"lieu": "3 rue du Puits"}), ("description", {"description": "Un trou."}),
                            ("danger", {"danger": "non"}), ("photo", {})):  # fmt: skip
        if earlier == step:
            break
        resident.answers(**answer)
    answer = late(resident.visitor, resident.page, resident.at, **values)
    assert answer.status_code == 400 and "Vos réponses sont gardées : continuez." in said(answer)
    shown = fields(answer.text, resident.at)
    assert values.items() <= shown.items()
    resident.page = answer.text
    assert resident.answers().step != step


def too_large(visitor: Visitor, page: str, action: str, name: str, words: str) -> TestResponse:
    """A form whose files are announced as 90 MB; the words stand before them."""
    token = fields(page, action)["csrf_token"]
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    body = part.format("csrf_token", "", token) + part.format(name, "", words)
    body += part.format("pieces", '; filename="film.mp4"', "x" * 200_000) + "--b--\r\n"
    announced = {"CONTENT_LENGTH": "90000000", "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    return visitor.client.post(action, input_stream=io.BytesIO(body.encode()), environ_overrides=announced)


def test_words_that_came_before_files_too_large_are_shown_and_the_limit_is_said(town: Town) -> None:
    link, visitor = town.link(town.open_case()), town.visitor()
    page = visitor.get(link)
    answer = too_large(visitor, page, f"{link}/message", "texte", WORDS)
    assert answer.status_code == 413 and box(answer) == WORDS
    assert "Vos fichiers sont trop lourds ensemble" in said(answer) and "80 Mo" in said(answer)
    assert "5 fichiers de 15 Mo" in said(page)


def test_an_agents_words_before_files_too_large_are_shown(town: Town) -> None:
    number, agent = town.open_case(), town.agent()
    action = f"{path(number)}/note"
    answer = too_large(agent, agent.get(action), action, "texte", WORDS)
    assert answer.status_code == 413 and box(answer) == WORDS and f'href="{action}"' in answer.text


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "multipart/form-data", "text/plain", ""])
def test_what_is_no_form_is_refused_for_its_size_all_the_same(town: Town, kind: str) -> None:
    announced = {"CONTENT_LENGTH": "90000000", "CONTENT_TYPE": kind}
    action, visitor = f"{town.link(town.open_case())}/message", town.visitor().client
    for body in (b"", b"\0" * 300, b"--b\r\nContent-Disposition: form-data\r\n\r\nx y\r\n--b--"):
        answer = visitor.post(action, input_stream=io.BytesIO(body), environ_overrides=announced)
        assert answer.status_code in (400, 413)
