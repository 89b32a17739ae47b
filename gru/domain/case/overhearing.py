"""What becomes of words after they came in: changed, taken back, incomplete, or answered elsewhere?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known
from gru.domain.case.promising import before_answer
from gru.domain.case.state import Case
from gru.domain.errors import NotNow


class RecordEdit(Command, frozen=True, kw_only=True):
    """`edit` is the message that says so; the same again changes nothing."""

    message: str
    edit: str
    edited_at: datetime
    text: e.TextRef


def record_edit(case: Case | None, command: RecordEdit, given: Given) -> list[e.Event]:
    if f"edited:{command.edit}" in _with_message(case, command.message).remarks:
        return []
    edited_at = min(command.edited_at, given.now)
    return [e.MessageEdited(message=command.message, edit=command.edit, edited_at=edited_at, text=command.text)]


class RecordRemoval(Command, frozen=True, kw_only=True):
    message: str
    removal: str
    removed_at: datetime


def record_removal(case: Case | None, command: RecordRemoval, given: Given) -> list[e.Event]:
    """However often it is said: a message is taken back once."""
    if f"removed:{command.message}" in _with_message(case, command.message).remarks:
        return []
    removed_at = min(command.removed_at, given.now)
    return [e.MessageRemoved(message=command.message, removal=command.removal, removed_at=removed_at)]


class RecordFileNotKept(Command, frozen=True, kw_only=True):
    message: str
    number: int
    reason: str


def record_file_not_kept(case: Case | None, command: RecordFileNotKept, given: Given) -> list[e.Event]:
    if f"file:{command.message}:{command.number}" in _with_message(case, command.message).remarks:
        return []
    return [e.FileNotKept(message=command.message, number=command.number, reason=command.reason)]


class RecordAnswerElsewhere(Command, frozen=True, kw_only=True):
    """A person of the town answered in another program; open or closed, the case says so."""

    reply_id: str
    channel: e.Channel
    text: e.TextRef
    sent_at: datetime
    public: bool = False


def record_answer_elsewhere(case: Case | None, command: RecordAnswerElsewhere, given: Given) -> list[e.Event]:
    """Written and sent in one: it counts as the human response it is."""
    case = known(case)
    if command.reply_id in case.replies:
        return []
    written = e.ReplyWritten(
        reply_id=command.reply_id,
        kind="answer",
        channel=command.channel,
        human=True,
        to=case.requester,
        text=command.text,
        public=command.public,
        elsewhere=True,
    )
    sent_at = min(command.sent_at, given.now)
    return [written, *before_answer(case, sent_at, given), e.ReplySent(reply_id=command.reply_id, sent_at=sent_at)]


class RecordReached(Command, frozen=True, kw_only=True):
    """These replies were delivered to their reader, or `read` by him: what is read was delivered."""

    reply_ids: tuple[str, ...]
    reached_at: datetime
    read: bool = False


def record_reached(case: Case | None, command: RecordReached, given: Given) -> list[e.Event]:
    new = _new(known(case), command)
    reached_at = min(command.reached_at, given.now)
    return [e.ReplyReached(reply_ids=new, reached_at=reached_at, read=command.read)] if new else []


def is_news(case: Case, command: RecordReached) -> bool:
    return bool(_new(case, command))


def _new(case: Case, command: RecordReached) -> tuple[str, ...]:
    """Each is delivered once and read once, in whatever order it is said."""
    said = ("read",) if command.read else ("read", "delivered")
    return tuple(
        id
        for id in dict.fromkeys(command.reply_ids)
        if id in case.replies and not any(f"{how}:{id}" in case.remarks for how in said)
    )


def _with_message(case: Case | None, message: str) -> Case:
    case = known(case)
    if message not in case.messages:
        raise NotNow("This case knows no such message.")
    return case
