"""Who outside the town is asked for something, is he reminded, and what does he answer?

His wait bears the id of the request, so that his time is charged apart; it ends when he has answered.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known, still_open
from gru.domain.case.neighbours import Request
from gru.domain.case.state import Case
from gru.domain.case.waiting import StartWait, ending, start_wait
from gru.domain.errors import BadInput, NotNow

REMIND_AFTER = 0.7
"""The share of the time allowed after which he is reminded by machine, once."""

LINK_OUTLIVES = timedelta(days=30)
"""A late answer is better than none; after that the link is dead."""

LONGEST = timedelta(days=366)
MOST_REMINDERS = 10


class AskThirdParty(Command, frozen=True, kw_only=True):
    """`named` shows the requester's identity to him: an agent ticks it, never a default."""

    request_id: str
    to: str
    text: e.TextRef
    reason: str
    due: datetime
    named: bool = False
    files: tuple[e.FileRef, ...] = ()


def ask_third_party(case: Case | None, command: AskThirdParty, given: Given) -> list[e.Event]:
    case = still_open(case)
    if command.request_id in case.requests:
        return []
    if not given.now < command.due <= given.now + LONGEST:
        raise BadInput("The date must lie ahead, within a year.", field="due")
    if command.to in ("", case.requester):
        raise BadInput("A third party is somebody else than the requester.", field="to")
    wait = StartWait(
        case_id=case.id,
        wait_id=command.request_id,
        party="third_party",
        reason=command.reason,
        until=command.due,
    )
    asked = e.ThirdPartyAsked(
        request_id=command.request_id,
        to=command.to,
        text=command.text,
        due=command.due,
        remind_at=given.now + (command.due - given.now) * REMIND_AFTER,
        expires=command.due + LINK_OUTLIVES,
        named=command.named,
        files=command.files,
    )
    return [*start_wait(case, wait, given), asked]


class RemindThirdParty(Command, frozen=True, kw_only=True):
    """`number` is the reminder the asker thinks comes next, so that asking twice reminds once."""

    request_id: str
    number: int


def remind_third_party(case: Case | None, command: RemindThirdParty, given: Given) -> list[e.Event]:
    case = known(case)
    request = _request(case, command.request_id)
    if case.status == "closed" or command.request_id not in case.open_requests or given.now >= request.expires:
        return []
    if command.number != request.reminders + 1 or command.number > MOST_REMINDERS:
        return []
    return [e.ThirdPartyReminded(request_id=command.request_id, number=command.number)]


class WriteThirdParty(Command, frozen=True, kw_only=True):
    """The letter that asks or reminds, as it leaves."""

    request_id: str
    reply_id: str
    text: e.TextRef
    template: str


def write_third_party(case: Case | None, command: WriteThirdParty, given: Given) -> list[e.Event]:
    case = known(case)
    request = case.open_requests.get(command.request_id)
    if request is None or command.reply_id in case.replies:
        return []
    return [
        e.ReplyWritten(
            reply_id=command.reply_id,
            kind="third_party",
            channel="email",
            human=False,
            to=request.to,
            text=command.text,
            files=request.files,
            template=command.template,
        )
    ]


class AnswerThirdParty(Command, frozen=True, kw_only=True):
    """By his link, by mail, or taken down by an agent. `day_end` is the last instant of a `planned` day."""

    request_id: str
    answer_id: str
    answer: e.ThirdPartyAnswer
    channel: e.Channel
    day: date | None = None
    day_end: datetime | None = None
    text: e.TextRef | None = None
    files: tuple[e.FileRef, ...] = ()


def answer_third_party(case: Case | None, command: AnswerThirdParty, given: Given) -> list[e.Event]:
    """Heard even when the case is closed meanwhile; not when nothing is asked of him any more."""
    case = known(case)
    request = _request(case, command.request_id)
    if command.answer_id in request.answers:
        return []
    if request.revoked:
        raise NotNow("Nothing is asked any more.")
    planned = command.answer == "planned"
    if planned and (command.day is None or command.day_end is None or command.day_end <= given.now):
        raise BadInput("A plan must name a day that lies ahead.", field="day")
    answered = e.ThirdPartyAnswered(
        request_id=command.request_id,
        answer_id=command.answer_id,
        answer=command.answer,
        channel=command.channel,
        day=command.day if planned else None,
        due=command.day_end if planned and not request.over else None,
        text=command.text,
        files=command.files,
    )
    return [answered] if planned else [answered, *_wait_over(case, command.request_id, "answered", given)]


def answered_by_mail(case: Case, author: str, received: e.MessageReceived, given: Given) -> Iterator[e.Event]:
    """Somebody who was asked has written: his words stand in the message, and he is waited for no more."""
    for request_id, request in case.open_requests.items():
        if request.to == author:
            yield e.ThirdPartyAnswered(
                request_id=request_id, answer_id=received.message, answer="words", channel=received.channel
            )
            yield from _wait_over(case, request_id, "answered", given)


class NoticeSilence(Command, frozen=True, kw_only=True):
    """`due` as the clock read it: when it was put off meanwhile, nothing is noticed."""

    request_id: str
    due: datetime


def notice_silence(case: Case | None, command: NoticeSilence, given: Given) -> list[e.Event]:
    case = known(case)
    request = case.open_requests.get(command.request_id)
    if request is None or request.silent or request.due != command.due or given.now < command.due:
        return []
    if case.status == "closed":
        return []
    return [e.ThirdPartySilent(request_id=command.request_id, due=command.due)]


class RevokeThirdParty(Command, frozen=True, kw_only=True):
    request_id: str


def revoke_third_party(case: Case | None, command: RevokeThirdParty, given: Given) -> list[e.Event]:
    case = known(case)
    if _request(case, command.request_id).revoked:
        return []
    revoked = e.ThirdPartyRevoked(request_id=command.request_id)
    return [revoked, *_wait_over(case, command.request_id, "cancelled", given)]


def _request(case: Case, request_id: str) -> Request:
    request = case.requests.get(request_id)
    if request is None:
        raise NotNow("This case has asked nobody that.")
    return request


def _wait_over(case: Case, request_id: str, reason: str, given: Given) -> Iterator[e.Event]:
    wait = case.open_waits.get(request_id)
    if wait is not None:
        yield from ending(case, {request_id: wait}, given.now, reason, given)
