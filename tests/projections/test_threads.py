"""Does the thread hold what was said, in order, with what became of it?"""

from datetime import timedelta
from typing import Any

from gru.domain import events as e
from gru.storage.databases import reading
from projections import threads
from projections.threads import Entry
from tests.projections.places import AGENT, MONDAY, Place, new, reply

HOUR = timedelta(hours=1)


def said(place: Place, case: str, *others: str, **how: Any) -> tuple[Entry, ...]:
    place.project()
    with reading(place.databases.views) as connection:
        return threads.of_case(connection, case, *others, **how)


def test_messages_replies_and_notes_stand_in_the_order_they_were_said(place: Place) -> None:
    person, answer, note, letter = new(), new(), new(), new()
    case = place.open(requester=person, message=letter, title=place.archive.text("x"), text=place.archive.text("y"))
    late = e.MessageReceived(message=new(), channel="web", received_at=MONDAY + HOUR, proof="tracking_link")
    place.record(case, reply(answer, to=person, template="t"), by=AGENT, at=MONDAY + 3 * HOUR)
    place.record(case, e.NoteAdded(note_id=note, text=place.archive.text("n")), at=MONDAY + 4 * HOUR)
    place.record(case, late, at=MONDAY + 5 * HOUR)
    first, second, third, fourth = said(place, case)
    assert (first.entry_id, first.direction, first.person, first.proof) == (letter, "in", person, "opening")
    assert (second.at, second.recorded_at, second.proof) == (MONDAY + HOUR, MONDAY + 5 * HOUR, "tracking_link")
    assert (third.kind, third.state, third.human, third.by) == ("answer", "written", True, AGENT)
    assert (fourth.direction, fourth.state) == ("note", "kept")
    assert [entry.direction for entry in said(place, case, directions=("in", "out"))] == ["in", "in", "out"]
    with reading(place.databases.views) as connection:
        assert threads.tally(connection, case) == {"in": 2, "out": 1, "note": 1}
        assert threads.entry(connection, case, answer) == third
        assert threads.entry(connection, case, new()) is None


def test_a_case_taken_down_at_the_counter_begins_with_an_entry_too(place: Place) -> None:
    case = place.open(channel="counter")
    [entry] = said(place, case)
    assert (entry.entry_id, entry.channel, entry.state) == (case, "counter", "received")


def test_a_reply_is_sent_fails_or_is_taken_back(place: Place) -> None:
    case = place.open()
    sent, failed, bounced, withdrawn, retried = (new() for _ in range(5))
    place.record(case, *(reply(key) for key in (sent, failed, bounced, withdrawn, retried)))
    place.record(case, e.ReplySent(reply_id=sent, sent_at=MONDAY + HOUR))
    place.record(case, e.DeliveryFailed(reply_id=failed, reason="no_such_user", permanent=True))
    place.record(case, e.ReplySent(reply_id=bounced, sent_at=MONDAY + HOUR))
    place.record(case, e.DeliveryFailed(reply_id=bounced, reason="mailbox_full", permanent=True))
    place.record(case, e.ReplyWithdrawn(reply_id=withdrawn))
    place.record(case, e.DeliveryFailed(reply_id=retried, reason="try_later", permanent=False))
    states = {entry.entry_id: (entry.state, entry.reason) for entry in said(place, case)}
    assert states == {
        case: ("received", ""),
        sent: ("sent", ""),
        failed: ("failed", "no_such_user"),
        bounced: ("failed", "mailbox_full"),
        withdrawn: ("withdrawn", ""),
        retried: ("written", "try_later"),
    }


def test_the_thread_of_a_main_case_holds_its_duplicates_words(place: Place) -> None:
    main = place.open(at=MONDAY)
    twin = place.open(at=MONDAY + HOUR)
    assert [entry.case_id for entry in said(place, main, twin)] == [main, twin]


def test_the_thread_as_of_a_version_holds_what_had_been_said_by_then(place: Place) -> None:
    case = place.open()
    place.record(case, reply(new()))
    assert len(said(place, case, upto=2)) == 1
    assert len(said(place, case, upto=3)) == 2
