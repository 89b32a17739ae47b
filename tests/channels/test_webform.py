"""Is a form read as it was sent, whatever arrives instead of it?"""

import msgspec
import pytest

from gru.channels.base import Attachment, Incoming, Outgoing, Undeliverable
from gru.channels.webform import Answer, SentFile, Submission, WebFormChannel, raw_message
from tests.channels.contract import MOMENT, ReadingContract

FORM = Submission(
    title="Trou, 14 rue des Acacias",
    type="VOI-CHAUSSEE",
    text="Un trou.",
    answers=(Answer(code="danger", question="Y a-t-il un danger ?", words="Oui", value="oui"),),
    place="14 rue des Acacias",
    district="CEN",
    danger=True,
    name="Claire Aubry",
    email="claire.aubry@courriel.example",
    phone="0639981742",
    address="3 rue du Puits",
    same_as="2026-000007",
    files=(
        SentFile(name="a.jpg", media_type="image/jpeg", size=3),
        SentFile(name="b.pdf", media_type="application/pdf", size=4),
    ),
)
FILES = (b"one", b"t\nwo")


def raw(form: Submission = FORM, contents: tuple[bytes, ...] = FILES) -> bytes:
    return raw_message(form, contents, draft="d1", received_at=MOMENT).raw


class Door:
    channel = WebFormChannel()
    inbound = (raw(), raw(Submission(title="x", type=""), ()), b"", b"{}", b"\n\n")


class TestWebFormChannel(ReadingContract):
    @pytest.fixture
    def counterpart(self) -> Door:
        return Door()


def parsed(content: bytes) -> Incoming:
    message = msgspec.structs.replace(raw_message(FORM, FILES, draft="d1", received_at=MOMENT), raw=content)
    return WebFormChannel().parse(message)


def test_a_form_says_all_that_was_answered() -> None:
    assert parsed(raw()) == Incoming(
        address="claire.aubry@courriel.example",
        phone="0639981742",
        name="Claire Aubry",
        postal_address="3 rue du Puits",
        subject="Trou, 14 rue des Acacias",
        text="Un trou.\n\nY a-t-il un danger ?\nOui",
        attachments=(Attachment("a.jpg", "image/jpeg", b"one"), Attachment("b.pdf", "application/pdf", b"t\nwo")),
        type="VOI-CHAUSSEE",
        danger=True,
        place="14 rue des Acacias",
        district="CEN",
        same_as="2026-000007",
    )


def test_nobody_vouches_for_an_address_typed_into_a_form() -> None:
    assert not parsed(raw()).proven


def test_a_form_cut_short_keeps_what_is_whole_and_says_so() -> None:
    incoming = parsed(raw()[:-1])
    assert [file.name for file in incoming.attachments] == ["a.jpg"]
    assert incoming.defects == ("files_missing",)


def test_what_is_no_form_is_said_to_be_none() -> None:
    assert parsed(b"<html>") == Incoming(defects=("unreadable",))


def test_one_draft_is_one_message_whatever_it_holds_and_another_draft_is_another() -> None:
    one = raw_message(FORM, FILES, draft="d1", received_at=MOMENT)
    again = raw_message(Submission(title="y", type=""), (), draft="d1", received_at=MOMENT)
    other = raw_message(FORM, FILES, draft="d2", received_at=MOMENT)
    assert (one.external_id, one.content_digest) == (again.external_id, again.content_digest)
    assert one.content_digest != other.content_digest


def test_no_reply_leaves_by_a_form() -> None:
    outgoing = Outgoing(external_id="a.b", return_tag="t", address="x@y.example", name="", sender="Ville",
                        reply_to="d@v.example", subject="s", text="t", automatic=False)  # fmt: skip
    with pytest.raises(Undeliverable):
        WebFormChannel().send(outgoing)
