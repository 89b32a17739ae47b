"""What is made once in a test process, so that each test begins with a copy? Tables, empty views, a town.

A folder's `conftest.py` imports those its tests need.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gru.storage.databases import Databases, open_postgresql, open_sqlite
from gru.storage.log import open_log
from gru.storage.migrations import migrate
from tests.journeys.towns import found_town, settings_for
from tests.projections.places import Place
from tests.servers.recycled import Recycled, recycling


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table that migrations make, and none of the log or of the views."""
    folder = tmp_path_factory.mktemp("tables")
    with closing(open_sqlite(folder)) as databases:
        migrate(databases)
    return folder


@pytest.fixture(scope="session")
def postgresql_tables(postgres_url: str) -> Iterator[Recycled]:
    """The same, with the log's table."""

    def prepare(main: str, keys: str) -> None:
        with closing(open_postgresql(main, keys)) as databases:
            migrate(databases)
            open_log(databases.kind, databases.log_url).close()

    with recycling(postgres_url, prepare) as pair:
        yield pair


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty log and empty views."""
    folder = tmp_path_factory.mktemp("place")
    _prepared(open_sqlite(folder))
    return folder


@pytest.fixture(scope="session")
def postgresql_place(postgres_url: str) -> Iterator[Recycled]:
    with recycling(postgres_url, lambda main, keys: _prepared(open_postgresql(main, main))) as pair:
        yield pair


def _prepared(databases: Databases) -> None:
    """With every other table, which some of these tests fill as well."""
    migrate(databases)
    Place(databases).close()


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample town, founded."""
    folder = tmp_path_factory.mktemp("town")
    found_town(settings_for(folder))
    return folder


@pytest.fixture(scope="session")
def postgresql_town(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recycled]:
    folder = tmp_path_factory.mktemp("town")
    with recycling(postgres_url, lambda main, keys: found_town(settings_for(folder, main, keys))) as pair:
        yield pair
