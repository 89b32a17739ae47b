"""Are counts that are kept those of a plain count, whatever happened since, on both databases?"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from gru.domain import events as e
from gru.office import subtotals
from gru.office.figures import Asked, Cut
from gru.office.figures.asked import weeks
from gru.office.figures.weekly import counts, plan
from gru.office.rebuild import rebuild
from gru.office.subtotals import Plan, Posed, Subtotal, counted, read, refresh
from gru.storage.databases import reading
from gru.storage.log import Fact
from projections import ALL
from projections.durations import ASKED_AGAIN, Durations
from projections.volumes import MOVED
from tests.examples import FULL
from tests.projections.places import MONDAY, Place, promise, qualified
from tests.projections.test_coming_back import answered_season
from tests.projections.test_figures import DEPARTMENTS, EVERY, TOWN, TYPES, a_season

WEEK = timedelta(weeks=1)
END = MONDAY.replace(hour=0) + 12 * WEEK
PLAN = plan(TOWN, END)
EDGES = tuple(MONDAY.replace(hour=0) + WEEK * number for number in range(13))
OURS = Plan(PLAN.posed, EDGES, tuple(sorted({*EVERY})))


def names() -> list[str]:
    return [subtotals.name_of(posed) for posed in PLAN.posed]


def everything(place: Place, at: datetime = END) -> dict[str, list[Subtotal]]:
    with reading(place.databases.views) as connection:
        return {
            subtotals.name_of(posed): _sorted(read(connection, posed, EDGES, at, OURS.departments))
            for posed in OURS.posed
        }


def plainly(place: Place, at: datetime = END) -> dict[str, list[Subtotal]]:
    gaps = dict.fromkeys(range(len(EDGES) - 1), OURS.departments)
    with reading(place.databases.views) as connection:
        return {
            subtotals.name_of(posed): _sorted(
                [Subtotal(*where, tree) for where, tree in counted(connection, posed, EDGES, at, gaps).items() if tree]
            )
            for posed in OURS.posed
        }


def _sorted(found: list[Subtotal]) -> list[Subtotal]:
    return sorted(found, key=lambda one: (one.part, one.department))


def kept(place: Place) -> dict[str, int]:
    """How many are at hand and hold, by question."""
    with reading(place.databases.views) as connection:
        return {
            subtotals.name_of(posed): len(subtotals._kept(connection, posed, EDGES, END, OURS.departments))
            for posed in OURS.posed
        }


def happens(place: Place, chance: random.Random, facts: int) -> None:
    """To cases of any age: what agents do, in no order that makes sense."""
    cases = sorted({row["case_id"] for row in place.rows(Durations())})
    told = []
    for number in range(facts):
        case, at = chance.choice(cases), END - timedelta(minutes=facts - number)
        department = chance.choice(DEPARTMENTS)
        told.append(
            Fact(case, at, "agent:a1", chance.choice((
                qualified(department, type=chance.choice(TYPES[department])),
                e.CaseTransferred(department=department, reason="x"),
                e.CaseClosed(outcome=chance.choice(("resolved", "withdrawn"))),
                e.CaseReopened(reason="x"),
                e.RequesterIdentified(person=chance.choice(("p1", "p2"))),
                e.PlaceSet(place=place.archive.text("rue"), district="SUD", cell=chance.choice(("", "c1"))),
                e.CommitmentMoved(kind="resolve", due=at - WEEK * chance.randint(0, 9), warn_at=at, reason="pause"),
                promise("resolve", at - timedelta(days=chance.randint(0, 60))),
                e.NoteAdded(note_id="n1", text=place.archive.text("note")),
            )))
        )  # fmt: skip
    place.log.append_many(told)
    place.project()


def test_whatever_happened_since_it_was_kept_a_count_is_that_of_the_rows(place: Place) -> None:
    answered_season(place, 3)
    chance = random.Random(7)
    assert refresh(place.databases.views, OURS, lambda: END, 60)
    full = kept(place)
    assert set(full.values()) == {12 * len(OURS.departments)}
    assert everything(place) == plainly(place)
    for _ in range(6 if FULL else 2):
        happens(place, chance, 5)
        assert everything(place) == plainly(place)
        assert 0 < sum(kept(place).values()) < sum(full.values())
    assert refresh(place.databases.views, OURS, lambda: END, 60)
    assert kept(place) == full and everything(place) == plainly(place)


def test_what_is_at_hand_is_not_counted_again(place: Place) -> None:
    a_season(place, 4, 30)
    refresh(place.databases.views, OURS, lambda: END, 60)
    with reading(place.databases.views) as connection:
        before = connection.execute(select(subtotals.subtotals.c.made_at)).scalars().all()
    refresh(place.databases.views, OURS, lambda: END + WEEK, 60)
    with reading(place.databases.views) as connection:
        assert connection.execute(select(subtotals.subtotals.c.made_at)).scalars().all() == before


def test_only_the_weeks_and_departments_that_changed_are_counted_again(place: Place) -> None:
    first, second = place.open("2026-000001", at=MONDAY), place.open("2026-000002", at=MONDAY + WEEK)
    for case in (first, second):
        place.record(case, qualified("VOI"), at=MONDAY + WEEK)
        place.record(case, e.CaseClosed(outcome="resolved"), at=MONDAY + 2 * WEEK)
    place.project()
    refresh(place.databases.views, OURS, lambda: END, 60)
    place.record(first, e.NoteAdded(note_id="n1", text=place.archive.text("note")), at=END)
    place.project()
    assert set(kept(place).values()) == {12 * len(OURS.departments)}, "a note changes no figure"
    place.record(second, e.CaseTransferred(department="PRO", reason="x"), at=END)
    place.project()
    gone = 12 * len(OURS.departments) - kept(place)[subtotals.name_of((MOVED, ()))]
    assert gone == 4, "its arrival and its closing, for two departments"


def test_a_request_of_the_same_person_long_ago_changes_what_is_asked_again_now(place: Place) -> None:
    early, late = place.open("2026-000001", at=MONDAY), place.open("2026-000002", at=MONDAY + 3 * WEEK)
    for case in (early, late):
        place.record(case, qualified("VOI"), e.RequesterIdentified(person=f"p-{case}"), at=MONDAY + 3 * WEEK)
    place.project()
    refresh(place.databases.views, OURS, lambda: END, 60)
    again = subtotals.name_of((ASKED_AGAIN, ()))
    assert [one.counts for one in everything(place)[again] if one.part == 3] == [
        {"VOI-CHAUSSEE": {"total": 1, "back": 0}}
    ]
    place.record(early, e.RequesterIdentified(person=f"p-{late}"), at=END)
    place.project()
    assert [one.counts for one in everything(place)[again] if one.part == 3] == [
        {"VOI-CHAUSSEE": {"total": 1, "back": 1}}
    ]


def test_what_was_counted_after_the_instant_asked_for_is_not_used(place: Place) -> None:
    answered_season(place, 5)
    refresh(place.databases.views, OURS, lambda: END, 60)
    early = MONDAY + 5 * WEEK
    assert everything(place, early) == plainly(place, early) != plainly(place)


def test_a_rebuilt_table_is_counted_anew(place: Place) -> None:
    a_season(place, 6, 20)
    refresh(place.databases.views, OURS, lambda: END, 60)
    rebuild(place.projector, ["volumes"])
    found = kept(place)
    assert {name for name, number in found.items() if not number} == {
        subtotals.name_of(posed) for posed in PLAN.posed if posed[0].projection == "volumes"
    }


def test_what_was_counted_from_a_table_that_was_replaced_meanwhile_is_thrown_away(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_season(place, 6, 20)
    seen = subtotals.snapshot

    @contextmanager
    def then_replaced(engine: Engine) -> Iterator[Connection]:
        with seen(engine) as connection:
            yield connection
        rebuild(place.projector, ["volumes"])

    monkeypatch.setattr(subtotals, "snapshot", then_replaced)
    refresh(place.databases.views, Plan(((MOVED, ()),), EDGES, EVERY), lambda: END, 60)
    assert kept(place)["moved"] == 0


def test_without_time_nothing_is_counted_and_it_is_said(place: Place) -> None:
    assert not refresh(place.databases.views, OURS, lambda: END, -1)
    assert set(kept(place).values()) == {0}


@pytest.mark.parametrize("posed", PLAN.posed, ids=names())
def test_a_question_reads_no_column_whose_change_is_not_noted(posed: Posed) -> None:
    question, params = posed
    (projection,) = (one for one in ALL if one.name == question.projection)
    (dated,) = (one for one in projection.dated if one.name == question.dated)
    known: dict[str, Any] = {"at": END} if question.as_of else {}
    said = str(question.ask(EDGES, EVERY, *params, **known).compile())
    alias = {"begun_second": "started_at", "case_id": "started_at"}
    read_of = {c.name for c in projection.table.columns if re.search(rf"\b{projection.table.name}\.{c.name}\b", said)}
    assert {alias.get(name, name) for name in read_of} <= {dated.column, *dated.counts}


def test_a_week_is_read_from_an_index_by_its_date(place: Place) -> None:
    """So what lies outside of it is not looked at; on PostgreSQL only the number of statements is asked."""
    answered_season(place, 3)
    engine, said = place.databases.views, list[tuple[str, Any]]()
    event.listen(engine, "before_cursor_execute", lambda c, cur, text, values, ctx, many: said.append((text, values)))
    with reading(engine) as connection:
        for posed in OURS.posed:
            said.clear()
            counted(connection, posed, EDGES, END, {11: OURS.departments})
            ((text, values),) = said
            if place.databases.kind != "sqlite":
                continue
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            steps = [step for step in plan if step.startswith(("SEARCH main", "SCAN main"))]
            by_date = r"USING COVERING INDEX .*\b(\w+_at|at|due|begun_second)>\? AND \1<\?\)"
            assert steps and all(re.search(by_date, step) for step in steps), (subtotals.name_of(posed), steps)


def test_runs_of_weeks_that_lack_the_same_are_asked_for_together() -> None:
    gaps: dict[int, tuple[str, ...]] = {0: ("A", "B"), 1: ("A", "B"), 2: (), 3: ("A", "B"), 4: ("A",), 5: ("A",)}
    assert list(subtotals._runs(gaps)) == [(0, 1, ("A", "B")), (3, 3, ("A", "B")), (4, 5, ("A",))]


def test_a_week_that_runs_is_kept_by_its_days_and_told_as_one(place: Place) -> None:
    answered_season(place, 9)
    thursday = MONDAY.replace(hour=0) + 7 * WEEK + timedelta(days=3, hours=11)
    running = plan(TOWN, thursday)
    asked = Asked(
        period=weeks(thursday, 8, TOWN.legal_calendar.zone), cut=Cut(0, thursday), departments=running.departments
    )
    with reading(place.databases.views) as connection:
        plainly = {posed: counts(connection, asked, posed) for posed in running.posed}
    assert refresh(place.databases.views, running, lambda: thursday - timedelta(hours=1), 60)
    with reading(place.databases.views) as connection:
        assert {posed: counts(connection, asked, posed) for posed in running.posed} == plainly
    assert max(one.part for found in plainly.values() for one in found) == 7
    assert len(running.edges) == 54 + 3
