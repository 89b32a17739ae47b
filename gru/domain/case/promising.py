"""What is promised for a case, from when, and what do pauses, reopening and a corrected type change?

Promises are counted from reception under the version then in force; after a reopening, the answer and the solution are
counted from there. Every pause that stopped the clock and has ended gives its open time back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case.given import Given
from gru.domain.case.state import Case, Wait
from gru.domain.town import LegalDate, Promise

PAUSED_KINDS: tuple[e.CommitmentKind, ...] = ("first_response", "resolve")
"""A danger is made safe and a letter acknowledged whoever else is waited for."""

MEETS: dict[e.LegalClock, frozenset[e.ReplyKind]] = {
    "receipt": frozenset({"receipt", "acknowledgement", "answer", "refusal", "complement"}),
    "acknowledgement": frozenset({"acknowledgement", "answer", "refusal"}),
    "silence": frozenset({"answer", "refusal"}),
}
"""The replies that do what the law asks (CRPA L112-11; an express decision comes before an implicit one)."""

INCOMPLETE = "CRPA L114-5"

_OPEN_TIME, _DAYS = clocks.Amount(1, "h"), clocks.Amount(1, "month")


def at_reception(
    opened: e.CaseOpened, type_code: str, department: str, danger: bool, given: Given
) -> Iterator[e.Event]:
    """Before the type is known (`""`) the rules for every request hold."""
    town, channel, at = given.town, opened.channel, opened.received_at
    for promise in town.promises(type_code, department, channel, at, danger):
        yield _promised(promise, given)
    for day in town.legal_dates(type_code, channel, at):
        yield e.LegalDateSet(clock=day.clock, due=day.due, regime=day.regime, basis=day.basis)


def requalified(case: Case, said: e.CaseQualified, given: Given) -> Iterator[e.Event]:
    """What holds under another type, or with or without danger; what is kept or prolonged stays as it was."""
    wanted = {promise.kind: promise for promise in _standing(case, said, given)}
    for kind, promise in wanted.items():
        before = case.commitments.get(kind)
        stays = before is not None and (before.kept_at is not None or before.prolonged)
        own = before.own or before if before is not None else None
        if not stays and (own is None or (own.due, own.rule) != (promise.due, promise.rule)):
            yield _promised(promise, given)
            yield from _hastened(case, said, {kind: promise.due}, given)
    for kind, before in case.commitments.items():
        if kind not in wanted and before.kept_at is None:
            yield e.CommitmentLifted(kind=kind, reason="requalified")
    yield from _legal_dates_changed(case, said.type, case.waits, given)


def after_pause(case: Case, ended: Mapping[str, Wait], reason: str, given: Given) -> Iterator[e.Event]:
    """`ended` are the waits that end now; the clock was stopped since `case.paused_since`."""
    if case.paused_since is None:
        return
    until = max(wait.ended_at or wait.since for wait in ended.values())
    pause = clocks.Pause(case.paused_since, max(case.paused_since, until), "resident", reason, True)
    for kind in PAUSED_KINDS:
        commitment = case.commitments.get(kind)
        if commitment is None or commitment.kept_at is not None:
            continue
        calendar = given.town.calendars[commitment.calendar]
        due = clocks.moved_due(calendar, commitment.due, _OPEN_TIME, [pause])
        if due != commitment.due:
            warn_at = clocks.moved_due(calendar, commitment.warn_at, _OPEN_TIME, [pause])
            yield e.CommitmentMoved(kind=kind, due=due, warn_at=warn_at, reason="pause")
    if case.type:
        yield from _legal_dates_changed(case, case.type, {**case.waits, **ended}, given)


def after_merge(case: Case, given: Given) -> Iterator[e.Event]:
    """What is open is promised from the earliest reception of all that are followed here; `case` has them all."""
    limits = {kind: one.due for kind, one in case.commitments.items() if one.kept_at is None and not one.prolonged}
    yield from _hastened(case, _as_it_is(case), limits, given)


def after_release(case: Case, given: Given) -> Iterator[e.Event]:
    """What a duplicate hastened is as it was, with the pauses since given back; another duplicate may hasten it too.

    `case` has only those left that are followed here.
    """
    for kind, one in case.commitments.items():
        if one.own is None or one.own_until is None or one.kept_at is not None or one.prolonged:
            continue
        calendar = given.town.calendars[one.own.calendar]
        since = _since(case, one.own_until) if kind in PAUSED_KINDS else []
        due = clocks.moved_due(calendar, one.own.due, _OPEN_TIME, since)
        warn_at = clocks.moved_due(calendar, one.own.warn_at, _OPEN_TIME, since)
        still = list(_hastened(case, _as_it_is(case), {kind: due}, given))
        if still:
            yield from still
        else:
            yield e.CommitmentMoved(kind=kind, due=due, warn_at=warn_at, reason="merge_undone")


def _since(case: Case, instant: datetime) -> list[clocks.Pause]:
    """The pauses that ended after this."""
    return [pause for pause in _pauses(case.waits.values()) if pause.end is not None and pause.end > instant]


def _as_it_is(case: Case) -> e.CaseQualified:
    return e.CaseQualified(
        type=case.type, department=case.department, confidentiality=case.confidentiality, danger=case.danger
    )


def _hastened(
    case: Case, said: e.CaseQualified, limits: Mapping[e.CommitmentKind, datetime], given: Given
) -> Iterator[e.Event]:
    """These promises as counted from the earliest duplicate, where that is sooner; after a reopening it is not."""
    earliest = min((one.received_at for one in case.absorbed.values()), default=case.received_at)
    if earliest >= case.received_at:
        return
    for promise in given.town.promises(said.type, said.department, case.channel, earliest, said.danger):
        limit = limits.get(promise.kind)
        if limit is None or (case.reopened_at is not None and promise.kind in PAUSED_KINDS):
            continue
        moved = _given_back(promise, case, given)
        if moved.due < limit:
            yield e.CommitmentMoved(kind=moved.kind, due=moved.due, warn_at=moved.warn_at, reason="merge")


def after_reopening(case: Case, given: Given) -> Iterator[e.Event]:
    for promise in given.town.promises(case.type, case.department, case.channel, given.now, case.danger):
        if promise.kind in PAUSED_KINDS and promise.kind in case.commitments:
            yield e.CommitmentMoved(kind=promise.kind, due=promise.due, warn_at=promise.warn_at, reason="reopening")


def _promised(promise: Promise, given: Given) -> e.CommitmentPromised:
    return e.CommitmentPromised(
        kind=promise.kind,
        due=promise.due,
        warn_at=promise.warn_at,
        rule=promise.rule,
        calendar=promise.calendar,
        town_version=given.town.number,
    )


def _standing(case: Case, said: e.CaseQualified, given: Given) -> Iterator[Promise]:
    town = given.town
    for promise in town.promises(said.type, said.department, case.channel, case.received_at, said.danger):
        if promise.kind not in PAUSED_KINDS or case.reopened_at is None:
            yield _given_back(promise, case, given)
    if case.reopened_at is not None:
        for promise in town.promises(said.type, said.department, case.channel, case.reopened_at, said.danger):
            if promise.kind in PAUSED_KINDS:
                yield _given_back(promise, case, given)


def _given_back(promise: Promise, case: Case, given: Given) -> Promise:
    if promise.kind not in PAUSED_KINDS:
        return promise
    begun = case.reopened_at or case.received_at
    pauses = [pause for pause in _pauses(case.waits.values()) if pause.start >= begun]
    return given.town.moved(promise, pauses) if pauses else promise


def _pauses(waits: Iterable[Wait], *, allowed_only: bool = False) -> list[clocks.Pause]:
    """The ended waits that stopped the clock; the law's is stopped for the time allowed only (CRPA L114-5)."""
    return [
        clocks.Pause(wait.since, _end_of(wait, allowed_only), wait.party, wait.reason, True)
        for wait in waits
        if wait.stopping and wait.ended_at is not None
    ]


