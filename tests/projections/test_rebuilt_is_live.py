"""Is a rebuilt table what the live projector made of the same history? Asked of every projection there is."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import CaseCommand
from gru.domain.events import Recorded
from gru.office.rebuild import rebuild
from projections import ALL
from projections.base import NO_WORDS, Projection, Rows, Words
from tests.examples import examples
from tests.projections.lives import archive, lived, recorded, told
from tests.projections.places import MONDAY, Place, SampleCalendars, Shelves, reply

Told = list[tuple[CaseCommand, int, str]]
slow = settings(max_examples=examples(36), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.mark.timeout(300)
@slow
@given(told, st.lists(st.integers(1, 12), min_size=1), st.integers(1, 3), st.integers(0, 2))
def test_every_table_rebuilt_is_the_live_one(
    fresh: Callable[[], Place], told: Told, batches: list[int], passes: int, processes: int
) -> None:
    place = fresh()
    place.projector.archive = archive()
    place.log.append_many(lived(told))
    for group in place.projector.groups:
        for size in batches:
            place.projector.step(group, size)
    place.project()
    live = place.tables()
    rebuild(place.projector, passes=passes, processes=processes)
    assert place.tables() == live
    assert place.projector.parked() == ()


STRANGE = (
    *("\t", "\n", "\r\n", "\\", "\\N", "\\.", "\\u0000", '"', "'", '\\"', ",", "]\n[", "null", "{}", "", " "),
    *("é", "😀", "\x01", "a\0b"),
)


def test_strange_signs_come_through_a_rebuild_as_they_come_live(place: Place) -> None:
    case = place.open()
    for number, sign in enumerate(STRANGE):
        place.record(
            case,
            e.WaitStarted(wait_id=f"w{number}", party="service", reason=sign, since=MONDAY),
            reply(f"r{number}", template=f"before {sign} after"),
            e.DeliveryFailed(reply_id=f"r{number}", reason=sign, permanent=False),
        )
    place.project()
    live = place.tables()
    rebuild(place.projector)
    assert place.tables() == live
    kept = {row["entry_id"]: row["reason"] for row in live["threads"]}
    lost = "\0" if place.databases.kind == "postgresql" else ""
    assert [kept[f"r{number}"] for number in range(len(STRANGE))] == [
        sign.replace(lost, "") if lost else sign for sign in STRANGE
    ]
    assert place.projector.parked() == ()


@pytest.mark.timeout(300)
@settings(max_examples=examples(800), deadline=None)
@given(told)
def test_a_fold_changes_nothing_it_was_given_and_makes_rows_of_its_table_the_same_when_folded_twice(told: Told) -> None:
    facts, shelves = recorded(lived(told)), archive()
    for projection in ALL:
        columns = {column.name for column in projection.table.columns}
        for state, fact, words, after in _steps(projection, facts, shelves):
            before = repr(state)
            again = projection.fold(state, fact, words)
            assert repr(state) == before, projection.name
            assert again == after, projection.name
            assert projection.fold(after, fact, words) == after, projection.name
            key = projection.key(fact)
            named = (key,) if isinstance(key, str) else key
            for row in after.values() if isinstance(projection, Rows) else [after] if after else []:
                assert set(row) == columns, projection.name
                assert tuple(row[name] for name in projection.key_columns) == named, projection.name


@pytest.mark.timeout(300)
@settings(max_examples=examples(100), deadline=None)
@given(told)
def test_the_queue_and_the_case_file_say_what_the_case_says(told: Told) -> None:
    by_name_of = {projection.name: projection for projection in ALL}
    cases: dict[str, c.Case] = {}
    rows: dict[tuple[str, str], Any] = {}
    for fact in (fact for fact in recorded(lived(told)) if fact.event.NAME.startswith("case.")):
        cases[fact.stream_id] = case = c.evolve(cases.get(fact.stream_id), fact)
        for name in ("queue", "case_file"):
            row = by_name_of[name].fold(rows.get((name, fact.stream_id)), fact, NO_WORDS)
            rows[name, fact.stream_id] = row
            for field in _SAME:
                assert row[field] == getattr(case, field), field
            assert row["number"] == case.number
            due = [p.due for kind, p in case.commitments.items() if kind != "acknowledge" and p.kept_at is None]
            if case.status == "closed" or not due:
                assert row["due_at"] is None
            elif case.paused_since is None:
                assert row["due_at"] == min(due)
            assert (row["waiting_on"] != "") == bool(case.open_waits)
            if name == "case_file":
                assert (row["regime"], row["link_generation"]) == (case.regime, case.link_generation)
                assert set(row["links"]) == case.links
                assert {clock: day.passed for clock, day in row["legal"].items()} == {
                    clock: day.passed for clock, day in case.legal.items()
                }
            assert {kind: (one.due, one.kept_at) for kind, one in row["promises"].items()} == {
                kind: (one.due, one.kept_at) for kind, one in case.commitments.items()
            }


_SAME = (
    "version", "status", "type", "department", "agent", "channel", "site", "confidentiality", "priority", "danger",
    "requester", "outcome", "received_at", "opened_at", "closed_at", "paused_since",
)  # fmt: skip


def _steps(projection: Projection[Any], facts: list[Recorded], shelves: Shelves) -> Any:
    """Each state, fact, words and state after it."""
    empty: Mapping[Any, Any] | None = {} if isinstance(projection, Rows) else None
    states: dict[Any, Any] = {}
    for fact in facts:
        if isinstance(fact.event, projection.events):
            words = _words(projection, fact, shelves)
            key = projection.key(fact)
            state = states.get(key, empty)
            states[key] = projection.fold(state, fact, words)
            yield state, fact, words, states[key]


def _words(projection: Projection[Any], fact: Recorded, shelves: Shelves) -> Words:
    wants = projection.wants(fact)
    return Words(shelves.texts(wants.texts), shelves.people(wants.people), SampleCalendars().calendar)
