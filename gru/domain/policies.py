"""Which event calls for which deed?"""

import msgspec

from gru.domain import events as e
from gru.domain.status import ANSWERING

ACKNOWLEDGED: frozenset[e.Channel] = frozenset({"email", "web"})
"""Doors through which an acknowledgement can leave at once by machine."""

READS_ON_SCREEN: frozenset[e.Channel] = frozenset({"web"})
"""Doors whose senders are shown their number and link at once: what the town writes stands on the tracking page for
whom no mail can reach, also for whom nobody knows."""


class Deed(msgspec.Struct, frozen=True):
    """What must be done once, later or elsewhere; `reply` for one reply or request, or the id of what is redacted."""

    kind: str
    case: str
    reply: str = ""


def called_for(recorded: e.Recorded) -> tuple[Deed, ...]:
    """Pure and stable: the same event calls for the same deeds, in the same order, for ever."""
    match recorded.event:
        case e.CaseOpened() as opened if opened.channel in ACKNOWLEDGED and _is_reached(opened):
            return (Deed("acknowledge", recorded.stream_id),)
        case e.CaseQualified():
            return (Deed("acknowledge_in_full", recorded.stream_id),)
        case e.ReplyWritten(elsewhere=False) as written:
            deliver = Deed("deliver", recorded.stream_id, written.reply_id)
            if written.human and written.kind in ANSWERING:
                return (deliver, Deed("tell_followers", recorded.stream_id, written.reply_id))
            return (deliver,)
        case e.CaseClosed():
            return (Deed("tell_followers", recorded.stream_id),)
        case e.ThirdPartyAsked() as asked:
            return (Deed("write_third_party", recorded.stream_id, asked.request_id),)
        case e.ThirdPartyReminded() as reminded:
            return (Deed("write_third_party", recorded.stream_id, f"{reminded.request_id}:{reminded.number}"),)
        case e.ReportBegun(automatic=True):
            return (Deed("post_report", recorded.stream_id, "0"),)
        case e.ReportFrozen() as frozen:
            return (Deed("post_report", recorded.stream_id, str(frozen.number)),)
        case e.SurveyAsked():
            return (Deed("write_survey", recorded.stream_id),)
        case e.TextRedacted() | e.DifficultyRedacted() as redacted:
            return (Deed("redact", recorded.stream_id, redacted.id),)
    return ()


def _is_reached(opened: e.CaseOpened) -> bool:
    return bool(opened.requester) or opened.channel in READS_ON_SCREEN


EVENTS: tuple[type[e.Event], ...] = (
    e.CaseOpened,
    e.CaseQualified,
    e.ReplyWritten,
    e.CaseClosed,
    e.ThirdPartyAsked,
    e.ThirdPartyReminded,
    e.TextRedacted,
    e.ReportBegun,
    e.ReportFrozen,
    e.SurveyAsked,
    e.DifficultyRedacted,
)
"""The only events that call for anything."""
