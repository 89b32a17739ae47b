"""Is one text or file made unreadable everywhere, by who may and for a reason, and does the history say so?"""

import re
from io import BytesIO

import pytest

from gru.channels.base import RawMessage
from gru.domain import events as e
from gru.domain.case import Case, RecordEdit
from gru.office.reactions import Reactions
from gru.office.town_hall import SAMPLE, engage, read_agents
from tests.web.conftest import Town, Visitor
from tests.web.test_actions import PNG, do, path
from tests.web.test_messages import mail

CARD = "Ma carte : 4970 1234 5678 9010, merci."


@pytest.fixture
def officer(town: Town) -> Visitor:
    """Who protects personal data."""
    [new] = [one for one in read_agents((SAMPLE / "agents.yaml").read_text("utf-8")) if one.role == "dpo"]
    id, _ = engage(town.office.log, town.office.archive, new, by="system:operator")
    town.office.town.refresh()
    town.by_name["dpo"] = town.office.town.agents()[id]
    return town.agent("dpo")


def opened(town: Town, number: str) -> e.CaseOpened:
    event = town.office.log.history(town.id_of(number))[0].event
    assert isinstance(event, e.CaseOpened)
    return event


def text_id(town: Town, number: str) -> str:
    text = opened(town, number).text
    assert text is not None
    return text.id


def mask(officer: Visitor, number: str, id: str, **values: object) -> int:
    action = f"{path(number)}/masquer/{id}"
    return officer.fill(action, action, **({"motif": "bank", "compris": "oui"} | values)).status_code


def test_a_text_is_masked_and_the_thread_says_by_whom_and_why(town: Town, officer: Visitor) -> None:
    number = town.open_case(text=CARD)
    page = officer.get(path(number))
    assert CARD in page and f"/masquer/{text_id(town, number)}" in page
    assert CARD in officer.get(f"{path(number)}/masquer/{text_id(town, number)}")
    assert mask(officer, number, text_id(town, number)) == 303
    page = officer.get(path(number))
    assert "4970" not in page and "4970" not in town.visitor().get(town.link(number))
    for words in ("Contenu masqué", "Coordonnées bancaires", town.by_name["dpo"].name, "existence du fait"):
        assert words in page, words
    assert f"/masquer/{text_id(town, number)}" not in page
    assert town.office.archive.texts([text_id(town, number)]) == {text_id(town, number): None}


def came_by_mail(town: Town, text: str) -> tuple[str, Case]:
    """The key of the mail, and the case it opened."""
    office = town.office
    key = office.keep(RawMessage("email", "demande@val-des-tilleuls.example", "", town.clock.at, b"",
                                 mail("Un trou", text)))  # fmt: skip
    assert office.intake.take_in(key)[key] == "opened"
    office.projector.catch_up("inline")
    [case_id] = {r.event.case for r in office.log.history(key) if isinstance(r.event, e.MessageTakenIn)}
    case = office.desk.case(case_id)
    assert case is not None
    return key, case


def is_destroyed(town: Town, key: str) -> bool:
    kept = town.office.archive.kept(key)
    return kept is not None and kept.raw is None


def test_the_mail_it_came_in_is_masked_too(town: Town, officer: Visitor) -> None:
    key, case = came_by_mail(town, CARD)
    assert mask(officer, case.number, text_id(town, case.number)) == 303
    assert is_destroyed(town, key)
    assert town.names_of(case.number).count("case.text_redacted") == 2


def test_the_edit_it_came_in_is_masked_too_and_the_first_words_stay(town: Town, officer: Visitor) -> None:
    key, case = came_by_mail(town, "Voici ma carte.")
    office = town.office
    edit = office.keep(RawMessage("facebook", "page", "", town.clock.at, b"", CARD.encode()))
    office.archive.adopt(edit, case.requester, case.id)
    text = office.archive.write_text(CARD, person=case.requester, case=case.id)
    edited = RecordEdit(case_id=case.id, message=key, edit=edit, edited_at=town.clock.at, text=text)
    office.desk.execute(edited, by="system:intake")
    assert mask(officer, case.number, text.id) == 303
    assert is_destroyed(town, edit) and not is_destroyed(town, key)
    assert town.names_of(case.number).count("case.text_redacted") == 2


