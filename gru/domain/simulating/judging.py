"""What is promised in a past case under any rules, and was it kept?

The same order of things as in `case/promising.py`, on the case's own facts: under the rules the case is bound to this
gives what its history recorded, to the second (`tests/domain/test_simulating.py`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from gru.domain import clocks
from gru.domain import events as e
from gru.domain.case.promising import PAUSED_KINDS
from gru.domain.case.state import RESOLVING
from gru.domain.simulating import past as p
from gru.domain.town import PauseRule, pausing
from gru.domain.town import promises as rules
from gru.domain.town.promises import Rules

_OPEN_TIME = clocks.Amount(1, "h")
_Limit = tuple[datetime, str]
_Rule = tuple[e.CommitmentKind, str, clocks.Amount]


class Unjudged(Exception):
    """These rules know nothing of the case's type or department, which the town has given up since."""


class Judged(msgspec.Struct, frozen=True):
    """A promise as it stands at the end: `censored` when another case or another's duty took it over unkept."""

    due: datetime
    kept_at: datetime | None
    censored: bool


Verdict = dict[e.CommitmentKind, Judged]


class _Promise(msgspec.Struct):
    due: datetime
    rule: str
    calendar: str
    kept_at: datetime | None = None
    prolonged: bool = False
    own: "_Promise | None" = None
    named_at: datetime | None = None
    begun: datetime | None = None


class _Wait(msgspec.Struct):
    since: datetime
    stops: bool
    ended_at: datetime | None = None


class Judge:
    """Says of one past case after another what `town` would have promised; `pauses` in place of its own rule."""

    def __init__(self, town: Rules, pauses: PauseRule | None = None) -> None:
        self.town = town
        self.pauses = pauses or town.pauses
        self._rules: dict[tuple[str, e.Channel, bool], tuple[_Rule, ...]] = {}
        self._amounts: dict[str, clocks.Amount] = {}

    def verdict(self, past: p.Past, until: int | None = None) -> Verdict:
        """Every promise of the case as of a position (`None`: of all). `Unjudged` when these rules do not know it."""
        life = _Life(self, past)
        for step in p.steps_until(past.steps, until):
            life.live(step)
        return life.verdict()

    def stops(self, indispensable: bool) -> bool:
        """Does a wait on the resident stop the clock?"""
        return pausing.stops(self.pauses, "resident", indispensable)

    def limits(
        self, type_code: str, department: str, channel: e.Channel, at: datetime, danger: bool
    ) -> tuple[str, dict[e.CommitmentKind, _Limit]]:
        """The calendar, and by kind what is promised under it from an instant on."""
        if (type_code and type_code not in self.town.types) or (department and department not in self.town.departments):
            raise Unjudged(type_code or department)
        asked = (type_code, channel, danger)
        if asked not in self._rules:
            self._rules[asked] = tuple(rules.rules_for(self.town, type_code, channel, danger))
            self._amounts |= {rule: amount for _, rule, amount in self._rules[asked]}
        calendar = rules.calendar_for(self.town, type_code, department)
        return calendar.code, rules.strictest(calendar, self._rules[asked], at)

    def amount(self, rule: str) -> clocks.Amount:
        return self._amounts[rule]

    def calendar(self, code: str) -> clocks.Calendar:
        return self.town.calendars[code]


