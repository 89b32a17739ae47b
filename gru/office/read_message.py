"""What does a message, once read, say by itself: its title, whether it can belong to a case, how it is answered?"""

import re
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from gru.channels.base import Attachment, Incoming, RawMessage
from gru.domain import belonging
from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.belonging import Claim, Signs
from gru.domain.errors import BadInput
from gru.domain.policies import READS_ON_SCREEN
from gru.storage.people import Person

LOGO_BYTES = 24_000
"""An inline picture smaller than this is decoration, not a document."""


class ReadMessage(msgspec.Struct, frozen=True):
    """A kept message once read; `unfit` are those of its attachments that nobody should open, by number, and why."""

    key: str
    raw: RawMessage
    incoming: Incoming
    unfit: Mapping[int, str] = {}

    def fit_files(self) -> list[Attachment]:
        """What is kept with the case: neither decoration nor what is unfit."""
        numbered = enumerate(self.incoming.attachments, 1)
        return [file for number, file in numbered if number not in self.unfit and not is_logo(file)]


def person_of(incoming: Incoming) -> Person:
    """Who sent it, as far as it says."""
    return Person(
        name=incoming.name,
        email=incoming.address,
        phone=incoming.phone,
        address=incoming.postal_address,
        messenger=incoming.handle,
    )


def way_back(message: ReadMessage) -> e.Channel:
    """As he came; who filled in a form is answered by mail, and without an address on his tracking page."""
    if message.raw.channel not in READS_ON_SCREEN:
        return message.raw.channel
    return "email" if message.incoming.address else "tracking"


def opens_a_case(incoming: Incoming) -> bool:
    """Nothing in it can name another case, so that nobody need be asked."""
    signs = (
        incoming.references,
        incoming.failures,
        incoming.thread,
        incoming.sequel,
        incoming.media,
        incoming.forwarded,
    )
    return (
        not any(signs)
        and not refs.NUMBER.search(incoming.subject)
        and not any(map(refs.SIGNED_ADDRESS.search, incoming.recipients))
        and (belonging.place(signs_of(incoming, ())).outcome == "opened")
    )


def in_the_name_of(author: Person | None, message: ReadMessage) -> ReadMessage:
    """The message as if its author had sent us himself what was handed on, which nothing proves; as it came without
    one."""
    incoming = message.incoming
    if author is None:
        return replace(message, incoming=replace(incoming, forwarded=None))
    handed_on = incoming.forwarded
    if handed_on is None:
        raise BadInput("Nothing is forwarded in this message.", field="forwarded")
    inside = Incoming(
        address=author.email,
        phone=author.phone,
        name=author.name,
        subject=handed_on.subject,
        text=handed_on.text,
        attachments=incoming.attachments,
        defects=incoming.defects,
        forwarded=handed_on,
    )
    return replace(message, incoming=inside)


def signs_of(incoming: Incoming, claims: Iterable[Claim], handed_on: bool = False) -> Signs:
    return Signs(
        handed_on=handed_on,
        machine=incoming.machine,
        failed_replies=bool(incoming.failures),
        empty=not (incoming.text.strip() or incoming.subject.strip() or incoming.attachments or incoming.media),
        proposed=incoming.proposed,
        claims=tuple(claims),
    )


def title_of(incoming: Incoming) -> str:
    """The subject without its « Re: », else the first words."""
    subject = re.sub(r"^\s*((re|ré|tr|fwd?)\s*:\s*)+", "", incoming.subject, flags=re.IGNORECASE).strip()
    first_line = next((line.strip() for line in incoming.text.splitlines() if line.strip()), "")
    return (subject or first_line)[:200]


def is_logo(file: Attachment) -> bool:
    return file.inline and file.media_type.startswith("image/") and len(file.content) < LOGO_BYTES
