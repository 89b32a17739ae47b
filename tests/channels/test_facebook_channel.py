"""Does the page's channel keep its promises, whatever the Graph API says?"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from gru.channels.base import ChannelBroken, Outgoing, Paused, TryLater, Undeliverable
from gru.channels.facebook.errors import judge
from gru.channels.facebook.graph import usage
from gru.channels.facebook.guard import faults
from gru.channels.facebook.items import raw_message, split
from gru.channels.facebook.windows import private_way
from gru.demo.graph import APP, PAGE, POST, Answer, FakeGraph, error
from gru.demo.graph_server import GraphServer, serving
from tests.channels.contract import MOMENT, ChannelContract
from tests.channels.facebook_kit import HEARD_AT, Memory, Standing, channel, commented, outgoing, spoken

NADIA = FakeGraph.id_of("Nadia Fictive")


@pytest.fixture
def server() -> Iterator[GraphServer]:
    graph = FakeGraph(secret="s", deliver=lambda body, signature: None, now=lambda: MOMENT)
    with serving(graph) as opened:
        yield opened


def items(*bodies: bytes) -> tuple[bytes, ...]:
    return tuple(raw_message(item, MOMENT).raw for body in bodies for item in split(body))


def webhooks() -> tuple[bytes, ...]:
    """One of each thing that can happen on the invented page, as it is kept."""
    told: list[bytes] = []
    graph = FakeGraph(secret="s", deliver=lambda body, signature: told.append(body), now=lambda: MOMENT)
    comment = graph.comment("Nadia Fictive", "Le lampadaire est éteint")
    graph.publish("Nadia Fictive", "Bonjour")
    graph.write("Nadia Fictive", "Où en est-on ?")
    graph.answer_elsewhere("Nadia Fictive", "Nous y sommes")
    graph.edit(comment, "Le lampadaire du 14 est éteint")
    graph.remove(comment)
    return items(*told, b"not json")


class OverHttp:
    """The channel before the invented Graph API, to which somebody wrote an hour ago."""

    inbound: Sequence[bytes] = webhooks()

    def __init__(self, server: GraphServer) -> None:
        self._server = server
        self.channel = channel(server.url)
        server.graph.write("Nadia Fictive", "Où en est-on ?")

    def outgoing(self) -> Outgoing:
        return outgoing(spoken(NADIA), address="nobody@nowhere.example", subject="no subject")

    def arrived(self) -> list[str]:
        said = [one for talk in self._server.graph.talks.values() for one in talk if one.by_page]
        return [json.loads(one.metadata)["envoi"] for one in said]

    def is_busy(self) -> None:
        self._server.graph.says = error(500, 2)

    def refuses(self) -> None:
        self._server.graph.says = error(400, 551, 1545041)

    def hangs_up(self) -> None:
        self._server.hangs_up = True

    def refuses_us(self) -> None:
        self._server.graph.says = error(400, 190)


class TestFacebookChannel(ChannelContract):
    @pytest.fixture
    def counterpart(self, server: GraphServer) -> OverHttp:
        return OverHttp(server)


# --- what is asked of the Graph API --------------------------------------------------------------------------------


def test_a_message_carries_our_number_and_reference_and_says_how_it_may_be_sent(server: GraphServer) -> None:
    server.graph.write("Nadia Fictive", "Où en est-on ?")
    channel(server.url).send(outgoing(spoken(NADIA)))
    [(method, path, asked)] = server.graph.calls
    assert (method, path) == ("POST", f"{PAGE}/messages")
    assert (asked["recipient"], asked["messaging_type"]) == ({"id": NADIA}, "RESPONSE")
    assert "tag" not in asked
    assert json.loads(asked["message"]["metadata"])["dossier"] == "2026-000123"
    assert len(asked["message"]["metadata"]) < 1000


@pytest.mark.parametrize(("post", "kind"), [(False, "comment_id"), (True, "post_id")])
def test_a_private_reply_names_the_comment_or_post_and_no_person(server: GraphServer, post: bool, kind: str) -> None:
    graph = server.graph
    id = graph.publish("Nadia Fictive", "Bonjour") if post else graph.comment("Nadia Fictive", "Bonjour")
    memory = Memory()
    channel(server.url, memory=memory).send(outgoing(commented(id, NADIA, MOMENT, post=post)))
    [(_, _, asked)] = graph.calls
    assert asked["recipient"] == {kind: id}
    assert "messaging_type" not in asked
    assert list(memory.answered) == [id]
    assert memory.people == {id: (PAGE, NADIA)}


def test_a_reply_that_used_up_its_comment_is_not_sent_again(server: GraphServer) -> None:
    comment = server.graph.comment("Nadia Fictive", "Bonjour")
    sending, memory = outgoing(commented(comment, NADIA, MOMENT)), Memory()
    for _ in range(2):
        channel(server.url, memory=memory).send(sending)
    assert len(server.graph.calls) == 1


def test_a_page_that_is_not_set_calls_an_operator(server: GraphServer) -> None:
    other = spoken(NADIA)
    moved = type(other)("m", f"messenger:999:{NADIA}", "999", HEARD_AT, False)
    with pytest.raises(ChannelBroken, match="GRU_FACEBOOK_PAGES"):
        channel(server.url).send(outgoing(moved))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": "x" * 2001}, "too_long"),
        ({"handles": ("messenger:1:2",)}, "no_address"),
        ({"heard": (spoken(NADIA, MOMENT - timedelta(days=8)),)}, "window_closed"),
        ({"heard": (spoken(NADIA, MOMENT - timedelta(days=2)),), "automatic": True}, "window_closed"),
        ({"public": True}, "no_address"),
    ],
)
def test_what_may_not_leave_is_not_even_tried(server: GraphServer, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(Undeliverable) as refused:
        channel(server.url).send(outgoing(spoken(NADIA), **changes))
    assert refused.value.reason == reason
    assert server.graph.calls == []


def test_a_held_page_is_not_asked(server: GraphServer) -> None:
    standing = Standing()
    standing.stop(PAGE, "token", 900)
    with pytest.raises(ChannelBroken):
        channel(server.url, standing).send(outgoing(spoken(NADIA)))
    standing.stop(PAGE, "limit", 60)
    with pytest.raises(Paused) as paused:
        channel(server.url, standing).send(outgoing(spoken(NADIA)))
    assert paused.value.until == MOMENT + timedelta(seconds=60)
    assert server.graph.calls == []


def test_a_page_near_its_limit_slows_down_before_it_is_refused(server: GraphServer) -> None:
    server.graph.says = Answer(200, {"message_id": "m"}, {"X-App-Usage": '{"call_count": 81}'})
    standing = Standing()
    channel(server.url, standing).send(outgoing(spoken(NADIA)))
    assert standing.pauses == [30.0]


def test_a_refused_token_is_said_to_the_administrator_without_the_token(server: GraphServer) -> None:
    standing = Standing()
    with pytest.raises(ChannelBroken):
        channel(server.url, standing, token="secret-token").send(outgoing(spoken(NADIA)))
    assert "secret-token" not in standing.alarms[0] and "GRU_FACEBOOK_PAGES" in standing.alarms[0]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}" * 3, b'{"error": 3}', b"[" * 50_000])
def test_an_answer_nobody_can_read_is_tried_later(server: GraphServer, body: bytes) -> None:
    class Raw(Answer):
        pass

    server.graph.says = Raw(502, {})
    with pytest.raises(TryLater):
        channel(server.url).send(outgoing(spoken(NADIA)))
    from gru.channels.facebook.graph import _answer

    assert judge(502, _answer(body)).kind == "later"


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "reason"),
    [
        (1, 0, "later", "temporary"),
        (2, 0, "later", "temporary"),
        (1200, 0, "later", "temporary"),
        (4, 0, "limit", "limit"),
        (17, 0, "limit", "limit"),
        (32, 0, "limit", "limit"),
        (613, 0, "limit", "limit"),
        (80001, 0, "limit", "limit"),
        (80006, 0, "limit", "limit"),
        (10, 2018278, "refused", "window_closed"),
        (10, 2018065, "refused", "window_closed"),
        (10, 0, "broken", "permission"),
        (200, 0, "broken", "permission"),
        (299, 0, "broken", "permission"),
        (190, 0, "broken", "token"),
        (190, 463, "broken", "token"),
        (102, 0, "broken", "token"),
        (100, 2018001, "refused", "contact_lost"),
        (100, 0, "refused", "bad_parameter"),
        (200, 1545041, "refused", "person_unavailable"),
        (551, 1545041, "refused", "person_unavailable"),
        (368, 0, "broken", "blocked"),
        (100, 2018218, "refused", "no_profile"),
        (10900, 0, "refused", "already_replied"),
        (4242, 0, "refused", "graph_4242"),
    ],
)
def test_each_error_has_its_reaction(code: int, subcode: int, kind: str, reason: str) -> None:
    verdict = judge(400, error(400, code, subcode).body)
    assert (verdict.kind, verdict.reason) == (kind, reason)


def test_a_bad_parameter_is_a_fault_of_ours_and_alarms(server: GraphServer) -> None:
    server.graph.says = error(400, 100)
    standing = Standing()
    with pytest.raises(Undeliverable):
        channel(server.url, standing).send(outgoing(spoken(NADIA)))
    assert len(standing.alarms) == 1 and standing.holds == {}


def test_the_business_header_says_when_to_ask_again() -> None:
    said = {"1": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 12}]}
    assert usage({"X-Business-Use-Case-Usage": json.dumps(said)}) == (100.0, 12.0)
    assert usage({"X-App-Usage": "nonsense", "X-Page-Usage": "[1]"}) == (0.0, 0.0)


# --- windows -------------------------------------------------------------------------------------------------------


def way(*heard: object, human: bool = True, used: tuple[str, ...] = ()) -> str:
    handles = {one.handle for one in heard}
    found = private_way(heard, handles, used, MOMENT, human=human)
    return found.kind if found else ""


@pytest.mark.parametrize(
    ("age", "human", "kind"),
    [
        (timedelta(hours=24), True, "response"),
        (timedelta(hours=24), False, "response"),
        (timedelta(hours=24, seconds=1), True, "human_agent"),
        (timedelta(hours=24, seconds=1), False, ""),
        (timedelta(days=7), True, "human_agent"),
        (timedelta(days=7, seconds=1), True, ""),
    ],
)
def test_the_window_closes_in_two_steps(age: timedelta, human: bool, kind: str) -> None:
    assert way(spoken(NADIA, MOMENT - age), human=human) == kind


def test_a_comment_gives_one_message_and_only_for_a_week() -> None:
    assert way(commented("c1", NADIA, MOMENT - timedelta(days=7))) == "private_reply"
    assert way(commented("c1", NADIA, MOMENT - timedelta(days=7, seconds=1))) == ""
    assert way(commented("c1", NADIA), used=("c1",)) == ""


def test_the_last_word_counts_and_nobody_elses() -> None:
    old, new = spoken(NADIA, MOMENT - timedelta(days=6)), spoken(NADIA, MOMENT)
    assert way(new, old) == "response"
    assert private_way([spoken("other")], {spoken(NADIA).handle}, (), MOMENT, human=True) is None


# --- words in public -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Votre dossier 2026-000123 avance.", "case"),
        ("Écrivez à nadia@exemple.fr", "email"),
        ("Appelez le 06 39 98 17 42", "number"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", "number"),
        ("n° 1 84 12 76 451 089 46", "number"),
        ("Nous passons au 14 rue des Acacias", "address"),
        ("Nous passons au 14 bis, avenue de la Gare", "address"),
        ("Bonjour Madame Fictive", "name"),
        ("Bonjour Madame FICTÍVE", "name"),
        ("Vous pouvez former un recours", "law"),
        ("Le silence vaut rejet", "law"),
        ("x" * 301, "too_long"),
    ],
)
def test_what_is_personal_or_legal_does_not_stand_in_public(text: str, fault: str) -> None:
    assert fault in faults(text, "Nadia Fictive")


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour Nadia, merci de votre message. Pour respecter votre vie privée, écrivez-nous en message privé.",
        "Merci ! La rue des Acacias rouvre le 13 mars à 18 h.",
        "Nos bureaux sont ouverts de 8 h 30 à 12 h et de 13 h 30 à 17 h 30.",
    ],
)
def test_a_sentence_and_an_invitation_may(text: str) -> None:
    assert faults(text, "Nadia Fictive") == ()


def test_a_public_answer_goes_under_the_requesters_last_comment(server: GraphServer) -> None:
    mine = server.graph.comment("Nadia Fictive", "Bonjour")
    other = server.graph.comment("Marcel Exemple", "Moi aussi", parent=POST)
    heard = (commented(mine, NADIA), commented(other, "5", HEARD_AT + timedelta(minutes=5)))
    sending = outgoing(*heard, public=True, text="Merci, écrivez-nous.", handles=(heard[0].handle,))
    channel(server.url).send(sending)
    assert server.graph.calls[0][1] == f"{mine}/comments"
    assert APP not in json.dumps(server.graph.calls[0][2])