def test_a_file_is_masked_and_its_neighbour_remains(town: Town, officer: Visitor) -> None:
    number = town.open_case()
    do(town.agent(), number, "pieces", pieces=[(BytesIO(PNG), "carte.png"), (BytesIO(PNG + b"1"), "trou.png")])
    [added] = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.NoteAdded)]
    card, hole = added.files
    assert mask(officer, number, card.id) == 303
    page = officer.get(path(number))
    assert "carte.jpg" not in page and "trou.jpg" in page and "pièce jointe a été masquée" in page
    officer.get(f"{path(number)}/pieces/{card.id}", 404)
    assert town.office.archive.file(hole.id) is not None


@pytest.mark.parametrize("missing", [{"motif": ""}, {"motif": "nimporte"}, {"compris": ""}])
def test_it_needs_a_reason_and_a_confirmation(town: Town, officer: Visitor, missing: dict[str, str]) -> None:
    number = town.open_case(text=CARD)
    assert mask(officer, number, text_id(town, number), **missing) == 422
    assert CARD in officer.get(path(number))


def test_twice_is_once(town: Town, officer: Visitor) -> None:
    number = town.open_case(text=CARD)
    action = f"{path(number)}/masquer/{text_id(town, number)}"
    page = officer.get(action)
    for _ in range(2):
        assert officer.send(page, action, motif="bank", compris="oui").status_code == 303
    assert town.names_of(number).count("case.text_redacted") == 1


def test_nobody_else_is_offered_it_nor_may(town: Town, officer: Visitor) -> None:
    number = town.open_case(text=CARD)
    for name in ("julien.moreau", "pauline.noiret"):
        agent = town.agent(name)
        assert "/masquer/" not in agent.get(path(number))
        agent.get(f"{path(number)}/masquer/{text_id(town, number)}", 403)
    secret = town.open_case("Aide au loyer", CARD, type="SOC-AIDE")
    officer.get(f"{path(secret)}/masquer/{text_id(town, secret)}", 403)


def test_only_parts_of_this_case_can_be_masked(town: Town, officer: Visitor) -> None:
    number, other = town.open_case(text=CARD), town.open_case("Un autre trou", text=CARD)
    for id in (text_id(town, other), "0" * 32, town.id_of(number), "nimporte"):
        officer.get(f"{path(number)}/masquer/{id}", 404)
    token = re.search(r'name="csrf_token" value="([^"]+)"', officer.get(path(number)))
    data = {"motif": "bank", "compris": "oui", "cle": "0" * 32, "csrf_token": token[1] if token else ""}
    answer = officer.client.post(f"{path(number)}/masquer/{text_id(town, other)}", data=data)
    assert answer.status_code == 404
    assert CARD in officer.get(path(other))


def test_what_was_recorded_is_masked_by_the_worker_when_the_page_was_cut_off(
    town: Town, officer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.open_case(text=CARD)
    archive = town.office.archive
    with monkeypatch.context() as cut:
        cut.setattr(archive, "redact", lambda *ids: (_ for _ in ()).throw(OSError("cut off")))
        mask(officer, number, text_id(town, number))
    assert archive.texts([text_id(town, number)])[text_id(town, number)] == CARD
    done(town.office.reactions, town)
    assert archive.texts([text_id(town, number)])[text_id(town, number)] is None


def done(reactions: Reactions, town: Town) -> None:
    while reactions.react():
        pass
    for effect in town.office.work.due_effects(town.clock.at, 100):
        reactions.perform(effect.key)
