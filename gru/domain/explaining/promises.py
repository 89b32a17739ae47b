"""How does a promise of the town come to its date, and how much of its time is used?"""

from collections.abc import Iterator
from datetime import datetime

from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case import Case, Commitment
from gru.domain.case.given import Given
from gru.domain.case.promising import PAUSED_KINDS, begun, by_itself, given_back, running_pauses, since_named
from gru.domain.clocks import Amount, Pause, explain
from gru.domain.events import CommitmentKind
from gru.domain.explaining.days import days_told
from gru.domain.explaining.telling import Explained, Move, Start, Stretch, stretched
from gru.domain.explaining.watching import History, Towns, beside, town_of, waits_told

_OPEN_TIME = Amount(1, "h")


def explain_promise(history: History, towns: Towns, kind: CommitmentKind) -> Explained | None:
    """As the case stood when the date was last counted: what is kept, or was closed, moves no more."""
    case = _as_counted(history, kind)
    if case is None:
        return None
    now = history.case
    town, kept_at = town_of(case, towns), now.commitments[kind].kept_at
    looked_at = kept_at or now.closed_at or history.at
    pending = _pending(case, kind, max(case.received_at, looked_at))
    one = by_itself(case, kind, case.commitments[kind], pending, Given(history.at, town))
    calendar, length = town.calendars[one.calendar], town.amount(one.rule)
    start, begins_with = _start(case, kind, one)
    stop = max(start, looked_at)
    in_days = length.unit not in ("h", "jo") and not one.prolonged
    limit = clocks.moved_due(calendar, one.due, length if in_days else _OPEN_TIME, since_named(one, pending))
    stopping = [*(given_back(case) if kind in PAUSED_KINDS else []), *pending]
    told = (
        days_told(calendar, start, limit, length, stopping)
        if in_days
        else _hours_told(case, calendar, (start, limit, stop), stopping)
    )
    return Explained(
        clock=kind,
        at=history.at,
        start=start,
        begins_with=begins_with,
        stop=stop,
        calendar=calendar,
        stretches=tuple(told),
        amount=length,
        rule=one.rule,
        due=now.commitments[kind].due,
        limit=limit,
        met_at=kept_at,
        running=kept_at is None and now.status != "closed",
        paused_since=case.paused_since if kind in PAUSED_KINDS else None,
        prolonged=one.prolonged,
        in_days=in_days,
        moves=tuple(_moves(history, kind)),
        waits=waits_told(history),
    )


def _as_counted(history: History, kind: CommitmentKind) -> Case | None:
    """The case when this promise was last open or moved, `None` when it makes none now; a pause that still ran when it
    was kept is not given back yet. In a merged case it stays open, and a duplicate may be released from a closed one.
    """
    last: Case | None = None
    for before, recorded, after in history.states():
        one = after.commitments.get(kind)
        if one is None:
            last = None
        elif _moved_meanwhile(recorded.event, after, kind):
            continue
        elif (one.kept_at is None and (after.status != "closed" or after.main)) or _moves_it(recorded.event, kind):
            last = after
        elif last is None:
            last = before if before is not None and kind in before.commitments else after
    return last


def _moved_meanwhile(event: e.Event, case: Case, kind: CommitmentKind) -> bool:
    """By a pause that runs on: the promise is kept with the next fact."""
    return _moves_it(event, kind, "pause") and case.paused_since is not None


def _moves_it(event: e.Event, kind: CommitmentKind, reason: str = "") -> bool:
    return isinstance(event, e.CommitmentMoved) and event.kind == kind and reason in ("", event.reason)


def _start(case: Case, kind: CommitmentKind, one: Commitment) -> tuple[datetime, Start]:
    if one.begun is not None:
        return one.begun, "duplicate"
    if kind in PAUSED_KINDS and case.reopened_at is not None:
        return begun(case), "reopening"
    return case.received_at, "reception"


def _pending(case: Case, kind: CommitmentKind, stop: datetime) -> list[Pause]:
    """The pause that runs, with all that belongs to it, as if it ended with what is looked at."""
    return running_pauses(case, stop) if kind in PAUSED_KINDS and case.paused_since is not None else []


def _hours_told(
    case: Case,
    calendar: clocks.Calendar,
    instants: tuple[datetime, datetime, datetime],
    stopping: list[Pause],
) -> Iterator[Stretch]:
    """Used until the end or now, left until the limit, over after it: being late is not interrupted by a pause."""
    start, limit, stop = instants
    waits = beside(case, stopping, stop)
    reached = min(stop, max(start, limit))
    yield from stretched(explain(calendar, start, reached, waits), "used")
    yield from stretched(explain(calendar, reached, limit, waits), "left")
    yield from stretched(explain(calendar, max(start, limit), stop, beside(case, [], stop)), "over")


def _moves(history: History, kind: CommitmentKind) -> Iterator[Move]:
    for before, recorded, _ in history.states():
        event = recorded.event
        was = before.commitments.get(kind) if before else None
        if isinstance(event, e.CommitmentPromised) and event.kind == kind:
            reason = "requalified" if was else "promised"
        elif isinstance(event, e.CommitmentMoved) and event.kind == kind:
            reason = event.reason
        else:
            continue
        yield Move(recorded.version, recorded.at, reason, event.due, was.due if was else None)
