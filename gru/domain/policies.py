"""Which event calls for which deed?"""

import msgspec

from gru.domain import events as e

ACKNOWLEDGED: frozenset[e.Channel] = frozenset({"email", "web"})
"""Doors through which an acknowledgement can leave at once by machine."""


class Deed(msgspec.Struct, frozen=True):
    """What must be done once, later or elsewhere; `reply` for a delivery, or the id of what is redacted."""

    kind: str
    case: str
    reply: str = ""


def called_for(recorded: e.Recorded) -> tuple[Deed, ...]:
    """Pure and stable: the same event calls for the same deeds, in the same order, for ever."""
    match recorded.event:
        case e.CaseOpened() as opened if opened.channel in ACKNOWLEDGED and opened.requester:
            return (Deed("acknowledge", recorded.stream_id),)
        case e.CaseQualified():
            return (Deed("acknowledge_in_full", recorded.stream_id),)
        case e.ReplyWritten(elsewhere=False) as written:
            return (Deed("deliver", recorded.stream_id, written.reply_id),)
        case e.TextRedacted() as redacted:
            return (Deed("redact", recorded.stream_id, redacted.id),)
    return ()


EVENTS: tuple[type[e.Event], ...] = (e.CaseOpened, e.CaseQualified, e.ReplyWritten, e.TextRedacted)
"""The only events that call for anything."""
