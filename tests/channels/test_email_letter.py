"""Does a reply look so that every server carries it and every reader threads it?"""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
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


@given(words=st.text(max_size=120))
def test_any_words_can_be_sent(words: str) -> None:
    file = Attachment(words, words, b"x")
    read = written(subject=words, name=words, sender=words, text=words, references=(words,), attachments=(file,))
    assert set(read.keys()) <= HEADS
    assert [address.addr_spec for address in read["To"].addresses] == ["jeanne@courriel.example"]


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
