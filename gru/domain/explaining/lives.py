"""How long did it take: until a person answered, until it was closed, and without the time the resident took?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.promising import begun
from gru.domain.clocks import Pause, explain
from gru.domain.explaining.telling import Explained, Life, Stretch
from gru.domain.explaining.watching import History, Towns, beside, town_of, waits_told


def explain_life(history: History, towns: Towns, life: Life) -> Explained | None:
    """Every second that went by, and which of them the service was open; `net` leaves out the waits that stop.

    A reopened case begins anew. All of it is counted by the hours of the department that has the case, or had it when
    it was closed: so the figures are counted (`projections/durations`), to the second.
    """
    case = history.case
    town = town_of(case, towns)
    calendar = town.calendar_of(case.department)
    answered = _answered_at(history) if life == "response" else None
    start = begun(case)
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
    """When the first reply left that a person wrote or approved, since the request came or came back."""
    human: set[str] = set()
    answered: datetime | None = None
    for recorded in history.facts:
        match recorded.event:
            case e.ReplyWritten(human=True) as event:
                human.add(event.reply_id)
            case e.ReplySent() as event if event.reply_id in human:
                human.remove(event.reply_id)
                answered = answered or event.sent_at
            case e.CaseReopened():
                answered = None
    return answered
