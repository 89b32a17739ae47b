"""Does a mail leave the town, and what is made of each answer of the mail server?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from gru.channels.base import ChannelBroken, ChannelError, TryLater, Undeliverable
from gru.channels.email.smtp import MaildirTransport, SmtpTransport, transport
from tests.channels.tls import certificate, in_tls, server_context
from tests.servers import Outbox
from tests.servers.process import HOST, free_port

SENDER, READER = "demande+retour.0@ville.example", "jeanne@courriel.example"
MAIL = b"Subject: Votre demande\r\n\r\nBonjour.\r\n"


def to(outbox: Outbox) -> SmtpTransport:
    return SmtpTransport(f"smtp://{outbox.host}:{outbox.port}")


def send(outbox: Outbox, mail: bytes = MAIL) -> None:
    to(outbox).send(SENDER, READER, mail)


def refusal(outbox: Outbox, mail: bytes = MAIL) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        send(outbox, mail)
    assert READER not in str(caught.value)
    return caught.value


def test_a_mail_the_server_takes_is_sent_as_it_is(smtp_server: Outbox) -> None:
    send(smtp_server, MAIL + b".\r\n..\r\nfin\r\n")
    [received] = smtp_server.messages
    assert (received.sender, received.recipients) == (SENDER, (READER,))
    assert received.raw == MAIL + b".\r\n..\r\nfin\r\n"


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["421 closing", "450 busy", "451 4.7.1 greylisted", "452 4.2.2 mailbox full"])
def test_what_may_pass_is_tried_later(smtp_server: Outbox, at: str, answer: str) -> None:
    smtp_server.refuse(answer, at=at)
    assert isinstance(refusal(smtp_server), TryLater)


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("550 5.1.1 no such user", "smtp_550"),
        ("554 spam", "smtp_554"),
        ("552 5.2.2 mailbox full", "mailbox_full"),
        ("552 too big", "too_large"),
        ("552 5.3.4 message exceeds the fixed limit", "too_large"),
        ("554 5.2.3 message too long for this mailbox", "too_large"),
    ],
)
def test_what_will_never_pass_has_a_reason(smtp_server: Outbox, at: str, answer: str, reason: str) -> None:
    smtp_server.refuse(answer, at=at)
    error = refusal(smtp_server)
    assert isinstance(error, Undeliverable)
    assert error.reason == reason


def test_a_refused_sender_is_a_matter_of_settings_not_of_this_reader(smtp_server: Outbox) -> None:
    smtp_server.refuse("553 5.7.1 sender address rejected: not owned by user", at="MAIL")
    assert isinstance(refusal(smtp_server), ChannelBroken)


def test_a_mail_refused_for_its_size_before_it_is_sent_is_too_large(smtp_server: Outbox) -> None:
    smtp_server.refuse("552 5.3.4 message size exceeds fixed maximum", at="MAIL")
    error = refusal(smtp_server)
    assert isinstance(error, Undeliverable) and error.reason == "too_large"


@pytest.mark.parametrize("at", ["RCPT", "DATA", "after"])
def test_a_line_that_breaks_is_tried_later(smtp_server: Outbox, at: str) -> None:
    smtp_server.drop(at)
    assert isinstance(refusal(smtp_server), TryLater)


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with pytest.raises(TryLater, match="the mail server is away"):
        SmtpTransport(f"smtp://{HOST}:{free_port()}").send(SENDER, READER, MAIL)


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example, c@d.example", "A <a@b.example>", "josé@b.example", "a", ""],
)
def test_an_address_no_command_can_carry_is_bad_and_nothing_is_smuggled(
    smtp_server: Outbox, tmp_path: Path, address: str
) -> None:
    for way_out in (to(smtp_server), MaildirTransport(tmp_path / "sortie")):
        with pytest.raises(Undeliverable) as caught:
            way_out.send(SENDER, address, MAIL)
        assert caught.value.reason == "bad_address"
    assert smtp_server.messages == []
    assert not (tmp_path / "sortie").exists()


# --- a server with other habits ------------------------------------------------------------------------------------


class Handler:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


@contextmanager
def server(**options: Any) -> Iterator[tuple[int, Handler]]:
    handler, port = Handler(), free_port()
    controller = Controller(handler, hostname=HOST, port=port, ready_timeout=15, **options)
    controller.start()
    try:
        yield port, handler
    finally:
        controller.stop()


def knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(handled=False, success=(data.login, data.password) == (b"mairie", b"p@ss:word"))


pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
WITH_LOGIN = {"authenticator": knows, "auth_required": True, "auth_require_tls": False}


def test_a_password_may_hold_any_sign() -> None:
    with server(**WITH_LOGIN) as (port, handler):
        SmtpTransport(f"smtp://mairie:p%40ss%3Aword@{HOST}:{port}").send(SENDER, READER, MAIL)
    assert len(handler.mails) == 1


@pytest.mark.parametrize("login", ["mairie:wrong@", "mairie:%C3%A9t%C3%A9@", ""])
def test_a_refused_login_calls_an_operator(login: str) -> None:
    with server(**WITH_LOGIN) as (port, handler), pytest.raises(ChannelBroken):
        SmtpTransport(f"smtp://{login}{HOST}:{port}").send(SENDER, READER, MAIL)
    assert handler.mails == []


def test_a_server_without_logins_calls_an_operator_when_one_is_set() -> None:
    with server() as (port, _), pytest.raises(ChannelBroken, match="does not offer"):
        SmtpTransport(f"smtp://mairie:secret@{HOST}:{port}").check()


def test_a_mail_larger_than_the_server_says_it_takes_is_not_even_begun() -> None:
    with server(data_size_limit=1000) as (port, handler), pytest.raises(Undeliverable) as caught:
        SmtpTransport(f"smtp://{HOST}:{port}").send(SENDER, READER, MAIL + b"x" * 2000)
    assert caught.value.reason == "too_large"
    assert handler.mails == []


@pytest.mark.parametrize(
    ("greeting", "how"), [(b"554 5.7.1 your address is blocked", ChannelBroken), (b"421 too busy", TryLater)]
)
def test_a_server_that_does_not_even_greet_says_nothing_of_the_reader(greeting: bytes, how: type[Exception]) -> None:
    with saying([greeting]) as port, pytest.raises(how):
        SmtpTransport(f"smtp://{HOST}:{port}").send(SENDER, READER, MAIL)


def test_a_mail_that_was_taken_is_sent_though_the_server_says_no_goodbye() -> None:
    answers = [b"220 hello", b"250 hello", b"250 sender", b"250 recipient", b"354 go on", b"250 taken", b"500 what?"]
    with saying(answers) as port:
        SmtpTransport(f"smtp://{HOST}:{port}").send(SENDER, READER, MAIL)


@contextmanager
def saying(answers: list[bytes]) -> Iterator[int]:
    """A server that says one thing after another, whatever it hears."""
    door = socket.create_server((HOST, 0))

    def serve() -> None:
        line, _ = door.accept()
        with line, line.makefile("rb") as heard:
            for answer in answers:
                line.sendall(answer + b"\r\n")
                word = heard.readline()
                while answer.startswith(b"354") and word not in (b".\r\n", b""):
                    word = heard.readline()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(door.getsockname()[1])
    finally:
        door.close()


# --- encryption ----------------------------------------------------------------------------------------------------


def test_a_certificate_nobody_vouches_for_calls_an_operator(smtp_server: Outbox, tmp_path: Path) -> None:
    with in_tls(smtp_server.port, certificate(tmp_path)) as port, pytest.raises(ChannelBroken, match="certificate"):
        SmtpTransport(f"smtps://{HOST}:{port}").send(SENDER, READER, MAIL)
    assert smtp_server.messages == []


def test_a_mail_leaves_over_tls(smtp_server: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with in_tls(smtp_server.port, pem) as port:
        SmtpTransport(f"smtps://{HOST}:{port}").send(SENDER, READER, MAIL)
    assert len(smtp_server.messages) == 1


def test_a_mail_leaves_over_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    with server(tls_context=server_context(pem), require_starttls=True) as (port, handler):
        url = f"smtp+starttls://{HOST}:{port}"
        with pytest.raises(ChannelBroken, match="certificate"):
            SmtpTransport(url).send(SENDER, READER, MAIL)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        SmtpTransport(url).send(SENDER, READER, MAIL)
    assert len(handler.mails) == 1


def test_encryption_that_is_set_and_not_offered_is_not_done_without() -> None:
    with server() as (port, handler), pytest.raises(ChannelBroken, match="does not offer"):
        SmtpTransport(f"smtp+starttls://{HOST}:{port}").send(SENDER, READER, MAIL)
    assert handler.mails == []


# --- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://ville.example", "http: is no way to send mail"),
        ("smtp://", "smtp: is no way to send mail"),
        ("smtp://user:secret@ville.example:twentyfive", "must be a number"),
        ("smtp://user:secret@ville.example:99999", "must be a number"),
    ],
)
def test_an_address_that_names_no_server_is_answered_in_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        transport(url)
    assert "secret" not in str(caught.value)


def test_the_server_can_be_asked_whether_it_would_take_mail(smtp_server: Outbox) -> None:
    to(smtp_server).check()
    assert smtp_server.messages == []


def test_without_a_server_mails_lie_in_a_folder_with_their_envelope(tmp_path: Path) -> None:
    way_out = transport(f"maildir://{tmp_path}/sortie")
    assert isinstance(way_out, MaildirTransport)
    for _ in range(2):
        way_out.send(SENDER, READER, MAIL)
    written = sorted((tmp_path / "sortie" / "new").iterdir())
    assert len(written) == 2
    envelope = f"Return-Path: <{SENDER}>\r\nX-Envelope-To: {READER}\r\n".encode()
    assert written[0].read_bytes() == envelope + MAIL


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "sortie").write_text("a file")
    with pytest.raises(TryLater, match="cannot be written"):
        MaildirTransport(tmp_path / "sortie").send(SENDER, READER, MAIL)


def test_a_mail_server_that_never_answers_does_not_hold_us_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru.channels.email.smtp.TIMEOUT_SECONDS", 0.5)
    with socket.create_server((HOST, 0)) as deaf, pytest.raises(TryLater, match="away"):
        SmtpTransport(f"smtp://{HOST}:{deaf.getsockname()[1]}").send(SENDER, READER, MAIL)


def test_a_server_that_filters_for_long_before_it_answers_is_waited_for(
    smtp_server: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gru.channels.email.smtp.TIMEOUT_SECONDS", 0.3)
    smtp_server.thinks = 0.6
    send(smtp_server)
    assert len(smtp_server.messages) == 1


def test_who_sits_before_a_page_is_not_made_to_wait_that_long(
    smtp_server: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gru.channels.email.smtp.TIMEOUT_SECONDS", 0.3)
    smtp_server.thinks = 0.6
    with pytest.raises(TryLater):
        to(smtp_server).send(SENDER, READER, MAIL, awaited=True)


def test_a_server_that_never_says_whether_it_took_the_mail_does_not_hold_us_for_ever(
    smtp_server: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gru.channels.email.smtp.VERDICT_SECONDS", 0.2)
    smtp_server.thinks = 0.6
    assert isinstance(refusal(smtp_server), TryLater)
