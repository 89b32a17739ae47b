"""Can several hosts serve one town? Two of each process on one PostgreSQL and one Redis, which forgets everything."""

from pathlib import Path

import pytest
from redis import Redis

from tests.journeys.books import assert_balanced, numbers_left_out, sent_again
from tests.journeys.post import imap_url, letters, put_into_imap
from tests.journeys.running import running_town
from tests.servers import Mailbox, Outbox

ONE = ("mail", "worker", "projector", "clock")
ANOTHER = tuple(f"{name}-2" for name in ONE)

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("town_settings", ["postgresql"], indirect=True)
def test_two_hosts_and_a_redis_that_forgets_lose_and_double_nothing(
    town_settings: dict[str, str], tmp_path: Path, redis_url: str, imap_server: Mailbox, smtp_server: Outbox
) -> None:
    raws = letters(60, seed=3)
    shared = {**town_settings, "GRU_REDIS_URL": redis_url, "GRU_MAILBOXES": imap_url(imap_server)}
    with running_town(tmp_path, **shared) as town:
        put_into_imap(imap_server, raws[:30])
        town.start(*ONE, *ANOTHER)
        town.wait_until(lambda: town.taken_in() >= 10, "10 messages are taken in")
        with Redis.from_url(redis_url) as client:
            client.flushall()
        put_into_imap(imap_server, raws[30:])
        town.settle(len(raws))
        codes = town.stop_all()
        assert {code for code, _ in codes.values()} == {0}, codes
        books = assert_balanced(town, raws, smtp_server)
        print(f"\n{sent_again(smtp_server)} sent twice, {numbers_left_out(books)} numbers left out")
    assert sorted(imap_server.messages()) == sorted(raws)