def _end_of(wait: Wait, allowed_only: bool) -> datetime | None:
    if allowed_only and wait.until is not None and wait.ended_at is not None:
        return max(wait.since, min(wait.ended_at, wait.until))
    return wait.ended_at


def _legal_dates_changed(case: Case, type_code: str, waits: Mapping[str, Wait], given: Given) -> Iterator[e.Event]:
    wanted = {day.clock: day for day in _legal_standing(case, type_code, waits, given)}
    for clock, day in wanted.items():
        before = case.legal.get(clock)
        settled = before is not None and before.passed
        if not settled and (before is None or (before.due, before.regime) != (day.due, day.regime)):
            yield e.LegalDateSet(clock=clock, due=day.due, regime=day.regime, basis=day.basis)
    for clock, before in case.legal.items():
        if clock not in wanted and not before.passed:
            yield e.LegalDateLifted(clock=clock)


def _legal_standing(case: Case, type_code: str, waits: Mapping[str, Wait], given: Given) -> Iterator[LegalDate]:
    """Silence: an acceptance counts from the completion of the file, a rejection is suspended meanwhile."""
    pauses = _pauses(waits.values(), allowed_only=True)
    completed = max((wait.ended_at for wait in waits.values() if wait.stopping and wait.ended_at), default=None)
    for day in given.town.legal_dates(type_code, case.channel, case.received_at):
        if day.clock != "silence" or completed is None:
            yield day
        elif day.regime == "acceptance":
            again = given.town.legal_dates(type_code, case.channel, completed)
            yield from (replace(one, basis=INCOMPLETE) for one in again if one.clock == "silence")
        else:
            due = clocks.moved_due(given.town.legal_calendar, day.due, _DAYS, pauses)
            yield replace(day, due=due, basis=INCOMPLETE)
