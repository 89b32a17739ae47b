"""What is promised for a case, from when, and what do pauses, reopening and a corrected type change?

Promises are counted from reception under the version then in force; after a reopening, the answer and the solution are
counted from there. Every pause that stopped the town's clock and has ended gives its open time back. A duplicate that
came in earlier than all that are followed here hastens what is open, and never makes it later than it would be without
it. The law's dates follow a clock of their own, which only an incomplete file stops.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case.given import Given
from gru.domain.case.parts import Commitment, Wait
from gru.domain.case.state import Case
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
        if before is not None and (before.kept_at is not None or before.prolonged):
            continue
        hastened = list(_hastened(case, said, {kind: promise.due}, given))
        if before is None or not _same(case, before, promise, hastened):
            yield _promised(promise, given)
            yield from hastened
    for kind, before in case.commitments.items():
        if kind not in wanted and before.kept_at is None:
            yield e.CommitmentLifted(kind=kind, reason="requalified")
    yield from _legal_dates_changed(case, said.type, law_waits_over(case), given)


def _same(case: Case, before: Commitment, promise: Promise, hastened: list[e.CommitmentMoved]) -> bool:
    """By itself, and as a duplicate hastens it or does not."""
    after, begun_ = (hastened[0], earliest_of(case)) if hastened else (promise, None)
    return (_said(before.own or before), _said(before), before.begun) == (_said(promise), _said(after), begun_)


def _said(promise: Commitment | Promise | e.CommitmentMoved) -> tuple[datetime, str, str]:
    """Two calendars may give one date today and two after a pause."""
    return promise.due, promise.rule, promise.calendar


def after_pause(case: Case, ended: Mapping[str, Wait], given: Given) -> Iterator[e.Event]:
    """`ended` are the waits that end now, the last that stopped the clock: it had stood still since
    `case.paused_since`, perhaps not without a break."""
    if case.paused_since is None:
        return
    waits = {**case.waits, **ended}
    pauses = pauses_of(waits.values(), since=max(case.paused_since, begun(case)))
    for kind in PAUSED_KINDS:
        commitment = case.commitments.get(kind)
        if commitment is None or commitment.kept_at is not None:
            continue
        yield from _paused(case, kind, commitment, pauses, given)


def before_answer(case: Case, sent_at: datetime, given: Given) -> Iterator[e.Event]:
    """A person answers while the clock stands still, after the date: the pause has moved it as far as that."""
    one = case.commitments.get("first_response")
    if case.paused_since is None or one is None or one.kept_at is not None or sent_at <= one.due:
        return
    yield from _paused(case, "first_response", one, running_pauses(case, sent_at), given)


def _paused(
    case: Case, kind: e.CommitmentKind, one: Commitment, pauses: list[clocks.Pause], given: Given
) -> Iterator[e.Event]:
    """Moved by these pauses; what a duplicate hastened not further than it would be by itself."""
    moved = _moved(one, kind, pauses, given)
    if one.own is not None:
        moved = min(moved, _counted(case, kind, one.own, given, besides=pauses), key=lambda each: each.due)
    if moved.due != one.due:
        yield _moved_to(one, moved, "pause")


def after_completion(case: Case, ended: Mapping[str, Wait], given: Given) -> Iterator[e.Event]:
    """`ended` are the waits that end now, the last for want of which the file was not complete."""
    if case.incomplete_since is not None and case.type:
        yield from _legal_dates_changed(case, case.type, {**case.waits, **ended}, given)


def _moved(one: Commitment, kind: e.CommitmentKind, pauses: list[clocks.Pause], given: Given) -> Promise:
    """A date an agent named is no day of a rule: it gets back open time, whatever the rule counts."""
    promise = Promise(kind, one.due, one.warn_at, one.rule, one.calendar)
    if not one.prolonged:
        return given.town.moved(promise, pauses)
    calendar, since = given.town.calendars[one.calendar], since_named(one, pauses)
    due, warn_at = (clocks.moved_due(calendar, limit, _OPEN_TIME, since) for limit in (one.due, one.warn_at))
    return replace(promise, due=due, warn_at=warn_at)


def since_named(one: Commitment, pauses: list[clocks.Pause]) -> list[clocks.Pause]:
    """What went by of these pauses before an agent named the date was known to him: it is not given back."""
    named = one.named_at
    if named is None:
        return pauses
    return [replace(pause, start=max(pause.start, named)) for pause in pauses if pause.end is None or pause.end > named]


def begun(case: Case) -> datetime:
    """From when the answer and the solution are counted: the last reopening, else reception."""
    return case.reopened_at or case.received_at


def waits_over(case: Case) -> dict[str, Wait]:
    """All but those of the pause that still runs, ended or not: its time is given back when all of it is over."""
    since = case.paused_since
    return {id: wait for id, wait in case.waits.items() if since is None or not wait.stopping or wait.since < since}


def law_waits_over(case: Case) -> dict[str, Wait]:
    """The same for the law's clock."""
    since = case.incomplete_since
    return {id: wait for id, wait in case.waits.items() if since is None or not wait.incomplete or wait.since < since}


