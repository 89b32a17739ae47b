"""Are the figures what a plain count over the same facts gives, on both databases?"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event

from gru.domain import events as e
from gru.domain.case.state import RESOLVING
from gru.domain.clocks import working_seconds
from gru.domain.statistics import histogram, percentile, survival
from gru.office.figures import Asked, Cut, Period, day_seconds
from gru.office.figures.delays import cohort_edges, delays
from gru.office.figures.equity import equity
from gru.office.figures.flow import flow
from gru.office.figures.kept import kept, standings_by
from gru.office.figures.outlook import outlook
from gru.storage.databases import reading
from gru.storage.log import Fact
from projections import commitments, durations, volumes
from projections.base import VIEWS
from projections.durations import SIDES
from tests.domain.towns import sample_town
from tests.examples import examples
from tests.projections.lives import lived, told
from tests.projections.places import MONDAY, Place, promise, qualified
from tests.projections.plain import promises

TOWN = sample_town()
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
TABLES = {table.name for table in VIEWS.tables.values()}
EVERY = (*TOWN.departments, "ACC", "PRO")
"""Those of the sample town, and two of another one."""
DEPARTMENTS = ("VOI", "PRO", "ACC")
TYPES = {"VOI": ("VOI-CHAUSSEE",), "PRO": ("ODP-DEMEN", "EDU-INSC"), "ACC": ("EDU-INSC", "VOI-CHAUSSEE")}
OUTCOMES = ("resolved", "refused", "resolved", "duplicate", "withdrawn", "redirected")


def asked(weeks: int = 8, at: datetime | None = None, departments: tuple[str, ...] = EVERY) -> Asked:
    period = Period(tuple(MONDAY.replace(hour=0) + WEEK * number for number in range(weeks + 1)))
    return Asked(period=period, cut=Cut(0, at or period.end), departments=departments)


def a_season(place: Place, seed: int, cases: int = 90) -> None:
    """Invented cases of eight weeks: some are closed, some come back, some wait for a document."""
    chance = random.Random(seed)
    facts: list[tuple[datetime, str, e.Event]] = []
    for number in range(cases):
        at = MONDAY + timedelta(minutes=chance.randrange(8 * 7 * 24 * 60))
        department = chance.choice(DEPARTMENTS)
        case = place.open(
            f"2026-{number + 1:06d}",
            at=at,
            channel=chance.choice(("email", "web", "counter")),
            site=chance.choice(("HDV", "EN-LIGNE")),
            district=chance.choice(("CENTRE", "NORD", "")),
        )
        facts.append((at, case, qualified(department, type=chance.choice(TYPES[department]))))
        facts.append((at, case, promise("resolve", at + timedelta(days=chance.randint(2, 20)))))
        if chance.random() < 0.3:
            wait = e.WaitStarted(wait_id="w", party="resident", reason="x", since=at, indispensable=True)
            ended = at + timedelta(hours=chance.randint(1, 90))
            facts += [(at, case, wait), (ended, case, e.WaitEnded(wait_id="w", ended_at=ended, reason="x"))]
            at = ended
        if chance.random() < 0.85:
            at += timedelta(minutes=chance.randrange(60 * 24 * 15))
            facts.append((at, case, e.CaseClosed(outcome=chance.choice(OUTCOMES))))
            if chance.random() < 0.15:
                at += timedelta(hours=chance.randint(1, 200))
                facts.append((at, case, e.CaseReopened(reason="x")))
    facts.sort(key=lambda fact: fact[0])
    place.log.append_many(Fact(case, at, "agent:a1", event) for at, case, event in facts)
    place.project()


# --- what is open ----------------------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told)
def test_opened_less_closed_is_the_change_of_the_backlog_on_any_history(
    fresh: Callable[[], Place], told: list[Any]
) -> None:
    """Each stock is that of a replay of the facts: of the whole history, merges undone and reopenings among it."""
    place, facts = fresh(), lived(told)
    place.log.append_many(facts)
    place.project()
    wanted = asked(40)
    with reading(place.databases.views) as connection:
        found = flow(connection, wanted)
    assert found.before + found.opened + found.reopened - found.closed == found.now
    assert found.before == replayed(facts, wanted.period.start)
    assert [week.stock for week in found.weeks] == [replayed(facts, week.end) for week in found.weeks]


def replayed(facts: list[Fact], before: datetime) -> int:
    """How many cases were open just before an instant."""
    opened: dict[str, bool] = {}
    for fact in facts:
        match fact.event:
            case e.CaseOpened() as event if event.received_at < before:
                opened[fact.stream_id] = True
            case e.CaseClosed() | e.CaseMerged() if fact.at < before:
                opened[fact.stream_id] = False
            case e.CaseReopened() | e.CaseUnmerged() if fact.at < before:
                opened[fact.stream_id] = True
    return sum(opened.values())


def test_the_stock_of_an_earlier_instant_knows_nothing_of_what_followed(place: Place) -> None:
    a_season(place, 1)
    with reading(place.databases.views) as connection:
        now, earlier = flow(connection, asked()), flow(connection, asked(at=MONDAY + 5 * WEEK))
        assert earlier.weeks[4].stock == now.weeks[3].stock + _moved(now.weeks[4]) - _moved_after(place, 5)
        assert [week.stock for week in earlier.weeks[:4]] == [week.stock for week in now.weeks[:4]]
        assert all(_moved(week) == 0 for week in earlier.weeks[6:])


def _moved(week: Any) -> int:
    return int(week.opened + week.reopened - week.closed)


def _moved_after(place: Place, weeks: int) -> int:
    """What moved between the cut (Monday, nine o'clock) and the end of the week before: nothing but that night."""
    edges = (MONDAY.replace(hour=0) + WEEK * weeks, MONDAY + WEEK * weeks + timedelta(microseconds=1))
    moved = [row["move"] for row in place.rows(volumes.Volumes()) if edges[0] <= row["at"] < edges[1]]
    return moved.count("closed") - moved.count("opened") - moved.count("reopened")


def test_the_cases_behind_a_flow_are_as_many_as_it_says(place: Place) -> None:
    a_season(place, 2)
    wanted = asked(departments=("VOI",))
    with reading(place.databases.views) as connection:
        for week in flow(connection, wanted).weeks:
            for move, number in (("opened", week.opened), ("closed", week.closed)):
                behind = volumes.cases(connection, move, week.start, week.end, ("VOI",))
                assert len(behind) == number


# --- how long it took ------------------------------------------------------------------------------------------------


def in_python(place: Place, wanted: Asked) -> list[dict[str, Any]]:
    rows = place.rows(durations.Durations())
    return [row for row in rows if row["department"] in wanted.departments]


@pytest.mark.parametrize("departments", [EVERY, ("PRO", "ACC")])
def test_the_spread_is_that_of_the_rounds_resolved_in_the_period(place: Place, departments: tuple[str, ...]) -> None:
    a_season(place, 3)
    wanted = asked(6, departments=departments)
    with reading(place.databases.views) as connection:
        found = delays(connection, wanted, TOWN)
    unit = day_seconds(TOWN) // 10
    rows = [
        row
        for row in in_python(place, wanted)
        if row["outcome"] in RESOLVING and wanted.period.start <= row["closed_at"] < wanted.period.end
    ]
    assert len(rows) > 8
    for measure, spread in (("gross_worked", found.gross), ("net_worked", found.net)):
        lengths = histogram((-(-row[measure] // unit), 1) for row in rows)
        assert spread.lengths == lengths
        assert [spread.within(p) for p in (50, 80, 90)] == [percentile(lengths, p) for p in (50, 80, 90)]


@pytest.mark.parametrize("at", [MONDAY + 6 * WEEK, MONDAY + 30 * WEEK])
def test_the_curves_follow_each_cohort_with_what_is_still_open_as_censored(place: Place, at: datetime) -> None:
    a_season(place, 4)
    wanted = asked(8, at=at)
    with reading(place.databases.views) as connection:
        found = delays(connection, wanted, TOWN)
    day, edges = day_seconds(TOWN), cohort_edges(wanted.period)
    assert len(found.cohorts) == 3 and edges[0] == wanted.period.start and edges[-1] == wanted.period.end
    for cohort, start, end in zip(found.cohorts, edges, edges[1:], strict=False):
        counts, opened = [], 0
        for row in in_python(place, wanted):
            if not start <= row["started_at"] < min(end, at):
                continue
            if row["closed_at"] is None or row["closed_at"] > at:
                known = row["department"] in TOWN.departments
                calendar = TOWN.calendar_of(row["department"]) if known else TOWN.legal_calendar
                counts.append((working_seconds(calendar, row["started_at"], at) // day, 0, 1))
                opened += 1
            elif row["outcome"] in RESOLVING:
                counts.append((-(-row["gross_worked"] // day), 1, 0))
            else:
                counts.append((row["gross_worked"] // day, 0, 1))
        assert cohort.curve == survival(counts)
        assert cohort.open == opened and cohort.open + cohort.left + cohort.curve.events == len(counts)
    assert found.compared is not None and found.compared.freedom == 2


def test_what_was_withdrawn_or_sent_elsewhere_was_not_resolved(place: Place) -> None:
    for number, outcome in enumerate(("resolved", "duplicate", "withdrawn", "redirected"), 1):
        case = place.open(f"2026-00000{number}")
        place.record(case, qualified("VOI"), e.CaseClosed(outcome=outcome), at=MONDAY + DAY)
    place.project()
    with reading(place.databases.views) as connection:
        found = delays(connection, asked(2), TOWN)
        assert (found.gross.total, found.cohorts[0].left, found.cohorts[0].curve.events) == (1, 3, 1)
        assert len(durations.cases(connection, MONDAY, MONDAY + WEEK, None)) == 1
        assert len(durations.cases(connection, MONDAY, MONDAY + WEEK, None, begun=True)) == 4


def test_the_longest_cases_come_first_and_are_those_beyond_the_mark(place: Place) -> None:
    a_season(place, 5)
    wanted = asked(8)
    unit = day_seconds(TOWN) // 10
    with reading(place.databases.views) as connection:
        gross = delays(connection, wanted, TOWN).gross
        mark = gross.within(80) or 0
        beyond = sum(number for length, number in gross.lengths if length > mark)
        found = durations.cases(connection, wanted.period.start, wanted.period.end, None, longer=mark * unit)
        assert len(found) == beyond > 3
        narrowed = {"channel": ("email",), "district": ("NORD",), "type": (), "site": ("HDV",)}
        few = durations.cases(connection, wanted.period.start, wanted.period.end, ("VOI",), narrowed=narrowed)
    rows = {row["case_id"]: row for row in in_python(place, wanted) if row["round"] == 1}
    assert [rows[case]["gross_worked"] for case in found] == sorted(
        (rows[case]["gross_worked"] for case in found), reverse=True
    )
    assert {(rows[c]["channel"], rows[c]["district"], rows[c]["site"]) for c in few} <= {("email", "NORD", "HDV")}


# --- who waits the most ----------------------------------------------------------------------------------------------


def test_each_side_counts_all_that_was_resolved_and_all_that_fell_due(place: Place) -> None:
    a_season(place, 6, 150)
    wanted = asked(8)
    with reading(place.databases.views) as connection:
        sides = {side: equity(connection, wanted, TOWN, side) for side in SIDES}
        told = kept(connection, wanted, "resolve")
    edges, bounds = wanted.period.edges, (wanted.period.start, wanted.period.end, wanted.cut.at)
    due = promises(place, *bounds)[""]
    by_department = tuple(promises(place, *bounds, lambda row: row["department"]).values())
    by_week = promises(place, *bounds, lambda row: str(sum(edge <= row["due"] for edge in edges) - 1))
    weeks, departments = told.mixed_weeks, told.mixed_departments
    assert told.departments == by_department
    assert set(told.weeks.values()) == set(by_week.values())
    rows = [
        row for row in in_python(place, wanted)
        if row["outcome"] in RESOLVING and wanted.period.start <= row["closed_at"] < wanted.period.end
    ]  # fmt: skip
    judged = due.kept + due.late + due.overdue
    for side, found in sides.items():
        assert found.resolved == sum(group.length.n for group in found.groups) == len(rows)
        assert sum(group.kept.n for group in found.groups if group.kept) <= judged
        for group in found.groups:
            lengths = [-(-row["gross_worked"] // day_seconds(TOWN)) for row in rows if row[side] == group.value]
            assert group.length.raw == percentile(histogram((one, 1) for one in lengths), 50)
    assert sum(one.n for one in weeks.values()) == sum(one.n for one in departments.values()) == judged
    for code, one in departments.items():
        assert one.raw == pytest.approx(next(group.kept for group in by_department if group.key == code) / one.n)


def test_a_promise_follows_the_district_of_its_case(place: Place) -> None:
    case = place.open(district="CENTRE")
    place.record(case, qualified("VOI"), promise("resolve", MONDAY + DAY))
    place.record(case, e.PlaceSet(place=place.archive.text("rue"), district="NORD", cell=""))
    place.project()
    rows = place.rows(commitments.Commitments())
    assert {row["district"] for row in rows} == {"NORD"}
    with reading(place.databases.views) as connection:
        found = {side: standings_by(connection, asked(1), "resolve", side) for side in ("district", "channel")}
    assert [(one.side, one.kept, one.judged, one.number) for one in found["district"]] == [("NORD", False, True, 1)]
    assert [one.side for one in found["channel"]] == ["email"]


# --- what is to come -------------------------------------------------------------------------------------------------


def test_the_outlook_reads_whole_weeks_since_the_first_request(place: Place) -> None:
    start = MONDAY.replace(hour=0)
    for week in range(4, 20):
        for number in range(3):
            case = place.open(f"2026-{week:03d}{number:03d}", at=start + WEEK * week + timedelta(hours=9 + number))
            place.record(case, promise("resolve", start + WEEK * week + DAY), at=start + WEEK * week + DAY / 2)
    place.project()
    with reading(place.databases.views) as connection:
        found = outlook(connection, asked(20, at=start + WEEK * 20 - DAY))
        early = outlook(connection, asked(10, at=start + WEEK * 10 - DAY))
    assert found.weeks[0] == start + WEEK * 5, "the first week was no whole one"
    assert found.came == found.broken == (3,) * 14, "nor is this one"
    assert found.coming is not None and {round(week.expected, 6) for week in found.coming.weeks} == {3.0}
    assert (early.came, early.coming) == ((3,) * 4, None)


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_the_figures_are_read_from_indexes_and_in_few_statements(place: Place) -> None:
    """On SQLite the plan says so; on PostgreSQL the number of statements is all that is asked."""
    a_season(place, 8, 20)
    said: list[tuple[str, Any]] = []
    engine = place.databases.views
    event.listen(
        engine, "before_cursor_execute", lambda c, cur, statement, values, ctx, many: said.append((statement, values))
    )
    questions: dict[str, Callable[[Any], object]] = {
        "delays": lambda connection: delays(connection, asked(), TOWN),
        "flow": lambda connection: flow(connection, asked()),
        "outlook": lambda connection: outlook(connection, asked(14)),
        "equity": lambda connection: equity(connection, asked(), TOWN, "district"),
        "mix": lambda connection: kept(connection, asked(), "resolve"),
    }
    for name, question in questions.items():
        said.clear()
        with reading(engine) as connection:
            question(connection)
            every = [one for one in said if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]
            statements = [one for one in every if "subtotals" not in one[0]]
            assert 1 <= len(statements) <= 6 and len(every) <= 2 * len(statements), name
            if place.databases.kind != "sqlite":
                continue
            for statement, values in statements:
                plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
                steps = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
                assert steps and all(_by_index(step) for step in steps), (
                    name, steps,
                )  # fmt: skip


def _by_index(step: str) -> bool:
    """What the statement itself made may be scanned: the rows of a table are not."""
    words = step.split()
    made = words[0] == "SCAN" and words[1].removeprefix("main.") not in TABLES
    return made or (words[0] == "SEARCH" and "USING COVERING INDEX" in step)


def test_asked_holds_what_it_is_told() -> None:
    wanted = asked(2, at=MONDAY + DAY)
    assert wanted.until == MONDAY + DAY + timedelta(microseconds=1)
    assert msgspec.structs.replace(wanted, cut=Cut(0, MONDAY + 9 * WEEK)).until == wanted.period.end
