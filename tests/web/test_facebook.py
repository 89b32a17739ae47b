"""Does the door for Meta open to Meta only, and do agents see what Facebook allows?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gru.bootstrap import build_office
from gru.channels.facebook.signature import sign
from gru.domain import events as e
from gru.domain.case import RecordAnswerElsewhere, RecordEdit, RecordRemoval
from gru.settings import BadSetting, read
from gru.web.facebook.views import MOST_BYTES, REFUSED, WITHIN
from tests.journeys.towns import environment_for
from tests.web.conftest import Town, Visitor
from tests.web.pages import pages_of

SECRET, WORD = "secret-de-test-non-utilise", "notre mot"
PAGE = "100200300400500"


@pytest.fixture
def town(town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Town]:
    """The town of the pages, with a page at Facebook."""
    folder = town.office.settings.data
    town.office.close()
    settings = read(
        {
            "GRU_DATA": str(folder),
            "GRU_SECRET": "5e" * 32,
            "GRU_MASTER_KEY": "a7" * 32,
            "GRU_MAIL_ADDRESS": "demande@val-des-tilleuls.example",
            "GRU_FACEBOOK_PAGES": f"{PAGE}:jeton",
            "GRU_FACEBOOK_APP_ID": "4242",
            "GRU_FACEBOOK_APP_SECRET": SECRET,
            "GRU_FACEBOOK_VERIFY_TOKEN": WORD,
            "GRU_FACEBOOK_GRAPH_URL": "http://127.0.0.1:9",
        }
    )
    office = build_office(settings, town.clock)
    yield Town(office, pages_of(office), town.clock, town.by_name)
    office.close()


@pytest.fixture
def client(town: Town) -> FlaskClient:
    return town.app.test_client()


def webhook(mid: str, text: str, at_ms: int) -> bytes:
    return (
        f'{{"object":"page","entry":[{{"id":"{PAGE}","time":{at_ms},"messaging":[{{"sender":{{"id":"777"}},'
        f'"recipient":{{"id":"{PAGE}"}},"timestamp":{at_ms},"message":{{"mid":"{mid}","text":"{text}"}}}}]}}]}}'
    ).encode()


def arrives(town: Town, text: str = "Ma place en creche ?", mid: str = "m_1") -> str:
    """A private message becomes a case; its number."""
    body = webhook(mid, text, int(town.clock.at.timestamp() * 1000))
    assert town.app.test_client().post("/facebook/webhook", data=body, headers=signed(body)).status_code == 200
    for key in town.office.archive.pending():
        town.office.intake.attempt(key)
    town.office.projector.catch_up("inline")
    [case_id] = {
        recorded.stream_id for recorded in town.office.log.read(0, 1000) if isinstance(recorded.event, e.CaseOpened)
    }
    case = town.office.desk.case(case_id)
    assert case is not None
    return case.number


def signed(body: bytes) -> dict[str, str]:
    return {"X-Hub-Signature-256": sign(SECRET, body)}


def pending(town: Town) -> int:
    return len(town.office.archive.pending())


# --- the webhook ---------------------------------------------------------------------------------------------------


def test_the_challenge_comes_back_as_it_was_given(client: FlaskClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444<b>", "hub.verify_token": WORD}
    answer = client.get("/facebook/webhook", query_string=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444<b>")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed", [{"hub.verify_token": "autre"}, {"hub.verify_token": "é"}, {"hub.mode": "unsubscribe"}]
)
def test_who_does_not_know_our_word_gets_nothing_back(client: FlaskClient, changed: dict[str, str]) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": WORD} | changed
    assert client.get("/facebook/webhook", query_string=asked).status_code == 403


def test_every_payload_of_the_corpus_is_let_in_with_its_own_signature(town: Town, corpus: Path) -> None:
    for line in (corpus / "facebook" / "SIGNATURES.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, signature = line.split()
        body = (corpus / "facebook" / name).read_bytes()
        answer = town.app.test_client().post("/facebook/webhook", data=body, headers={"X-Hub-Signature-256": signature})
        assert (answer.status_code, answer.data) == (200, b"")
    assert pending(town) == 18


@pytest.mark.parametrize("header", [{}, {"X-Hub-Signature-256": "sha256=00"}, {"X-Hub-Signature": "sha1=00"}])
def test_what_meta_did_not_sign_leaves_only_a_count(town: Town, client: FlaskClient, header: dict[str, str]) -> None:
    answer = client.post("/facebook/webhook", data=webhook("m_1", "Bonjour", 1), headers=header)
    assert answer.status_code == 403
    assert pending(town) == 0
    assert town.office.access.attempts(REFUSED, "", WITHIN) == 1


def test_a_body_larger_than_any_of_metas_is_not_read(client: FlaskClient) -> None:
    body = bytes(MOST_BYTES + 1)
    assert client.post("/facebook/webhook", data=body, headers=signed(body)).status_code == 413


def test_a_webhook_is_a_sign_of_life_of_its_page(town: Town) -> None:
    arrives(town)
    [sign_of_life] = [one for one in town.office.work.signs() if "facebook" in one.name]
    assert (sign_of_life.name, sign_of_life.is_failing) == (f"mailbox:facebook:{PAGE}", False)
    assert sign_of_life.message_at == town.clock.at


def test_a_deletion_nobody_signed_is_refused(town: Town, client: FlaskClient) -> None:
    assert client.post("/facebook/suppression", data={"signed_request": "a.b"}).status_code == 403
    assert client.post("/facebook/suppression").status_code == 403
    assert pending(town) == 0


@pytest.mark.parametrize("pages", ["100200300400500", "page:jeton", ":jeton", "1:"])
def test_a_page_without_id_or_token_is_refused_and_the_token_not_shown(tmp_path: Path, pages: str) -> None:
    with pytest.raises(BadSetting, match="GRU_FACEBOOK_PAGES") as refused:
        read(environment_for(tmp_path, GRU_FACEBOOK_PAGES=pages))
    assert "jeton" not in str(refused.value)


# --- what agents see -----------------------------------------------------------------------------------------------


def composer(town: Town, number: str) -> tuple[Visitor, str]:
    agent = town.agent("camille.rousselet")
    return agent, agent.get(f"/agent/demandes/{number}")


def test_the_composer_says_until_when_facebook_lets_us_answer(town: Town) -> None:
    number = arrives(town)
    agent, page = composer(town, number)
    assert "Facebook permet de répondre jusqu’au 25 mars" in page.replace("\u00a0", " ")
    answered = agent.send(page, f"/agent/demandes/{number}/repondre", texte="La commission est le 3 décembre.")
    assert answered.status_code == 303
    [written] = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.ReplyWritten)]
    assert (written.channel, written.public) == ("facebook", False)


def test_once_the_window_is_closed_the_next_way_is_offered(town: Town) -> None:
    number = arrives(town)
    town.clock.pass_(days=8)
    agent, page = composer(town, number)
    assert "Facebook ne permet plus de répondre depuis le 25 mars" in page.replace("\u00a0", " ")
    agent.send(page, f"/agent/demandes/{number}/repondre", texte="La commission est le 3 décembre.")
    [written] = [r.event for r in town.office.log.history(town.id_of(number)) if isinstance(r.event, e.ReplyWritten)]
    assert written.channel == "tracking"


def test_what_messenger_does_not_take_is_said_before_it_is_sent(town: Town) -> None:
    number = arrives(town)
    agent, page = composer(town, number)
    answer = agent.send(page, f"/agent/demandes/{number}/repondre", texte="x" * 2001)
    assert answer.status_code == 422
    assert "2\u202f000 signes" in answer.text or "2 000 signes" in answer.text
    assert "x" * 2001 in answer.text, "what was typed is lost"


def test_a_public_answer_needs_a_comment(town: Town) -> None:
    number = arrives(town)
    path = f"/agent/demandes/{number}/repondre-public"
    agent, _ = composer(town, number)
    page = agent.get(path)
    assert "Visible par tout le monde" in page
    assert "Ce dossier ne vient d’aucun commentaire" in agent.send(page, path, texte="Merci.").text


def test_personal_words_in_a_public_answer_are_named_and_nothing_is_lost(town: Town) -> None:
    value = (
        f'{{"item":"post","verb":"add","post_id":"{PAGE}_9","from":{{"id":"5","name":"Nadia Fictive"}},'
        f'"created_time":{int(town.clock.at.timestamp())},"message":"Lampadaire en panne"}}'
    )
    body = f'{{"entry":[{{"id":"{PAGE}","time":1,"changes":[{{"field":"feed","value":{value}}}]}}]}}'.encode()
    town.app.test_client().post("/facebook/webhook", data=body, headers=signed(body))
    for key in town.office.archive.pending():
        town.office.intake.attempt(key)
    town.office.projector.catch_up("inline")
    [opened] = [r for r in town.office.log.read(0, 1000) if isinstance(r.event, e.CaseOpened)]
    case = town.office.desk.case(opened.stream_id)
    assert case is not None
    path = f"/agent/demandes/{case.number}/repondre-public"
    agent = town.agent("camille.rousselet")
    said = f"Madame Fictive, dossier {case.number}"
    answer = agent.fill(path, path, texte=said)
    assert answer.status_code == 422
    assert "le numéro de dossier, le nom de famille" in answer.text and said in answer.text
    page = agent.get(path)
    for _ in range(2):
        assert agent.send(page, path, texte="Merci Nadia, écrivez-nous en message privé.").status_code == 303
    written = [r.event for r in town.office.log.history(case.id) if isinstance(r.event, e.ReplyWritten)]
    assert [(one.public, one.channel) for one in written] == [(True, "facebook")]
    assert "Envoyer par message privé Facebook à Nadia Fictive" in agent.get(f"/agent/demandes/{case.number}")
    town.office.archive.name("facebook-sent", f"answered:{PAGE}_9", "ab" * 16)
    assert "Facebook n’en permet pas d’autre" in agent.get(f"/agent/demandes/{case.number}")


def test_a_case_that_came_by_mail_offers_no_public_answer(town: Town) -> None:
    _, page = composer(town, town.open_case())
    assert "repondre-public" not in page and "Facebook permet" not in page


def test_edits_removals_and_answers_elsewhere_are_told_and_removed_words_hidden(town: Town) -> None:
    number = arrives(town, "Un secret de famille")
    case_id = town.id_of(number)
    [key] = town.case(number).messages
    edited = town.office.archive.write_text("Une autre phrase", person="", case=case_id)
    spoken = town.office.archive.write_text("Le maire vous rappelle", person="", case=case_id)
    at = town.clock.at + timedelta(minutes=1)
    town.do(
        RecordEdit(case_id=case_id, message=key, edit="e1", edited_at=at, text=edited),
        RecordAnswerElsewhere(case_id=case_id, reply_id="ab" * 16, channel="facebook", text=spoken, sent_at=at),
    )
    page = composer(town, number)[1]
    for words in ("Un secret de famille", "Une autre phrase", "Message modifié par son auteur",
                  "Réponse donnée sur Facebook, hors de GRU", "Le maire vous rappelle"):  # fmt: skip
        assert words in page
    town.do(RecordRemoval(case_id=case_id, message=key, removal="r1", removed_at=at))
    page = composer(town, number)[1]
    assert "Retiré par son auteur le" in page and "Une autre phrase" not in page
    history = page.split('id="fil"')[-1]
    assert "Le maire vous rappelle" in history
    tracking = town.visitor().get(town.link(number))
    assert "Ce message a été retiré." in tracking
