"""Are first answers, returns, closings in one go and volumes what a plain count gives, on both databases?"""

import random
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as db_event

from gru.domain import events as e
from gru.domain.clocks import working_seconds
from gru.domain.statistics import histogram, survival, wilson
from gru.office.figures import Asked, bulk, day_seconds
from gru.office.figures.answers import answers
from gru.office.figures.delays import cohort_edges, delays
from gru.office.figures.flow import flow
from gru.office.figures.returns import Share, reopenings, repeats
from gru.office.figures.volume import OTHERS, volume
from gru.storage.databases import reading
from gru.storage.log import Fact
from projections import durations, volumes
from projections.durations import Answer, Part
from tests.projections.places import MONDAY, Place, promise, qualified, reply
from tests.projections.plain import promises
from tests.projections.test_figures import DAY, EVERY, TOWN, WEEK, a_season, asked

MINUTE = timedelta(minutes=1)


def answered_season(place: Place, seed: int) -> None:
    """A season in which some are acknowledged, some answered by a person, before the closing or after it."""
    a_season(place, seed)
    chance, facts = random.Random(seed), []
    for row in place.rows(durations.Durations()):
        if row["round"] > 1:
            continue
        at = row["started_at"] + timedelta(minutes=chance.randrange(60 * 24 * 12))
        for name, kind, human, share in (("a", "receipt", False, 0.6), ("h", "answer", True, 0.5)):
            if chance.random() < share:
                facts.append(Fact(row["case_id"], at, "system:x", reply(name, kind, human=human)))
                facts.append(Fact(row["case_id"], at, "system:x", e.ReplySent(reply_id=name, sent_at=at)))
                at += timedelta(hours=chance.randrange(100))
    place.log.append_many(facts)
    place.project()


def rows_of(place: Place, wanted: Asked) -> list[dict[str, Any]]:
    return [row for row in place.rows(durations.Durations()) if row["department"] in wanted.departments]


