"""How does a mail leave the town?"""

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from gru.channels.base import ChannelBroken, FullMailbox, TryLater, Undeliverable
from gru.channels.email.channel import Transport
from gru.channels.email.tokens import Tokens, challenged, mechanism

TIMEOUT_SECONDS = 30.0
VERDICT_SECONDS = 600.0
"""How long a server that was given a mail may filter before it answers (RFC 5321 4.5.3.2.6). Who goes away earlier
sends again what was taken."""

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_OF_OUR_LOGIN = frozenset({530, 534, 535, 538})
"""Refusals that speak of our login, not of the recipient (RFC 4954)."""

_ADDRESS = re.compile(r"[!#-'*+./-9=?A-Z^-~-]+@[A-Za-z0-9.-]+")
_LIMITED = re.compile(rb"\b4\.7\.\d{1,3}\b")
_GREY = re.compile(rb"gr[ea]y-?list", re.IGNORECASE)
"""A server that lets every stranger wait once: it speaks of this reader only."""

_FULL = re.compile(rb"\b[45]\.2\.2\b")
_TOO_LARGE = re.compile(rb"\b5\.(?:2\.3|3\.4)\b")
_OTHER_STATUS = re.compile(rb"\b5\.\d{1,3}\.\d{1,3}\b")


class Away(TryLater):
    """The server does not answer, or takes nobody's mail now."""


class Limited(TryLater):
    """The provider wants less of us for a while."""


class _WaitsForTheVerdict(smtplib.SMTP):
    """Patient for the one exchange after which a mail is the server's."""

    patience = TIMEOUT_SECONDS

    def data(self, msg: Any) -> tuple[int, bytes]:
        line: Any = self.sock
        line.settimeout(self.patience)
        answer = super().data(msg)
        line.settimeout(TIMEOUT_SECONDS)
        return answer


class _WaitsInTls(_WaitsForTheVerdict, smtplib.SMTP_SSL):
    pass


