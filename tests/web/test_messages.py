"""Is a message that no case took seen by an agent, and does it go where he says?"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from werkzeug.test import TestResponse

from gru.bootstrap import open_office
from gru.channels.base import RawMessage
from gru.domain import events as e
from gru.domain.references import new_id
from gru.storage.databases import reading
from gru.web.app import create_app
from projections import inbox
from tests.web.conftest import Town, Visitor

LIST = "/agent/messages"


def mail(subject: str, text: str, sender: str = "Mallory <mallory@ailleurs.example>", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = sender, "demande@val-des-tilleuls.example"
    made["Subject"], made["Message-ID"] = subject, f"<{abs(hash((subject, text)))}@ailleurs.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return bytes(made)


def arrives(town: Town, raw: bytes, outcome: e.MessageOutcome) -> str:
    """The key of this mail once it was taken in, which led to this."""
    office = town.office
    key = office.keep(RawMessage("email", "demande@val-des-tilleuls.example", "", town.clock.at, b"", raw))
    assert office.intake.take_in(key) == {key: outcome}
    office.projector.catch_up("inline")
    return key


@pytest.fixture
def number(town: Town) -> str:
    """A case of the roads department, which a stranger's mail speaks of."""
    return town.open_case()


@pytest.fixture
def key(town: Town, number: str) -> str:
    return arrives(town, mail(f"Re: [#{number}]", "Le trou s’est encore agrandi."), "to_link")


def decide(visitor: Visitor, key: str, deed: str, **values: object) -> TestResponse:
    return visitor.fill(f"{LIST}/{key}", f"{LIST}/{key}/{deed}", **values)


def listed(visitor: Visitor, which: str = "") -> list[str]:
    page = visitor.get(LIST + which)
    return [part.split('"')[0] for part in page.split('id="m-')[1:]]


def state_of(town: Town, key: str) -> tuple[str, str]:
    with reading(town.office.databases.views) as connection:
        row = inbox.by_key(connection, key)
    assert row is not None
    return row.decided, row.case_id


def test_a_message_to_link_is_listed_with_its_sender_subject_reason_and_suggestion(
    town: Town, key: str, number: str
) -> None:
    page = town.agent().get(LIST)
    assert listed(town.agent()) == [key]
    for words in ("mallory@ailleurs.example", f"Re: [#{number}]", "rien ne prouve", f": {number}"):
        assert words in page
    assert 'href="/agent/messages" aria-current="page"' in page


def test_the_newest_are_one_link_away_and_stay_first_on_the_next_page(town: Town, number: str) -> None:
    keys = []
    for day in range(21):
        town.clock.at += timedelta(minutes=1)
        keys.append(arrives(town, mail(f"Re: [#{number}]", f"Message {day}"), "to_link"))
    agent = town.agent()
    assert 'href="/agent/messages?tri=recents"' in agent.get(LIST) and listed(agent) == keys[:20]
    assert listed(agent, "?tri=recents") == keys[:0:-1]
    assert 'href="/agent/messages?tri=recents&amp;page=2"' in agent.get(f"{LIST}?tri=recents")
    assert listed(agent, "?tri=recents&page=2") == keys[:1]


def test_the_sidebar_counts_what_waits(town: Town, key: str) -> None:
    page = town.agent().get("/agent/demandes?agent=tous")
    [entry] = [part.split("</a>")[0] for part in page.split('<a href="/agent/messages">')[1:]]
    assert "À rattacher" in entry and '<span class="n">1</span>' in entry


def test_a_message_that_speaks_of_a_case_the_agent_may_not_see_is_not_his_to_read(town: Town) -> None:
    secret = town.open_case("Aide au loyer", type="SOC-AIDE")
    key = arrives(town, mail(f"Re: {secret}", "Où en est mon aide ?"), "to_link")
    other, hers = town.agent("julien.moreau"), town.agent("catherine.ollivier")
    assert listed(other) == [] and listed(hers) == [key]
    assert "0 message à décider" in other.get(LIST) and "1 message à décider" in hers.get(LIST)
    page = hers.get(f"{LIST}/{key}")
    assert f'value="{secret}"' in page
    for deed in ("rattacher", "ouvrir", "ecarter"):
        assert other.send(with_token(page, other), f"{LIST}/{key}/{deed}").status_code == 404
    other.get(f"{LIST}/{key}", status=404)
    assert decide(hers, key, "ecarter", motif="no_request").status_code == 303
    assert listed(other, "?voir=ecartes") == [] and listed(hers, "?voir=ecartes") == [key]


