"""Does a form that cannot be taken say why in French, whatever was sent, and stop what no page of ours sent?"""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from marshmallow import ValidationError

from gru.web.forms import Form
from gru.web.i18n import catalogue
from tests.web.conftest import Town

ODD = ("x" * 30_000, "é", "-1", "1.5", "9" * 30, "2026-13-45", "0" * 31, "zz" * 16, 7, None, ["a"], {"a": "b"})


def schemas(above: type[Form] = Form) -> Iterator[type[Form]]:
    for one in above.__subclasses__():
        yield one
        yield from schemas(one)


@cache
def ours() -> re.Pattern[str]:
    """Any sentence of the copy, filled; nothing so short that it says nothing by itself."""
    parts = [re.split(r"\{[^}]*\}", text) for text in catalogue().values()]
    return re.compile("|".join(".*".join(map(re.escape, each)) for each in parts if len("".join(each)) > 15), re.S)


def said_of(schema: type[Form], sent: dict[str, object]) -> list[str]:
    try:
        schema().load(sent)
    except ValidationError as error:
        assert isinstance(error.messages, dict)
        return [text for texts in error.messages.values() for text in texts]
    return []


@pytest.mark.parametrize("schema", list(schemas()), ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_fault_of_every_form_is_said_in_french(schema: type[Form]) -> None:
    found = {text for odd in ODD for text in said_of(schema, dict.fromkeys(schema().fields, odd))}
    found |= set(said_of(schema, {}))
    assert [text for text in found if not ours().fullmatch(text)] == []


def test_a_registered_number_that_is_too_long_says_how_long_it_may_be(town: Town) -> None:
    visitor = town.agent("camille.rousselet")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', visitor.get("/guichet/courriers"))[0]
    sent = {"csrf_token": token, "cle": "0" * 32, "jour": "2026-03-18", "recommande": "1" * 41, "lettre": "a.b"}
    answer = visitor.client.post("/guichet/courriers/poster", data=sent)
    assert answer.status_code == 422
    assert "Ce texte est trop long. Le maximum est de 40 caractères." in answer.text


def test_a_version_that_is_none_is_answered_in_french_and_keeps_what_was_typed(town: Town) -> None:
    path = f"/agent/demandes/{town.open_case()}"
    answer = town.agent().fill(f"{path}/note", f"{path}/note", texte="Vu avec le terrain.", version="abc")
    assert answer.status_code == 422
    assert "Rechargez-la" in answer.text and "Vu avec le terrain." in answer.text


def test_a_key_that_no_page_handed_out_is_refused_everywhere(town: Town) -> None:
    link = town.link(town.open_case())
    assert town.visitor().fill(f"{link}/retirer", f"{link}/retirer", cle="x").status_code == 400
    director = town.agent("isabelle.fournier")
    for path in ("/rapports", "/rapports/decisions"):
        assert director.fill(path, path, cle="x").status_code == 400
