"""Does every process end when it is asked to, in the middle of its work, and is nothing lost by it?"""

from pathlib import Path

import pytest

from tests.journeys.books import assert_balanced
from tests.journeys.post import letters, put_into_maildir
from tests.journeys.running import Running
from tests.servers import Outbox

PROCESSES = ("mail", "worker", "projector", "clock")

pytestmark = pytest.mark.timeout(300)
FEW_SECONDS = 8


@pytest.mark.parametrize("town_settings", [pytest.param("sqlite", marks=pytest.mark.full), "postgresql"], indirect=True)
def test_every_process_ends_in_seconds_when_asked_and_goes_on_where_it_was(
    maildir_town: Running, tmp_path: Path, smtp_server: Outbox
) -> None:
    raws = letters(40, seed=5)
    put_into_maildir(tmp_path / "mail", raws)
    maildir_town.start(*PROCESSES)
    maildir_town.wait_until(lambda: maildir_town.taken_in() >= 5, "5 messages are taken in")
    ended = maildir_town.stop_all()
    print("\n", ", ".join(f"{name} ended in {seconds:.1f} s" for name, (_, seconds) in ended.items()))
    assert {name: code for name, (code, _) in ended.items()} == dict.fromkeys(PROCESSES, 0)
    assert max(seconds for _, seconds in ended.values()) < FEW_SECONDS

    maildir_town.start(*PROCESSES)
    maildir_town.settle(len(raws))
    maildir_town.stop_all()
    assert_balanced(maildir_town, raws, smtp_server)