def with_token(page: str, visitor: Visitor) -> str:
    """The same forms under the visitor's own token."""
    said = r'name="csrf_token" value="[^"]*"'
    own = re.search(said, visitor.get("/agent/demandes"))
    assert own
    return re.sub(said, own[0], page)


def test_a_message_shows_what_was_written(town: Town, key: str) -> None:
    page = town.agent().get(f"{LIST}/{key}")
    assert "Le trou s’est encore agrandi." in page
    assert "Mallory &lt;mallory@ailleurs.example&gt;" in page


def test_what_could_not_be_read_is_said(town: Town, number: str) -> None:
    torn = b"Content-Type: multipart/mixed; boundary=x\r\n" + mail(f"Re: {number}", "Le trou").split(b"Content-Type")[0]
    key = arrives(town, torn + b"\r\n--x\r\nContent-Type: text/plain\r\n\r\nLe trou\r\n", "to_link")
    assert "peut-être arrivé incomplet" in town.agent().get(f"{LIST}/{key}")


def test_linked_by_an_agent_it_joins_the_thread_of_the_case(town: Town, key: str, number: str) -> None:
    agent = town.agent()
    answer = decide(agent, key, "rattacher")
    assert (answer.status_code, answer.location) == (303, f"/agent/demandes/{number}")
    page = agent.get(answer.location)
    assert f"Message rattaché au dossier {number}." in page
    assert "Le trou s’est encore agrandi." in page
    assert listed(agent) == []
    assert state_of(town, key) == ("linked", town.id_of(number))
    received = [r for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.MessageReceived)]
    assert [(r.event.message, r.event.proof, r.by) for r in received] == [(key, "agent", town.by("julien.moreau"))]


def test_linking_twice_changes_nothing_more(town: Town, key: str, number: str) -> None:
    agent = town.agent()
    page = agent.get(f"{LIST}/{key}")
    for _ in range(2):
        assert agent.send(page, f"{LIST}/{key}/rattacher").status_code == 303
    assert town.names_of(number).count("case.message_received") == 1


def test_a_linked_message_goes_to_no_other_case(town: Town, key: str) -> None:
    agent, other = town.agent(), town.open_case("Un autre trou")
    page = agent.get(f"{LIST}/{key}")
    agent.send(page, f"{LIST}/{key}/rattacher")
    answer = agent.send(page, f"{LIST}/{key}/rattacher", reference=other)
    assert answer.status_code == 422 and "déjà rejoint un dossier" in answer.text
    assert agent.send(page, f"{LIST}/{key}/ouvrir").status_code == 422
    assert "case.message_received" not in town.names_of(other)


@pytest.mark.parametrize("written", ["2026-999999", "le trou", ""])
def test_a_wrong_number_is_said_in_the_page_and_nothing_is_lost(town: Town, key: str, written: str) -> None:
    agent = town.agent()
    answer = decide(agent, key, "rattacher", reference=written)
    assert answer.status_code == 422
    assert "que vous pouvez voir" in answer.text and "Le trou s’est encore agrandi." in answer.text
    assert listed(agent) == [key]


def test_a_message_cannot_be_linked_to_a_case_the_agent_may_not_see(town: Town, key: str) -> None:
    social = town.open_case("Aide au loyer", type="SOC-AIDE")
    assert decide(town.agent(), key, "rattacher", reference=social).status_code == 422
    assert "case.message_received" not in town.names_of(social)


def test_a_message_becomes_a_case_with_its_duty_to_acknowledge(town: Town, key: str) -> None:
    answer = decide(town.agent("camille.rousselet"), key, "ouvrir")
    ref = answer.location.rsplit("/", 1)[1]
    case = town.case(ref)
    assert case.id == new_id(town.clock.at, bytes.fromhex(key))
    assert "acknowledge" in case.commitments and not case.withheld
    assert state_of(town, key) == ("linked", case.id)
    assert "Le trou s’est encore agrandi." in town.agent("camille.rousselet").get(answer.location)
    again = town.office.intake.open(key, town.by("camille.rousselet"))
    assert again[0] == case.id and again[1].recorded == ()


