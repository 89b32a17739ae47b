"""Are promises judged by the date they had, and noticed when they fall due?"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gru.domain import events as e
from gru.domain.rights import LEVELS, Scope
from gru.office.figures import Asked, Cut, Period
from gru.office.figures.kept import standings
from gru.storage.databases import reading
from projections import commitments
from projections.commitments import Cohort, Commitments, DueLegalDate, DuePromise
from tests.projections.places import MONDAY, Place, new, promise, qualified, reply

DAY = timedelta(days=1)
END = MONDAY + 30 * DAY


def falling_due(place: Place, now: datetime) -> list[tuple[str, str]]:
    place.project()
    with reading(place.databases.views) as connection:
        return [(found.case_id, found.kind) for found in commitments.falling_due(connection, now)]


def cohort(place: Place, by: Any = lambda one: "", now: datetime = END, **how: Any) -> dict[str, Cohort]:
    """As the figures judge the promises that fall due in three spans of ten days."""
    place.project()
    period = Period(tuple(MONDAY + 10 * number * DAY for number in range(4)))
    asked = Asked(period=period, cut=Cut(0, now), departments=how.get("departments", ("ACC", "VOI", "PRO")))
    with reading(place.databases.views) as connection:
        return {one.key: one for one in commitments.cohorts(standings(connection, asked, "resolve"), by)}


def closed(place: Place, days: float, outcome: e.Outcome = "resolved", department: str = "VOI") -> str:
    """A case due after ten days and closed after so many."""
    case = place.open()
    place.record(case, qualified(department), promise("resolve", MONDAY + 10 * DAY))
    place.record(case, e.CaseClosed(outcome=outcome), at=MONDAY + days * DAY)
    return case


def test_of_the_cases_due_in_the_period_the_kept_the_late_and_the_overdue_are_counted(place: Place) -> None:
    closed(place, 9)
    closed(place, 11)
    closed(place, 12, "withdrawn")
    place.record(place.open(), promise("resolve", MONDAY + 10 * DAY))
    place.record(place.open(), promise("resolve", MONDAY + 29 * DAY))
    place.record(place.open(), promise("resolve", MONDAY + 40 * DAY))
    [row] = cohort(place, now=MONDAY + 20 * DAY).values()
    assert row == Cohort("", total=4, kept=1, late=1, overdue=1, running=1, paused=0, censored=1)


def test_a_figure_leads_to_its_cases(place: Place) -> None:
    kept, late = closed(place, 9), closed(place, 11)
    place.project()
    with reading(place.databases.views) as connection:
        assert commitments.cases(connection, "resolve", MONDAY, END, END) == (late,)
        assert set(commitments.cases(connection, "resolve", MONDAY, END, END, failed=False)) == {kept, late}
        assert commitments.cases(connection, "resolve", MONDAY, END, END, departments=("PRO",)) == ()


def test_the_cases_behind_a_figure_are_those_the_asker_may_see(place: Place) -> None:
    normal, secret = closed(place, 11), closed(place, 12)
    place.record(secret, e.CaseQualified(type="X", department="VOI", confidentiality="secret"))
    moved = closed(place, 13)
    place.record(moved, e.CaseQualified(type="X", department="VOI", confidentiality="secret"))
    place.record(moved, e.CaseQualified(type="Y", department="VOI", confidentiality="restricted"))
    place.project()

    def shown(scope: Scope) -> set[str]:
        with reading(place.databases.views) as connection:
            return set(commitments.cases(connection, "resolve", MONDAY, END, END, scope=scope))

    assert shown(Scope(everywhere=("normal",))) == {normal}
    assert shown(Scope(everywhere=("normal", "restricted"))) == {normal, moved}
    assert shown(Scope(departments=("VOI",), within=LEVELS)) == {normal, secret, moved}
    assert shown(Scope(departments=("PRO",), within=LEVELS)) == set()
    assert sum(row.total for row in cohort(place).values()) == 3


def test_figures_are_grouped_and_bounded_to_what_the_asker_may_see(place: Place) -> None:
    closed(place, 9, department="VOI")
    closed(place, 11, department="PRO")
    by_department = cohort(place, lambda one: one.department)
    assert (by_department["VOI"].kept, by_department["PRO"].late) == (1, 1)
    assert set(cohort(place, lambda one: one.department, departments=("VOI",))) == {"VOI"}
    assert {part: row.total for part, row in cohort(place, lambda one: str(one.part)).items()} == {"1": 2}


def test_the_last_due_date_counts_and_the_first_is_kept_beside_it(place: Place) -> None:
    case = place.open()
    place.record(case, promise("resolve", MONDAY + 10 * DAY))
    moved = e.CommitmentMoved(kind="resolve", due=MONDAY + 50 * DAY, warn_at=MONDAY + 40 * DAY, reason="pause")
    place.record(case, moved)
    assert cohort(place) == {}
    row = next(row for row in place.rows(commitments.Commitments()) if row["kind"] == "resolve")
    assert (row["first_due"], row["due"], row["moved"]) == (MONDAY + 10 * DAY, MONDAY + 50 * DAY, 1)


def test_a_reopened_case_owes_its_answer_anew_and_keeps_its_first_one(place: Place) -> None:
    case = closed(place, 9)
    anew = e.CommitmentMoved(kind="resolve", due=MONDAY + 25 * DAY, warn_at=MONDAY + 20 * DAY, reason="reopening")
    place.record(case, e.CaseReopened(reason="x"), anew)
    [row] = cohort(place).values()
    assert (row.kept, row.overdue) == (0, 1)
    stored = next(row for row in place.rows(commitments.Commitments()) if row["kind"] == "resolve")
    assert stored["first_kept_at"] == MONDAY + 9 * DAY


def test_the_clock_is_told_of_the_warning_and_then_of_the_limit_once_each(place: Place) -> None:
    case, due = place.open(), MONDAY + 10 * DAY
    place.record(case, promise("resolve", due))
    assert falling_due(place, MONDAY + 7 * DAY) == []
    assert falling_due(place, MONDAY + 9 * DAY) == [(case, "resolve")]
    place.record(case, e.BreachNoticed(kind="resolve", due=due, late=False), by="clock")
    assert falling_due(place, MONDAY + 9 * DAY) == []
    with reading(place.databases.views) as connection:
        assert commitments.falling_due(connection, due) == (DuePromise(case, "resolve", due),)
    place.record(case, e.BreachNoticed(kind="resolve", due=due, late=True), by="clock")
    assert falling_due(place, MONDAY + 90 * DAY) == []


def test_the_clock_is_not_told_of_what_is_kept_closed_or_resting(place: Place) -> None:
    later, wait, answer = MONDAY + 90 * DAY, new(), new()
    kept, resting = place.open(), place.open()
    closed(place, 1)
    place.record(kept, promise("first_response", MONDAY + DAY), reply(answer))
    place.record(kept, e.ReplySent(reply_id=answer, sent_at=MONDAY))
    place.record(resting, promise("resolve", MONDAY + DAY))
    place.record(resting, e.WaitStarted(wait_id=wait, party="resident", reason="x", since=MONDAY, indispensable=True))
    assert falling_due(place, later) == []
    place.record(resting, e.WaitEnded(wait_id=wait, ended_at=MONDAY + DAY, reason="answered"))
    assert falling_due(place, later) == [(resting, "resolve")]


def test_a_receipt_keeps_only_the_promise_to_acknowledge(place: Place) -> None:
    case, receipt = place.open(), new()
    place.record(case, promise("acknowledge", MONDAY + DAY), promise("first_response", MONDAY + DAY))
    place.record(case, reply(receipt, "receipt", human=False), e.ReplySent(reply_id=receipt, sent_at=MONDAY))
    assert falling_due(place, MONDAY + 2 * DAY) == [(case, "first_response")]


def legal_due(place: Place, now: datetime) -> list[str]:
    place.project()
    with reading(place.databases.views) as connection:
        return [day.clock for day in commitments.legal_dates_due(connection, now)]


def test_a_legal_date_is_told_when_it_nears_and_once_when_it_has_passed_even_while_the_case_waits(
    place: Place,
) -> None:
    case, due = place.open(), MONDAY + 60 * DAY
    place.record(case, e.LegalDateSet(clock="acknowledgement", due=due, regime="rejection"))
    waiting = e.WaitStarted(wait_id=new(), party="resident", reason="x", since=MONDAY, indispensable=True)
    place.record(case, waiting)
    assert legal_due(place, due - 4 * DAY) == []
    assert legal_due(place, due - 3 * DAY) == ["acknowledgement"]
    place.record(case, e.LegalDateNear(clock="acknowledgement", due=due, hours=72), by="clock")
    assert legal_due(place, due - DAY) == []
    with reading(place.databases.views) as connection:
        assert commitments.legal_dates_due(connection, due) == (DueLegalDate(case, "acknowledgement", due),)
    place.record(case, e.LegalDatePassed(clock="acknowledgement", due=due), by="clock")
    assert legal_due(place, due + DAY) == []


def test_silence_is_announced_two_weeks_and_three_days_before_and_not_while_the_file_is_incomplete(
    place: Place,
) -> None:
    case, due, wait = place.open(), MONDAY + 60 * DAY, new()
    place.record(case, e.LegalDateSet(clock="silence", due=due, regime="rejection"))
    assert legal_due(place, due - 15 * DAY) == ["silence"]
    place.record(case, e.LegalDateNear(clock="silence", due=due, hours=360), by="clock")
    assert legal_due(place, due - 4 * DAY) == []
    assert legal_due(place, due - 3 * DAY) == ["silence"]
    waiting = e.WaitStarted(wait_id=wait, party="resident", reason="x", since=MONDAY, indispensable=True)
    place.record(case, waiting)
    assert legal_due(place, due - DAY) == []
    place.record(case, e.WaitEnded(wait_id=wait, ended_at=MONDAY, reason="answered"))
    later = due + 30 * DAY
    place.record(case, e.LegalDateSet(clock="silence", due=later, regime="rejection"))
    assert legal_due(place, due) == []
    assert legal_due(place, later - 15 * DAY) == ["silence"]


@pytest.mark.parametrize("indispensable", [True, False])
@pytest.mark.parametrize("stops", [True, False])
def test_a_promise_rests_with_the_clock_of_the_town_and_a_legal_date_with_that_of_the_law(
    place: Place, stops: bool, indispensable: bool
) -> None:
    """The town says which waits stop its own clock; the law knows the incomplete file only, before and after."""
    case, due, first, second = place.open(), MONDAY + 60 * DAY, new(), new()
    place.record(case, promise("resolve", due), e.LegalDateSet(clock="silence", due=due, regime="rejection"))
    wait = e.WaitStarted(
        wait_id=first, party="resident", reason="x", since=MONDAY, indispensable=indispensable, stops=stops
    )
    place.record(case, wait)
    other = e.WaitStarted(wait_id=second, party="resident", reason="x", since=MONDAY, indispensable=True, stops=True)
    for wait_id, told in ((first, wait), (second, other)):
        town, law = told.stops_town, told.incomplete
        if wait_id == second:
            place.record(case, other, e.WaitEnded(wait_id=first, ended_at=MONDAY, reason="answered"))
        assert (falling_due(place, due) == []) is town
        assert (legal_due(place, due) == []) is law
    place.record(case, e.WaitEnded(wait_id=second, ended_at=MONDAY, reason="answered"))
    assert falling_due(place, due) and legal_due(place, due)


def test_what_was_told_before_towns_had_a_choice_is_remembered_as_it_was(place: Place) -> None:
    """The rows of older facts are the same to the byte: nothing must be rebuilt."""
    case = place.open()
    wait = e.WaitStarted(wait_id="w", party="resident", reason="x", since=MONDAY, indispensable=True)
    place.record(case, wait)
    place.project()
    [head] = [row for row in place.rows(Commitments()) if row["kind"] == ""]
    assert (head["memory"], head["paused"]) == ({"replies": {}, "stopping": ["w"]}, True)


def test_a_legal_date_first_set_while_the_case_waits_rests_if_the_file_is_incomplete(place: Place) -> None:
    for indispensable in (True, False):
        case, due = place.open(), MONDAY + 60 * DAY
        wait = e.WaitStarted(
            wait_id=new(), party="resident", reason="x", since=MONDAY, indispensable=indispensable,
            stops=not indispensable,
        )  # fmt: skip
        place.record(case, wait, e.LegalDateSet(clock="silence", due=due, regime="rejection"))
        assert (legal_due(place, due) == []) is indispensable


def test_what_a_correction_must_look_at_is_every_case_in_which_something_is_still_counted(place: Place) -> None:
    open_one, closed, merged = (place.open(f"2026-00000{n}") for n in (1, 2, 3))
    due = MONDAY + 60 * DAY
    for case in (open_one, closed, merged):
        place.record(case, promise("resolve", due), e.LegalDateSet(clock="silence", due=due, regime="rejection"))
    place.record(closed, e.CaseClosed(outcome="resolved"))
    place.record(merged, e.CaseMerged(main=open_one))
    place.project()
    with reading(place.databases.views) as connection:
        first = commitments.open_cases(connection, "", 1)
        assert (*first, *commitments.open_cases(connection, first[-1], 10)) == tuple(sorted((open_one, merged)))
        assert commitments.count_open(connection) == 2


def test_a_promise_moved_by_a_corrected_calendar_is_noticed_anew_on_its_right_date(place: Place) -> None:
    case = place.open()
    place.record(case, promise("resolve", MONDAY + DAY))
    place.record(case, e.BreachNoticed(kind="resolve", due=MONDAY + DAY, late=True), by="clock")
    moved = e.CommitmentMoved(kind="resolve", due=MONDAY + 2 * DAY, warn_at=MONDAY + 2 * DAY, reason="calendar")
    place.record(case, moved)
    assert falling_due(place, MONDAY + DAY) == []
    assert falling_due(place, MONDAY + 2 * DAY) == [(case, "resolve")]


def test_what_the_law_asked_and_was_done_in_time_is_not_told(place: Place) -> None:
    case, answer, due = place.open(), new(), MONDAY + 60 * DAY
    for clock in ("receipt", "acknowledgement", "silence"):
        place.record(case, e.LegalDateSet(clock=clock, due=due, regime="rejection"))
    place.record(case, reply(answer, "answer", human=True), e.ReplySent(reply_id=answer, sent_at=MONDAY))
    place.project()
    with reading(place.databases.views) as connection:
        assert commitments.legal_dates_due(connection, due + DAY) == ()
