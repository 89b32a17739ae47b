"""How do mails become messages of the town, and the town's replies mails?"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Protocol

from gru.channels.base import Attachment, Failure, Incoming, Outgoing, RawMessage
from gru.channels.email.mail import Mail
from gru.channels.email.mime import read
from gru.domain.events import Channel

MOST_HOPS = 30
"""More `Received` lines than this is a mail going in circles."""

INSTANCE = "X-GRU-Instance"
_SELDOM_PEOPLE = ("noreply", "no-reply", "ne-pas-repondre", "nepasrepondre", "donotreply")


class Transport(Protocol):
    def send(self, envelope_sender: str, recipient: str, message: bytes) -> None:
        """Returns once the other server took it. `TryLater`, `Undeliverable` or `ChannelBroken`."""
        ...


class EmailChannel:
    """`address` is the town's own; `instance` marks our mails, so that none is ever taken for a resident's."""

    code: Channel = "email"

    def __init__(
        self,
        *,
        address: str,
        instance: str,
        authserv: str,
        transport: Transport,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._address = address
        self._instance = instance
        self._authserv = authserv
        self._transport = transport
        self._now = now

    def parse(self, message: RawMessage) -> Incoming:
        mail = read(message.raw, authserv_id=self._authserv)
        return Incoming(
            address=_contact(mail),
            name=mail.from_name,
            subject=mail.subject,
            text=mail.text,
            folded=mail.quoted,
            attachments=tuple(
                Attachment(file.filename, file.content_type, file.content, file.inline) for file in mail.attachments
            ),
            recipients=(*mail.delivered_to, *mail.to, *mail.cc),
            references=tuple(dict.fromkeys((mail.in_reply_to, *reversed(mail.references)))),
            proven=mail.dmarc_pass,
            machine=self._machine(mail),
            wants_no_reply=mail.suppress_reply,
            failures=tuple(_failure(mail)) if mail.is_bounce else (),
            defects=mail.defects,
        )

    def _machine(self, mail: Mail) -> str:
        if mail.instance == self._instance or mail.from_email.lower() == self._address.lower():
            return "own"
        if mail.received_count > MOST_HOPS:
            return "loop"
        if mail.is_bounce:
            return "automatic"
        if mail.is_list:
            return "list"
        if mail.automatic:
            return "hint" if set(mail.signals) <= HINTS else "automatic"
        return "hint" if HINTS & set(mail.signals) and not mail.reply_to else ""

    def send(self, outgoing: Outgoing) -> datetime:
        self._transport.send(self.return_path(outgoing), outgoing.address, bytes(self.compose(outgoing)))
        return self._now()

    def return_path(self, outgoing: Outgoing) -> str:
        """Where a bounce comes back to (VERP): it names the reply without its number."""
        local, domain = self._address.split("@", 1)
        return f"{local}+retour.{outgoing.return_tag}@{domain}"

    def compose(self, outgoing: Outgoing) -> EmailMessage:
        """The mail as it leaves; the same reply gives the same Message-ID whenever it is composed."""
        host = self._address.split("@", 1)[1]
        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = f"<{outgoing.external_id}@{host}>"
        mail["Date"] = format_datetime(self._now())
        mail["From"] = _addressed(outgoing.sender, self._address)
        mail["To"] = _addressed(outgoing.name, outgoing.address)
        mail["Reply-To"] = outgoing.reply_to
        mail["Subject"] = " ".join(outgoing.subject.split())
        if outgoing.references:
            mail["In-Reply-To"] = f"<{outgoing.references[-1]}>"
            mail["References"] = " ".join(f"<{reference}>" for reference in outgoing.references)
        if outgoing.automatic:
            mail["Auto-Submitted"] = "auto-replied"
            mail["X-Auto-Response-Suppress"] = "All"
        mail[INSTANCE] = self._instance
        mail.set_content(outgoing.text, charset="utf-8", cte="quoted-printable")
        for file in outgoing.attachments:
            maintype, _, subtype = file.media_type.partition("/")
            mail.add_attachment(file.content, maintype=maintype, subtype=subtype or "octet-stream", filename=file.name)
        return mail


HINTS = frozenset({"subject-absence", "x-loop", "x-autoreply", "x-autorespond", "no-reply-sender", "machine-sender"})
"""Signals of wording only: such a mail is shown to an agent, never dropped."""


def external_id(raw: bytes) -> str:
    """The Message-ID without its brackets, `""` when there is none; read without parsing the mail."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    match = _MESSAGE_ID.search(head)
    return b"".join(match[1].split()).decode("ascii", "replace")[:500] if match else ""


_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^<>]{1,900})>", re.IGNORECASE | re.MULTILINE)


def content_digest(raw: bytes) -> bytes:
    """The same for two deliveries of one mail: what transport adds (trace lines, delivery addresses) is left out."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept, keep = [], True
    for line in head.split(b"\n"):
        if line[:1] not in (b" ", b"\t"):
            keep = line.split(b":", 1)[0].strip().lower() in _OF_THE_MESSAGE
        if keep:
            kept.append(line)
    return sha256(b"\n".join(kept) + b"\n\n" + body).digest()


_OF_THE_MESSAGE = frozenset({b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"content-type"})


def _contact(mail: Mail) -> str:
    """From; but the Reply-To of a machine that writes for a person, such as another town's web form."""
    local = mail.from_email.split("@", 1)[0].lower()
    if mail.reply_to and (not mail.from_email or local in _SELDOM_PEOPLE):
        return parseaddr(mail.reply_to)[1] or mail.reply_to
    return mail.from_email


def _addressed(name: str, address: str) -> Address | str:
    """A header value; a name or address that RFC 5322 cannot carry falls back to the bare address."""
    clean = " ".join(name.split()).replace("\0", "")[:100]
    try:
        return Address(display_name=clean, addr_spec=address)
    except (ValueError, IndexError):
        return address


def _failure(mail: Mail) -> list[Failure]:
    """At least one, though the report may not say of whom it speaks."""
    failures = [
        Failure(
            recipient=bounce.recipient,
            permanent=bounce.action == "failed" or bounce.status.startswith("5"),
            reason=f"bounce_{bounce.status[:1] or '5'}",
            original_id=bounce.original_message_id,
        )
        for bounce in mail.bounces
    ]
    return failures or [Failure("", True, "bounce_5", mail.in_reply_to)]
