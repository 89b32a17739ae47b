"""Does the product say of whole case histories what somebody says who counts every minute of them?

The histories cross the nights in which clocks change, holidays, closures and special days of each department, waits
that overlap or are told afterwards, transfers, other types, reopenings, dates an agent named, a calendar put right.
At times the case is merged into another one, or others received earlier or later into it, until they are released.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest

from gru.domain import events as e
from gru.domain.case import Case
from gru.domain.clocks import Pause, charge
from gru.domain.explaining import LAWS, LIVES, PROMISES, Explained, History, explain_clock
from gru.domain.simulating import Judge, past_of
from gru.domain.town import Town
from projections.base import Words, head_after
from projections.commitments import Commitments
from projections.commitments.fold import KEPT, LATE, LEGAL
from projections.durations import Durations
from projections.stages import Stages
from tests.examples import FULL
from tests.oracle.doors import A_DAY, MARK, day_of, end_of, instant, midnights, minute, opened, without
from tests.oracle.limits import counts
from tests.oracle.rounds import PARTIES, Rounds, at
from tests.oracle.stories import Life
from tests.oracle.watchman import PAUSED, Watchman

SHARES = 4
"""The lives are told in so many parts, each by one process: several processors may share them."""
A_SHARE = 2_000 if FULL else 500
EXPLAINED = 4
"""Every how many of them each clock is explained."""


@pytest.fixture(scope="module", params=range(SHARES))
def share(request: pytest.FixtureRequest) -> int:
    return int(request.param)


class Told(msgspec.Struct, frozen=True):
    """A life that was watched to its end; `dates` and `law` are what the product said otherwise meanwhile."""

    life: Life
    facts: list[e.Recorded]
    case: Case
    man: Watchman
    rounds: Rounds
    until: datetime
    dates: list[tuple[object, object]]
    law: list[tuple[object, object]]

    def town(self, days_of: int) -> Town:
        return self.life.right if days_of else self.life.wrong

    def explained(self, clock: str) -> Explained | None:
        return explain_clock(History(tuple(self.facts), self.until), lambda number, days_of: self.town(days_of), clock)


@cache
def told(seed: int) -> Told:
    life, rounds = Life(seed), Rounds()
    man = Watchman(life.wrong, life.right)
    dates, law = [], []
    for story, facts in life.batches():
        man.sees(facts)
        for fact in facts:
            rounds.sees(fact)
        if man.closed is None or any(isinstance(fact.event, e.CaseClosed | e.CaseMerged) for fact in facts):
            rounds.told[-1].due = man.promises["resolve"].due
        dates += differing(promised(story.now, man), watched_promises(man))
        law += differing(
            {clock: (day.due, day.passed) for clock, day in story.now.legal.items()},
            {clock: (instant(end_of(man.zone, one.day)), one.passed) for clock, one in man.law.items()},
        )
    until = life.at + timedelta(minutes=seed % 3_000)
    return Told(life, story.facts, story.now, man, rounds, until, dates, law)


def differing(theirs: object, mine: object) -> list[tuple[object, object]]:
    return [] if theirs == mine else [(theirs, mine)]


def promised(case: Case, man: Watchman) -> dict[str, tuple[object, ...]]:
    return {
        kind: (one.due, one.kept_at, one.rule, one.calendar, one.warn_at if warned(man, kind) else None)
        for kind, one in case.commitments.items()
    }


def watched_promises(man: Watchman) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for kind, one in man.promises.items():
        warning, by = None, one.early or one
        if warned(man, kind):
            number, rest = man.warning(kind, by)
            warning = instant(number) + timedelta(seconds=rest)
        found[kind] = (instant(one.due), at(one.kept), by.rule, by.calendar, warning)
    return found


def warned(man: Watchman, kind: str) -> bool:
    """Of what is counted in whole days, a pause within a day moves neither the date nor its warning."""
    one = man.promises.get(kind)
    open_ = one is not None and man.closed is None and one.kept is None and one.named is None
    return open_ and one is not None and (one.early or one).amount.unit in ("h", "jo")


def seeds(share: int, each: int = 1) -> range:
    return range(share * A_SHARE, (share + 1) * A_SHARE, each)


# --- what is promised, and what the law says ---------------------------------------------------------------


def test_each_promise_ends_with_the_last_minute_the_watchman_counts(share: int) -> None:
    assert {seed: told(seed).dates for seed in seeds(share) if told(seed).dates} == {}


def test_each_legal_date_ends_with_the_last_day_the_watchman_counts(share: int) -> None:
    assert {seed: told(seed).law for seed in seeds(share) if told(seed).law} == {}


def test_the_same_rules_promise_in_a_simulation_what_the_watchman_counts(share: int) -> None:
    """A date that was put right is said, not counted, under other rules."""
    for seed in seeds(share, EXPLAINED):
        one = told(seed)
        if not one.case.days_of:
            judged = Judge(one.life.wrong).verdict(past_of(one.facts))
            found = {kind: (own.due, own.kept_at, own.censored) for kind, own in judged.items()}
            mine = {
                kind: (instant(own.due), at(own.kept), kind in one.man.censored and own.kept is None)
                for kind, own in one.man.promises.items()
            }
            assert found == mine, seed


# --- the figures -------------------------------------------------------------------------------------------


def test_the_time_of_each_round_is_what_the_watchman_wrote_down(share: int) -> None:
    for seed in seeds(share):
        one = told(seed)
        rows = folded(Durations(), one)
        assert len(rows) == len(one.rounds.told)
        for row, round in zip(rows.values(), one.rounds.told, strict=True):
            town = one.town(round.days)
            marks = opened(town.calendars[town.departments[round.own[-1][2]].calendar])
            assert (row["human_at"], row["heard_at"], row["transfers"]) == (
                at(round.human), at(round.heard), round.transfers
            ), seed  # fmt: skip
            for name, answered in (("human_worked", round.human), ("heard_worked", round.heard)):
                assert row[name] == (None if answered is None else open_seconds(marks, round.start, answered)), seed
            if round.closed is None:
                assert row["due_at"] == at(round.due), seed
            else:
                assert row["closed_at"] == at(round.closed)
                assert row["late"] == (round.due is not None and round.closed > round.due), seed
                spent = one.rounds.spent(round, town)
                assert {name: row[name] for name in spent} == spent, seed


def test_the_stays_of_process_mining_are_the_minutes_of_the_watchman(share: int) -> None:
    for seed in seeds(share):
        one = told(seed)
        rows = [row for number, row in sorted(folded(Stages(), one).items()) if number]
        wanted = [
            stay for round in one.rounds.told if round.closed is not None
            for stay in one.rounds.stays(round, one.town(round.days))
        ]  # fmt: skip
        names = ("stage", "department", "entered_at", "left_at", "elapsed", "worked")
        assert [tuple(row[name] for name in names) for row in rows] == wanted, seed


def test_a_promise_is_kept_when_no_more_minutes_were_counted_than_promised(share: int) -> None:
    for seed in seeds(share):
        one = told(seed)
        man, rows = one.man, folded(Commitments(), one)
        assert {kind for kind in rows if kind and not kind.startswith(LEGAL)} == set(man.promises), seed
        for kind, promise in man.promises.items():
            row, rests = rows[kind], kind in PAUSED and bool(man.running["town"])
            assert (row["due"], row["kept_at"]) == (instant(promise.due), at(promise.kept)), seed
            assert row["censored"] == (kind in man.censored), seed
            over = promise.kept is not None or man.closed is not None or rests
            assert (row["next_notice_at"] is None) is over, seed
            if promise.kept is not None and not row["censored"]:
                assert row["standing"] == (KEPT if promise.kept <= promise.due else LATE), seed


def test_the_law_goes_on_counting_for_a_case_that_was_merged(share: int) -> None:
    for seed in seeds(share):
        man, rows = told(seed).man, folded(Commitments(), told(seed))
        dates = {kind: (row["due"], row["breached"], row["closed"]) for kind, row in rows.items() if LEGAL in kind}
        closed = man.closed is not None and not man.merged
        mine = {
            LEGAL + clock: (instant(end_of(man.zone, one.day)), one.passed, closed) for clock, one in man.law.items()
        }
        assert dates == mine, seed


def test_the_head_of_a_case_shows_its_next_duty_and_whether_it_rests(share: int) -> None:
    for seed in seeds(share):
        one, row = told(seed), None
        for fact in one.facts:
            row = head_after(row, fact) or row
        assert row is not None
        man = one.man
        found = {kind: (promise.due, promise.kept_at) for kind, promise in row["promises"].items()}
        assert found == {kind: (instant(own.due), at(own.kept)) for kind, own in man.promises.items()}, seed
        silence, resting = man.law.get("silence"), man.running["town"]
        assert row["legal_due_at"] == (None if silence is None else instant(end_of(man.zone, silence.day))), seed
        assert row["paused_since"] == (min(instant(man.waits[id].since) for id in resting) if resting else None), seed
        assert row["closed_at"] == at(man.closed), seed
        duties = [own.due for kind, own in man.promises.items() if own.kept is None and kind != "acknowledge"]
        if man.closed is not None:
            assert (row["due_at"], row["due_kind"]) == (None, ""), seed
        elif resting and "make_safe" in man.promises and man.promises["make_safe"].kept is None:
            assert row["due_kind"] == "make_safe", seed
        else:
            assert row["due_at"] == (instant(min(duties)) if duties else None), seed


def folded(projection: Any, one: Told) -> dict[Any, Any]:
    def calendar(number: int, department: str, days_of: int) -> Any:
        return one.town(days_of).calendar_of(department)

    rows: dict[Any, Any] = {}
    for fact in one.facts:
        if isinstance(fact.event, projection.events):
            rows = projection.fold(rows, fact, Words(calendar=calendar))
    return rows


def open_seconds(marks: bytes, start: int, end: int) -> int:
    return marks.count(MARK, start, max(start, end)) * 60


# --- what is explained -------------------------------------------------------------------------------------


def test_every_change_of_a_duration_is_told_as_the_watchman_saw_it(share: int) -> None:
    for seed in seeds(share, EXPLAINED):
        one = told(seed)
        case, last = one.case, one.rounds.told[-1]
        for clock in LIVES:
            end = last.human if clock == "response" and last.human is not None else last.closed
            stop = max(last.start, minute(one.until) if end is None else end)
            explained = one.explained(clock)
            assert explained is not None
            seen = one.rounds.explained(last.start, stop, one.town(case.days_of), case.department, clock == "net")
            assert stretches(explained) == seen, (seed, clock)


def test_each_minute_is_charged_to_the_party_that_was_waited_for(share: int) -> None:
    for seed in seeds(share, EXPLAINED):
        one = told(seed)
        start, stop = one.rounds.told[0].start, minute(one.until)
        waits = [Pause(w.since, w.ended_at, w.party, w.reason, w.stopping) for w in one.case.waits.values()]
        parties = bytearray(stop - start)
        for wait, begins, ends in one.rounds.spans(start, stop):
            parties[begins:ends] = bytes([PARTIES.index(wait.party) + 1]) * (ends - begins)
        charged = charge(instant(start), instant(stop), waits)
        assert charged == {party: parties.count(n) * 60 for n, party in enumerate(("town", *PARTIES))}, seed


def test_an_open_promise_is_explained_minute_by_minute_as_far_as_its_date(share: int) -> None:
    for seed in seeds(share, EXPLAINED):
        one = told(seed)
        for kind in PROMISES:
            promise, explained = one.man.promises.get(kind), one.explained(kind)
            assert (promise is None) is (explained is None), seed
            if promise is None or explained is None:
                continue
            assert explained.due == instant(promise.due)
            if one.man.closed is None and promise.kept is None and promise.named is None and not explained.in_days:
                explains_open(one, kind, explained)
            elif one.man.closed is not None and promise.kept is None and promise.named is None:
                pausing = one.man.due(kind, promise.early or promise, one.man.closed)
                assert explained.limit == instant(max(promise.due, pausing)), seed
            elif promise.kept is not None and promise.named is None:
                assert (explained.limit, explained.met_at) == (instant(promise.limit), instant(promise.kept)), seed


def explains_open(one: Told, kind: str, explained: Explained) -> None:
    now = minute(one.until)
    promise = one.man.sooner(kind, one.man.promises[kind], now)
    promise = promise.early or promise
    calendar = one.man.town.calendars[promise.calendar]
    spans = one.man.given_back(kind, now)
    runs = without(opened(calendar), spans)
    limit = one.man.due(kind, promise, now)
    assert (explained.start, explained.limit) == (instant(promise.start), instant(limit))
    assert explained.counted("used") == open_seconds(runs, promise.start, min(now, limit))
    assert explained.counted("left") == open_seconds(runs, max(promise.start, min(now, limit)), limit)
    assert explained.counted("over") == open_seconds(opened(calendar), limit, now)
    stopped = MARK * limit
    assert explained.paused == (limit - promise.start - without(stopped, spans).count(MARK, promise.start)) * 60


def test_each_day_of_a_legal_date_is_counted_or_skipped_as_the_watchman_does(share: int) -> None:
    for seed in seeds(share, EXPLAINED):
        one = told(seed)
        counted = one.man.law_counted()
        for clock, law in LAWS.items():
            explained, mine = one.explained(clock), one.man.law.get(law)
            assert (mine is None) is (explained is None), seed
            if mine is None or explained is None or mine.passed or law not in counted:
                continue
            assert explained.due == instant(end_of(one.man.zone, mine.day))
            if law != "silence" or not one.man.incomplete():
                assert days(explained, one.man.zone) == watched(one, mine.day, counted[law][1].unit), (seed, law)


def days(explained: Explained, zone: str) -> dict[Any, str]:
    found = {}
    for stretch in explained.stretches:
        day, last = day_of(zone, minute(stretch.start)), day_of(zone, minute(stretch.end) - 1)
        while day <= last:
            found[day] = stretch.cause
            day += A_DAY
    return found


def watched(one: Told, last: Any, unit: str) -> dict[Any, str]:
    first, calendar = day_of(one.man.zone, one.man.received), one.man.legal_calendar
    between = (day for day in midnights(one.man.zone) if first < day <= last)
    return {first: "trigger"} | {day: counts(calendar, day, unit) for day in between}


def stretches(explained: Explained) -> list[tuple[object, ...]]:
    return [(one.start, one.end, one.counted, one.cause, one.party) for one in explained.stretches]
