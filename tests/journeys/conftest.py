"""Where does a journey take place? In a copy of a town made once for each database and test process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.post import imap_url, smtp_url
from tests.journeys.running import Running, running_town
from tests.journeys.towns import Journey, found_town, open_journey, settings_for
from tests.servers import Database, Mailbox, Outbox, fresh_database


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    found_town(settings_for(folder))
    return folder


@pytest.fixture(scope="session")
def postgresql_town(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    with fresh_database(postgres_url) as main, fresh_database(postgres_url) as keys:
        found_town(settings_for(tmp_path_factory.mktemp("town"), main.dsn, keys.dsn))
        yield main, keys


@pytest.fixture(params=["sqlite", "postgresql"])
def journey(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journey]:
    if request.param == "sqlite":
        data = tmp_path / "town"
        shutil.copytree(request.getfixturevalue("sqlite_town"), data)
        with open_journey(settings_for(data)) as opened:
            yield opened
        return
    admin: str = request.getfixturevalue("postgres_url")
    first_main, first_keys = request.getfixturevalue("postgresql_town")
    with (
        fresh_database(admin, first_main.name) as main,
        fresh_database(admin, first_keys.name) as keys,
        open_journey(settings_for(tmp_path, main.dsn, keys.dsn)) as opened,
    ):
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def town_settings(request: pytest.FixtureRequest, tmp_path: Path, smtp_server: Outbox) -> Iterator[dict[str, str]]:
    """What processes are told of a town of their own, whose mail leaves over SMTP."""
    settings = {"GRU_SMTP_URL": smtp_url(smtp_server)}
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_town"), tmp_path / "town")
        yield settings
        return
    admin: str = request.getfixturevalue("postgres_url")
    first_main, first_keys = request.getfixturevalue("postgresql_town")
    with fresh_database(admin, first_main.name) as main, fresh_database(admin, first_keys.name) as keys:
        yield {**settings, "GRU_DATABASE_URL": main.dsn, "GRU_KEYS_DATABASE_URL": keys.dsn}


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
