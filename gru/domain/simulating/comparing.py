"""How many promises were kept under the rules in force, how many would have been under others, and which would flip?

A case counts in the week of its reception, which no rule changes. Of each promise: kept in time, failed (kept late, or
not kept and past), running (not past yet), censored (another case or another's duty took it over) or absent.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from gru.domain.events import CommitmentKind
from gru.domain.simulating.judging import Judged, Verdict

State = Literal["kept", "failed", "running", "censored", "absent"]
BetterOrWorse = Literal["better", "worse"]
By = Literal["department", "type", "week"]
BY_DEPARTMENT: By = "department"
BY_TYPE: By = "type"
BY_WEEK: By = "week"

KINDS: tuple[CommitmentKind, ...] = ("acknowledge", "first_response", "make_safe", "resolve")


class Flip(msgspec.Struct, frozen=True):
    """A promise that was judged otherwise: kept or running, and failed; or the other way round."""

    kind: CommitmentKind
    way: BetterOrWorse
    official_due: datetime
    simulated_due: datetime
    kept_at: datetime | None


class Counts(msgspec.Struct, array_like=True):
    """Of the promises of one group, by state, as in force and as simulated; and those that flip."""

    kept: int = 0
    failed: int = 0
    running: int = 0
    censored: int = 0
    simulated_kept: int = 0
    simulated_failed: int = 0
    simulated_running: int = 0
    simulated_censored: int = 0
    worse: int = 0
    better: int = 0

    @property
    def judged(self) -> int:
        return self.kept + self.failed

    @property
    def simulated_judged(self) -> int:
        return self.simulated_kept + self.simulated_failed


class Comparison(msgspec.Struct, frozen=True):
    """Of one case: what each promise was and would be, and what flips."""

    states: tuple[tuple[CommitmentKind, State, State], ...]
    flips: tuple[Flip, ...]


class Tally(msgspec.Struct):
    """What was counted so far: `groups[by][code][kind]`; `unjudged` cases have a type or department given up since."""

    cases: int = 0
    unjudged: int = 0
    groups: dict[str, dict[str, dict[str, Counts]]] = {}

    def add(self, comparison: Comparison, groups: Mapping[By, str]) -> None:
        self.cases += 1
        ways = {flip.kind: flip.way for flip in comparison.flips}
        for by, code in groups.items():
            kinds = self.groups.setdefault(by, {}).setdefault(code, {})
            for kind, was, would_be in comparison.states:
                counts = kinds.get(kind)
                if counts is None:
                    counts = kinds[kind] = Counts()
                _count(counts, was, would_be, ways.get(kind))

    def of(self, by: By, code: str, kind: str) -> Counts:
        return self.groups.get(by, {}).get(code, {}).get(kind, Counts())

    def codes(self, by: By) -> tuple[str, ...]:
        return tuple(sorted(self.groups.get(by, {})))

    def total(self, kind: str) -> Counts:
        """Of all cases; each has exactly one week."""
        total = Counts()
        for kinds in self.groups.get(BY_WEEK, {}).values():
            for name, number in msgspec.structs.asdict(kinds.get(kind, Counts())).items():
                setattr(total, name, getattr(total, name) + number)
        return total


def _count(counts: Counts, was: State, would_be: State, way: BetterOrWorse | None) -> None:
    for name in (was, f"simulated_{would_be}", way):
        if name in _COUNTED:
            setattr(counts, name, getattr(counts, name) + 1)


_COUNTED = frozenset(Counts.__struct_fields__)


def state_of(promise: Judged | None, now: datetime) -> State:
    if promise is None:
        return "absent"
    if promise.kept_at is not None:
        return "kept" if promise.kept_at <= promise.due else "failed"
    if promise.censored:
        return "censored"
    return "failed" if promise.due < now else "running"


def compare(official: Verdict, simulated: Verdict, now: datetime) -> Comparison:
    """`now` is the instant of the cut: a promise that was due before it and is not kept has failed."""
    states = tuple(
        (kind, state_of(official.get(kind), now), state_of(simulated.get(kind), now))
        for kind in KINDS
        if kind in official or kind in simulated
    )
    return Comparison(states, tuple(_flips(states, official, simulated)))


def _flips(
    states: tuple[tuple[CommitmentKind, State, State], ...], official: Verdict, simulated: Verdict
) -> Iterator[Flip]:
    """What is only promised under one of the two, or censored, is counted and does not flip."""
    for kind, was, would_be in states:
        if was == would_be or "failed" not in (was, would_be) or {"absent", "censored"} & {was, would_be}:
            continue
        way: BetterOrWorse = "worse" if would_be == "failed" else "better"
        yield Flip(kind, way, official[kind].due, simulated[kind].due, simulated[kind].kept_at)
