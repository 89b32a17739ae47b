"""Whom does the case wait for, and what does the wait give back?"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case.given import Command, Given, known, not_in_future, still_open
from gru.domain.case.state import Case, Commitment, Wait
from gru.domain.errors import BadInput, NotNow

PAUSED_KINDS: tuple[e.CommitmentKind, ...] = ("first_response", "resolve")
"""A danger is made safe and a letter acknowledged whoever else is waited for."""

_HOURS, _MONTHS = clocks.Amount(1, "h"), clocks.Amount(1, "month")


class StartWait(Command, frozen=True, kw_only=True):
    """`since` may lie in the past, not before reception nor before the last pause ended."""

    wait_id: str
    party: e.Party
    reason: str
    since: datetime | None = None
    indispensable: bool = False
    until: datetime | None = None
    text: e.TextRef | None = None


def start_wait(case: Case | None, command: StartWait, given: Given) -> list[e.Event]:
    case = still_open(case)
    if command.wait_id in case.waits:
        return []
    if not command.reason:
        raise BadInput("A wait must state its reason.", field="reason")
    since = not_in_future(command.since or given.now, given, "since")
    earliest = max(case.received_at, case.resumed_at or case.received_at)
    if since < earliest:
        raise BadInput("A wait may not begin before reception, nor before the last pause ended.", field="since")
    return [
        e.WaitStarted(
            wait_id=command.wait_id,
            party=command.party,
            reason=command.reason,
            since=since,
            indispensable=command.indispensable and command.party == "resident",
            until=command.until,
            text=command.text,
        )
    ]


class EndWait(Command, frozen=True, kw_only=True):
    wait_id: str
    reason: str = "answered"
    ended_at: datetime | None = None


def end_wait(case: Case | None, command: EndWait, given: Given) -> list[e.Event]:
    case = known(case)
    wait = case.waits.get(command.wait_id)
    if wait is None:
        raise NotNow("This case does not wait for that.")
    if wait.ended_at is not None:
        return []
    ended_at = not_in_future(command.ended_at or given.now, given, "ended_at")
    if ended_at < wait.since:
        raise BadInput("A wait may not end before it began.", field="ended_at")
    return list(ending(case, {command.wait_id: wait}, ended_at, command.reason, given))


def ending(case: Case, waits: Mapping[str, Wait], ended_at: datetime, reason: str, given: Given) -> Iterator[e.Event]:
    """These waits are over; when no other stops the clock any more, the open promises move."""
    for wait_id, wait in waits.items():
        yield e.WaitEnded(wait_id=wait_id, ended_at=max(ended_at, wait.since), reason=reason)
    others = [w for wait_id, w in case.open_waits.items() if w.stopping and wait_id not in waits]
    if case.paused_since is not None and not others and any(w.stopping for w in waits.values()):
        yield from _resumed(case, case.paused_since, ended_at, reason, given)


def _resumed(case: Case, paused: datetime, ended_at: datetime, reason: str, given: Given) -> Iterator[e.Event]:
    pause = clocks.Pause(paused, max(paused, ended_at), "resident", reason, True)
    for kind in PAUSED_KINDS:
        commitment = case.commitments.get(kind)
        if commitment is not None and commitment.kept_at is None and paused < commitment.due:
            yield from _moved(case, kind, commitment, pause, given)
    silence = case.legal.get("silence")
    if silence is None or silence.passed:
        return
    calendar = given.town.calendars[given.town.departments[given.town.reception].calendar]
    if silence.regime == "acceptance":
        for day in given.town.legal_dates(case.type, case.channel, ended_at):
            if day.clock == "silence":
                yield e.LegalDateSet(clock="silence", due=day.due, regime=day.regime, basis="CRPA L114-5")
    elif silence.regime == "rejection":
        due = clocks.moved_due(calendar, silence.due, _MONTHS, [pause])
        if due != silence.due:
            yield e.LegalDateSet(clock="silence", due=due, regime="rejection", basis="CRPA L114-5")


def _moved(
    case: Case, kind: e.CommitmentKind, commitment: Commitment, pause: clocks.Pause, given: Given
) -> Iterator[e.Event]:
    calendar = given.town.calendars[commitment.calendar]
    due = clocks.moved_due(calendar, commitment.due, _HOURS, [pause])
    if due != commitment.due:
        warn_at = clocks.moved_due(calendar, commitment.warn_at, _HOURS, [pause])
        yield e.CommitmentMoved(kind=kind, due=due, warn_at=warn_at, reason="pause")