def given_back(case: Case) -> list[clocks.Pause]:
    """The pauses whose time the open promises have got back."""
    return pauses_of(waits_over(case).values(), since=begun(case))


def running_pauses(case: Case, until: datetime) -> list[clocks.Pause]:
    """The pause that runs, with all that belongs to it, as if it ended then."""
    over = waits_over(case)
    ended = (
        replace(wait, ended_at=min(wait.ended_at or until, until)) for id, wait in case.waits.items() if id not in over
    )
    return pauses_of(ended, since=begun(case))


def earliest_of(case: Case) -> datetime:
    """When the first of all requests that are followed here came in."""
    return min((case.received_at, *(other.received_at for other in case.absorbed.values())))


def after_merge(case: Case, given: Given) -> Iterator[e.Event]:
    """What is open is promised from the earliest reception of all that are followed here, which the case has only now;
    `case` has them all."""
    limits = {kind: one.due for kind, one in case.commitments.items() if one.kept_at is None and not one.prolonged}
    yield from _hastened(case, _as_it_is(case), limits, given)


def after_release(case: Case, given: Given) -> Iterator[e.Event]:
    """What the duplicate hastened is as it was, with all pauses given back; another duplicate may hasten it too.

    `case` has only those left that are followed here.
    """
    left = {other.received_at for other in case.absorbed.values()}
    for kind, one in case.commitments.items():
        if one.own is None or one.begun in left or one.kept_at is not None or one.prolonged:
            continue
        own = _counted(case, kind, one.own, given)
        still = list(_hastened(case, _as_it_is(case), {kind: own.due}, given))
        if still:
            yield from still
        else:
            yield e.CommitmentMoved(kind=kind, due=own.due, warn_at=own.warn_at, reason="merge_undone")


def after_correction(case: Case, given: Given) -> Iterator[e.Event]:
    """What is open, counted by the right days; a date an agent named, and what is kept, stay as they are."""
    for kind, one in case.commitments.items():
        if one.kept_at is None and not one.prolonged:
            again = as_counted(case, kind, one, given)
            if (again.due, again.warn_at) != (one.due, one.warn_at):
                yield _moved_to(one, again, "calendar")
    yield from _legal_dates_changed(case, case.type, law_waits_over(case), given, passed_too=True)


def as_counted(case: Case, kind: e.CommitmentKind, one: Commitment, given: Given) -> Promise:
    """An open promise counted from its beginning: reception, a reopening, or the earliest duplicate."""
    if one.own is None:
        return _counted(case, kind, one, given)
    hastened, own = _counted(case, kind, one, given, start=one.begun), _counted(case, kind, one.own, given)
    return min(hastened, own, key=lambda each: each.due)


def by_itself(
    case: Case, kind: e.CommitmentKind, one: Commitment, pauses: list[clocks.Pause], given: Given
) -> Commitment:
    """What a duplicate hastened, without it, if it ends sooner so when these pauses are over."""
    if one.own is None:
        return one
    own = _counted(case, kind, one.own, given, besides=pauses)
    if _moved(one, kind, pauses, given).due <= own.due:
        return one
    return replace(one.own, due=_counted(case, kind, one.own, given).due)


def _counted(
    case: Case, kind: e.CommitmentKind, one: Commitment, given: Given, *,
    start: datetime | None = None, besides: Iterable[clocks.Pause] = (),
) -> Promise:  # fmt: skip
    """From its beginning; `besides` are pauses that are given back too."""
    from_ = start or (begun(case) if kind in PAUSED_KINDS else case.received_at)
    return _given_back(given.town.promised(kind, one.rule, one.calendar, from_), case, given, besides)


def _as_it_is(case: Case) -> e.CaseQualified:
    return e.CaseQualified(
        type=case.type, department=case.department, confidentiality=case.confidentiality, danger=case.danger
    )


