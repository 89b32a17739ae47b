"""What can happen to an inbound message, and to a number?"""

from datetime import datetime

from gru.domain.events.base import Channel, Event, MessageOutcome, event

# --- an inbound message, a number --------------------------------------------------------------------------------


@event("message.taken_in")
class MessageTakenIn(Event, frozen=True, kw_only=True):
    """What became of one kept message: exactly one outcome; `reason` for those no case took."""

    source: str
    channel: Channel
    outcome: MessageOutcome
    received_at: datetime
    case: str = ""
    reason: str = ""
    suggested: str = ""


@event("message.linked")
class MessageLinked(Event, frozen=True, kw_only=True):
    case: str


@event("message.put_aside")
class MessagePutAside(Event, frozen=True, kw_only=True):
    reason: str


@event("message.read_anew")
class MessageReadAnew(Event, frozen=True, kw_only=True):
    """A later reading of the same kept message finds that an agent should look at it, or why, or beside which case."""

    outcome: MessageOutcome
    reason: str
    suggested: str = ""


@event("number.given")
class NumberGiven(Event, frozen=True, kw_only=True):
    """Stands in a stream of its own, so that a rewound counter cannot give one number twice."""

    number: str
    case: str
