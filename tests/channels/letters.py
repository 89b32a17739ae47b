"""Which mails do the tests of the email channel read and write?"""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from gru.channels.base import Incoming, Outgoing
from gru.channels.email.arrival import arrived
from gru.channels.email.channel import EmailChannel
from tests.channels.contract import MOMENT

OURS = "demande@ville.example"
TAG = "0123456789abcdef0123456789abcdef.k7mwq2xz"
LONG_ID = f"{'c' * 32}.{'d' * 32}.{'e' * 10}"


class Kept:
    """A way out that remembers."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, bytes]] = []

    def send(self, envelope_sender: str, recipient: str, message: bytes, *, awaited: bool = False) -> None:
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
