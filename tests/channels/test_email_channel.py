"""What does the town understand of a mail: who wrote, may he be believed, what did not arrive?"""

from pathlib import Path

import pytest

from gru.channels.base import Failure, Outgoing
from gru.channels.email.channel import external_id
from gru.channels.email.smtp import SmtpTransport
from tests.channels.contract import ChannelContract, assert_readable
from tests.channels.letters import JEANNE, LONG_ID, OURS, TAG, channel, incoming, mail, outgoing
from tests.servers import Outbox

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
