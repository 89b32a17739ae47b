"""How do mails become messages of the town, and the town's replies mails?"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Protocol

from gru.channels.base import Attachment, Failure, Incoming, Outgoing, RawMessage
from gru.channels.email.arrival import content_digest, external_id, was_cut
from gru.channels.email.charsets import decode
from gru.channels.email.forwards import forwarded
from gru.channels.email.letter import INSTANCE, compose, recipient, writing
from gru.channels.email.mail import Bounce, Mail
from gru.channels.email.mime import read
from gru.domain.events import Channel
from gru.domain.references import OUR_MESSAGE

__all__ = ["INSTANCE", "MOST_HOPS", "EmailChannel", "Transport", "content_digest", "external_id"]

MOST_HOPS = 30
"""More `Received` lines than this is a mail going in circles."""

SENDER_HINTS = frozenset({"no-reply-sender", "machine-sender"})
HINTS = SENDER_HINTS | {"subject-absence", "x-loop", "x-autoreply", "x-autorespond"}
"""Signals of wording only: such a mail is shown to an agent, never dropped."""

BULK = frozenset({"precedence-bulk", "precedence-junk", "precedence-list"})
NO_VERDICT = frozenset({"list", "asks-for-no-reply", "marked-spam"})
"""Signals that do not say the mail was written by a machine."""

_NOBODY = re.compile(r"no[-_.]?reply|ne[-_.]?pas[-_.]?repondre|do[-_.]?not[-_.]?reply", re.IGNORECASE)
_RETURN_TAG = re.compile(r"\+retour\.([0-9a-f]{32}\.[a-z0-9]{8})@", re.IGNORECASE)
_NOT_YET = re.compile(r"delay|not yet|retard|warning|différé", re.IGNORECASE)
_SHOWN_UNREAD = 20_000
_SEARCHED = 1_000_000


class Transport(Protocol):
    def send(self, envelope_sender: str, recipient: str, message: bytes, *, awaited: bool = False) -> None:
        """Returns once the other server took it; `awaited`: as an `Outgoing` says.

        Raises `TryLater`, `Undeliverable` or `ChannelBroken`.
        """
        ...


class EmailChannel:
    """`address` is the town's own; `instance` marks our mails, so that none is ever taken for a resident's;
    `authserv` is how our own mail server signs Authentication-Results."""

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

    # --- in --------------------------------------------------------------------------------------------------------

    def parse(self, message: RawMessage) -> Incoming:
        """What the reader cannot cope with is shown to an agent as it came."""
        try:
            return self._incoming(read(message.raw, authserv_id=self._authserv), message.raw)
        except Exception:
            shown = decode(message.raw[:_SHOWN_UNREAD])
            return Incoming(text=shown, machine="hint", defects=("unreadable",))

    def _incoming(self, mail: Mail, raw: bytes) -> Incoming:
        tag = _return_tag(mail, raw)
        contact = _contact(mail)
        return Incoming(
            address=contact,
            name=mail.from_name,
            subject=mail.subject,
            text=mail.text,
            folded=mail.quoted,
            attachments=tuple(
                Attachment(file.filename, file.content_type, file.content, file.inline) for file in mail.attachments
            ),
            recipients=(*mail.delivered_to, *mail.to, *mail.cc),
            references=tuple(dict.fromkeys(filter(None, (mail.in_reply_to, *reversed(mail.references))))),
            proven=mail.dmarc_pass and contact == mail.from_email,
            machine=self._machine(mail) or ("hint" if tag else ""),
            wants_no_reply=mail.suppress_reply,
            failures=tuple(_failures(mail, tag)) if mail.is_bounce else (),
            complaint=_complaint(raw) if "feedback-report" in mail.signals else None,
            proposed="spam" if "marked-spam" in mail.signals else "",
            defects=(*mail.defects, *(("too-large",) if was_cut(raw) else ())),
            forwarded=forwarded(mail, self._is_ours),
        )

    def _machine(self, mail: Mail) -> str:
        if mail.instance == self._instance or self._is_ours(mail.from_email):
            return "own"
        if mail.received_count > MOST_HOPS:
            return "loop"
        return "automatic" if mail.is_bounce else _automatic(mail)

    def _is_ours(self, address: str) -> bool:
        """The town's address, with or without a tag."""
        local, _, domain = address.lower().rpartition("@")
        return f"{local.split('+', 1)[0]}@{domain}" == self._address.lower()

    # --- out -------------------------------------------------------------------------------------------------------

    def send(self, outgoing: Outgoing) -> datetime:
        with writing():
            mail = bytes(self.compose(outgoing))
        to = recipient(outgoing.address)
        self._transport.send(self.return_path(outgoing), to, mail, awaited=outgoing.awaited)
        return self._now()

    def return_path(self, outgoing: Outgoing) -> str:
        """Where a bounce comes back to (VERP): it names the reply without its number, and is signed."""
        local, domain = self._address.split("@", 1)
        return f"{local}+retour.{outgoing.return_tag}@{domain}"

    def compose(self, outgoing: Outgoing, at: datetime | None = None) -> EmailMessage:
        """The mail as it leaves, or as it left then; the same reply gives the same Message-ID whenever composed."""
        return compose(outgoing, address=self._address, instance=self._instance, at=at or self._now())


