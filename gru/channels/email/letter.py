"""How does a reply look as a mail, so that every server carries it and every reader threads it?"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from gru.channels.base import Attachment, Outgoing, Undeliverable

INSTANCE = "X-GRU-Instance"
LONGEST_SUBJECT = 300
LONGEST_NAME = 100
MOST_REFERENCES = 20
_ID_FIELDS = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})
_CANNOT_WRITE = (MessageError, AttributeError, TypeError, ValueError, LookupError)
"""What the standard library has been seen to raise over words it does not understand."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_IN_NAMES = re.compile(r'[",:;<>@()\[\]\\]+')
_ID = re.compile(r"(?!.*=\?)[!-;=?-~]{1,900}")
_LOCAL = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_MEDIA_TYPE = re.compile(r"(?!multipart/|message/)([a-z0-9][a-z0-9!#$&^_.+-]{0,60})/([a-z0-9][a-z0-9!#$&^_.+-]{0,60})")


class MailPolicy(EmailPolicy):
    """Message-IDs and addresses of pages are folded between, never broken nor encoded: the standard policy writes
    long ones as encoded words, and threads and buttons fall apart."""

    def fold(self, name: str, value: str) -> str:
        return _ids(name, value) if name.lower() in _ID_FIELDS else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return _ids(name, value).encode("ascii") if name.lower() in _ID_FIELDS else super().fold_binary(name, value)


def _ids(name: str, value: str) -> str:
    return f"{name}: " + "\r\n ".join(value.split()) + "\r\n"


POLICY = MailPolicy(linesep="\r\n", message_factory=EmailMessage)


def compose(outgoing: Outgoing, *, address: str, instance: str, at: datetime) -> EmailMessage:
    """The mail as it leaves from the town's `address`. No word of a resident's can end a header.

    Raises `Undeliverable` when nothing can be sent to the recipient's address.
    """
    mail = EmailMessage(policy=POLICY)
    mail["Message-ID"] = f"<{outgoing.external_id}@{address.split('@', 1)[1]}>"
    mail["Date"] = format_datetime(at)
    mail["From"] = _named(outgoing.sender, address)
    mail["To"] = _named(outgoing.name, recipient(outgoing.address))
    if outgoing.reply_to:
        mail["Reply-To"] = _named("", outgoing.reply_to)
    mail["Subject"] = one_line(outgoing.subject)[:LONGEST_SUBJECT]
    _thread(mail, outgoing)
    if outgoing.automatic:
        mail["Auto-Submitted"] = "auto-generated" if outgoing.unprompted else "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    if outgoing.unsubscribe:  # RFC 2369, and the one click of RFC 8058
        mail["List-Unsubscribe"] = f"<{outgoing.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail[INSTANCE] = instance
    mail.set_content(_text(outgoing.text), charset="utf-8", cte="quoted-printable")
    for file in outgoing.attachments:
        _attach(mail, file)
    return mail


@contextmanager
def writing() -> Iterator[None]:
    """A mail that cannot be written today cannot be written tomorrow: `Undeliverable`, so that an agent hears of it."""
    try:
        yield
    except _CANNOT_WRITE as error:
        raise Undeliverable("the reply cannot be written as a mail", "unwritable") from error


def recipient(address: str) -> str:
    """The address as servers take it, its domain in ASCII; `Undeliverable` when it is none."""
    local, at, domain = unicodedata.normalize("NFC", address).strip(" ").rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not at or not _LOCAL.fullmatch(local) or not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", ascii_domain):
        raise Undeliverable("the address is none that mail can be sent to", "bad_address")
    return f"{local}@{ascii_domain}"


def one_line(words: str) -> str:
    """Without line ends, control characters and halves of characters; and without the beginning of an encoded word,
    which the standard library would decode, and write the line ends inside it as they are."""
    return " ".join(_CONTROL.sub(" ", _whole(words)).replace("=?", "= ?").split())


def _named(name: str, address: str) -> Address:
    """What has a meaning of its own in an address header is left out of the name; so are dots before it, for the
    standard library forgets the quotation marks of a long one."""
    local, _, domain = address.rpartition("@")
    bare = " ".join(_NOT_IN_NAMES.sub(" ", one_line(name)).split())
    return Address(display_name=bare.lstrip(". ")[:LONGEST_NAME].strip(), username=local, domain=domain)


def _thread(mail: EmailMessage, outgoing: Outgoing) -> None:
    """In-Reply-To and References; a resident's Message-ID that no header can carry is left out."""
    known = [reference for reference in outgoing.references if _ID.fullmatch(reference)][-MOST_REFERENCES:]
    parent = outgoing.in_reply_to if _ID.fullmatch(outgoing.in_reply_to) else "".join(known[-1:])
    if parent:
        mail["In-Reply-To"] = f"<{parent}>"
        mail["References"] = " ".join(f"<{each}>" for each in dict.fromkeys([*known, parent]))


def _attach(mail: EmailMessage, file: Attachment) -> None:
    named = _MEDIA_TYPE.fullmatch(file.media_type.lower())
    maintype, subtype = (named[1], named[2]) if named else ("application", "octet-stream")
    name = one_line(file.name).replace("/", "-").replace("\\", "-")[:150] or "document"
    mail.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=name)


def _text(words: str) -> str:
    return _whole(words).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _whole(words: str) -> str:
    """Halves of surrogate pairs cannot be written as UTF-8."""
    return words.encode("utf-8", "replace").decode("utf-8")
