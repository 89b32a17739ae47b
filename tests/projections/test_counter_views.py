"""Do the views of the counter say what happened there, on both databases, rebuilt as live?"""

from datetime import date, timedelta
from typing import Any

from gru.domain import events as e
from gru.office.rebuild import rebuild
from gru.storage.databases import reading
from projections import letters, tallies, visits
from tests.projections.places import AGENT, MONDAY, Place, new, reply

DAY = date(2026, 3, 2)


def arrives(place: Place, number: int, kind: Any = "walk_in", site: str = "HDV", minutes: int = 0) -> str:
    visit = new()
    at = MONDAY + timedelta(minutes=minutes)
    place.record(visit, e.VisitArrived(site=site, day=DAY, number=number, kind=kind), at=at)
    return visit


def seen(place: Place, query: Any, *args: Any, **more: Any) -> Any:
    place.project()
    with reading(place.databases.views) as connection:
        return query(connection, *args, **more)


def test_who_waits_is_called_by_rank_then_by_number(place: Place) -> None:
    a, b = arrives(place, 1), arrives(place, 2)
    late, first = arrives(place, 3, "appointment"), arrives(place, 4, "priority")
    arrives(place, 1, site="MQN")
    assert [one.visit for one in seen(place, visits.waiting, "HDV", DAY)] == [first, late, a, b]
    assert seen(place, visits.last_number, "HDV", DAY) == 4
    assert seen(place, visits.last_number, "HDV", date(2026, 3, 3)) == 0


def test_who_was_called_is_shown_with_his_post_until_he_is_gone(place: Place) -> None:
    one, other, gone = arrives(place, 1), arrives(place, 2), arrives(place, 3)
    for minutes, visit in enumerate((one, other, gone)):
        place.record(visit, e.VisitCalled(post=str(minutes)), by=AGENT, at=MONDAY + timedelta(minutes=10 + 4 * minutes))
    place.record(gone, e.VisitLeft(reason="absent"), by=AGENT)
    called = seen(place, visits.called, "HDV", DAY)
    assert [(c.visit, c.post, c.caller, c.calls) for c in called] == [(other, "1", AGENT, 1), (one, "0", AGENT, 1)]
    assert seen(place, visits.waiting, "HDV", DAY) == ()
    assert seen(place, visits.pace, "HDV", DAY) == 240
    counted = seen(place, visits.of_day, "HDV", DAY)
    assert (counted.came, counted.served, counted.left, counted.waits) == (3, 0, 1, (600, 840, 1080))


def test_being_called_again_does_not_shorten_the_wait(place: Place) -> None:
    visit = arrives(place, 1)
    for minutes in (5, 25):
        place.record(visit, e.VisitCalled(post="1"), by=AGENT, at=MONDAY + timedelta(minutes=minutes))
    found = seen(place, visits.by_id, visit)
    assert (found.calls, found.called_at) == (2, MONDAY + timedelta(minutes=5))


def test_answers_are_counted_by_site_and_topic_without_those_struck(place: Place) -> None:
    for department, minutes in (("POP", 1), ("POP", 2), ("VOI", 3), ("VOI", 60 * 24)):
        answered = e.QuestionAnswered(site="HDV", channel="counter", department=department)
        place.record(new(), answered, at=MONDAY + timedelta(minutes=minutes))
    struck = new()
    place.record(struck, e.QuestionAnswered(site="HDV", channel="phone", department="POP"), at=MONDAY)
    place.record(struck, e.QuestionStruck(), at=MONDAY)
    place.record(new(), e.QuestionAnswered(site="MQN", channel="counter", department="POP"), at=MONDAY)
    day = (MONDAY, MONDAY + timedelta(hours=12))
    found = seen(place, tallies.between, *day, ["HDV"])
    assert [(t.site, t.department, t.answers) for t in found] == [("HDV", "POP", 2), ("HDV", "VOI", 1)]
    assert len(seen(place, tallies.between, *day, ["HDV", "MQN"])) == 3


def letter(place: Place, case: str, reply_id: str, **facts: Any) -> None:
    place.record(case, e.ReplyWritten(reply_id=reply_id, kind="answer", channel="post", human=True, **facts))


def states(place: Place) -> dict[str, str]:
    place.project()
    return {row["reply_id"]: row["state"] for row in place.tables()["letters"]}


def test_a_letter_goes_from_written_to_returned_and_a_mail_is_none(place: Place) -> None:
    case = place.open()
    place.record(case, reply("mail"))
    letter(place, case, "r1")
    steps = (
        ("printed", e.LetterPrinted(reply_id="r1", batch="b1")),
        ("signed", e.LetterSigned(reply_id="r1")),
        ("signed", e.LetterPrinted(reply_id="r1", batch="b2")),
        ("posted", e.LetterPosted(reply_id="r1", posted_at=MONDAY, registered="RK")),
        ("returned", e.LetterReturned(reply_id="r1", reason="moved")),
        ("returned", e.DeliveryFailed(reply_id="r1", reason="returned", permanent=True)),
    )
    assert states(place) == {"r1": "to_print"}
    for state, event in steps:
        place.record(case, event, by=AGENT)
        assert states(place) == {"r1": state}
    (one,) = seen(place, letters.in_state, ("returned",), 10)
    assert (one.batch, one.registered, one.reason, one.posted_at) == ("b2", "RK", "moved", MONDAY)


def test_what_was_taken_back_or_cannot_leave_waits_no_more(place: Place) -> None:
    case = place.open()
    for reply_id in ("r1", "r2", "r3"):
        letter(place, case, reply_id)
    place.record(case, e.ReplyWithdrawn(reply_id="r1"))
    place.record(case, e.DeliveryFailed(reply_id="r2", reason="no_address", permanent=True))
    place.record(case, e.DeliveryFailed(reply_id="r3", reason="later", permanent=False))
    assert states(place) == {"r1": "gone", "r2": "gone", "r3": "to_print"}


def test_a_letter_that_left_before_runs_were_noted_waits_no_more(place: Place) -> None:
    case = place.open()
    letter(place, case, "r1")
    place.record(case, e.ReplySent(reply_id="r1", sent_at=MONDAY), by=AGENT)
    (left,) = seen(place, letters.in_state, ("posted",), 10)
    assert left.posted_at == MONDAY


def test_a_run_is_found_again_in_the_order_of_writing(place: Place) -> None:
    case, other = place.open(), place.open("2026-000002")
    letter(place, case, "r2")
    letter(place, other, "r1")
    for stream, reply_id in ((other, "r1"), (case, "r2")):
        place.record(stream, e.LetterPrinted(reply_id=reply_id, batch="b1"))
    assert [one.reply_id for one in seen(place, letters.of_batch, "b1")] == ["r2", "r1"]
    assert seen(place, letters.of_batch, "") == ()


def test_a_rebuild_finds_the_same(place: Place) -> None:
    case = place.open()
    letter(place, case, "r1", not_before=MONDAY)
    place.record(case, e.LetterPrinted(reply_id="r1", batch="b1"))
    visit = arrives(place, 1)
    place.record(visit, e.VisitCalled(post="1"), e.VisitServed(), by=AGENT)
    place.record(new(), e.QuestionAnswered(site="HDV", channel="counter", department="POP"))
    place.project()
    names = ["letters", "visits", "tallies"]
    live = {name: place.tables()[name] for name in names}
    assert all(len(rows) == 1 for rows in live.values())
    rebuild(place.projector, names)
    assert {name: place.tables()[name] for name in names} == live