class _Life:
    """One case lived again under a judge's rules."""

    def __init__(self, judge: Judge, past: p.Past) -> None:
        self.judge = judge
        self.received_at = past.received_at
        self.channel = past.channel
        self.type, self.department, self.danger = "", past.department, False
        self.promises: dict[e.CommitmentKind, _Promise] = {}
        self.waits: dict[str, _Wait] = {}
        self.absorbed: dict[str, datetime] = {}
        self.paused_since: datetime | None = None
        self.resumed_at = past.received_at
        self.reopened_at: datetime | None = None
        self.closed = self.censoring = False
        first = past.steps[0] if past.steps else None
        if not (isinstance(first, p.Qualified) and first.first):
            self._make(self._standing("", past.department, False))

    def verdict(self) -> Verdict:
        return {
            kind: Judged(one.due, one.kept_at, self.censoring and one.kept_at is None)
            for kind, one in self.promises.items()
        }

    def live(self, step: p.AnyStep) -> None:
        match step:
            case p.Official():
                pass
            case p.Qualified():
                self._qualified(step)
            case p.Transferred():
                self.department = step.department
            case p.Waiting():
                self._waits(step)
            case p.Resumed():
                self._resumed(step)
            case p.Sent():
                self._keep("acknowledge", step.sent)
                if step.human:
                    self._answered(step.sent)
            case p.MadeSafe():
                self._keep("make_safe", step.made_safe)
            case p.Closed():
                self._closes(step)
            case p.Reopened():
                self._reopened(step)
            case p.Merged():
                self.closed = self.censoring = not step.undone
            case p.Absorbed():
                self._absorb(step)
            case p.Released():
                self.absorbed.pop(step.other, None)
                self._release()
            case p.SaidAnew():
                self._said_anew(step)

    # --- what is promised ---

    def _qualified(self, step: p.Qualified) -> None:
        before = (self.type, self.danger)
        self.type, self.department, self.danger = step.type, step.department, step.danger
        if before == (step.type, step.danger):
            return
        wanted = self._standing(step.type, step.department, step.danger)
        self._make(wanted)
        for kind in [kind for kind, one in self.promises.items() if kind not in wanted and one.kept_at is None]:
            del self.promises[kind]

    def _standing(self, type_code: str, department: str, danger: bool) -> dict[e.CommitmentKind, _Promise]:
        """What holds now: counted from reception; from the reopening where pauses count."""
        calendar, limits = self.judge.limits(type_code, department, self.channel, self.received_at, danger)
        if self.reopened_at is not None:
            _, anew = self.judge.limits(type_code, department, self.channel, self.reopened_at, danger)
            limits |= {kind: limit for kind, limit in anew.items() if kind in PAUSED_KINDS}
        return {
            kind: _Promise(self._given_back(kind, due, rule, calendar), rule, calendar)
            for kind, (due, rule) in limits.items()
        }

    def _make(self, wanted: Mapping[e.CommitmentKind, _Promise]) -> None:
        for kind, promise in wanted.items():
            before = self.promises.get(kind)
            if before is not None and (before.kept_at is not None or before.prolonged):
                continue
            self.promises[kind] = promise
            self._hasten({kind: promise.due})

    def _given_back(self, kind: e.CommitmentKind, due: datetime, rule: str, calendar: str) -> datetime:
        """The limit moved by every pause that is over since the promise was made."""
        if kind not in PAUSED_KINDS:
            return due
        return self._moved(due, calendar, self.judge.amount(rule), self._pauses(self._over(), self._begun))

    @property
    def _begun(self) -> datetime:
        return self.reopened_at or self.received_at

    def _moved(self, due: datetime, calendar: str, amount: clocks.Amount, pauses: Sequence[clocks.Pause]) -> datetime:
        return clocks.moved_due(self.judge.calendar(calendar), due, amount, pauses) if pauses else due

    def _said_anew(self, step: p.SaidAnew) -> None:
        """A date that was told to the resident stands under every rule."""
        one = self.promises.get(step.kind)
        if one is not None:
            one.due, one.prolonged = step.due, step.prolonged or one.prolonged
            one.named_at = step.at if step.prolonged else one.named_at
            one.own = None

    # --- waits ---

    def _waits(self, step: p.Waiting) -> None:
        """What was told afterwards may, under another rule, reach back into a pause whose time was given back."""
        stops = self.judge.stops(step.indispensable)
        since = max(step.since, self.resumed_at) if stops else step.since
        self.waits[step.wait] = _Wait(since, stops)
        if stops and not self.closed:
            self.paused_since = min(self.paused_since, since) if self.paused_since else since

    def _resumed(self, step: p.Resumed) -> None:
        ended = dict(step.ended)
        goes_on = any(w.stops and w.ended_at is None and id not in ended for id, w in self.waits.items())
        stopped = any(self.waits[id].stops for id in ended)
        for id, at in ended.items():
            self.waits[id].ended_at = at
        if stopped and not goes_on:
            self.resumed_at = max(w.ended_at for w in self.waits.values() if w.stops and w.ended_at is not None)
            if self.paused_since is not None:
                self._give_back(max(self.paused_since, self._begun))
            self.paused_since = None

    def _give_back(self, since: datetime) -> None:
        """The time of the pause that is over now; a date an agent named gets back open time, whatever the rule."""
        for kind in PAUSED_KINDS:
            one = self.promises.get(kind)
            if one is not None and one.kept_at is None:
                self._push(one, self.waits.values(), since)

    def _push(self, one: _Promise, waits: Collection[_Wait], since: datetime) -> None:
        amount = _OPEN_TIME if one.prolonged else self.judge.amount(one.rule)
        one.due = self._moved(one.due, one.calendar, amount, self._pauses(waits, max(since, one.named_at or since)))
        if one.own is not None:
            self._overtake(one, one.own, waits)

    def _overtake(self, one: _Promise, own: _Promise, waits: Collection[_Wait]) -> None:
        """What a duplicate hastened is not moved further than it would be by itself."""
        counted = clocks.due(self.judge.calendar(own.calendar), self._begun, self.judge.amount(own.rule))
        pauses = self._pauses((*self._over(), *waits), self._begun)
        due = self._moved(counted, own.calendar, self.judge.amount(own.rule), pauses)
        if due < one.due:
            one.due, one.rule, one.calendar, one.own, one.begun = due, own.rule, own.calendar, None, None

    def _over(self) -> Iterator[_Wait]:
        """All waits but those of the pause that still runs."""
        for wait in self.waits.values():
            if self.paused_since is None or not wait.stops or wait.since < self.paused_since:
                yield wait

    @staticmethod
    def _pauses(waits: Iterable[_Wait], since: datetime) -> list[clocks.Pause]:
        return [
            clocks.Pause(max(wait.since, since), wait.ended_at, "resident", "", True)
            for wait in waits
            if wait.stops and wait.ended_at is not None and wait.ended_at > since
        ]

    def _answered(self, at: datetime) -> None:
        """After the date, while the clock stands still: the pause has moved it as far as that."""
        one = self.promises.get("first_response")
        if self.paused_since is not None and one is not None and one.kept_at is None and at > one.due:
            over = {id(wait) for wait in self._over()}
            running = [
                _Wait(wait.since, wait.stops, min(wait.ended_at or at, at))
                for wait in self.waits.values()
                if id(wait) not in over
            ]
            self._push(one, running, self._begun)
        self._keep("first_response", at)

    # --- beginning and end ---

    def _keep(self, kind: e.CommitmentKind, at: datetime) -> None:
        one = self.promises.get(kind)
        if one is not None and one.kept_at is None:
            one.kept_at = at

    def _closes(self, step: p.Closed) -> None:
        resolves = step.outcome in RESOLVING
        if resolves:
            self._keep("resolve", step.at)
            self._keep("make_safe", step.at)
        self.closed, self.censoring, self.paused_since = True, not resolves, None

    def _reopened(self, step: p.Reopened) -> None:
        """The answer and the solution are promised anew, under the hours of who has the case now."""
        self.closed = self.censoring = False
        self.reopened_at = step.at
        calendar, limits = self.judge.limits(self.type, self.department, self.channel, step.at, self.danger)
        for kind in PAUSED_KINDS:
            if kind in self.promises and kind in limits:
                self.promises[kind] = _Promise(*limits[kind], calendar)

    # --- duplicates ---

    def _absorb(self, step: p.Absorbed) -> None:
        """Nothing moves unless none of those that are followed here came in so early."""
        sooner = step.received_at < min((self.received_at, *self.absorbed.values()))
        self.absorbed[step.other] = step.received_at
        if sooner:
            self._hasten({kind: one.due for kind, one in self.promises.items() if _is_open(one)})

    def _hasten(self, limits: Mapping[e.CommitmentKind, datetime]) -> frozenset[e.CommitmentKind]:
        """These promises as counted from the earliest duplicate, where that is sooner; which of them were."""
        earliest = min(self.absorbed.values(), default=self.received_at)
        if earliest >= self.received_at:
            return frozenset()
        hastened = set()
        calendar, found = self.judge.limits(self.type, self.department, self.channel, earliest, self.danger)
        for kind, (due, rule) in found.items():
            limit = limits.get(kind)
            if limit is None or (self.reopened_at is not None and kind in PAUSED_KINDS):
                continue
            moved = self._given_back(kind, due, rule, calendar)
            if moved < limit:
                before = self.promises[kind]
                own = before.own or _Promise(before.due, before.rule, before.calendar)
                self.promises[kind] = _Promise(moved, rule, calendar, own=own, begun=earliest)
                hastened.add(kind)
        return frozenset(hastened)

    def _release(self) -> None:
        """What the duplicate hastened is as it was, unless another one hastens it too."""
        for kind, one in list(self.promises.items()):
            own = one.own
            if own is None or one.begun in self.absorbed.values() or not _is_open(one):
                continue
            start = self._begun if kind in PAUSED_KINDS else self.received_at
            counted = clocks.due(self.judge.calendar(own.calendar), start, self.judge.amount(own.rule))
            due = self._given_back(kind, counted, own.rule, own.calendar)
            if not self._hasten({kind: due}):
                self.promises[kind] = _Promise(due, own.rule, own.calendar, one.kept_at)


