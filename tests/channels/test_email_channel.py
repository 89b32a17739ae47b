"""Do mails become messages of the town, and its replies mails that every server carries?"""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.channels.base import Attachment, Failure, Incoming, Outgoing, RawMessage, Undeliverable
from gru.channels.email.arrival import arrived
from gru.channels.email.channel import EmailChannel, content_digest, external_id
from gru.channels.email.smtp import SmtpTransport
from tests.channels.contract import MOMENT, ChannelContract, assert_readable
from tests.servers import Outbox

OURS = "demande@ville.example"
TAG = "0123456789abcdef0123456789abcdef"
LONG_ID = f"{'c' * 32}.{'d' * 32}.{'e' * 10}"


class Kept:
    """A way out that remembers."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, bytes]] = []

    def send(self, envelope_sender: str, recipient: str, message: bytes) -> None:
        self.mails.append((envelope_sender, recipient, message))


def channel(transport: Any = None, authserv: str = "mx.ville.example") -> EmailChannel:
    return EmailChannel(
        address=OURS,
        instance="0a1b2c",
        authserv=authserv,
        transport=transport or Kept(),
        now=lambda: MOMENT,
    )


def outgoing(**changes: Any) -> Outgoing:
    words: dict[str, Any] = {
        "external_id": LONG_ID,
        "return_tag": TAG,
        "address": "jeanne@courriel.example",
        "name": "Jeanne Dupré",
        "sender": "Ville de Beaumarais",
        "reply_to": "demande+2026-000123.abcdefghij@ville.example",
        "subject": "Votre demande [#2026-000123]",
        "text": "Bonjour,\n\nNous avons bien reçu votre demande.\n",
        "automatic": False,
    }
    return Outgoing(**{**words, **changes})


def written(**changes: Any) -> EmailMessage:
    """As another program reads what left."""
    read = message_from_bytes(bytes(channel().compose(outgoing(**changes))), policy=SMTP)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def incoming(raw: bytes, **options: Any) -> Incoming:
    return channel(**options).parse(arrived(raw, OURS, MOMENT))


def mail(*lines: str, body: str = "Bonjour") -> bytes:
    return "\r\n".join((*lines, "", body)).encode()


JEANNE = "From: Jeanne <jeanne@courriel.example>"
BOUNCE = """From: MAILER-DAEMON@mx.ville.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Not delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ville.example

Final-Recipient: rfc822; jeanne@courriel.example
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Return-Path: <demande+retour.{tag}@ville.example>
Message-ID: <{original}@ville.example>
Subject: Votre demande

