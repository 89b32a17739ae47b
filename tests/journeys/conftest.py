"""Where does a journey take place? In a copy of a town made once for each database and test process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.post import imap_url, smtp_url
from tests.journeys.running import Running, running_town
from tests.journeys.towns import Journey, open_journey, settings_for
from tests.made import postgresql_town as postgresql_town
from tests.made import sqlite_town as sqlite_town
from tests.servers import Mailbox, Outbox
from tests.servers.recycled import Recycled


@pytest.fixture(params=["sqlite", "postgresql"])
def journey(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journey]:
    if request.param == "sqlite":
        data = tmp_path / "town"
        shutil.copytree(request.getfixturevalue("sqlite_town"), data)
        with open_journey(settings_for(data)) as opened:
            yield opened
        return
    pair: Recycled = request.getfixturevalue("postgresql_town")
    with open_journey(settings_for(tmp_path, *pair.as_made())) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def town_settings(request: pytest.FixtureRequest, tmp_path: Path, smtp_server: Outbox) -> Iterator[dict[str, str]]:
    """What processes are told of a town of their own, whose mail leaves over SMTP."""
    settings = {"GRU_SMTP_URL": smtp_url(smtp_server)}
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_town"), tmp_path / "town")
        yield settings
        return
    pair: Recycled = request.getfixturevalue("postgresql_town")
    with pair.copied() as (main, keys):
        yield {**settings, "GRU_DATABASE_URL": main, "GRU_KEYS_DATABASE_URL": keys}


@pytest.fixture
def maildir_town(town_settings: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    """A town with nothing running yet, whose mail arrives in the folder `mail`."""
    with running_town(tmp_path, GRU_MAILBOXES=f"maildir://{tmp_path / 'mail'}", **town_settings) as town:
        yield town


@pytest.fixture
def imap_town(town_settings: dict[str, str], tmp_path: Path, imap_server: Mailbox) -> Iterator[Running]:
    """The same with its mailbox on an IMAP server, where what is kept is moved away."""
    with running_town(tmp_path, GRU_MAILBOXES=f"{imap_url(imap_server)}?done=Traites", **town_settings) as town:
        yield town
