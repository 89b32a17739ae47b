"""How does a form filled in on the town's pages become a message like any other?

What was sent is kept whole: a line of JSON, then the bytes of the files one after the other. Its words, its type and
its place were chosen from the catalogue then in force; they are read again for ever after.
"""

from datetime import datetime
from hashlib import sha256

import msgspec

from gru.channels.base import Attachment, Incoming, Outgoing, RawMessage, Undeliverable
from gru.domain.events import Channel

SOURCE = "formulaire"
"""What the town's own form is called among the places messages come from."""

LONGEST_TEXT = 100_000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One question as it was asked, and the answer as it was given: a code, and its words."""

    code: str
    question: str
    words: str
    value: str = ""


class SentFile(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    media_type: str
    size: int


class Submission(msgspec.Struct, frozen=True, kw_only=True, tag="form.1", tag_field="kind"):
    """A form as its author sent it. `same_as`: the number of the report he recognised as his own problem; `site`:
    where the kiosk stands on which he wrote it."""

    title: str
    type: str
    answers: tuple[Answer, ...] = ()
    text: str = ""
    place: str = ""
    district: str = ""
    danger: bool = False
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    same_as: str = ""
    site: str = ""
    files: tuple[SentFile, ...] = ()


def raw_message(
    submission: Submission, contents: tuple[bytes, ...], *, draft: str, received_at: datetime
) -> RawMessage:
    """The message to keep. `draft` names it: however often one form is sent, it is one message."""
    head = msgspec.json.encode(submission)
    return RawMessage(
        channel="web",
        source=SOURCE,
        external_id=draft,
        received_at=received_at,
        content_digest=sha256(b"form\0" + draft.encode()).digest(),
        raw=b"\n".join((head, b"".join(contents))),
    )


class WebFormChannel:
    """A form is not answered by a form: replies leave by mail, or stand on the tracking page."""

    code: Channel = "web"

    def parse(self, message: RawMessage) -> Incoming:
        head, _, rest = message.raw.partition(b"\n")
        try:
            sent = msgspec.json.decode(head, type=Submission)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Incoming(defects=("unreadable",))
        files, defects = _files(sent.files, rest)
        return Incoming(
            address=sent.email,
            phone=sent.phone,
            name=sent.name,
            postal_address=sent.address,
            subject=sent.title,
            text=_text(sent)[:LONGEST_TEXT],
            attachments=files,
            defects=defects,
            type=sent.type,
            danger=sent.danger,
            place=sent.place,
            district=sent.district,
            same_as=sent.same_as,
            site=sent.site,
        )

    def send(self, outgoing: Outgoing) -> datetime:
        raise Undeliverable("a form is answered by mail or on the tracking page", "no_channel")


def _text(sent: Submission) -> str:
    """The message as agents and the resident read it: his words, then what else he answered."""
    lines = [f"{answer.question}\n{answer.words}" for answer in sent.answers]
    return "\n\n".join(part for part in (sent.text, *lines) if part)


def _files(named: tuple[SentFile, ...], rest: bytes) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    found, at = [], 0
    for file in named:
        content = rest[at : at + max(0, file.size)]
        at += len(content)
        if len(content) == file.size:
            found.append(Attachment(file.name, file.media_type, content))
    return tuple(found), () if len(found) == len(named) else ("files_missing",)
