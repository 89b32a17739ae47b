"""Is it known of every reply what became of it?"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement

from gru.domain import events as e
from gru.domain.rights import Scope
from gru.storage.databases import reading
from projections import case_file, deliveries
from tests.projections.places import EVERYTHING, MONDAY, Place, new, reply

HOUR = timedelta(hours=1)


def listed(place: Place, wanted: ColumnElement[bool], scope: Scope = EVERYTHING) -> list[str]:
    """The ids on a page of what waits, of the cases this scope shows; counted the same."""
    place.project()
    with reading(place.databases.views) as connection:
        found = deliveries.page(connection, wanted, case_file.visible(scope), 50)
        assert deliveries.count(connection, wanted, case_file.visible(scope)) == len(found)
    return [one.reply_id for one in found]


def lost(key: str, **more: Any) -> tuple[e.Event, ...]:
    return reply(key, **more), e.DeliveryFailed(reply_id=key, reason="bounce_5", permanent=True)


def test_what_did_not_arrive_waits_until_something_later_reaches_the_same_person(place: Place) -> None:
    case, other, first, second, aside = place.open(), place.open(), new(), new(), new()
    place.record(case, *lost(first, to="p1"), *lost(aside, to="p2"), at=MONDAY + HOUR)
    place.record(other, reply(new(), to="p1"), at=MONDAY + HOUR)
    assert set(listed(place, deliveries.unanswered())) == {first, aside}
    place.record(
        case, reply(second, to="p1"), e.ReplySent(reply_id=second, sent_at=MONDAY + 2 * HOUR), at=MONDAY + 2 * HOUR
    )
    assert listed(place, deliveries.unanswered()) == [aside]
    place.record(case, e.FailureSettled(reply_id=aside, reason="needless"))
    assert listed(place, deliveries.unanswered()) == []


def test_what_reached_him_before_is_no_comfort(place: Place) -> None:
    case, before, after = place.open(), new(), new()
    place.record(case, reply(before, to="p1"), e.ReplySent(reply_id=before, sent_at=MONDAY + HOUR), at=MONDAY + HOUR)
    place.record(case, *lost(after, to="p1"), at=MONDAY + 2 * HOUR)
    assert listed(place, deliveries.unanswered()) == [after]


def test_what_a_person_has_to_say_or_hand_over_waits_for_him(place: Place) -> None:
    case, call, hand, letter, machine = (place.open(), *(new() for _ in range(4)))
    place.record(
        case,
        reply(call, channel="phone"),
        reply(hand, channel="counter"),
        reply(letter, channel="post"),
        reply(machine, channel="counter", human=False),
        at=MONDAY,
    )
    now = MONDAY + HOUR
    assert (listed(place, deliveries.to_call(now)), listed(place, deliveries.to_hand_over(now))) == ([call], [hand])
    assert listed(place, deliveries.late_in_leaving(now)) == []
    place.record(case, e.TellingTried(reply_id=call, try_id="t", tried_at=now))
    with reading(place.databases.views) as connection:
        place.project()
        tried = {one.reply_id: (one.tries, one.tried_at) for one in deliveries.of_case(connection, case)}
    assert (tried[call], tried[hand]) == ((1, now), (0, None))
    place.record(case, e.ReplySent(reply_id=call, sent_at=now))
    assert listed(place, deliveries.to_call(now)) == []


def test_what_may_still_be_taken_back_waits_for_nobody(place: Place) -> None:
    case, call = place.open(), new()
    place.record(case, reply(call, channel="phone", human=True, not_before=MONDAY + HOUR), at=MONDAY)
    assert listed(place, deliveries.to_call(MONDAY)) == []
    assert listed(place, deliveries.to_call(MONDAY + HOUR)) == [call]


def test_nobody_is_shown_a_reply_of_a_case_he_does_not_see(place: Place) -> None:
    case, key = place.open(), new()
    place.record(case, *lost(key))
    assert listed(place, deliveries.unanswered(), Scope()) == []


def test_each_reply_has_its_fate(place: Place) -> None:
    case = place.open()
    going, retrying, sent, failed, withdrawn = (new() for _ in range(5))
    place.record(case, *(reply(key) for key in (going, retrying, sent, failed, withdrawn)), at=MONDAY + HOUR)
    place.record(case, e.DeliveryFailed(reply_id=retrying, reason="later", permanent=False), at=MONDAY + 2 * HOUR)
    place.record(case, e.ReplySent(reply_id=sent, sent_at=MONDAY + 2 * HOUR))
    place.record(case, e.DeliveryFailed(reply_id=failed, reason="gone", permanent=True), at=MONDAY + 3 * HOUR)
    place.record(case, e.ReplyWithdrawn(reply_id=withdrawn))
    place.project()
    with reading(place.databases.views) as connection:
        states = [(one.state, one.failures) for one in deliveries.of_case(connection, case)]
        assert states == [("written", 0), ("retrying", 1), ("sent", 0), ("failed", 1), ("withdrawn", 0)]
    late = deliveries.late_in_leaving(MONDAY + 2 * HOUR)
    assert listed(place, late) == [going, retrying]
    assert listed(place, deliveries.late_in_leaving(MONDAY)) == []


def test_what_failed_at_first_and_was_sent_then_is_sent(place: Place) -> None:
    case, key = place.open(), new()
    place.record(case, reply(key), e.DeliveryFailed(reply_id=key, reason="later", permanent=False))
    place.record(case, e.ReplySent(reply_id=key, sent_at=MONDAY + HOUR))
    place.project()
    with reading(place.databases.views) as connection:
        [one] = deliveries.of_case(connection, case)
    assert (one.state, one.reason, one.sent_at, one.failures) == ("sent", "", MONDAY + HOUR, 1)
