"""How does a mail leave the town?"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from gru.channels.base import ChannelBroken, TryLater, Undeliverable
from gru.channels.email.channel import Transport

TIMEOUT_SECONDS = 30.0
_OURS = frozenset({530, 534, 535, 538})
"""Refusals that speak of our login, not of the recipient (RFC 4954)."""


class SmtpTransport:
    """One connection for each mail: a town sends few, and a fresh one has no stale state."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            raise ValueError(f"{parts.scheme}: is no way to send mail; use smtp://, smtps:// or smtp+starttls://.")
        self._scheme = parts.scheme
        self._host = parts.hostname
        self._port = parts.port or {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def send(self, envelope_sender: str, recipient: str, message: bytes) -> None:
        with _answered(), self._connected() as server:
            server.sendmail(envelope_sender, [recipient], message)

    def check(self) -> None:
        """Connect, log in, leave."""
        with _answered(), self._connected() as server:
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self._scheme == "smtps":
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        with server:
            if self._scheme == "smtp+starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
            yield server


class MaildirTransport:
    """Writes each mail to a folder: for a demonstration, or a relay that picks them up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, envelope_sender: str, recipient: str, message: bytes) -> None:
        for name in ("tmp", "new", "cur"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        name = f"{token_hex(12)}.eml"
        (self._folder / "tmp" / name).write_bytes(message)
        (self._folder / "tmp" / name).rename(self._folder / "new" / name)


def transport(url: str) -> Transport:
    """`ValueError` with a sentence when the address names no way to send."""
    if url.startswith("maildir://"):
        return MaildirTransport(Path(url.removeprefix("maildir://")))
    return SmtpTransport(url)


@contextmanager
def _answered() -> Iterator[None]:
    """What smtplib raises, said as a channel says it: 4xx try later, 5xx never."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        raise _refusal(code) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code) from error
    except ssl.SSLCertVerificationError as error:
        raise ChannelBroken("the mail server's certificate is not valid") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(f"the mail server is away ({type(error).__name__})") from error
    except UnicodeError as error:
        raise Undeliverable("the address cannot be written to", "bad_address") from error


def _refusal(code: int) -> ChannelBroken | TryLater | Undeliverable:
    if code in _OURS:
        return ChannelBroken(f"the mail server refuses our login ({code})")
    if 500 <= code < 600:
        return Undeliverable(f"the mail server said no ({code})", f"smtp_{code}")
    return TryLater(f"the mail server said later ({code})")