def _is_open(one: _Promise) -> bool:
    return one.kept_at is None and not one.prolonged


def official(past: p.Past, until: int | None = None) -> Verdict:
    """Every promise of the case as its own history says, as of a position."""
    due: dict[e.CommitmentKind, datetime] = {}
    kept: dict[e.CommitmentKind, datetime] = {}
    censoring = False
    for step in p.steps_until(past.steps, until):
        match step:
            case p.Official(due=None):
                due.pop(step.kind, None)
                kept.pop(step.kind, None)
            case p.Official(due=datetime() as limit):
                due[step.kind] = limit
                if step.anew:
                    kept.pop(step.kind, None)
            case p.Sent():
                _kept(due, kept, "acknowledge", step.sent)
                if step.human:
                    _kept(due, kept, "first_response", step.sent)
            case p.MadeSafe():
                _kept(due, kept, "make_safe", step.made_safe)
            case p.Closed():
                censoring = step.outcome not in RESOLVING
                if not censoring:
                    _kept(due, kept, "resolve", step.at)
                    _kept(due, kept, "make_safe", step.at)
            case p.Reopened():
                censoring = False
            case p.Merged():
                censoring = not step.undone
            case _:
                pass
    return {kind: Judged(limit, kept.get(kind), censoring and kind not in kept) for kind, limit in due.items()}


def _kept(
    due: Mapping[e.CommitmentKind, datetime],
    kept: dict[e.CommitmentKind, datetime],
    kind: e.CommitmentKind,
    at: datetime,
) -> None:
    if kind in due:
        kept.setdefault(kind, at)
