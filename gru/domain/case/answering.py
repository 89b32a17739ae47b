"""Who writes what to the resident, and did it arrive?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known, not_in_future, still_open
from gru.domain.case.parts import Reply
from gru.domain.case.promising import before_answer
from gru.domain.case.state import Case
from gru.domain.errors import NotNow

AFTER_CLOSING: frozenset[e.ReplyKind] = frozenset({"closing", "receipt", "reminder", "survey"})


class WriteReply(Command, frozen=True, kw_only=True):
    """`not_before`: the reply may be taken back until then (ten seconds for a person's click)."""

    reply_id: str
    kind: e.ReplyKind
    channel: e.Channel
    text: e.TextRef
    files: tuple[e.FileRef, ...] = ()
    to: str = ""
    template: str = ""
    human: bool = True
    not_before: datetime | None = None
    public: bool = False
    words_kept: int | None = None


def write_reply(case: Case | None, command: WriteReply, given: Given) -> list[e.Event]:
    case = known(case) if command.kind in AFTER_CLOSING else still_open(case)
    if command.reply_id in case.replies:
        return []
    return [
        e.ReplyWritten(
            reply_id=command.reply_id,
            kind=command.kind,
            channel=command.channel,
            human=command.human,
            to=command.to or case.requester,
            text=command.text,
            files=command.files,
            template=command.template,
            not_before=command.not_before,
            public=command.public,
            words_kept=command.words_kept,
        )
    ]


class AcknowledgeReceipt(Command, frozen=True, kw_only=True):
    """The AEE (CRPA L112-11): one per case, written by machine."""

    reply_id: str
    channel: e.Channel
    to: str
    text: e.TextRef
    template: str


def acknowledge_receipt(case: Case | None, command: AcknowledgeReceipt, given: Given) -> list[e.Event]:
    case = known(case)
    if case.has_written("receipt") or "receipt" in case.withheld or command.reply_id in case.replies:
        return []
    return [
        e.ReplyWritten(
            reply_id=command.reply_id,
            kind="receipt",
            channel=command.channel,
            human=False,
            to=command.to,
            text=command.text,
            template=command.template,
        )
    ]


class WithholdReply(Command, frozen=True, kw_only=True):
    """A machine may not write here; the duty remains and becomes an agent's."""

    kind: e.ReplyKind
    reason: str


def withhold_reply(case: Case | None, command: WithholdReply, given: Given) -> list[e.Event]:
    case = known(case)
    if command.kind in case.withheld or case.has_written(command.kind):
        return []
    return [e.ReplyWithheld(kind=command.kind, reason=command.reason)]


class WithdrawReply(Command, frozen=True, kw_only=True):
    reply_id: str


def withdraw_reply(case: Case | None, command: WithdrawReply, given: Given) -> list[e.Event]:
    reply = _reply(case, command.reply_id)
    if reply.state == "withdrawn":
        return []
    if reply.state != "written" or reply.not_before is None or given.now >= reply.not_before:
        raise NotNow("This reply has left already, or is leaving.")
    return [e.ReplyWithdrawn(reply_id=command.reply_id)]


class RecordSent(Command, frozen=True, kw_only=True):
    reply_id: str
    sent_at: datetime
    by_link: bool = False


def record_sent(case: Case | None, command: RecordSent, given: Given) -> list[e.Event]:
    case, reply = known(case), _reply(case, command.reply_id)
    if reply.state == "sent":
        return []
    sent_at = not_in_future(command.sent_at, given, "sent_at")
    sent = e.ReplySent(reply_id=command.reply_id, sent_at=sent_at, by_link=command.by_link)
    return sending(case, reply, sent, given)


def sending(case: Case, reply: Reply, sent: e.ReplySent, given: Given) -> list[e.Event]:
    """That a reply left, and what that moves before."""
    return [*(before_answer(case, sent.sent_at, given) if reply.human else ()), sent]


class RecordFailure(Command, frozen=True, kw_only=True):
    """A refusal at once, or a bounce days after it was sent."""

    reply_id: str
    reason: str
    permanent: bool


def record_failure(case: Case | None, command: RecordFailure, given: Given) -> list[e.Event]:
    reply = _reply(case, command.reply_id)
    if reply.state == "failed" or (reply.delayed and not command.permanent):
        return []
    return [e.DeliveryFailed(reply_id=command.reply_id, reason=command.reason, permanent=command.permanent)]


def _reply(case: Case | None, reply_id: str) -> Reply:
    reply = known(case).replies.get(reply_id)
    if reply is None:
        raise NotNow("This case knows no such reply.")
    return reply
