"""What becomes of one inbound message: opened, joined, set aside, to be linked?"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.errors import NotNow


class Message(msgspec.Struct, frozen=True):
    """State of one message's stream; `case` once a case has it; `put_aside` when an agent, not a machine, did so."""

    id: str
    version: int
    digest: bytes
    outcome: e.MessageOutcome
    case: str = ""
    put_aside: bool = False
    reason: str = ""
    suggested: str = ""


class TakeIn(msgspec.Struct, frozen=True, kw_only=True):
    """The first and only outcome of taking a kept message in; an agent may decide otherwise later."""

    message_id: str
    source: str
    channel: e.Channel
    outcome: e.MessageOutcome
    received_at: datetime
    case: str = ""
    reason: str = ""
    suggested: str = ""


class LinkMessage(msgspec.Struct, frozen=True, kw_only=True):
    message_id: str
    case: str


class PutAside(msgspec.Struct, frozen=True, kw_only=True):
    message_id: str
    reason: str


class ReadAnew(msgspec.Struct, frozen=True, kw_only=True):
    """Today's reader finds that an agent should decide; it opens no case and answers nobody."""

    message_id: str
    reason: str
    suggested: str = ""


MessageCommand = TakeIn | LinkMessage | PutAside | ReadAnew


def replay(history: Iterable[e.Recorded]) -> Message | None:
    message: Message | None = None
    for recorded in history:
        message = evolve(message, recorded)
    return message


def evolve(message: Message | None, recorded: e.Recorded) -> Message:
    event = recorded.event
    if message is None:
        if not isinstance(event, e.MessageTakenIn):
            raise ValueError(f"{recorded.stream_id} begins with {event.NAME}")
        return Message(
            recorded.stream_id,
            recorded.version,
            recorded.digest,
            event.outcome,
            event.case,
            reason=event.reason,
            suggested=event.suggested,
        )
    message = replace(message, version=recorded.version, digest=recorded.digest)
    match event:
        case e.MessageLinked():
            return replace(message, outcome="joined", case=event.case)
        case e.MessagePutAside():
            return replace(message, outcome="set_aside", put_aside=True)
        case e.MessageReadAnew():
            return replace(message, outcome=event.outcome, reason=event.reason, suggested=event.suggested)
    return message


def decide(message: Message | None, command: MessageCommand) -> list[e.Event]:
    """`[]` when it is so already; a message of a case goes nowhere else."""
    match command:
        case TakeIn():
            return [] if message else [_taken_in(command)]
        case LinkMessage():
            if message is not None and (message.outcome, message.case) == ("joined", command.case):
                return []
            _decidable(message)
            return [e.MessageLinked(case=command.case)]
        case PutAside():
            return [] if _decidable(message).put_aside else [e.MessagePutAside(reason=command.reason)]
        case ReadAnew():
            return _read_anew(_decidable(message), command)


def _read_anew(message: Message, command: ReadAnew) -> list[e.Event]:
    """What an agent decided stands, and a report about a reply of a case is that case's."""
    if message.put_aside:
        raise NotNow("An agent has put this message aside.")
    if message.case:
        raise NotNow("This message speaks of a case already.")
    anew = e.MessageReadAnew(outcome="to_link", reason=command.reason, suggested=command.suggested)
    before = (message.outcome, message.reason, message.suggested)
    return [] if before == (anew.outcome, anew.reason, anew.suggested) else [anew]


def _taken_in(command: TakeIn) -> e.MessageTakenIn:
    return e.MessageTakenIn(
        source=command.source,
        channel=command.channel,
        outcome=command.outcome,
        received_at=command.received_at,
        case=command.case,
        reason=command.reason,
        suggested=command.suggested,
    )


def _decidable(message: Message | None) -> Message:
    if message is None:
        raise NotNow("This message has not been taken in yet.")
    if message.outcome in ("opened", "joined"):
        raise NotNow("This message belongs to a case already.")
    return message
