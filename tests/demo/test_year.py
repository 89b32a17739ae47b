"""Is the invented year one year, always the same, and one that a town could have had?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from gru.bootstrap import Office, open_office
from gru.demo.founding import found
from gru.demo.year import Year
from gru.domain import events as e
from gru.domain.case import Case, replay
from gru.domain.status import Status
from gru.settings import read
from gru.storage.seals import verify

UNTIL = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = 3
CASES = 1_500


@dataclass(frozen=True)
class Invented:
    """A town after its year: every fact as recorded, and every case as it is now."""

    office: Office
    recorded: list[e.Recorded]
    cases: list[Case]


def invent(office: Office, cases: int, seed: int = SEED) -> Invented:
    office.prepare()
    found(office, UNTIL, seed)
    Year(office, UNTIL, seed).write(cases, lambda done, of: None)
    streams: dict[str, list[e.Recorded]] = {}
    recorded = office.log.read(0, 10_000_000)
    for one in recorded:
        if one.event.NAME.startswith("case."):
            streams.setdefault(one.stream_id, []).append(one)
    found_cases = [case for history in streams.values() if (case := replay(history)) is not None]
    return Invented(office, recorded, found_cases)


def office_in(folder: Path) -> Iterator[Office]:
    settings = read({"GRU_DATA": str(folder), "GRU_SECRET": "5e" * 32, "GRU_MASTER_KEY": "a7" * 32})
    with open_office(settings, lambda: UNTIL) as office:
        yield office


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invented]:
    for office in office_in(tmp_path_factory.mktemp("year")):
        yield invent(office, CASES)


def told(invented: Invented) -> list[tuple[object, ...]]:
    """The facts without what is drawn anew each time: ids and digests of texts, which hang on their keys."""

    def plain(value: object) -> object:
        match value:
            case {"id": str(), "digest": str()}:
                return "a text"
            case dict():
                return {name: plain(part) for name, part in value.items()}
        return value

    return [
        (one.stream_id, one.version, one.at, one.by, one.event.NAME, repr(plain(msgspec.to_builtins(one.event))))
        for one in invented.recorded
        if not one.event.NAME.startswith("town.")
    ]


def test_the_same_seed_and_end_give_the_same_year(tmp_path: Path) -> None:
    years = [invent(office, 80) for name in ("one", "other") for office in office_in(tmp_path / name)]
    assert told(years[0]) == told(years[1])


def test_another_seed_gives_another_year(tmp_path: Path) -> None:
    years = [invent(office, 20, seed) for seed in (1, 2) for office in office_in(tmp_path / str(seed))]
    assert told(years[0]) != told(years[1])


def test_every_history_loads_and_every_number_is_given_once(year: Invented) -> None:
    assert CASES - 5 < len(year.cases) <= CASES, "only what was not yet taken down is missing"
    assert len({case.number for case in year.cases}) == len(year.cases)
    assert all(year.office.desk.case_numbered(case.number) == case.id for case in year.cases[::100])


def test_facts_stand_in_the_order_in_which_they_happened_and_none_lies_ahead(year: Invented) -> None:
    instants = [one.at for one in year.recorded if not one.event.NAME.startswith("town.")]
    assert instants == sorted(instants)
    assert instants[-1] <= UNTIL
    assert UNTIL - instants[0] < timedelta(days=366)


def test_the_log_of_a_year_is_sound(year: Invented) -> None:
    assert verify(year.office.log, year.office.blocks) is None


def test_every_text_can_be_read(year: Invented) -> None:
    titles = [one.event.title for one in year.recorded if isinstance(one.event, e.CaseOpened)]
    texts = year.office.archive.texts([title.id for title in titles if title])
    assert len(texts) == len(year.cases)
    assert all(texts.values())


def test_requests_come_by_every_door(year: Invented) -> None:
    doors = {"email", "web", "facebook", "open311", "counter", "phone", "post"}
    assert {case.channel for case in year.cases} == doors


def test_cases_stand_in_every_state_that_lasts(year: Invented) -> None:
    assert {case.status for case in year.cases} == set(get_args(Status)) - {"received"}


def test_cases_end_in_every_way(year: Invented) -> None:
    assert {case.outcome for case in year.cases} == {"", *get_args(e.Outcome)}


def test_some_are_late_some_wait_and_some_are_dangerous(year: Invented) -> None:
    open_cases = [case for case in year.cases if case.status != "closed"]
    late = [c for c in open_cases if any(p.due < UNTIL and not p.kept_at for p in c.commitments.values())]
    waiting = Counter(wait.party for case in open_cases for wait in case.open_waits.values())
    assert 0.02 < len(open_cases) / CASES < 0.1
    assert 0.1 < len(late) / len(open_cases) < 0.6
    assert waiting["resident"] > 0
    assert 0.005 < sum(case.danger for case in year.cases) / CASES < 0.05


@pytest.mark.parametrize(
    ("kind", "least"), [("acknowledge", 0.85), ("first_response", 0.6), ("resolve", 0.6), ("make_safe", 0.8)]
)
def test_most_promises_are_kept_in_time_but_not_all(year: Invented, kind: e.CommitmentKind, least: float) -> None:
    kept = [p.kept_at <= p.due for case in year.cases if (p := case.commitments.get(kind)) and p.kept_at]
    assert least < sum(kept) / len(kept) < 1


def test_the_clock_finds_nothing_it_should_have_noticed(year: Invented) -> None:
    for case in year.cases:
        if case.status == "closed" or case.paused_since is not None:
            continue
        for promise in case.commitments.values():
            if promise.kept_at is None and promise.due <= UNTIL:
                assert promise.breached
            if promise.kept_at is None and promise.warn_at <= UNTIL:
                assert promise.warned


def test_each_mail_that_was_read_was_fetched_first(year: Invented) -> None:
    assert year.office.projector.catch_up("later", seconds=60)
    found = year.office.mail_ledger((UNTIL - timedelta(days=400)).date(), UNTIL.date())
    assert found.is_balanced and found.total.difference == 0
    assert found.total.fetched == sum(isinstance(one.event, e.MessageTakenIn) for one in year.recorded) > 0


def test_a_second_year_goes_on_with_the_numbers(tmp_path: Path) -> None:
    for office in office_in(tmp_path):
        invent(office, 30)
        Year(office, UNTIL, SEED + 1).write(30, lambda done, of: None)
        numbers = [one.event.number for one in office.log.read(0, 100_000) if isinstance(one.event, e.NumberGiven)]
        assert len(set(numbers)) == len(numbers) > 55
        assert office.work.next_number(2026) not in numbers
