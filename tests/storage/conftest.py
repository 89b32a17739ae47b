"""On which databases is what is stored tried? On both; and what is written in these tests' logs?"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gru.domain.events import CaseOpened
from gru.domain.references import new_id
from gru.storage.databases import Databases, open_postgresql, open_sqlite
from gru.storage.log import Log, open_log
from tests.made import postgresql_tables as postgresql_tables
from tests.made import sqlite_tables as sqlite_tables
from tests.servers import fresh_database
from tests.servers.recycled import Recycled

AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


def new_stream() -> str:
    return new_id(AT, os.urandom(10))


def opened(site: str = "mairie") -> CaseOpened:
    return CaseOpened(channel="email", site=site, received_at=AT, town_version=1, department="voirie")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """No schema and no table is there yet."""
    if request.param == "sqlite":
        with closing(open_sqlite(tmp_path / "data")) as places:
            yield places
        return
    admin: str = request.getfixturevalue("postgres_url")
    with (
        fresh_database(admin) as main,
        fresh_database(admin) as keys,
        closing(open_postgresql(main.dsn, keys.dsn)) as places,
    ):
        yield places


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Every table is there and holds nothing."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_tables"), tmp_path / "data")
        opened = open_sqlite(tmp_path / "data")
    else:
        pair: Recycled = request.getfixturevalue("postgresql_tables")
        opened = open_postgresql(*pair.as_made())
    with closing(opened) as places:
        yield places


@pytest.fixture
def log(databases: Databases) -> Iterator[Log]:
    """An empty log."""
    empty = open_log(databases.kind, databases.log_url)
    yield empty
    empty.close()
