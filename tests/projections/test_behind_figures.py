"""Are the cases behind a figure those a plain look at the rows finds, on both databases?"""

from datetime import timedelta

from sqlalchemy import Connection

from gru.domain import events as e
from gru.office.figures.flow import flow
from gru.office.figures.process import HandOver, process
from gru.office.figures.stages import LATE, by_department
from gru.office.figures.weekly import counts
from gru.storage.databases import reading
from projections import durations, ratings, stages
from tests.projections.places import MONDAY, Place, qualified
from tests.projections.test_figures import EVERY, a_season, asked
from tests.projections.test_ratings import closed, surveyed

WANTED = asked()
START, END = WANTED.period.start, WANTED.period.end


def test_what_was_open_at_the_end_of_a_week_is_its_stock(place: Place) -> None:
    a_season(place, 11)
    with reading(place.databases.views) as connection:
        for week in flow(connection, WANTED).weeks:
            assert len(durations.open_cases(connection, week.end, EVERY)) == week.stock
        assert durations.open_cases(connection, END, ("nobody",)) == ()


def test_what_a_department_closed_and_what_of_it_was_late_is_found(place: Place) -> None:
    a_season(place, 12)
    with reading(place.databases.views) as connection:
        told = by_department(counts(connection, WANTED, (durations.SPENT, ())))
        assert {late for spent in told.values() for late in spent} == {0, LATE}
        for department, spent in told.items():
            every = durations.ended_cases(connection, START, END, (department,))
            late = durations.ended_cases(connection, START, END, (department,), "late")
            assert len(every) == sum(one["rounds"] for one in spent.values())
            assert len(late) == spent.get(LATE, {"rounds": 0})["rounds"] and set(late) <= set(every)


def test_those_longest_in_a_stage_come_first_and_the_others_are_left_out(place: Place) -> None:
    a_season(place, 13)
    rows = [row for row in place.rows(durations.Durations()) if row["closed_at"] and row["closed_at"] < END]
    waited = sorted((row["waiting_resident_worked"] for row in rows), reverse=True)
    limit = waited[5]
    with reading(place.databases.views) as connection:
        found = durations.ended_cases(connection, START, END, None, stage="waiting_resident", longer=limit)
    by_case = {row["case_id"]: row["waiting_resident_worked"] for row in rows}
    assert 0 < len(found) <= 5 and [by_case[case] for case in found] == waited[: len(found)]


def test_a_way_leads_to_those_who_went_it(place: Place) -> None:
    a_season(place, 14)
    with reading(place.databases.views) as connection:
        ways = process(connection, WANTED, 600).variants
        assert len(ways) > 1
        for way in ways:
            assert len(durations.ended_cases(connection, START, END, EVERY, way=way.letters)) == way.rounds


def test_a_passage_leads_to_the_cases_that_made_it(place: Place) -> None:
    a_season(place, 15)
    rows = [row for row in place.rows(stages.Stages()) if row["number"] and START <= row["left_at"] < END]
    with reading(place.databases.views) as connection:
        told = process(connection, WANTED, 600).edges
        assert told
        for one in told:
            made = {row["case_id"] for row in rows if (row["stage"], row["following"]) == (one.stage, one.following)}
            assert set(stages.passed(connection, START, END, EVERY, one.stage, one.following)) == made


def test_a_hand_over_leads_to_the_cases_that_changed_hands(place: Place) -> None:
    given = []
    for number in range(3):
        case = place.open(at=MONDAY)
        place.record(case, qualified("VOI"), at=MONDAY + timedelta(hours=number))
        if number:
            place.record(case, e.CaseTransferred(department="PRO", reason="x"), at=MONDAY + timedelta(days=number))
            given.append(case)
        place.record(case, e.CaseClosed(outcome="resolved"), at=MONDAY + timedelta(days=5))
    place.project()
    with reading(place.databases.views) as connection:
        assert [(one.following, one.times) for one in _from_roads(connection)] == [("PRO", 2)]
        assert set(stages.handed_over(connection, START, END, "VOI", "PRO")) == set(given)
        assert stages.handed_over(connection, START, END, "PRO", "VOI") == ()


def _from_roads(connection: Connection) -> list[HandOver]:
    return [one for one in process(connection, WANTED, 600).hand_overs if one.department == "VOI"]


def test_low_scores_lead_to_their_cases_the_lowest_first(place: Place) -> None:
    cases = {score: closed(place, department="VOI") for score in (2, 0, 7, 8, 10)}
    for score, case in cases.items():
        surveyed(place, case, score=score)
    surveyed(place, closed(place))
    surveyed(place, closed(place, department="PRO"), score=1)
    place.project()
    with reading(place.databases.views) as connection:
        found = ratings.low(connection, MONDAY, MONDAY + timedelta(days=30), ("VOI",), 8)
        assert found == (cases[0], cases[2], cases[7])
        assert ratings.low(connection, MONDAY - timedelta(days=9), MONDAY, None, 8) == ()
