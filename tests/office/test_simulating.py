"""Does a simulation give the same whatever its batches, wherever it was stopped, and whatever happens meanwhile?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gru.bootstrap import Office, build_office
from gru.demo.founding import found
from gru.demo.year import Year
from gru.domain.clocks import Amount
from gru.domain.rights import LEVELS, Scope
from gru.domain.simulating import Changes
from gru.domain.town import Targets
from gru.office.deeds import NotYet
from gru.office.figures import Asked, Cut, Period
from gru.office.figures.kept import standings
from gru.office.rebuild import rebuild
from gru.office.simulating import Simulating
from gru.settings import read
from gru.storage.simulations import Run, Simulations
from projections import commitments

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASES = 60
EVERYTHING = Scope(everywhere=LEVELS)
TARGETS = Targets(first_response=Amount(1, "jo"), resolve=Amount(2, "jo"))


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Office]:
    """A small town with a year of invented cases."""
    folder = tmp_path_factory.mktemp("town")
    settings = read({"GRU_DATA": str(folder), "GRU_SECRET": "5e" * 32, "GRU_MASTER_KEY": "a7" * 32})
    office = build_office(settings, clock)
    office.prepare()
    found(office, NOW, 3)
    Year(office, NOW, 3).write(CASES, lambda done, of: None)
    rebuild(office.projector)
    yield office
    office.close()


def changes(office: Office) -> Changes:
    return Changes(targets={f"type/{code}": TARGETS for code in office.town.latest().types})


def simulating(office: Office, batch: int = 1000) -> Simulating:
    return Simulating(
        views=office.databases.views,
        work=office.work,
        simulations=office.simulations,
        town=office.town,
        projected=lambda: office.projector.position("later"),
        now=office.now,
        batch=batch,
    )


def whole(office: Office, batch: int = 1000, wished: Changes | None = None) -> Run:
    one = simulating(office, batch)
    return one.go(one.ask(changes(office) if wished is None else wished, 1, "agent:1", queued=False))


def listed(office: Office, run: Run) -> list[tuple[str, str]]:
    ways = [office.simulating.flipped(run.id, way, "", EVERYTHING, 1, 1000)[1] for way in ("worse", "better")]
    return [(one.number, one.kind) for found in ways for one in found]


def test_the_result_is_the_same_whatever_the_batches(office: Office) -> None:
    once, often = whole(office), whole(office, 7)
    assert (once.state, once.tally.cases, once.done) == ("done", CASES, once.total)
    assert once.tally == often.tally
    assert once.flips and listed(office, once) == listed(office, often)


def test_under_the_rules_in_force_nothing_flips_and_both_figures_are_those_of_the_commitments(office: Office) -> None:
    run = whole(office, wished=Changes())
    assert run.flips == 0
    far = Period((NOW - timedelta(days=800), NOW + timedelta(days=800)))
    asked = Asked(period=far, cut=Cut(0, NOW), departments=tuple(office.town.in_force(NOW).departments))
    with office.databases.views.connect() as connection:
        for kind in ("acknowledge", "first_response", "make_safe", "resolve"):
            counts = run.tally.total(kind)
            for cohort in commitments.cohorts(standings(connection, asked, kind), lambda one: ""):
                official = (counts.kept, counts.failed, counts.running)
                assert official == (cohort.kept, cohort.late + cohort.overdue, cohort.running)
                assert official == (counts.simulated_kept, counts.simulated_failed, counts.simulated_running)


def test_stopped_in_the_middle_and_gone_on_with_it_gives_the_same(office: Office) -> None:
    one = simulating(office, 10)
    run = one.ask(changes(office), 1, "agent:1", queued=False)
    half = one.go(run, seconds=0.0)
    assert (half.state, half.done) == ("running", 10)
    seen = []

    def stop_at_thirty(done: int, total: int) -> None:
        seen.append(done)
        if done == 30:
            one.stop(run.id)

    stopped = one.go(half, progress=stop_at_thirty)
    assert (stopped.state, stopped.done, seen) == ("stopped", 30, [20, 30])
    assert one.go(stopped) == stopped
    assert one.go_on(run.id, queued=False)
    waiting = office.simulations.run(run.id)
    assert waiting is not None
    after = one.go(waiting)
    assert after.tally == whole(office).tally
    assert len(listed(office, after)) == len(set(listed(office, after))) == after.flips


def test_a_worker_does_a_slice_and_asks_to_be_called_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru.office.simulating.SLICE_SECONDS", 1e-9)
    one = simulating(office, 25)
    run = one.ask(changes(office), 1, "agent:2", queued=False)
    for done in (25, 50):
        with pytest.raises(NotYet):
            one.perform(run.id, "", "cause")
        found = office.simulations.run(run.id)
        assert found is not None and found.done == done
    one.perform(run.id, "", "cause")
    one.perform(run.id, "", "cause")
    found = office.simulations.run(run.id)
    assert found is not None and (found.state, found.done) == ("done", CASES)


def test_what_is_recorded_while_it_runs_changes_nothing_of_it(office: Office, clock: Clock) -> None:
    expected = whole(office).tally
    one = simulating(office, 20)
    run = one.ask(changes(office), 1, "agent:1", queued=False)
    Year(office, NOW, 4).write(5, lambda done, of: None)
    office.projector.catch_up("later", seconds=60)
    assert one.go(run).tally == expected
    assert whole(office).tally.cases == CASES + 5


def test_an_unknown_or_finished_one_is_not_worked_at(office: Office) -> None:
    office.simulating.perform("no-such", "", "cause")
    run = whole(office)
    office.simulating.give_up(run.id, "", "cause")
    assert not office.simulating.stop(run.id) and not office.simulating.go_on(run.id)
    assert office.simulations.run(run.id) == run


def test_nothing_it_does_is_a_fact(office: Office) -> None:
    head = office.log.head()
    whole(office)
    assert office.log.head() == head


def test_its_rows_are_dropped_when_their_time_is_over(office: Office, clock: Clock, tmp_path: Path) -> None:
    run = whole(office)
    clock.at = NOW + timedelta(days=31)
    assert Simulations(office.databases.work, clock=clock).prune() >= 1
    clock.at = NOW
    assert office.simulations.run(run.id) is None