--b--
"""


def bounce(action: str = "failed", status: str = "5.1.1", to: str = f"demande+retour.{TAG}@ville.example") -> bytes:
    return BOUNCE.format(to=to, action=action, status=status, tag=TAG, original=LONG_ID).encode()


# --- the contract --------------------------------------------------------------------------------------------------


class OverSmtp:
    """The channel before a real mail server."""

    inbound = (
        mail(JEANNE, "Subject: Lampadaire", "Message-ID: <1@courriel.example>"),
        mail(JEANNE, "Subject: Absence du bureau", "Auto-Submitted: auto-replied"),
        bounce(),
        bounce("delayed", "4.4.1"),
        mail(JEANNE, "List-Id: <voisins.example>"),
        mail("From: =?x?q?=", "Content-Type: multipart/mixed; boundary=", body="--\r\n--"),
        b"",
    )

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.channel = channel(SmtpTransport(f"smtp://{outbox.host}:{outbox.port}"))

    def outgoing(self) -> Outgoing:
        return outgoing()

    def arrived(self) -> list[str]:
        return [external_id(received.raw) for received in self._outbox.messages]

    def is_busy(self) -> None:
        self._outbox.refuse("451 4.7.1 greylisted")

    def refuses(self) -> None:
        self._outbox.refuse("550 5.1.1 no such user")

    def hangs_up(self) -> None:
        self._outbox.drop()

    def refuses_us(self) -> None:
        self._outbox.refuse("530 5.7.0 authentication required", at="MAIL")


class TestEmailChannel(ChannelContract):
    @pytest.fixture
    def counterpart(self, smtp_server: Outbox) -> OverSmtp:
        return OverSmtp(smtp_server)


def test_every_letter_of_the_corpus_is_read(corpus: Path) -> None:
    for path in sorted((corpus / "mail").glob("*.eml")):
        read = assert_readable(channel(), path.read_bytes())
        assert "unreadable" not in read.defects, path.name


def test_what_the_reader_cannot_cope_with_is_shown_to_an_agent_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("gru.channels.email.channel.read", fails)
    read = incoming(mail(JEANNE, "Subject: Lampadaire"))
    assert (read.machine, read.defects) == ("hint", ("unreadable",))
    assert "Lampadaire" in read.text


# --- who wrote -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "lines"),
    [
        ("", (JEANNE, "Subject: Lampadaire")),
        ("", (JEANNE, "X-Auto-Response-Suppress: All")),
        ("", (JEANNE, *("Received: from a by b",) * 30)),
        ("own", (JEANNE, "X-GRU-Instance: 0a1b2c")),
        ("own", ("From: Ville <Demande@Ville.example>",)),
        ("own", ("From: demande+2026-000123.abcdefghij@ville.example",)),
        ("own", ("From: demande@ville.example", "Auto-Submitted: auto-replied", "List-Id: <x.example>")),
        ("loop", (JEANNE, *("Received: from a by b",) * 31)),
        ("loop", (JEANNE, "List-Id: <x.example>", *("Received: from a by b",) * 31)),
        ("list", (JEANNE, "List-Unsubscribe: <https://x.example>")),
        ("list", (JEANNE, "Precedence: bulk")),
        ("automatic", (JEANNE, "Precedence: bulk", "Subject: Absence du bureau")),
        ("automatic", (JEANNE, "Auto-Submitted: auto-generated")),
        ("automatic", (JEANNE, "Return-Path: <>")),
        ("automatic", (JEANNE, "Auto-Submitted: auto-replied", "Subject: Absence du bureau")),
        ("automatic", (JEANNE, "Content-Type: multipart/report; report-type=disposition-notification")),
        ("hint", (JEANNE, "Subject: Absence du bureau")),
        ("hint", (JEANNE, "X-Autoreply: yes")),
        ("hint", (JEANNE, "X-Loop: a")),
        ("hint", ("From: no-reply@boutique.example", "Subject: Votre commande")),
        ("hint", ("From: no-reply@boutique.example", "Reply-To: ne-pas-repondre@boutique.example")),
        ("hint", ("From: no-reply@a.example", "Reply-To: jeanne@courriel.example", "Subject: Absence du bureau")),
        ("", ("From: no-reply@formulaire.example", "Reply-To: jeanne@courriel.example")),
        ("hint", (JEANNE, f"To: demande+retour.{TAG}@ville.example")),
    ],
)
def test_who_wrote_is_told_apart(machine: str, lines: tuple[str, ...]) -> None:
    assert incoming(mail(*lines)).machine == machine


def test_another_towns_instance_is_not_ours() -> None:
    assert incoming(mail(JEANNE, "X-GRU-Instance: ffff")).machine == ""


def test_a_sender_who_wants_no_automatic_reply_is_a_person() -> None:
    read = incoming(mail(JEANNE, "X-Auto-Response-Suppress: OOF, AutoReply"))
    assert (read.machine, read.wants_no_reply) == ("", True)


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("jeanne@courriel.example", "jeanne@courriel.example"),
        ("no-reply@formulaire.example", "autre@courriel.example"),
        ("nepasrepondre@formulaire.example", "autre@courriel.example"),
        ("postmaster@formulaire.example", "autre@courriel.example"),
    ],
)
def test_reply_to_is_believed_only_of_a_machine_that_writes_for_a_person(sender: str, address: str) -> None:
    assert incoming(mail(f"From: {sender}", "Reply-To: autre@courriel.example")).address == address


VOUCHED = "Authentication-Results: {server}; dmarc={verdict} header.from=courriel.example"


@pytest.mark.parametrize(
    ("proven", "lines"),
    [
        (True, (VOUCHED.format(server="mx.ville.example", verdict="pass"),)),
        (False, (VOUCHED.format(server="mx.ville.example", verdict="fail"),)),
        (False, (VOUCHED.format(server="mx.elsewhere.example", verdict="pass"),)),
        (False, ()),
    ],
)
def test_only_our_own_server_proves_a_sender(proven: bool, lines: tuple[str, ...]) -> None:
    assert incoming(mail(*lines, JEANNE)).proven is proven


def test_without_a_name_for_our_server_nobody_is_proven() -> None:
    line = VOUCHED.format(server="mx.ville.example", verdict="pass")
    assert incoming(mail(line, JEANNE), authserv="").proven is False


def test_what_proves_a_machine_does_not_prove_the_person_it_names() -> None:
    line = "Authentication-Results: mx.ville.example; dmarc=pass header.from=mal.example"
    read = incoming(mail(line, "From: no-reply@mal.example", "Reply-To: jeanne@courriel.example"))
    assert (read.address, read.proven) == ("jeanne@courriel.example", False)


def test_recipients_and_references_are_told_nearest_first() -> None:
    read = incoming(
        mail(
            "Delivered-To: voirie@ville.example",
            JEANNE,
            "To: demande@ville.example",
            "Cc: maire@ville.example",
            "In-Reply-To: <c@x>",
            "References: <a@x> <b@x> <c@x>",
        )
    )
    assert read.recipients == ("voirie@ville.example", "demande@ville.example", "maire@ville.example")
    assert read.references == ("c@x", "b@x", "a@x")


# --- what did not arrive -------------------------------------------------------------------------------------------


def test_a_bounce_names_the_reply_it_speaks_of() -> None:
    read = incoming(bounce())
    assert read.machine == "automatic"
    assert read.failures == (Failure("jeanne@courriel.example", True, "bounce_5", f"{LONG_ID}@ville.example", TAG),)


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [
        ("failed", "5.1.1", True),
        ("failed", "4.4.7", True),
        ("delayed", "4.4.1", False),
        ("delayed", "5.0.0", False),
    ],
)
def test_a_failure_is_for_good_a_delay_is_not(action: str, status: str, permanent: bool) -> None:
    [failure] = incoming(bounce(action, status)).failures
    assert failure.permanent is permanent
    assert failure.reason == ("bounce_5" if permanent else "bounce_4")


def test_a_report_of_success_is_no_failure() -> None:
    assert incoming(bounce("delivered", "2.0.0")).failures == ()


def test_of_several_recipients_only_those_that_failed_are_failures() -> None:
    both = bounce().replace(
        b"Final-Recipient: rfc822; jeanne@",
        b"Final-Recipient: rfc822; voisin@courriel.example\nAction: delivered\nStatus: 2.0.0\n\n"
        b"Final-Recipient: rfc822; jeanne@",
    )
    assert [failure.recipient for failure in incoming(both).failures] == ["jeanne@courriel.example"]


@pytest.mark.parametrize("to", [f"Demande+Retour.{TAG.upper()}@ville.example", OURS])
def test_the_return_address_is_found_in_any_case_and_in_what_is_returned(to: str) -> None:
    assert incoming(bounce(to=to)).failures[0].reply_tag == TAG


@pytest.mark.parametrize(
    ("subject", "permanent"), [("Undelivered Mail Returned to Sender", True), ("Delayed Mail (still trying)", False)]
)
def test_a_bounce_without_a_report_still_says_that_something_failed(subject: str, permanent: bool) -> None:
    raw = mail(
        "From: MAILER-DAEMON@mx.example",
        f"Subject: {subject}",
        f"To: demande+retour.{TAG}@ville.example",
        "In-Reply-To: <original@ville.example>",
        "Return-Path: <>",
    )
    [failure] = incoming(raw).failures
    assert (failure.permanent, failure.original_id, failure.reply_tag) == (permanent, "original@ville.example", TAG)


def test_a_person_has_no_failures() -> None:
    assert incoming(mail(JEANNE, f"To: demande+retour.{TAG}@ville.example")).failures == ()


# --- one mail or two -----------------------------------------------------------------------------------------------

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


# --- how a reply looks ---------------------------------------------------------------------------------------------


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


def test_a_raw_message_is_what_the_archive_keeps() -> None:
    raw = mail(*SAME)
    message = RawMessage("email", OURS, "1@courriel.example", MOMENT, content_digest(raw), raw)
    assert arrived(raw, OURS, MOMENT) == message
