"""How long did it take: until a person answered, until it was closed, and without the time the resident took?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.promising import begun
from gru.domain.clocks import Pause, explain
from gru.domain.explaining.telling import Explained, Life, Stretch
from gru.domain.explaining.watching import History, Towns, beside, town_of, waits_told


def explain_life(history: History, towns: Towns, life: Life) -> Explained | None:
    """Every second that went by, and which of them the service was open; `net` leaves out the waits that stop.

    A reopened case begins anew; the answer is that to the request as it was received.
    """
    case = history.case
    town = town_of(case, towns)
    calendar = town.calendar_of(case.department)
    answered = _answered_at(history) if life == "response" else None
    start = case.received_at if life == "response" else begun(case)
    closed = case.closed_at
    stop = max(start, answered or closed or history.at)
    stopping = [
        Pause(wait.since, wait.ended_at, wait.party, wait.reason, True)
        for wait in case.waits.values()
        if wait.stopping and life == "net"
    ]
    told = (
        Stretch(one.start, one.end, not one.cause.startswith("pause:"), one.cause, one.party, "used")
        for one in explain(calendar, start, stop, beside(case, stopping, stop))
    )
    return Explained(
        clock=life,
        at=history.at,
        start=start,
        begins_with="reopening" if start != case.received_at else "reception",
        stop=stop,
        calendar=calendar,
        stretches=tuple(told),
        met_at=answered if life == "response" else closed,
        running=answered is None and closed is None,
        paused_since=case.paused_since if life == "net" else None,
        waits=waits_told(history),
    )


def _answered_at(history: History) -> datetime | None:
    """When the first reply left that a person wrote or approved."""
    human = {r.event.reply_id for r in history.facts if isinstance(r.event, e.ReplyWritten) and r.event.human}
    sent = (r.event for r in history.facts if isinstance(r.event, e.ReplySent))
    return next((event.sent_at for event in sent if event.reply_id in human), None)