def _hastened(
    case: Case, said: e.CaseQualified, limits: Mapping[e.CommitmentKind, datetime], given: Given
) -> Iterator[e.CommitmentMoved]:
    """These promises as counted from the earliest duplicate, where that is sooner; after a reopening it is not."""
    earliest = earliest_of(case)
    if earliest >= case.received_at:
        return
    for promise in given.town.promises(said.type, said.department, case.channel, earliest, said.danger):
        limit = limits.get(promise.kind)
        if limit is None or (case.reopened_at is not None and promise.kind in PAUSED_KINDS):
            continue
        moved = _given_back(promise, case, given)
        if moved.due < limit:
            yield _set_to(moved, "merge")


def after_reopening(case: Case, given: Given) -> Iterator[e.Event]:
    for promise in given.town.promises(case.type, case.department, case.channel, given.now, case.danger):
        if promise.kind in PAUSED_KINDS and promise.kind in case.commitments:
            yield _set_to(promise, "reopening")


def _set_to(promise: Promise, reason: str) -> e.CommitmentMoved:
    """Counted anew, perhaps by the rule and hours of another department than before."""
    return e.CommitmentMoved(
        kind=promise.kind,
        due=promise.due,
        warn_at=promise.warn_at,
        reason=reason,
        rule=promise.rule,
        calendar=promise.calendar,
    )


def _moved_to(one: Commitment, promise: Promise, reason: str) -> e.CommitmentMoved:
    """What a duplicate had hastened is told by its own rule and hours once it ends sooner by these."""
    by = promise.rule, promise.calendar
    rule, calendar = by if by != (one.rule, one.calendar) else ("", "")
    due, warn_at = promise.due, promise.warn_at
    return e.CommitmentMoved(kind=promise.kind, due=due, warn_at=warn_at, reason=reason, rule=rule, calendar=calendar)


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


def _given_back(promise: Promise, case: Case, given: Given, besides: Iterable[clocks.Pause] = ()) -> Promise:
    pauses = [*given_back(case), *besides] if promise.kind in PAUSED_KINDS else []
    return given.town.moved(promise, pauses) if pauses else promise


def pauses_of(waits: Iterable[Wait], *, since: datetime) -> list[clocks.Pause]:
    """The ended waits that stopped the town's clock."""
    return [
        clocks.Pause(max(wait.since, since), wait.ended_at, wait.party, wait.reason, True)
        for wait in waits
        if wait.stopping and wait.ended_at is not None and wait.ended_at > since
    ]


def law_pauses_of(waits: Iterable[Wait]) -> list[clocks.Pause]:
    """The ended waits that stopped the law's clock, which is for the time allowed only (CRPA L114-5)."""
    return [
        clocks.Pause(wait.since, _allowed(wait, wait.ended_at), wait.party, wait.reason, True)
        for wait in waits
        if wait.incomplete and wait.ended_at is not None
    ]


def _allowed(wait: Wait, ended_at: datetime) -> datetime:
    return ended_at if wait.until is None else max(wait.since, min(ended_at, wait.until))


def _legal_dates_changed(
    case: Case, type_code: str, waits: Mapping[str, Wait], given: Given, *, passed_too: bool = False
) -> Iterator[e.Event]:
    """A date that went by stays, unless it was no date at all: the days it was counted by were wrong."""
    wanted = {day.clock: day for day in _legal_standing(case, type_code, waits, given)}
    for clock, day in wanted.items():
        before = case.legal.get(clock)
        settled = before is not None and before.passed and (not passed_too or before.due == day.due)
        if not settled and (before is None or (before.due, before.regime) != (day.due, day.regime)):
            yield e.LegalDateSet(clock=clock, due=day.due, regime=day.regime, basis=day.basis)
    for clock, before in case.legal.items():
        if clock not in wanted and not before.passed:
            yield e.LegalDateLifted(clock=clock)


def completed(waits: Iterable[Wait]) -> datetime | None:
    """When the last indispensable document came, `None` where none was awaited."""
    return max((wait.ended_at for wait in waits if wait.incomplete and wait.ended_at), default=None)


def _legal_standing(case: Case, type_code: str, waits: Mapping[str, Wait], given: Given) -> Iterator[LegalDate]:
    """Silence: an acceptance counts from the completion of the file, a rejection is suspended meanwhile."""
    pauses = law_pauses_of(waits.values())
    complete = completed(waits.values())
    for day in given.town.legal_dates(type_code, case.channel, case.received_at):
        if day.clock != "silence" or complete is None:
            yield day
        elif day.regime == "acceptance":
            again = given.town.legal_dates(type_code, case.channel, complete)
            yield from (replace(one, basis=INCOMPLETE) for one in again if one.clock == "silence")
        else:
            due = clocks.moved_due(given.town.legal_calendar, day.due, _DAYS, pauses)
            yield replace(day, due=due, basis=INCOMPLETE)
