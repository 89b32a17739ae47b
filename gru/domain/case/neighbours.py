"""What does a case remember of its duplicates, and of those outside the town whom it asked something?"""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from gru.domain import events as e


class Absorbed(msgspec.Struct, frozen=True):
    """A duplicate that is followed here; `requester` is told the news."""

    received_at: datetime
    requester: str = ""


class Request(msgspec.Struct, frozen=True):
    """What somebody outside was asked; `answers` are the ids of what he said, `over` once nothing is awaited."""

    to: str
    text: e.TextRef
    asked_at: datetime
    due: datetime
    remind_at: datetime
    expires: datetime
    named: bool = False
    files: tuple[e.FileRef, ...] = ()
    reminders: int = 0
    answers: tuple[str, ...] = ()
    silent: bool = False
    over: bool = False
    revoked: bool = False


def request_after(
    request: Request,
    event: e.ThirdPartyReminded | e.ThirdPartyAnswered | e.ThirdPartySilent | e.ThirdPartyRevoked,
) -> Request:
    match event:
        case e.ThirdPartyReminded():
            return replace(request, reminders=event.number)
        case e.ThirdPartyAnswered():
            answers = (*request.answers, event.answer_id)
            if event.due is None:
                return replace(request, answers=answers, over=True)
            return replace(
                request, answers=answers, due=event.due, expires=max(request.expires, event.due), silent=False
            )
        case e.ThirdPartySilent():
            return replace(request, silent=True)
        case e.ThirdPartyRevoked():
            return replace(request, revoked=True)
