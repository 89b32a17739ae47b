"""When must a third party be reminded, and when is he silent?"""

from datetime import datetime, timedelta

from gru.domain import events as e
from gru.storage.databases import reading
from projections import third_parties
from tests.projections.places import MONDAY, Place

DUE, REMIND = MONDAY + timedelta(days=10), MONDAY + timedelta(days=7)


def asked(place: Place, request_id: str = "r1") -> e.ThirdPartyAsked:
    text = place.archive.text("Pouvez-vous reboucher ?")
    return e.ThirdPartyAsked(
        request_id=request_id, to="p", text=text, due=DUE, remind_at=REMIND, expires=DUE + timedelta(days=30)
    )


def due(place: Place, at: datetime) -> list[tuple[str, str]]:
    place.project()
    with reading(place.databases.views) as connection:
        return [(one.request_id, one.next) for one in third_parties.falling_due(connection, at)]


def test_a_request_is_reminded_then_silent_each_once(place: Place) -> None:
    case = place.open()
    place.record(case, asked(place))
    assert due(place, REMIND - timedelta(hours=1)) == []
    assert due(place, REMIND) == [("r1", "remind")]
    place.record(case, e.ThirdPartyReminded(request_id="r1", number=1))
    assert due(place, REMIND) == []
    assert due(place, DUE) == [("r1", "silence")]
    place.record(case, e.ThirdPartySilent(request_id="r1", due=DUE))
    assert due(place, DUE + timedelta(days=9)) == []


def test_what_is_answered_revoked_or_of_a_closed_case_falls_due_no_more(place: Place) -> None:
    case = place.open()
    place.record(case, *(asked(place, f"r{number}") for number in range(3)))
    answered = e.ThirdPartyAnswered(request_id="r0", answer_id="a", answer="done", channel="web")
    place.record(case, answered, e.ThirdPartyRevoked(request_id="r1"))
    assert due(place, DUE) == [("r2", "remind")]
    place.record(case, e.CaseClosed(outcome="resolved"))
    assert due(place, DUE) == []
    place.record(case, e.CaseReopened(reason="x"))
    assert due(place, DUE) == [("r2", "remind")]


def test_what_is_planned_is_awaited_on_its_day(place: Place) -> None:
    case, later = place.open(), DUE + timedelta(days=5)
    answered = e.ThirdPartyAnswered(request_id="r1", answer_id="a", answer="planned", channel="web", due=later)
    place.record(case, asked(place), answered)
    assert due(place, DUE) == []
    assert due(place, later) == [("r1", "silence")]
