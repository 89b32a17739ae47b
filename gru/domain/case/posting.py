"""Which documents were shown, and how far has a letter come: printed, signed, posted, returned?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.answering import sending
from gru.domain.case.given import Command, Given, known, not_in_future, still_open
from gru.domain.case.parts import Reply
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, NotNow


class CheckDocuments(Command, frozen=True, kw_only=True):
    received: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    before: datetime | None = None
    originals_returned: bool = False


def check_documents(case: Case | None, command: CheckDocuments, given: Given) -> list[e.Event]:
    """Said again when more is brought; what the catalogue does not know is refused."""
    case = still_open(case)
    for code in (*command.received, *command.missing):
        if code not in given.town.documents:
            raise BadInput(f"{code} is no document of the catalogue.", field="document", value=code)
    said = e.DocumentsChecked(
        received=command.received,
        missing=command.missing,
        before=command.before if command.missing else None,
        originals_returned=command.originals_returned,
    )
    return [] if case.documents == said else [said]


class PrintLetter(Command, frozen=True, kw_only=True):
    """`batch` is the print run: the same run again changes nothing."""

    reply_id: str
    batch: str


def print_letter(case: Case | None, command: PrintLetter, given: Given) -> list[e.Event]:
    """Printed again as often as the printer needs, until it is posted."""
    reply = _letter(case, command.reply_id)
    if reply.batch == command.batch:
        return []
    if reply.state != "written":
        raise NotNow("This letter has left already, or was taken back.")
    if reply.not_before is not None and given.now < reply.not_before:
        raise NotNow("This letter may still be taken back.")
    return [e.LetterPrinted(reply_id=command.reply_id, batch=command.batch)]


class SignLetter(Command, frozen=True, kw_only=True):
    reply_id: str


def sign_letter(case: Case | None, command: SignLetter, given: Given) -> list[e.Event]:
    reply = _letter(case, command.reply_id)
    if reply.signed:
        return []
    _on_paper(reply)
    return [e.LetterSigned(reply_id=command.reply_id)]


class PostLetter(Command, frozen=True, kw_only=True):
    reply_id: str
    posted_at: datetime
    registered: str = ""


def post_letter(case: Case | None, command: PostLetter, given: Given) -> list[e.Event]:
    """The reply is sent when it is posted. What a person wrote bears his signature (CRPA L212-1) before it leaves."""
    reply = _letter(case, command.reply_id)
    if reply.state == "sent":
        return []
    _on_paper(reply)
    if reply.human and not reply.signed:
        raise NotNow("This letter is not signed yet.")
    posted = not_in_future(command.posted_at, given, "posted_at")
    return [
        e.LetterPosted(reply_id=command.reply_id, posted_at=posted, registered=command.registered),
        *sending(known(case), reply, e.ReplySent(reply_id=command.reply_id, sent_at=posted), given),
    ]


class ReturnLetter(Command, frozen=True, kw_only=True):
    reply_id: str
    reason: str


def return_letter(case: Case | None, command: ReturnLetter, given: Given) -> list[e.Event]:
    """It did not reach its reader, as a mail that bounces: an agent must find another way."""
    reply = _letter(case, command.reply_id)
    if reply.state == "failed":
        return []
    if reply.state != "sent":
        raise NotNow("This letter was not posted.")
    return [
        e.LetterReturned(reply_id=command.reply_id, reason=command.reason),
        e.DeliveryFailed(reply_id=command.reply_id, reason="returned", permanent=True),
    ]


def _letter(case: Case | None, reply_id: str) -> Reply:
    reply = known(case).replies.get(reply_id)
    if reply is None or reply.channel != "post":
        raise NotNow("This case knows no such letter.")
    return reply


def _on_paper(reply: Reply) -> None:
    if reply.state != "written" or not reply.batch:
        raise NotNow("This letter is not printed, or has left already.")
