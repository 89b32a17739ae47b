"""When are two deliveries one mail?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.channels.base import RawMessage
from gru.channels.email.arrival import arrived
from gru.channels.email.channel import content_digest, external_id
from tests.channels.contract import MOMENT
from tests.channels.letters import JEANNE, OURS, mail

SAME = ("Message-ID: <1@courriel.example>", JEANNE, "To: mairie@ville.example", "Subject: =?utf-8?q?Lampadaire?=")


def test_two_deliveries_of_one_mail_are_one() -> None:
    one = mail("Return-Path: <jeanne@courriel.example>", "Delivered-To: mairie@ville.example", "Received: a", *SAME)
    two = mail("Delivered-To: voirie@ville.example", "Received: b", "Received: c", "X-Spam: no", *reversed(SAME))
    assert content_digest(one) == content_digest(two)
    assert external_id(one) == external_id(two) == "1@courriel.example"


def test_a_header_folded_anew_and_other_line_ends_do_not_make_two_of_one() -> None:
    one = mail(JEANNE, "Subject: Un lampadaire", "\tde la rue", body="Bonjour\r\nà vous\r\n")
    two = mail(JEANNE, "subject:  Un", "  lampadaire de la rue", body="Bonjour\r\nà vous").replace(b"\r\n", b"\n")
    assert content_digest(one) == content_digest(two)


@pytest.mark.parametrize(
    "other",
    [
        mail(*SAME, body="Bonsoir"),
        mail(*SAME[:-1], "Subject: Trottoir"),
        mail(*SAME[:2], "To: maire@ville.example", SAME[3]),
        mail("Message-ID: <2@courriel.example>", *SAME[1:]),
    ],
)
def test_other_words_under_one_message_id_are_another_mail(other: bytes) -> None:
    assert content_digest(other) != content_digest(mail(*SAME))


@given(one=st.binary(max_size=200), two=st.binary(max_size=200))
def test_bytes_without_any_head_are_told_apart(one: bytes, two: bytes) -> None:
    plain = [raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip() for raw in (one, two)]
    if b":" not in one + two and plain[0].split() != plain[1].split():
        assert content_digest(one) != content_digest(two)


@given(raw=st.binary(max_size=500))
def test_naming_a_mail_never_fails(raw: bytes) -> None:
    for head in (b"", b"Message-ID: "):
        message = arrived(head + raw, OURS, MOMENT)
        assert len(message.content_digest) == 32
        assert not set(message.external_id) & set("\r\n <>")


@pytest.mark.parametrize(
    ("line", "known_as"),
    [
        ("Message-ID: <a.b@courriel.example>", "a.b@courriel.example"),
        ("Message-Id:\r\n <a.b@courriel.example>", "a.b@courriel.example"),
        ("MESSAGE-ID: a.b@courriel.example", "a.b@courriel.example"),
        ("Message-ID: <a b@courriel.example>", "ab@courriel.example"),
        ("Message-ID:", ""),
        ("Subject: <a@b>", ""),
    ],
)
def test_a_mail_is_known_by_its_message_id(line: str, known_as: str) -> None:
    assert external_id(mail(line, JEANNE)) == known_as


def test_a_raw_message_is_what_the_archive_keeps() -> None:
    raw = mail(*SAME)
    message = RawMessage("email", OURS, "1@courriel.example", MOMENT, content_digest(raw), raw)
    assert arrived(raw, OURS, MOMENT) == message
