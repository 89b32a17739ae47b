"""Does a reply look so that every server carries it and every reader threads it?"""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gru.channels.base import Attachment, Undeliverable
from gru.channels.email.channel import EmailChannel, external_id
from tests.channels.contract import MOMENT
from tests.channels.letters import LONG_ID, OURS, TAG, Kept, channel, incoming, outgoing, written


def test_the_same_reply_has_the_same_message_id_whenever_it_is_sent() -> None:
    later = EmailChannel(
        address=OURS, instance="0", authserv="", transport=Kept(), now=lambda: MOMENT + timedelta(days=1)
    )
    ids = {external_id(bytes(each.compose(outgoing()))) for each in (channel(), channel(), later)}
    assert ids == {f"{LONG_ID}@ville.example"}


def test_the_envelope_leads_a_bounce_back_to_the_reply() -> None:
    kept = Kept()
    channel(kept).send(outgoing())
    [(sender, recipient, _)] = kept.mails
    assert (sender, recipient) == (f"demande+retour.{TAG}@ville.example", "jeanne@courriel.example")


def test_the_head_of_an_automatic_mail_stops_other_machines() -> None:
    read = written(automatic=True, references=("a@courriel.example", "b@courriel.example"))
    assert read["Auto-Submitted"] == "auto-replied"
    assert read["X-Auto-Response-Suppress"] == "All"
    assert read["X-GRU-Instance"] == "0a1b2c"
    assert read["In-Reply-To"] == "<b@courriel.example>"
    assert read["References"] == "<a@courriel.example> <b@courriel.example>"
    assert "Precedence" not in read


def test_an_agents_own_words_are_not_marked_as_automatic() -> None:
    assert not {"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"} & set(written().keys())


def test_our_own_mail_is_known_when_it_comes_back() -> None:
    raw = bytes(channel().compose(outgoing(automatic=True, sender="Autre", references=("a@x.example",))))
    assert incoming(raw.replace(b"demande@ville", b"autre@ailleurs")).machine == "own"


def test_long_message_ids_are_neither_broken_nor_encoded() -> None:
    references = tuple(f"{number}{'x' * 90}@courriel.example" for number in range(30))
    raw = bytes(channel().compose(outgoing(references=references)))
    assert f"Message-ID: <{LONG_ID}@ville.example>\r\n".encode() in raw
    assert all(f"<{reference}>".encode() in raw for reference in references[-20:])
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert incoming(raw).references == (references[-1], *reversed(references[-20:-1]))


def test_accents_arrive_in_names_subject_text_and_names_of_files() -> None:
    file = Attachment("Arrêté n° 12 – façade.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff")
    read = written(
        sender="Ville de Saint-Étienne-du-Bœuf", subject="Éclairage " * 20, name="Zoé Œuvrard", attachments=(file,)
    )
    assert read["From"].addresses[0].display_name == "Ville de Saint-Étienne-du-Bœuf"
    assert read["To"].addresses[0].display_name == "Zoé Œuvrard"
    assert read["Subject"] == ("Éclairage " * 20).strip()
    text = read.get_body()
    assert text is not None and text.get_content().startswith("Bonjour,")
    [part] = read.iter_attachments()
    assert part.get_filename() == "Arrêté n° 12 – façade.pdf"
    assert part.get_content() == file.content


def test_the_mail_is_ascii_with_short_lines_that_end_in_crlf() -> None:
    text = "é" * 2000 + "\nligne\r\nautre\rfin\n.\n"
    raw = bytes(channel().compose(outgoing(text=text, attachments=(Attachment("a", "image/png", b"\n" * 5000),))))
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n") if not line.startswith(b"Message-ID")) <= 78
    read = message_from_bytes(raw, policy=SMTP)
    assert isinstance(read, EmailMessage)
    body = read.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "é" * 2000 + "\nligne\nautre\nfin\n.\n"


HEADS = {
    "Message-ID", "Date", "From", "To", "Reply-To", "Subject", "X-GRU-Instance", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "In-Reply-To", "References",
}  # fmt: skip
NASTY = [
    "\r\nBcc: espion@mal.example",
    "\nX: y\n\nbody",
    "a\rb",
    "\x00\x0b\x0c\x1b",
    "\u2028Bcc: x\x85",
    "\ud800",
    '<>,;:"\\@(',
]


@pytest.mark.parametrize("nasty", NASTY)
def test_no_word_of_anybodys_makes_a_header(nasty: str) -> None:
    read = written(
        subject=f"Votre{nasty} demande",
        name=f"Jeanne{nasty} Dupré",
        sender=f"Ville{nasty}",
        references=(f"a{nasty}@x.example", "b@x.example"),
        in_reply_to=nasty,
        attachments=(Attachment(f"plan{nasty}.pdf", f"application/pdf{nasty}", b"x"),),
    )
    assert set(read.keys()) <= HEADS
    assert [address.addr_spec for address in read["To"].addresses] == ["jeanne@courriel.example"]
    assert [address.addr_spec for address in read["From"].addresses] == [OURS]
    [part] = read.iter_attachments()
    assert set(part.keys()) <= {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}


WORD_IN_A_WORD = "=?utf-8?q?Jeanne=0D=0AReply-To=3A_escroc=40mal.example=0D=0A=0D=0APayez_ici?="
"""What one decoding leaves of an encoded word that holds another."""