@pytest.mark.parametrize("answer", ["human", "heard"])
def test_the_first_answers_are_those_of_the_rounds(place: Place, answer: Answer) -> None:
    answered_season(place, 11)
    wanted = asked(6)
    with reading(place.databases.views) as connection:
        found = answers(connection, wanted, TOWN, answer)
    unit, day, at = day_seconds(TOWN) // 10, day_seconds(TOWN), wanted.cut.at
    rows = [row for row in rows_of(place, wanted) if answer == "human" or row["round"] == 1]
    given = [row for row in rows if row[f"{answer}_at"] and wanted.period.start <= row[f"{answer}_at"] < wanted.until]
    assert len(given) > 10
    assert found.waited.lengths == histogram((-(-row[f"{answer}_worked"] // unit), 1) for row in given)
    edges = cohort_edges(wanted.period)
    for cohort, start, end in zip(found.cohorts, edges, edges[1:], strict=False):
        counts = []
        for row in rows:
            if not start <= row["started_at"] < end:
                continue
            if row[f"{answer}_at"] and row[f"{answer}_at"] <= at:
                counts.append((-(-row[f"{answer}_worked"] // day), 1, 0))
            elif row["closed_at"] and row["closed_at"] <= at:
                counts.append((row["gross_worked"] // day, 0, 1))
            else:
                known = row["department"] in TOWN.departments
                calendar = TOWN.calendar_of(row["department"]) if known else TOWN.legal_calendar
                counts.append((working_seconds(calendar, row["started_at"], at) // day, 0, 1))
        assert cohort.curve == survival(counts)
        assert cohort.curve.events + cohort.left + cohort.open == len(counts)


def test_a_persons_answer_is_a_first_word_and_an_acknowledgement_is_no_answer(place: Place) -> None:
    first, second = place.open("2026-000001"), place.open("2026-000002")
    for case, kind, human in ((first, "receipt", False), (second, "answer", True)):
        place.record(case, reply("r", kind, human=human), e.ReplySent(reply_id="r", sent_at=MONDAY + DAY))
    place.project()
    with reading(place.databases.views) as connection:
        said = {answer: durations.answer_cases(connection, answer, MONDAY, MONDAY + WEEK, None)
                for answer in ("human", "heard")}  # fmt: skip
    assert said == {"human": (second,), "heard": (first, second)}


def test_the_longest_waits_for_an_answer_stand_behind_their_mark(place: Place) -> None:
    answered_season(place, 12)
    wanted, unit = asked(8), day_seconds(TOWN) // 10
    with reading(place.databases.views) as connection:
        waited = answers(connection, wanted, TOWN, "human").waited
        mark = waited.within(50) or 0
        bounds = wanted.period.start, wanted.period.end, None
        found = durations.answer_cases(connection, "human", *bounds, longer=mark * unit)
        begun = durations.answer_cases(connection, "heard", *bounds, begun=True)
    assert len(found) == sum(number for length, number in waited.lengths if length > mark) > 3
    assert len(begun) == sum(row["round"] == 1 for row in rows_of(place, wanted))


# --- what comes back -------------------------------------------------------------------------------------------------


def test_the_reopening_rate_counts_weeks_with_thirty_days_of_hindsight(place: Place) -> None:
    a_season(place, 13, 150)
    wanted = asked(8, at=MONDAY + 9 * WEEK)
    with reading(place.databases.views) as connection:
        found = reopenings(connection, wanted)
    assert found is not None and found.edges == tuple(wanted.period.edges[:5]), "up to thirty days before the cut"
    rows = rows_of(place, wanted)
    reopened = {(row["case_id"], row["round"] - 1): row["started_at"] for row in rows}
    for start, end, share in zip(found.edges, found.edges[1:], found.weeks, strict=False):
        closed = [row for row in rows if row["closed_at"] and start <= row["closed_at"] < end]
        back = [
            row for row in closed
            if (at := reopened.get((row["case_id"], row["round"]))) and at - row["closed_at"] <= 30 * DAY
        ]  # fmt: skip
        assert share == Share(len(closed), len(back))
    for groups in (found.departments, found.types):
        assert sum(one.total for one in groups.values()) == found.whole.total
        assert sum(one.back for one in groups.values()) == found.whole.back > 2
    assert found.whole.between == wilson(found.whole.back, found.whole.total)


def test_what_is_reopened_on_the_thirty_first_day_is_not_counted(place: Place) -> None:
    for number, after in enumerate((30 * DAY, 30 * DAY + timedelta(seconds=1)), 1):
        case = place.open(f"2026-00000{number}")
        place.record(case, qualified("VOI"), e.CaseClosed(outcome="resolved"), at=MONDAY + DAY)
        place.record(case, e.CaseReopened(reason="x"), at=MONDAY + DAY + after)
    place.project()
    with reading(place.databases.views) as connection:
        found = reopenings(connection, asked(2, at=MONDAY + 10 * WEEK))
        behind = durations.cases_back(connection, MONDAY, MONDAY + WEEK, ("VOI",))
        assert reopenings(connection, asked(2, at=MONDAY + 2 * WEEK)) is None
    assert found is not None and found.whole == Share(2, 1) and len(behind) == 1


def test_an_undone_merge_is_no_reopening(place: Place) -> None:
    case = place.open()
    place.record(case, qualified("VOI"), e.CaseMerged(main="0" * 32), at=MONDAY + DAY)
    place.record(case, e.CaseUnmerged(main="0" * 32, status="registered"), at=MONDAY + 2 * DAY)
    place.project()
    with reading(place.databases.views) as connection:
        found = reopenings(connection, asked(2, at=MONDAY + 10 * WEEK))
    assert found is not None and found.whole == Share(0, 0)


def ask(place: Place, number: int, at: timedelta, requester: str, cell: str = "c1", type: str = "VOI-CHAUSSEE") -> str:
    case = place.open(f"2026-{number:06d}", at=MONDAY + at, requester=requester, cell=cell)
    place.record(case, qualified("VOI", type=type), at=MONDAY + at)
    return case


def test_the_same_person_type_and_place_within_thirty_days_is_a_request_asked_again(place: Place) -> None:
    marie, ali = "1" * 32, "2" * 32
    ask(place, 1, 0 * DAY, marie)
    again = ask(place, 2, 10 * DAY, marie)
    ask(place, 3, 11 * DAY, marie, cell="c2")
    ask(place, 4, 12 * DAY, marie, type="ODP-DEMEN")
    ask(place, 5, 13 * DAY, ali)
    ask(place, 6, 14 * DAY, "")
    ask(place, 7, 15 * DAY, "")
    ask(place, 8, 41 * DAY, marie)
    at_once = ask(place, 9, 41 * DAY, marie)
    place.project()
    with reading(place.databases.views) as connection:
        found = repeats(connection, asked(8))
        behind = durations.cases_back(connection, MONDAY, MONDAY + 8 * WEEK, None, again=True)
    assert found.whole == Share(7, 2), "nobody known is not counted; the thirty-first day is too late"
    assert set(behind) == {again, at_once}
    assert found.departments == {"VOI": Share(7, 2)} and found.types["ODP-DEMEN"] == Share(1, 0)
    assert [one.back for one in found.weeks] == [0, 1, 0, 0, 0, 1, 0, 0]


# --- what is closed in one go ----------------------------------------------------------------------------------------


def swept(place: Place, department: str = "PRO", number: int = 25, at: timedelta = 20 * DAY) -> list[str]:
    """An old backlog of a department, closed within one minute."""
    cases = [
        place.open(f"2025-{number:06d}", at=MONDAY - 60 * DAY + timedelta(hours=number)) for number in range(number)
    ]
    facts = []
    for place_in_it, case in enumerate(cases):
        close = MONDAY.replace(second=0) + at + timedelta(seconds=place_in_it)
        facts += [
            Fact(case, close - DAY, "agent:a", qualified(department)),
            Fact(case, close - DAY, "agent:a", promise("resolve", MONDAY + 10 * DAY)),
            Fact(case, close, "agent:a", e.CaseClosed(outcome="resolved")),
        ]
    place.log.append_many(facts)
    place.project()
    return cases


def test_what_one_department_closed_within_a_minute_is_told_apart(place: Place) -> None:
    a_season(place, 14)
    wanted = asked(8)
    with reading(place.databases.views) as connection:
        before = delays(connection, wanted, TOWN)
        promised = promises(place, wanted.period.start, wanted.period.end, wanted.cut.at)[""]
        assert bulk.lots(connection, wanted) == () and bulk.kept_in_lots(connection, wanted) == (0, 0)
    cases = swept(place)
    with reading(place.databases.views) as connection:
        found = delays(connection, wanted, TOWN)
        lots = bulk.lots(connection, wanted)
        less = bulk.without(connection, lots, TOWN, found.gross, found.net)
        kept, late = bulk.kept_in_lots(connection, wanted)
        after = promises(place, wanted.period.start, wanted.period.end, wanted.cut.at)[""]
        query = durations.cases_in_lots(lots)
        behind = set(connection.execute(query).scalars())
        elsewhere = bulk.lots(connection, asked(8, departments=("VOI", "ACC")))
    assert [(lot.at, lot.department, lot.closed) for lot in lots] == [(MONDAY + 20 * DAY, "PRO", 25)]
    assert found.gross.total == before.gross.total + 25
    assert (less.gross, less.net) == (before.gross, before.net)
    assert (kept, late) == (0, 25) and after.late - late == promised.late and after.kept == promised.kept
    assert behind == set(cases) and elsewhere == ()
    assert bulk.closed_by_week(lots, wanted) == (0, 0, 25, 0, 0, 0, 0, 0)


def test_nineteen_in_a_minute_or_twenty_of_two_departments_are_no_lot(place: Place) -> None:
    swept(place, "PRO", 19)
    swept(place, "VOI", 12)
    with reading(place.databases.views) as connection:
        assert bulk.lots(connection, asked(8)) == ()


# --- volumes by side -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["channel", "site", "type", "district"])
def test_each_part_adds_up_to_the_whole_flow(place: Place, part: Part) -> None:
    a_season(place, 15)
    wanted = asked(5)
    with reading(place.databases.views) as connection:
        found, whole = volume(connection, wanted, part), flow(connection, wanted)
        narrowed = {part: (found[0].value,)}
        behind = volumes.cases(connection, "opened", wanted.period.start, wanted.until, EVERY, narrowed=narrowed)
    for name, total in (("opened", whole.opened), ("reopened", whole.reopened), ("closed", whole.closed),
                        ("now", whole.now), ("before", whole.before)):  # fmt: skip
        assert sum(getattr(one, name) for one in found) == total, name
    assert len(behind) == found[0].opened
    opened = Counter(row[part] for row in place.rows(volumes.Volumes())
                     if row["move"] == "opened" and wanted.period.start <= row["at"] < wanted.period.end)  # fmt: skip
    assert {one.value: one.opened for one in found if one.value != OTHERS and one.opened} == {
        value: number for value, number in opened.items() if value in {one.value for one in found}
    }


def test_small_groups_are_told_together_so_that_none_can_be_deduced(place: Place) -> None:
    for number in range(20):
        site = "HDV" if number < 9 else "EN-LIGNE" if number < 18 else "MED"
        place.open(f"2026-{number:06d}", at=MONDAY + timedelta(hours=number), site=site)
    place.project()
    with reading(place.databases.views) as connection:
        found = volume(connection, asked(4), "site")
    assert [(one.value, one.opened) for one in found] == [("EN-LIGNE", 9), (OTHERS, 11)], (
        "two that moved and stand are four"
    )


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_these_figures_too_are_read_from_indexes(place: Place) -> None:
    answered_season(place, 16)
    swept(place)
    said: list[tuple[str, Any]] = []
    engine = place.databases.views
    db_event.listen(
        engine, "before_cursor_execute", lambda c, cur, text, values, ctx, many: said.append((text, values))
    )
    questions = {
        "answers": lambda connection: answers(connection, asked(), TOWN, "human"),
        "heard": lambda connection: answers(connection, asked(), TOWN, "heard"),
        "reopenings": lambda connection: reopenings(connection, asked(at=MONDAY + 20 * WEEK)),
        "repeats": lambda connection: repeats(connection, asked()),
        "lots": lambda connection: bulk.lots(connection, asked()),
        "volume": lambda connection: volume(connection, asked(), "type"),
    }
    for name, question in questions.items():
        said.clear()
        with reading(engine) as connection:
            question(connection)
            statements = [one for one in said if one[0].lstrip().startswith("SELECT") and "subtotals" not in one[0]]
            assert 1 <= len(statements) <= 3, name
            if place.databases.kind != "sqlite":
                continue
            for statement, values in statements:
                plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
                steps = [step for step in plan if re.match("SEARCH|SCAN (?!anon_)", step)]
                assert steps and all("USING COVERING INDEX" in step for step in steps), (name, steps)
