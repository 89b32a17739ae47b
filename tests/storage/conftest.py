"""On which databases is what is stored tried? On both; and what is written in these tests' logs?"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gru.domain.events import CaseOpened
from gru.domain.references import new_id
from gru.storage.databases import Databases, open_postgresql, open_sqlite
from gru.storage.log import Log, open_log
from tests.servers import Database, fresh_database

AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


def new_stream() -> str:
    return new_id(AT, os.urandom(10))


def opened(site: str = "mairie") -> CaseOpened:
    return CaseOpened(channel="email", site=site, received_at=AT, town_version=1, department="voirie")


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Fresh and empty: no schema and no table is there yet."""
    if request.param == "sqlite":
        places = open_sqlite(tmp_path / "data")
        yield places
        places.close()
        return
    main: Database = request.getfixturevalue("postgres_database")
    with fresh_database(request.getfixturevalue("postgres_url")) as keys:
        places = open_postgresql(main.dsn, keys.dsn)
        yield places
        places.close()


@pytest.fixture
def log(databases: Databases) -> Iterator[Log]:
    """An empty log."""
    empty = open_log(databases.kind, databases.log_url)
    yield empty
    empty.close()
