"""Is every incomplete file, and every request that went elsewhere, on the page until it is settled?"""

from datetime import timedelta

from gru.domain import events as e
from gru.storage.databases import reading
from projections import legal_files
from projections.legal_files import Incomplete, SentOn
from tests.projections.places import EVERYTHING, MONDAY, Place, new, reply, scope

DAY = timedelta(days=1)


def asked(place: Place, case: str, until: int | None = 10, *, indispensable: bool = True) -> str:
    wait = new()
    place.record(
        case,
        e.WaitStarted(
            wait_id=wait, party="resident", reason="documents", since=MONDAY, indispensable=indispensable,
            until=MONDAY + until * DAY if until else None,
        ),
    )  # fmt: skip
    return wait


def incomplete(place: Place, seen: object = EVERYTHING) -> list[Incomplete]:
    place.project()
    with reading(place.databases.views) as connection:
        found = legal_files.incomplete(connection, seen, 50)
        assert legal_files.count_incomplete(connection, seen) == len(found)
    return list(found)


def sent_on(place: Place, since: int = -1) -> list[SentOn]:
    place.project()
    with reading(place.databases.views) as connection:
        found = legal_files.sent_on(connection, EVERYTHING, MONDAY + since * DAY, 50)
        assert legal_files.count_sent_on(connection, EVERYTHING, MONDAY + since * DAY) == len(found)
    return list(found)


def test_a_file_is_incomplete_until_the_document_comes_and_the_first_day_stands_first(place: Place) -> None:
    late, early, never = (place.open(f"2026-00000{n}") for n in (1, 2, 3))
    wait = asked(place, late, 20)
    asked(place, early, 5)
    asked(place, never, None)
    assert [one.case_id for one in incomplete(place)] == [early, late, never]
    place.record(late, e.WaitEnded(wait_id=wait, ended_at=MONDAY, reason="answered"))
    assert [one.case_id for one in incomplete(place)] == [early, never]


def test_a_merely_useful_document_makes_no_file_incomplete(place: Place) -> None:
    asked(place, place.open(), indispensable=False)
    assert incomplete(place) == []


def test_what_the_town_lets_stop_its_own_clock_makes_no_file_incomplete_nor_complete(place: Place) -> None:
    useful, needed = place.open("2026-000001"), place.open("2026-000002")
    for case, indispensable in ((useful, False), (needed, True)):
        wait = e.WaitStarted(
            wait_id=new(), party="resident", reason="x", since=MONDAY, indispensable=indispensable,
            stops=not indispensable,
        )  # fmt: skip
        place.record(case, wait)
    assert [one.case_id for one in incomplete(place)] == [needed]


def test_nobody_sees_the_file_of_a_department_he_does_not_see(place: Place) -> None:
    case = place.open(department="VOI")
    asked(place, case)
    assert incomplete(place, scope("ACC")) == []
    place.record(case, e.CaseTransferred(department="ACC", reason="x"))
    assert [one.case_id for one in incomplete(place, scope("ACC"))] == [case]


def test_a_request_sent_to_another_administration_says_when_the_resident_was_told(place: Place) -> None:
    case, closing = place.open(), new()
    place.record(case, e.CaseClosed(outcome="redirected", body="EPCI"), at=MONDAY + DAY)
    assert sent_on(place) == [SentOn(case, "EPCI", MONDAY + DAY, None)]
    place.record(case, reply(closing, "closing"), e.ReplySent(reply_id=closing, sent_at=MONDAY + 2 * DAY))
    assert [one.told_at for one in sent_on(place)] == [MONDAY + 2 * DAY]
    assert sent_on(place, since=2) == []


def test_who_was_answered_before_the_closing_was_told(place: Place) -> None:
    case, answer = place.open(), new()
    place.record(case, reply(answer, "answer"), e.ReplySent(reply_id=answer, sent_at=MONDAY))
    place.record(case, e.CaseClosed(outcome="redirected", body="EPCI"))
    assert [one.told_at for one in sent_on(place)] == [MONDAY]


def test_a_reopened_case_is_the_towns_own_again_and_another_outcome_sends_nothing_on(place: Place) -> None:
    back, done = place.open("2026-000001"), place.open("2026-000002")
    place.record(back, e.CaseClosed(outcome="redirected", body="EPCI"))
    place.record(back, e.CaseReopened(reason="x"))
    place.record(done, e.CaseClosed(outcome="resolved"))
    assert sent_on(place) == []
