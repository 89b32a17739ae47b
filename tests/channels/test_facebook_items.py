"""Is every item of a webhook found, called by the same name whenever it comes, and read without trust?"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.channels.base import Incoming, RawMessage
from gru.channels.facebook.items import MOST_ITEMS, raw_messages, split
from gru.channels.facebook.signature import is_signed, read_signed_request, sign, signed_request
from tests.channels.contract import MACHINES
from tests.channels.facebook_kit import channel

SECRET = "secret-de-test-non-utilise"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAGE = "100200300400500"

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
WORDS = ("id", "time", "changes", "messaging", "standby", "field", "value", "item", "verb", "from", "name", "message",
         "comment_id", "post_id", "parent_id", "created_time", "sender", "recipient", "timestamp", "mid", "text",
         "attachments", "type", "payload", "url", "photo", "photos", "message_edit", "num_edit", "delivery",
         "watermark", "read", "postback", "is_echo", "is_deleted", "app_id", "metadata", "reply_to")  # fmt: skip
PLAIN = ("feed", "comment", "post", "add", "edited", "remove", "image", "sticker", PAGE, "a", "\ud800", "\0")
shaped: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(PLAIN) | st.integers(-10, 2 * 10**12) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=25,
)


def kept(body: bytes) -> list[RawMessage]:
    return raw_messages(split(body), NOW)


def identities(body: bytes) -> list[tuple[str, bytes]]:
    return sorted((one.external_id, one.content_digest) for one in kept(body))


def reading(body: bytes) -> list[Incoming]:
    return [channel().parse(message) for message in kept(body)]


def value_of(item: str, verb: str = "add", **more: Any) -> bytes:
    value = {"item": item, "verb": verb, "post_id": f"{PAGE}_1", "created_time": 1794899133, **more}
    return json.dumps(
        {"entry": [{"id": PAGE, "time": 1794899134, "changes": [{"field": "feed", "value": value}]}]}
    ).encode()


def message_of(**message: Any) -> bytes:
    event = {"sender": {"id": "7"}, "recipient": {"id": PAGE}, "timestamp": 1794985121377, "message": message}
    return json.dumps({"entry": [{"id": PAGE, "time": 1794985121902, "messaging": [event]}]}).encode()


# --- signatures ----------------------------------------------------------------------------------------------------


def test_every_payload_of_the_corpus_bears_its_signature_and_no_other(corpus: Path) -> None:
    lines = (corpus / "facebook" / "SIGNATURES.txt").read_text("utf-8").splitlines()
    signatures = dict(line.split() for line in lines if line and not line.startswith("#"))
    assert len(signatures) == 12
    for name, signature in signatures.items():
        body = (corpus / "facebook" / name).read_bytes()
        assert is_signed(SECRET, body, signature)
        assert not is_signed(SECRET, json.dumps(json.loads(body)).encode(), signature), "it was serialised anew"
        assert not is_signed(SECRET, body[:-1], signature)
        assert not is_signed("another secret", body, signature)


@pytest.mark.parametrize("header", ["", "sha256=", "sha1=abc", "é", "sha256=" + "0" * 64])
def test_a_wrong_or_missing_signature_is_none(header: str) -> None:
    assert not is_signed(SECRET, b"{}", header)


def test_where_no_secret_is_set_nothing_is_signed() -> None:
    assert not is_signed("", b"{}", sign("", b"{}"))


@given(text=st.text(max_size=80) | st.builds(lambda a, b: f"{a}.{b}", st.text(max_size=20), st.text(max_size=20)))
def test_no_text_is_mistaken_for_a_signed_request(text: str) -> None:
    assert read_signed_request(SECRET, text) is None


def test_a_signed_request_is_read_and_another_secret_or_algorithm_is_not() -> None:
    wish = {"algorithm": "HMAC-SHA256", "user_id": "218471"}
    assert read_signed_request(SECRET, signed_request(SECRET, wish)) == wish
    assert read_signed_request(SECRET, signed_request("other", wish)) is None
    assert read_signed_request(SECRET, signed_request(SECRET, {**wish, "algorithm": "none"})) is None


# --- items ---------------------------------------------------------------------------------------------------------


def test_every_item_of_the_corpus_is_found_but_thumbs(corpus: Path) -> None:
    found = [kept(path.read_bytes()) for path in sorted((corpus / "facebook").glob("*.json"))]
    assert [len(messages) for messages in found] == [1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 3, 3]


def test_an_item_bears_one_name_whatever_its_delivery_says_of_itself(corpus: Path) -> None:
    for path in sorted((corpus / "facebook").glob("*.json")):
        envelope = json.loads(path.read_bytes())
        later = {**envelope, "entry": [{**entry, "time": entry["time"] + 5} for entry in envelope["entry"]]}
        assert identities(json.dumps(later).encode()) == identities(path.read_bytes())


def test_numbers_and_texts_are_the_same_id() -> None:
    one = value_of("comment", comment_id="9_1", **{"from": {"id": 555}})
    other = value_of("comment", comment_id="9_1", **{"from": {"id": "555"}})
    assert identities(one) == identities(other)
    assert reading(one)[0].handle == reading(other)[0].handle == f"comment:{PAGE}:555"


def test_edit_edited_and_update_are_one_verb() -> None:
    named = [identities(value_of("post", verb, message="x")) for verb in ("edit", "edited", "update")]
    assert named[0] == named[1] == named[2] != identities(value_of("post", "add", message="x"))


def test_a_message_its_edits_and_its_removal_are_found_by_one_name() -> None:
    said, gone = kept(message_of(mid="m_1", text="Bonjour")), kept(message_of(mid="m_1", is_deleted=True))
    assert {said[0].external_id, gone[0].external_id} == {"m_1"}
    assert said[0].content_digest != gone[0].content_digest


def test_what_meta_says_of_the_future_is_taken_for_now() -> None:
    [message] = kept(value_of("post", created_time=4000000000, message="x"))
    assert message.received_at == NOW


def test_the_time_is_that_of_the_words_not_of_the_delivery() -> None:
    [message] = kept(value_of("post", message="x"))
    assert message.received_at == datetime(2026, 11, 17, 7, 5, 33, tzinfo=UTC)
    assert NOW - message.received_at > timedelta(days=2)


def test_what_lies_behind_the_most_items_is_kept_in_one_piece() -> None:
    change = json.loads(value_of("post", message="x"))["entry"][0]["changes"][0]
    body = json.dumps({"entry": [{"id": PAGE, "time": 1, "changes": [change] * (MOST_ITEMS + 7)}]}).encode()
    assert len(split(body)) == MOST_ITEMS + 1


# --- reading -------------------------------------------------------------------------------------------------------


def test_an_author_who_is_not_named_is_nobody() -> None:
    [read] = reading(value_of("comment", comment_id="9_1", message="Nid-de-poule"))
    assert (read.handle, read.name, read.proposed, read.text) == ("", "", "comment", "Nid-de-poule")


def test_the_old_way_to_name_an_author_is_understood() -> None:
    [read] = reading(value_of("post", message="x", sender_id=555, sender_name="Nadia Fictive"))
    assert (read.handle, read.name) == (f"comment:{PAGE}:555", "Nadia Fictive")


def test_the_page_itself_asks_for_nothing() -> None:
    [post] = reading(value_of("status", message="Travaux", **{"from": {"id": PAGE}}))
    assert post.sequel is not None and post.sequel.kind == "nothing"


def test_shared_things_are_words_and_files_are_files() -> None:
    attachments = [
        {"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/a.jpg"}},
        {"type": "fallback", "title": "Un article", "url": "https://journal.example/1"},
        {"type": "location", "title": "Ici", "payload": {"coordinates": {"lat": 48.123456, "long": 2.5}}},
        {"type": "sticker", "payload": {"url": "https://scontent.xx.fbcdn.net/s.png"}},
        {"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/t.png", "sticker_id": 369239263222822}},
        {"type": "template"},
        "nonsense",
    ]
    [read] = reading(message_of(mid="m_1", text="Voilà", attachments=attachments))
    assert read.text == "Voilà\nUn article\nhttps://journal.example/1\nIci\n48.12346, 2.50000"
    assert [medium.url for medium in read.media] == ["https://scontent.xx.fbcdn.net/a.jpg"]


def test_a_kind_of_message_nobody_can_read_is_shown_to_an_agent() -> None:
    [read] = reading(message_of(mid="m_1", is_unsupported=True))
    assert (read.proposed, read.handle) == ("unsupported", f"messenger:{PAGE}:7")


def test_what_another_app_handles_is_recorded_and_not_answered() -> None:
    event = json.loads(message_of(mid="m_1", text="Bonjour"))["entry"][0]["messaging"]
    [read] = reading(json.dumps({"entry": [{"id": PAGE, "time": 1, "standby": event}]}).encode())
    assert read.sequel is not None and (read.sequel.kind, read.sequel.note) == ("nothing", "standby")


def test_older_echoes_have_their_sides_the_other_way_round() -> None:
    echo = {"mid": "m_2", "is_echo": True, "app_id": 1, "text": "Bonjour"}
    [new] = [read.sequel for read in reading(message_of(**echo))]
    swapped = json.loads(message_of(**echo))
    event = swapped["entry"][0]["messaging"][0]
    event["sender"], event["recipient"] = event["recipient"], event["sender"]
    [old] = [read.sequel for read in reading(json.dumps(swapped).encode())]
    assert new is not None and new == old and new.of == f"thread:{PAGE}:7"


def test_the_other_form_of_a_messaging_event_is_understood() -> None:
    event = json.loads(message_of(mid="m_1", text="Bonjour"))["entry"][0]["messaging"][0]
    body = json.dumps({"entry": [{"id": PAGE, "time": 1, "changes": [{"field": "messages", "value": event}]}]}).encode()
    assert identities(body) == identities(message_of(mid="m_1", text="Bonjour"))


# --- whatever comes ------------------------------------------------------------------------------------------------


def check(body: bytes) -> None:
    messages = kept(body)
    assert [one.content_digest for one in messages] == [one.content_digest for one in kept(body)]
    for message in messages:
        assert len(message.external_id) <= 300 and message.received_at <= NOW
        read = channel().parse(message)
        assert read == channel().parse(message) and read.machine in MACHINES
        (read.text + read.name + read.handle + message.external_id).encode()


@given(body=st.binary(max_size=300))
def test_no_bytes_are_too_much(body: bytes) -> None:
    check(body)
    assert kept(body), "signed bytes were dropped"


@given(value=json_values | shaped)
def test_no_json_is_too_much(value: Any) -> None:
    check(json.dumps(value).encode())
    check(json.dumps({"entry": [{"id": PAGE, "time": 1, "changes": [{"field": "feed", "value": value}]}]}).encode())
    check(json.dumps({"entry": [{"id": PAGE, "time": 1, "messaging": [value]}]}).encode())


@given(data=st.data())
def test_no_damaged_payload_is_too_much(corpus: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted((corpus / "facebook").glob("*.json"))))
    body = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 15))] = data.draw(st.binary(max_size=10))
    check(bytes(body))


@pytest.mark.parametrize("depth", [100, 400, 900, 990, 3_000, 30_000])
def test_no_depth_is_too_much(depth: int) -> None:
    check(b'{"entry": [{"messaging": [' + b"[" * depth + b"]" * depth + b"]}]}")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"entry": ' * 20_000, b"1" * 10_000, b'"\\ud800"', b"NaN"])
def test_no_trap_of_json_is_too_much(body: bytes) -> None:
    check(body)
