"""Does the head of a case's page say where the case stands?"""

from datetime import date, timedelta

from gru.domain import events as e
from gru.storage.databases import reading
from projections import case_file
from projections.case_file import CaseFile
from tests.projections.places import AGENT, MONDAY, Place, new, promise, qualified, reply

DAY = timedelta(days=1)


def seen(place: Place, case: str) -> CaseFile:
    place.project()
    with reading(place.databases.views) as connection:
        found = case_file.by_id(connection, case)
    assert found is not None
    return found


def test_a_case_is_found_by_its_number_and_by_nothing_else(place: Place) -> None:
    case = place.open("2026-000007")
    place.project()
    with reading(place.databases.views) as connection:
        found = case_file.by_number(connection, "2026-000007")
        assert found is not None and found.case_id == case
        assert case_file.by_number(connection, "2026-000008") is None
        assert case_file.by_id(connection, new()) is None


def test_promises_legal_dates_and_waits_are_told_with_what_became_of_them(place: Place) -> None:
    case, answer, wait = place.open(), new(), new()
    legal = e.LegalDateSet(clock="silence", due=MONDAY + 60 * DAY, regime="rejection", basis="CRPA")
    place.record(case, promise("first_response", MONDAY + DAY), promise("resolve", MONDAY + 9 * DAY), legal)
    place.record(case, e.BreachNoticed(kind="first_response", due=MONDAY + DAY, late=True), by="clock")
    place.record(case, reply(answer), e.ReplySent(reply_id=answer, sent_at=MONDAY + 2 * DAY))
    place.record(case, e.WaitStarted(wait_id=wait, party="service", reason="x", since=MONDAY + 3 * DAY))
    place.record(case, e.LegalDatePassed(clock="silence", due=MONDAY + 60 * DAY), by="clock")
    found = seen(place, case)
    first, resolve = found.promises
    assert (first.kind, first.kept_at, first.breached) == ("first_response", MONDAY + 2 * DAY, True)
    assert (resolve.kind, resolve.due, resolve.kept_at) == ("resolve", MONDAY + 9 * DAY, None)
    assert found.legal == (case_file.LegalDate("silence", MONDAY + 60 * DAY, "rejection", "CRPA", True),)
    assert found.waits == (case_file.OpenWait(wait, "service", MONDAY + 3 * DAY, False, None),)
    assert (found.responded_at, found.acknowledged_at) == (MONDAY + 2 * DAY, MONDAY + 2 * DAY)
    assert (found.status, found.legal_due_at) == ("waiting", MONDAY + 60 * DAY)


def test_who_spoke_which_files_and_which_places_are_known(place: Place) -> None:
    claire, ali = new(), new()
    photo, letter = e.FileRef(new(), "d", "image/jpeg", 9), e.FileRef(new(), "d", "application/pdf", 9)
    spot = place.archive.text("14 rue des Acacias")
    case = place.open(requester=claire, files=(photo,))
    heard = e.MessageReceived(
        message=new(), channel="email", received_at=MONDAY + DAY, proof="agent", author=ali, files=(letter,)
    )
    place.record(case, heard, e.PlaceSet(place=spot, district="NORD"), qualified("VOI", danger=True))
    found = seen(place, case)
    assert (found.requester, found.people, found.files) == (claire, (claire, ali), (photo.id, letter.id))
    assert (found.place_id, found.district, found.department, found.danger) == (spot.id, "NORD", "VOI", True)
    assert found.last_message_at == MONDAY + DAY


def test_an_end_and_a_new_beginning(place: Place) -> None:
    case, main, words = place.open(), place.open("2026-000002"), place.archive.text("x")
    place.record(case, e.CaseClosed(outcome="duplicate", main=main, text=words), by=AGENT)
    found = seen(place, case)
    assert (found.status, found.outcome, found.main, found.closing_text_id) == ("closed", "duplicate", main, words.id)
    with reading(place.databases.views) as connection:
        assert [twin.case_id for twin in case_file.duplicates_of(connection, main)] == [case]
    place.record(case, e.CaseReopened(reason="x"), e.CaseLinked(other=main))
    found = seen(place, case)
    assert (found.status, found.outcome, found.main, found.closed_at) == ("reopened", "", "", None)
    assert (found.reopened, found.links) == (1, (main,))
    place.record(case, e.CaseUnlinked(other=main), e.InterventionPlanned(day=date(2026, 3, 19), moment="morning"))
    found = seen(place, case)
    assert (found.links, found.intervention_day, found.intervention_moment) == ((), date(2026, 3, 19), "morning")


def test_the_version_is_that_of_the_last_fact_so_that_a_page_can_say_what_it_saw(place: Place) -> None:
    case = place.open()
    place.record(case, e.DifficultyDeclared(difficulty_id=new(), reason="tool"), e.LinksRenewed(generation=2))
    found = seen(place, case)
    assert (found.version, found.difficulties, found.link_generation) == (4, ("tool",), 2)
