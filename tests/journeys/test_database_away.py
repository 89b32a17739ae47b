"""What if the database goes away for a while? Every process waits, goes on by itself, and nothing is lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.books import assert_balanced
from tests.journeys.post import letters, put_into_maildir
from tests.journeys.running import running_town
from tests.servers import Outbox
from tests.servers.line import Line

PROCESSES = ("mail", "worker", "projector", "clock")
AWAY_SECONDS = 4

pytestmark = pytest.mark.timeout(300)


@contextmanager
def over_a_line(settings: dict[str, str]) -> Iterator[tuple[Line, dict[str, str]]]:
    """The same settings, with both databases behind a line that can go down."""
    port = urlsplit(settings["GRU_DATABASE_URL"]).port
    assert port
    line = Line(port)
    names = ("GRU_DATABASE_URL", "GRU_KEYS_DATABASE_URL")
    try:
        yield line, {**settings, **{name: settings[name].replace(f":{port}/", f":{line.port}/") for name in names}}
    finally:
        line.close()


@pytest.mark.parametrize("town_settings", ["postgresql"], indirect=True)
def test_processes_outlive_a_database_that_is_away_for_a_while(
    town_settings: dict[str, str], tmp_path: Path, smtp_server: Outbox
) -> None:
    raws = letters(40, seed=11)
    mailbox = {"GRU_MAILBOXES": f"maildir://{tmp_path / 'mail'}"}
    with over_a_line(town_settings) as (line, behind), running_town(tmp_path, **town_settings, **mailbox) as town:
        town.are_told(behind)
        put_into_maildir(tmp_path / "mail", raws[:20], "before")
        town.start(*PROCESSES)
        town.wait_until(lambda: town.taken_in() >= 5, "5 messages are taken in")
        line.down()
        put_into_maildir(tmp_path / "mail", raws[20:], "meanwhile")
        time.sleep(AWAY_SECONDS)
        assert town.ended_by_themselves() == []
        line.up()
        town.settle(len(raws))
        town.stop_all()
        assert_balanced(town, raws, smtp_server)