BITS = [
    *NASTY, WORD_IN_A_WORD, "=?", "?=", "=?utf-8?q?", "=?utf-8?b?", "=?iso-8859-1?Q?", "=0D=0A", "YQ0KQmNjOiB4", "é",
    "😀", "..", " ", "\t", "\xa0", "\u202e", "(", ")", "=", "?", "a" * 300,
]  # fmt: skip
WORDS = st.lists(st.one_of(st.sampled_from(BITS), st.text(max_size=20)), max_size=12).map("".join)


def heads(raw: bytes) -> list[bytes]:
    """The lines of the mail's own head, folded ones apart."""
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


@pytest.mark.parametrize("where", ["name", "sender", "subject"])
def test_an_encoded_word_inside_another_ends_no_header_of_the_answer(where: str) -> None:
    raw = bytes(channel().compose(outgoing(**{where: WORD_IN_A_WORD, "reply_to": ""})))
    assert not [line for line in heads(raw) if line.lower().startswith((b"reply-to", b"payez"))]
    read = message_from_bytes(raw, policy=SMTP)
    assert isinstance(read, EmailMessage) and "=0D=0A" in str(read[{"name": "To", "sender": "From"}.get(where, where)])


def test_an_encoded_word_inside_another_ends_no_header_of_a_file() -> None:
    [part] = written(attachments=(Attachment(f"{WORD_IN_A_WORD}.pdf", "application/pdf", b"x"),)).iter_attachments()
    assert set(part.keys()) <= {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}
    assert part.get_content() == b"x"


@given(name=WORDS, subject=WORDS, other=WORDS)
@example(name=WORD_IN_A_WORD, subject=WORD_IN_A_WORD, other=WORD_IN_A_WORD)
def test_any_words_can_be_sent_and_none_makes_a_header(name: str, subject: str, other: str) -> None:
    file = Attachment(other, other, b"x")
    sent = outgoing(subject=subject, name=name, sender=other, text=other, references=(other,), attachments=(file,))
    raw = bytes(channel().compose(sent))
    lines = heads(raw)
    assert {line.partition(b":")[0].decode() for line in lines if not line.startswith((b" ", b"\t"))} <= HEADS
    assert all(line.strip() and b"\r" not in line and b"\n" not in line and len(line) <= 998 for line in lines)
    read = message_from_bytes(raw, policy=SMTP)
    assert isinstance(read, EmailMessage) and not read.defects
    assert [address.addr_spec for address in read["To"].addresses] == ["jeanne@courriel.example"]
    assert [address.addr_spec for address in read["From"].addresses] == [OURS]
    [part] = read.iter_attachments()
    assert part.get_content() == b"x"


def test_what_cannot_be_written_as_a_mail_is_told_and_not_tried_again() -> None:
    kept = Kept()
    with pytest.raises(Undeliverable) as caught:
        channel(kept).send(outgoing(unsubscribe="https://ville.example/arrêter"))
    assert (caught.value.reason, kept.mails) == ("unwritable", [])


@pytest.mark.parametrize(
    "address",
    ["", "jeanne", "@courriel.example", "jeanne@", "a@b@c.example x", "jeanne@courriel.example\r\nBcc: x@y.example",
     "jeanne dupré@courriel.example", "josé@courriel.example", "a@b..example", f"{'x' * 65}@b.example",
     "Jeanne <jeanne@courriel.example>", "a@b.example,c@d.example"],
)  # fmt: skip
def test_an_address_that_is_none_gets_no_mail(address: str) -> None:
    kept = Kept()
    with pytest.raises(Undeliverable) as caught:
        channel(kept).send(outgoing(address=address))
    assert caught.value.reason == "bad_address"
    assert kept.mails == []


def test_a_message_id_that_holds_an_encoded_word_is_left_out_and_the_answer_leaves() -> None:
    read = written(
        in_reply_to="=?utf-8?q?=E9?=@x.example", references=("=?utf-8?q?a=0D=0AX:y?=@x.example", "b@x.example")
    )
    assert (read["In-Reply-To"], read["References"]) == ("<b@x.example>", "<b@x.example>")


@pytest.mark.parametrize("local", ["=?utf-8?q?a=0D=0AX=3Ay?=", "a.=?utf-8?q?a=0D=0AX=3Ay?="])
def test_an_address_that_holds_an_encoded_word_gets_no_mail(local: str) -> None:
    kept = Kept()
    with pytest.raises(Undeliverable) as caught:
        channel(kept).send(outgoing(address=f"{local}@courriel.example"))
    assert (caught.value.reason, kept.mails) == ("bad_address", [])


def test_a_very_long_address_stays_whole() -> None:
    address = f"{'jeanne.dupre' * 5}@{'sous-domaine.' * 8}courriel.example"
    raw = bytes(channel().compose(outgoing(address=address, name="Zoé " * 20)))
    assert raw.isascii() and address.encode() in raw


def test_a_domain_with_accents_is_written_as_servers_know_it() -> None:
    kept = Kept()
    channel(kept).send(outgoing(address="jeanne@mairie-écully.example"))
    assert kept.mails[0][1] == "jeanne@xn--mairie-cully-heb.example"


@pytest.mark.parametrize(
    "media_type", ["", "pdf", "multipart/mixed", "message/rfc822", "text/html; charset=x", "a/b\nc"]
)
def test_a_file_of_an_odd_kind_arrives_whole(media_type: str) -> None:
    [part] = written(attachments=(Attachment("plan", media_type, b"\x00\r\n\xff"),)).iter_attachments()
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_content() == b"\x00\r\n\xff"
