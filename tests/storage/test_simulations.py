"""Is a simulation gone on with where it was, by one worker only, and does a draft wait for who wrote it?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import true

from gru.domain.clocks import Amount
from gru.domain.simulating import CalendarChange, Changes, Counts, Tally
from gru.domain.town import Targets
from gru.storage.databases import Databases
from gru.storage.migrations import migrate
from gru.storage.simulations import Flipped, RuleDraft, Run, Simulations

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CHANGES = Changes(
    targets={"default": Targets(resolve=Amount(3, "jo"))},
    calendars={"bureaux": CalendarChange(shut=(NOW.date(),))},
    departments={"VOI": "bureaux"},
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulations(databases: Databases, clock: Clock) -> Iterator[Simulations]:
    migrate(databases)
    yield Simulations(databases.work, clock=clock)


def asked(id: str = "a" * 32, at: datetime = NOW) -> Run:
    return Run(id=id, asked_by="agent:1", asked_at=at, start_at=at - timedelta(days=365), end_at=at,
               ends_at=at + timedelta(days=30), position=12, town_version=1, changes=CHANGES,
               behind_at=at - timedelta(days=365), total=3, tally=Tally())  # fmt: skip


def flip(number: str, way: str = "worse", kind: str = "resolve") -> Flipped:
    return Flipped(case_id=number.rjust(32, "0"), number=number, kind=kind, way=way, type="VOI-CHAUSSEE",
                   department="VOI", site="HDV", confidentiality="normal", official_due=NOW,
                   simulated_due=NOW + timedelta(days=1), kept_at=None)  # fmt: skip


def test_a_simulation_is_read_again_as_it_stands(simulations: Simulations) -> None:
    run = asked()
    simulations.begin(run)
    assert simulations.run(run.id) == run
    assert simulations.run("no-such") is None
    further = replace(run, state="running", done=2, behind_case="x", flips=2,
                      tally=Tally(cases=2, groups={"week": {"2026-03-02": {"resolve": Counts(kept=2)}}}))  # fmt: skip
    assert simulations.advance(run, further, [flip("1"), flip("2", "better")])
    assert simulations.run(run.id) == further


def test_of_two_workers_at_the_same_batch_one_counts(simulations: Simulations) -> None:
    run = asked()
    simulations.begin(run)
    further = replace(run, state="running", done=2, behind_case="x", flips=1)
    assert simulations.advance(run, further, [flip("1")])
    assert not simulations.advance(run, further, [flip("1")])
    assert simulations.flipped(run.id, "worse", "", true(), 1, 10)[0] == 1


def test_what_is_stopped_goes_no_further_until_it_is_asked_for(simulations: Simulations) -> None:
    run = asked()
    simulations.begin(run)
    assert simulations.turn(run.id, "stopped", from_=("waiting", "running"))
    assert not simulations.turn(run.id, "stopped", from_=("waiting", "running"))
    further = replace(run, state="running", done=2, behind_case="x")
    assert not simulations.advance(run, further, [])
    assert simulations.turn(run.id, "waiting", from_=("stopped",))
    assert simulations.advance(run, further, [])


def test_what_flips_is_listed_page_by_page_in_the_order_it_was_found(simulations: Simulations) -> None:
    run = asked()
    simulations.begin(run)
    found = [flip(str(number)) for number in range(5)]
    other = [flip("7", "better"), flip("8", kind="acknowledge")]
    assert simulations.advance(run, replace(run, state="running", done=7, flips=7), [*found, *other])
    assert simulations.flipped(run.id, "worse", "resolve", true(), 2, 2) == (5, found[2:4])
    assert simulations.flipped(run.id, "worse", "", true(), 1, 10)[0] == 6
    assert simulations.flipped(run.id, "better", "", true(), 1, 10) == (1, other[:1])


def test_a_simulation_is_dropped_with_all_it_found_when_its_time_is_over(
    simulations: Simulations, clock: Clock
) -> None:
    run, later = asked(), asked("b" * 32, NOW + timedelta(days=10))
    for each in (run, later):
        simulations.begin(each)
        assert simulations.advance(each, replace(each, done=1, flips=1, state="running"), [flip("1")])
    clock.now = NOW + timedelta(days=31)
    assert simulations.prune() == 1
    assert [each.id for each in simulations.latest()] == [later.id]
    assert simulations.flipped(run.id, "worse", "", true(), 1, 10) == (0, [])
    assert simulations.flipped(later.id, "worse", "", true(), 1, 10)[0] == 1


def test_a_draft_of_rules_waits_for_who_wrote_it(simulations: Simulations) -> None:
    assert simulations.draft("1") is None
    simulations.keep_draft("1", RuleDraft(1, CHANGES))
    simulations.keep_draft("2", RuleDraft(1, Changes()))
    assert simulations.draft("1") == RuleDraft(1, CHANGES)
    simulations.keep_draft("1", RuleDraft(2, Changes()))
    assert simulations.draft("1") == RuleDraft(2, Changes())
    simulations.drop_draft("1")
    assert simulations.draft("1") is None and simulations.draft("2") is not None
