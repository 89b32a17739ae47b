"""What if the database of what is to be done is lost between two runs? Nobody is written to a second time."""

from pathlib import Path

import pytest

from tests.journeys.books import assert_balanced
from tests.journeys.post import letters, put_into_maildir
from tests.journeys.running import Running
from tests.servers import Outbox

PROCESSES = ("mail", "worker", "projector")

pytestmark = pytest.mark.timeout(300)


def lose_work(folder: Path) -> None:
    for file in folder.glob("work.db*"):
        file.unlink()


@pytest.mark.parametrize("town_settings", ["sqlite"], indirect=True)
def test_a_town_that_lost_its_work_mails_nothing_until_somebody_says_where_to_go_on(
    maildir_town: Running, tmp_path: Path, smtp_server: Outbox
) -> None:
    town, raws = maildir_town, letters(6, seed=9)
    put_into_maildir(tmp_path / "mail", raws[:5])
    town.start(*PROCESSES)
    town.settle(5)
    town.stop_all()
    assert len(smtp_server.messages) == 5
    town.office.databases.work.dispose()
    lose_work(tmp_path / "town")

    assert town.gru("migrate").returncode == 0
    put_into_maildir(tmp_path / "mail", raws[5:], "later")
    town.start(*PROCESSES)
    town.wait_until(lambda: "gru recover" in town.said("worker"), "the worker says what to do")
    town.stop_all()
    assert len(smtp_server.messages) == 5

    recovered = town.gru("recover")
    assert recovered.returncode == 0, recovered.stderr
    town.start(*PROCESSES)
    town.settle(6)
    town.stop_all()
    assert_balanced(town, raws, smtp_server)