def test_who_opens_a_case_he_may_not_see_is_told_its_number(town: Town, key: str) -> None:
    agent = town.agent("julien.moreau")
    answer = decide(agent, key, "ouvrir")
    assert answer.location == LIST
    assert "ouvert à partir du message" in agent.get(LIST)


def test_a_machines_mail_opened_as_a_case_is_not_acknowledged_by_a_machine(town: Town) -> None:
    away = mail("Absence du bureau", "Je reviens lundi.", Auto_Submitted="auto-replied")
    key = arrives(town, away, "automatic")
    agent = town.agent("nadia.benali")
    assert listed(agent) == [] and listed(agent, "?voir=automatiques") == [key]
    ref = decide(agent, key, "ouvrir").location.rsplit("/", 1)[1]
    assert town.case(ref).withheld == {"receipt": "sent_by_machine"}


def test_put_aside_it_leaves_the_list_and_can_be_taken_up_again(town: Town, key: str, number: str) -> None:
    agent = town.agent()
    answer = decide(agent, key, "ecarter", motif="advertising")
    assert (answer.status_code, answer.location) == (303, LIST)
    assert "Message laissé de côté." in agent.get(LIST)
    assert listed(agent) == [] and listed(agent, "?voir=ecartes") == [key]
    assert decide(agent, key, "rattacher", reference=number).status_code == 303
    assert listed(agent, "?voir=ecartes") == []


def test_putting_aside_needs_a_reason(town: Town, key: str) -> None:
    assert decide(town.agent(), key, "ecarter").status_code == 422
    assert state_of(town, key) == ("", "")


def test_what_was_erased_says_so_and_joins_nothing(town: Town, key: str) -> None:
    agent = town.agent()
    before = agent.get(f"{LIST}/{key}")
    town.office.archive.redact(key)
    assert "Contenu effacé" in agent.get(LIST)
    page = agent.get(f"{LIST}/{key}")
    assert "Contenu effacé" in page and "agrandi" not in page and "/rattacher" not in page
    assert agent.send(before, f"{LIST}/{key}/rattacher").status_code == 422
    assert decide(agent, key, "ecarter", motif="no_request").status_code == 303


def test_without_the_right_to_link_there_is_neither_page_nor_entry(town: Town, key: str) -> None:
    agent = town.agent("isabelle.fournier")
    assert LIST not in agent.get("/agent/demandes?agent=tous")
    for path in (LIST, f"{LIST}/{key}"):
        agent.get(path, status=403)
    assert town.visitor().client.get(LIST).status_code in (302, 303)


def test_an_unknown_message_is_not_found(town: Town) -> None:
    town.agent().get(f"{LIST}/{'0' * 32}", status=404)


# --- what an agent handed on ---------------------------------------------------------------------------------------

AGENT = "Nadia Benali <nadia.benali@val-des-tilleuls.example>"
HANDED_ON = """Pour vous, reçu sur ma boîte.

---------- Forwarded message ---------
De : Paul Renard <paul.renard@courriel.example>
Date: lun. 16 mars 2026 à 08:12
Subject: Lampadaire éteint
To: <nadia.benali@val-des-tilleuls.example>

Bonjour,
le lampadaire du 3 rue Basse est éteint.
"""


def handed_on(town: Town, sender: str = AGENT, subject: str = "Fwd: Lampadaire éteint") -> str:
    return arrives(town, mail(subject, HANDED_ON, sender), "to_link")


def test_what_an_agent_forwards_opens_no_case_in_his_name_and_proposes_the_resident(town: Town) -> None:
    key = handed_on(town)
    agent = town.agent("camille.rousselet")
    assert "Transféré par un agent" in agent.get(LIST)
    page = agent.get(f"{LIST}/{key}")
    assert "Message transféré, de Paul Renard &lt;paul.renard@courriel.example&gt;" in page
    assert page.index("/transfere") < page.index("/ouvrir")
    answer = decide(agent, key, "transfere")
    ref = answer.location.rsplit("/", 1)[1]
    case = town.case(ref)
    [person] = town.office.archive.people([case.requester]).values()
    assert person is not None
    assert (person.name, person.email, person.kind) == ("Paul Renard", "paul.renard@courriel.example", "resident")
    opened = agent.get(answer.location)
    assert "le lampadaire du 3 rue Basse est éteint." in opened and "Pour vous, reçu sur ma boîte." in opened
    [note] = [r for r in town.office.log.history(case.id) if isinstance(r.event, e.NoteAdded)]
    texts = town.office.archive.texts([note.event.text.id])
    assert list(texts.values()) == ["Pour vous, reçu sur ma boîte."]
    assert not case.withheld and state_of(town, key) == ("linked", case.id)
    assert "Pour vous" not in town.visitor().get(town.link(ref))


