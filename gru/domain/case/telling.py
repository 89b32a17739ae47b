"""How does a reply reach somebody by a person's voice or hand, and what if no way leads to him?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.answering import sending
from gru.domain.case.given import Command, Given, known, not_in_future
from gru.domain.case.parts import Reply
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, NotNow

IN_PERSON: frozenset[e.Channel] = frozenset({"phone", "counter"})
"""Ways on which a person carries the reply: nothing leaves by itself."""

WAYS: tuple[e.Channel, ...] = ("email", "post", "phone", "counter", "tracking")
"""How a requester may wish to be answered; a Facebook page is answered where he wrote."""

NOT_TOLD = frozenset({"wrong_number", "unreachable", "not_collected"})
SETTLED = frozenset({"told", "needless", "no_way"})


class ChooseReplyWay(Command, frozen=True, kw_only=True):
    """Also of a closed case: its last letter may have come back."""

    channel: e.Channel


def choose_reply_way(case: Case | None, command: ChooseReplyWay, given: Given) -> list[e.Event]:
    if command.channel not in WAYS:
        raise BadInput("Nobody can be answered this way.", field="channel", value=command.channel)
    return [] if known(case).reply_channel == command.channel else [e.ReplyWayChosen(channel=command.channel)]


class TellReply(Command, frozen=True, kw_only=True):
    """The words were said on the telephone, or the paper was handed over."""

    reply_id: str
    told_at: datetime


def tell_reply(case: Case | None, command: TellReply, given: Given) -> list[e.Event]:
    """This, not the writing, is when the town answered."""
    reply = _carried(case, command.reply_id)
    if reply.state == "sent":
        return []
    _still_to_tell(reply, given)
    sent = e.ReplySent(reply_id=command.reply_id, sent_at=not_in_future(command.told_at, given, "told_at"))
    return sending(known(case), reply, sent, given)


class TryToTell(Command, frozen=True, kw_only=True):
    reply_id: str
    try_id: str
    tried_at: datetime


def try_to_tell(case: Case | None, command: TryToTell, given: Given) -> list[e.Event]:
    """A call nobody took: the reply still waits."""
    reply = _carried(case, command.reply_id)
    if command.try_id in known(case).remarks:
        return []
    if reply.channel != "phone":
        raise NotNow("This reply is not told on the telephone.")
    _still_to_tell(reply, given)
    tried_at = not_in_future(command.tried_at, given, "tried_at")
    return [e.TellingTried(reply_id=command.reply_id, try_id=command.try_id, tried_at=tried_at)]


class GiveUpTelling(Command, frozen=True, kw_only=True):
    """He cannot be reached, or did not come for it: as a mail that bounces, an agent must find another way."""

    reply_id: str
    reason: str


def give_up_telling(case: Case | None, command: GiveUpTelling, given: Given) -> list[e.Event]:
    reply = _carried(case, command.reply_id)
    if reply.state == "failed":
        return []
    if command.reason not in NOT_TOLD:
        raise BadInput("This is no reason why a reply was not told.", field="reason", value=command.reason)
    _still_to_tell(reply, given)
    return [e.DeliveryFailed(reply_id=command.reply_id, reason=command.reason, permanent=True)]


class SettleFailure(Command, frozen=True, kw_only=True):
    """An agent decides that nothing more is to be done about what did not arrive."""

    reply_id: str
    reason: str


def settle_failure(case: Case | None, command: SettleFailure, given: Given) -> list[e.Event]:
    case = known(case)
    reply = case.replies.get(command.reply_id)
    if reply is None or reply.state != "failed":
        raise NotNow("This case knows no such reply that did not arrive.")
    if command.reason not in SETTLED:
        raise BadInput("This is no reason to leave it at that.", field="reason", value=command.reason)
    if reply.settled:
        return []
    return [e.FailureSettled(reply_id=command.reply_id, reason=command.reason)]


def _carried(case: Case | None, reply_id: str) -> Reply:
    reply = known(case).replies.get(reply_id)
    if reply is None or reply.channel not in IN_PERSON:
        raise NotNow("This case knows no such reply that a person carries.")
    return reply


def _still_to_tell(reply: Reply, given: Given) -> None:
    if reply.state != "written":
        raise NotNow("This reply was told already, or was taken back.")
    if reply.not_before is not None and given.now < reply.not_before:
        raise NotNow("This reply may still be taken back.")
