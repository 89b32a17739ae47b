"""Where does a journey take place? In a copy of a town made once for each database and test process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.towns import Journey, found_town, open_journey, settings_for
from tests.servers import Database, fresh_database


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