def test_who_and_which_case_can_be_mended_before_it_is_confirmed(town: Town, number: str) -> None:
    key = handed_on(town)
    values = {"nom": "Paule Renard", "courriel": "", "telephone": "06 39 98 17 55", "dossier": number}
    assert decide(town.agent(), key, "transfere", **values).location == f"/agent/demandes/{number}"
    [joined] = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.MessageReceived)]
    [author] = town.office.archive.people([joined.author]).values()
    assert author is not None
    assert (author.name, author.email, author.phone, joined.proof) == ("Paule Renard", "", "+33639981755", "agent")
    assert town.case(number).requester != joined.author


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"nom": ""}, "nom de l’usager"),
        ({"courriel": "paul"}, "adresse e-mail complète"),
        ({"courriel": ""}, "pour pouvoir lui répondre"),
        ({"telephone": "douze"}, "numéro de téléphone"),
        ({"dossier": "2026-999999"}, "que vous pouvez voir"),
    ],
)
def test_a_resident_who_cannot_be_answered_is_said_and_nothing_typed_is_lost(
    town: Town, values: dict[str, str], said: str
) -> None:
    key = handed_on(town)
    answer = decide(town.agent(), key, "transfere", **({"nom": "Paul R."} | values))
    assert answer.status_code == 422 and said in answer.text
    assert "nom" in values or 'value="Paul R."' in answer.text
    assert state_of(town, key) == ("", "")


def test_confirming_twice_opens_one_case(town: Town) -> None:
    key, agent = handed_on(town), town.agent("camille.rousselet")
    page = agent.get(f"{LIST}/{key}")
    first, again = (agent.send(page, f"{LIST}/{key}/transfere") for _ in range(2))
    assert first.location == again.location
    assert town.names_of(first.location.rsplit("/", 1)[1]).count("case.note_added") == 1


def test_a_resident_who_forwards_is_the_one_who_asks(town: Town) -> None:
    arrives(town, mail("TR: Lampadaire éteint", HANDED_ON, "Claire <claire@courriel.example>"), "opened")


def test_an_agent_who_forwards_a_case_s_mail_is_asked_about_with_that_case_suggested(town: Town, number: str) -> None:
    key = handed_on(town, subject=f"TR: [#{number}] Lampadaire")
    assert f'value="{number}"' in town.agent().get(f"{LIST}/{key}")


def test_a_message_that_forwards_nothing_cannot_be_handed_on(town: Town, key: str, number: str) -> None:
    agent = town.agent()
    page = agent.get(f"{LIST}/{key}")
    assert "/transfere" not in page
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)
    assert token
    values = {"csrf_token": token[1], "nom": "Paul", "courriel": "paul@courriel.example"}
    assert agent.client.post(f"{LIST}/{key}/transfere", data=values).status_code == 422
    assert state_of(town, key) == ("", "")


@pytest.fixture
def deaf(town: Town) -> Iterator[Town]:
    """The town with a virus scanner that does not answer."""
    with open_office(replace(town.office.settings, clamd="tcp://127.0.0.1:1"), town.clock) as office:
        yield replace(town, office=office, app=create_app(office))


@pytest.mark.parametrize("deed", ["rattacher", "ouvrir"])
def test_while_the_scanner_is_silent_an_agent_is_told_and_nothing_is_lost(
    town: Town, deaf: Town, number: str, deed: str
) -> None:
    made = email.message_from_bytes(mail(f"Re: [#{number}]", "Voici la photo."), policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    made.add_attachment(b"une photo", maintype="application", subtype="octet-stream", filename="photo.bin")
    key = arrives(town, bytes(made), "to_link")
    answer = decide(deaf.agent(), key, deed)
    assert answer.status_code == 422 and "L’antivirus ne répond pas" in answer.text
    assert state_of(town, key) == ("", "")
    assert decide(town.agent(), key, deed).status_code == 303