class SmtpTransport:
    """One connection for each mail: a town sends few, and a fresh one has no stale state."""

    def __init__(self, url: str, tokens: Tokens | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{parts.scheme}: is no way to send mail; use smtp://, smtps:// or smtp+starttls://.")
        try:
            port = parts.port
        except ValueError:
            raise ValueError("The port of the mail server must be a number up to 65535.") from None
        self._scheme = parts.scheme
        self._host = parts.hostname
        self._port = port or _PORTS[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._auth = mechanism(parse_qs(parts.query))
        self._tokens = tokens or Tokens(None)

    def send(self, envelope_sender: str, recipient: str, message: bytes, *, awaited: bool = False) -> None:
        """Once the server has taken the mail nothing can fail any more: not even a bad farewell."""
        _refuse_odd(recipient)
        with self._connected() as server, _sending():
            server.patience = TIMEOUT_SECONDS if awaited else VERDICT_SECONDS
            _refuse_too_large(server, len(message))
            server.sendmail(envelope_sender, [recipient], message)

    def check(self) -> None:
        """Connect, log in, leave."""
        with self._connected() as server, _greeting():
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator[_WaitsForTheVerdict]:
        with _greeting():
            server = self._opened()
        try:
            with _greeting():
                self._log_in(server)
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _opened(self) -> _WaitsForTheVerdict:
        if self._scheme == "smtps":
            context = ssl.create_default_context()
            return _WaitsInTls(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        return _WaitsForTheVerdict(self._host, self._port, timeout=TIMEOUT_SECONDS)

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if self._user and self._auth:
            self._show_token(server)
        elif self._user:
            server.login(self._user, self._password)

    def _show_token(self, server: smtplib.SMTP) -> None:
        """A token refused though it should hold was revoked: another one is shown, once."""
        if not server.has_extn("auth"):
            raise smtplib.SMTPNotSupportedError("no login is offered")
        token = self._tokens.token(self._password)
        try:
            server.auth(self._auth.upper(), challenged(self._auth, self._user, token))
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise
            self._tokens.forget(token)
            another = self._tokens.token(self._password)
            server.auth(self._auth.upper(), challenged(self._auth, self._user, another))


class MaildirTransport:
    """Writes each mail to a folder, oldest name first: for a demonstration, or a relay that picks them up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, envelope_sender: str, recipient: str, message: bytes, *, awaited: bool = False) -> None:
        """The envelope goes into the first two lines."""
        _refuse_odd(recipient)
        name = f"{time.time_ns()}.{token_hex(6)}.eml"
        envelope = f"Return-Path: <{envelope_sender}>\r\nX-Envelope-To: {recipient}\r\n".encode()
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
            (self._folder / "tmp" / name).write_bytes(envelope + message)
            (self._folder / "tmp" / name).rename(self._folder / "new" / name)
        except OSError as error:
            raise TryLater(f"the folder for outgoing mail cannot be written ({type(error).__name__})") from error


def transport(url: str, tokens: Tokens | None = None) -> Transport:
    """`ValueError` with a sentence when the address names no way to send."""
    if url.startswith("maildir://"):
        return MaildirTransport(Path(url.removeprefix("maildir://")))
    return SmtpTransport(url, tokens)


# --- what the server's answers mean --------------------------------------------------------------------------------


@contextmanager
def _greeting() -> Iterator[None]:
    """Before any mail is spoken of, a refusal for good concerns the town's settings."""
    try:
        yield
    except smtplib.SMTPNotSupportedError as error:
        raise ChannelBroken("the mail server does not offer what is set: encryption or a login") from error
    except smtplib.SMTPAuthenticationError as error:
        raise _later_or_broken(error.smtp_code, "refuses our login") from error
    except smtplib.SMTPResponseException as error:
        raise _later_or_broken(error.smtp_code, "refuses to talk to us") from error
    except ssl.SSLCertVerificationError as error:
        raise ChannelBroken("the mail server's certificate is not valid") from error
    except (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as error:
        raise Away(f"the mail server is away ({type(error).__name__})") from error
    except (smtplib.SMTPException, UnicodeError) as error:
        raise ChannelBroken("the mail server offers no way to log in that we know") from error
    except OSError as error:
        raise Away(f"the mail server is away ({type(error).__name__})") from error


@contextmanager
def _sending() -> Iterator[None]:
    """Of the sender: our settings; of the recipient or the mail: 4xx try later, 5xx never."""
    try:
        yield
    except smtplib.SMTPSenderRefused as error:
        raise _of_the_sender(error.smtp_code, _bytes(error.smtp_error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _of_the_mail(code, _bytes(words)) from error
    except smtplib.SMTPResponseException as error:
        raise _of_the_mail(error.smtp_code, _bytes(error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Away(f"the mail server is away ({type(error).__name__})") from error


def _refuse_odd(address: str) -> None:
    """The library would quietly take what it can read of it, and send there."""
    if not _ADDRESS.fullmatch(address):
        raise Undeliverable("the address is none that mail can be sent to", "bad_address")


def _refuse_too_large(server: smtplib.SMTP, size: int) -> None:
    """What the server says it takes (RFC 1870); 0 or nothing means no limit."""
    limit = server.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < size:
        raise _too_large()


def _of_the_sender(code: int, words: bytes) -> ChannelBroken | TryLater | Undeliverable:
    if _is_too_large(code, words):
        return _too_large()
    return _later_or_broken(code, "refuses our address or login")


def _of_the_mail(code: int, words: bytes) -> ChannelBroken | TryLater | Undeliverable:
    if code in _OF_OUR_LOGIN:
        return _later_or_broken(code, "refuses our login")
    if _is_too_large(code, words):
        return _too_large()
    if _FULL.search(words):
        return _full(code)
    if _is_limit(code, words):
        return _limited(code)
    if 500 <= code < 600:
        return Undeliverable(f"the mail server said no ({code})", f"smtp_{code}")
    return TryLater(f"the mail server said later ({code})")


def _later_or_broken(code: int, refusal: str) -> ChannelBroken | TryLater:
    """Said before any reader was named: whatever the reason, nobody's mail would be taken now."""
    if 500 <= code < 600:
        return ChannelBroken(f"the mail server {refusal} ({code})")
    return _limited(code)


def _is_limit(code: int, words: bytes) -> bool:
    is_told = code in (421, 454) or (code in (450, 451, 452) and _LIMITED.search(words) is not None)
    return is_told and not _GREY.search(words)


def _limited(code: int) -> Limited:
    return Limited(f"the mail server takes no more for now ({code})")


def _full(code: int) -> FullMailbox | Undeliverable:
    if 500 <= code < 600:
        return Undeliverable("the reader's mailbox is full", "mailbox_full")
    return FullMailbox("the reader's mailbox is full for now")


def _is_too_large(code: int, words: bytes) -> bool:
    """552 is also said of a mailbox that is full: the longer status tells them apart (RFC 3463)."""
    return bool(_TOO_LARGE.search(words)) or (code == 552 and not _OTHER_STATUS.search(words))


def _too_large() -> Undeliverable:
    return Undeliverable("the mail is larger than the mail server takes", "too_large")


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
