"""Is it known of every reply what became of it?"""

from datetime import timedelta

from gru.domain import events as e
from gru.storage.databases import reading
from projections import deliveries
from tests.projections.places import MONDAY, Place, new, reply

HOUR = timedelta(hours=1)


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
        assert [one.reply_id for one in deliveries.failed(connection, MONDAY)] == [failed]
        assert deliveries.failed(connection, MONDAY + 4 * HOUR) == ()
        assert [one.reply_id for one in deliveries.under_way(connection, MONDAY + 2 * HOUR)] == [going, retrying]
        assert deliveries.under_way(connection, MONDAY) == ()


def test_what_failed_at_first_and_was_sent_then_is_sent(place: Place) -> None:
    case, key = place.open(), new()
    place.record(case, reply(key), e.DeliveryFailed(reply_id=key, reason="later", permanent=False))
    place.record(case, e.ReplySent(reply_id=key, sent_at=MONDAY + HOUR))
    place.project()
    with reading(place.databases.views) as connection:
        [one] = deliveries.of_case(connection, case)
    assert (one.state, one.reason, one.sent_at, one.failures) == ("sent", "", MONDAY + HOUR, 1)
