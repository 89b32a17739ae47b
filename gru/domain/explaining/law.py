"""How does the law come to its date?"""

from collections.abc import Iterator
from datetime import datetime

from gru.domain import events as e
from gru.domain.case import Case
from gru.domain.case.promising import MEETS, completed, law_pauses_of, law_waits_over
from gru.domain.clocks import Amount
from gru.domain.events import LegalClock
from gru.domain.explaining.days import days_told
from gru.domain.explaining.telling import Explained, Move
from gru.domain.explaining.watching import History, Towns, town_of, waits_told
from gru.domain.town import Town


def explain_law(history: History, towns: Towns, clock: LegalClock) -> Explained | None:
    """In whole days, each to midnight of the town: what the town promises moves nothing here."""
    case = _as_counted(history, clock)
    if case is None:
        return None
    now, town = history.case, town_of(case, towns)
    length = _amount(case, town, clock)
    if length is None:
        return None
    day, waits = case.legal[clock], list(law_waits_over(case).values())
    complete = completed(waits) if clock == "silence" else None
    counted_from = complete if complete is not None and day.regime == "acceptance" else None
    pauses = law_pauses_of(waits) if complete is not None and counted_from is None else []
    start = counted_from or case.received_at
    met_at = _met_at(history, now, clock)
    moves = tuple(_moves(history, clock))
    return Explained(
        clock=f"legal:{clock}",
        at=history.at,
        start=case.received_at,
        begins_with="completion" if counted_from else "reception",
        stop=met_at or now.closed_at or history.at,
        calendar=town.legal_calendar,
        stretches=tuple(days_told(town.legal_calendar, start, day.due, length, pauses, before=case.received_at)),
        amount=length,
        basis=moves[-1].reason,
        regime=day.regime,
        due=day.due,
        limit=day.due,
        met_at=met_at,
        running=met_at is None and now.status != "closed",
        paused_since=case.incomplete_since if clock == "silence" else None,
        in_days=True,
        moves=moves,
        waits=waits_told(history, law=True) if clock == "silence" else (),
    )


def _amount(case: Case, town: Town, clock: LegalClock) -> Amount | None:
    return town.silence_delay(case.type) if clock == "silence" else town.legal[clock].amount


def _as_counted(history: History, clock: LegalClock) -> Case | None:
    """The case as it was when the date was last counted: one that went by stays."""
    last: Case | None = None
    for _, _, after in history.states():
        day = after.legal.get(clock)
        if day is None:
            last = None
        elif last is None or not day.passed:
            last = after
    return last


def _met_at(history: History, case: Case, clock: LegalClock) -> datetime | None:
    """When the first reply left that does what the law asks, and was not returned."""
    sent = (recorded.event for recorded in history.facts if isinstance(recorded.event, e.ReplySent))
    meeting = (
        event.sent_at
        for event in sent
        if (reply := case.replies.get(event.reply_id)) and reply.kind in MEETS[clock] and reply.state == "sent"
    )
    return next(meeting, None)


def _moves(history: History, clock: LegalClock) -> Iterator[Move]:
    """`reason` is the text the date rests on."""
    for before, recorded, _ in history.states():
        event = recorded.event
        if isinstance(event, e.LegalDateSet) and event.clock == clock:
            was = before.legal.get(clock) if before else None
            yield Move(recorded.version, recorded.at, event.basis, event.due, was.due if was else None)
