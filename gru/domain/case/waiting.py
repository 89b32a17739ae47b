"""Whom does the case wait for, and what does the wait give back?"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known, not_in_future, still_open
from gru.domain.case.parts import Wait
from gru.domain.case.promising import after_completion, after_pause
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, NotNow
from gru.domain.town.pausing import stops


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
            stops=stops(given.town.pauses, command.party, command.indispensable),
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
    """These waits are over; when no other stops the clock any more, the open promises move, and so do the law's dates
    when the file is complete."""
    for wait_id, wait in waits.items():
        yield e.WaitEnded(wait_id=wait_id, ended_at=max(ended_at, wait.since), reason=reason)
    ended = {wait_id: replace(wait, ended_at=max(ended_at, wait.since)) for wait_id, wait in waits.items()}
    others = [wait for wait_id, wait in case.open_waits.items() if wait_id not in waits]
    if any(wait.stopping for wait in ended.values()) and not any(wait.stopping for wait in others):
        yield from after_pause(case, ended, given)
    if any(wait.incomplete for wait in ended.values()) and not any(wait.incomplete for wait in others):
        yield from after_completion(case, ended, given)