def _automatic(mail: Mail) -> str:
    """`list`, `automatic`, `hint`, or `""` for a person."""
    signals = set(mail.signals)
    hints = signals & HINTS
    if mail.is_list:
        return "list"
    if signals - HINTS - BULK - NO_VERDICT:
        return "automatic"
    if signals & BULK:
        return "automatic" if hints else "list"
    if hints <= SENDER_HINTS and _contact(mail) != mail.from_email:
        return ""
    return "hint" if hints else ""


def _contact(mail: Mail) -> str:
    """From; but the Reply-To of a machine that writes for a person, such as a web form."""
    writes_for_another = not mail.from_email or SENDER_HINTS & set(mail.signals)
    if writes_for_another and mail.reply_to and not _NOBODY.search(mail.reply_to):
        return mail.reply_to
    return mail.from_email


# --- bounces -------------------------------------------------------------------------------------------------------


def _return_tag(mail: Mail, raw: bytes) -> str:
    """The reply that came back: named by the address it came back to, else by the mail that a bounce returns."""
    for address in (*mail.delivered_to, *mail.to, *mail.cc):
        if found := _RETURN_TAG.search(address):
            return found[1].lower()
    found = _RETURN_TAG.search(raw[:_SEARCHED].decode("latin-1")) if mail.is_bounce else None
    return found[1].lower() if found else ""


def _complaint(raw: bytes) -> Failure:
    """By the copy inside the report (RFC 5965), of which providers leave out what they like."""
    said = raw[:_SEARCHED].decode("latin-1")
    tag, ours = _RETURN_TAG.search(said), OUR_MESSAGE.search(said)
    return Failure("", False, "complaint", ours[0] if ours else "", tag[1].lower() if tag else "")


def _failures(mail: Mail, tag: str) -> Iterator[Failure]:
    """At least one, though the report may not say of whom it speaks."""
    if not mail.bounces:
        permanent = not _NOT_YET.search(mail.subject)
        yield Failure("", permanent, _reason(permanent), mail.in_reply_to, tag)
    for bounce in mail.bounces:
        if bounce.action in ("", "failed", "delayed"):
            permanent = _is_permanent(bounce)
            original = bounce.original_message_id or mail.in_reply_to
            yield Failure(bounce.recipient, permanent, _reason(permanent), original, tag)


def _is_permanent(bounce: Bounce) -> bool:
    """`failed` ends all attempts, even with a status of 4.x.x; `delayed` never does."""
    return bounce.action == "failed" or (not bounce.action and not bounce.status.startswith("4"))


def _reason(permanent: bool) -> str:
    return "bounce_5" if permanent else "bounce_4"
