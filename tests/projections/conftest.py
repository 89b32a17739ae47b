"""On which databases are the projections tried? On both, each time with an empty log and empty views."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from gru.storage.databases import open_postgresql, open_sqlite
from tests.projections.places import Place
from tests.servers import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Gives an empty place at every call; the one before is closed."""
    places: list[Place] = []
    numbers = count()

    def another() -> Place:
        if places:
            places.pop().close()
        if request.param == "sqlite":
            databases = open_sqlite(tmp_path / f"town{next(numbers)}")
        else:
            database: Database = request.getfixturevalue("postgres_database")
            with psycopg.connect(database.dsn, autocommit=True) as connection:
                connection.execute("DROP SCHEMA IF EXISTS log, views CASCADE")
            databases = open_postgresql(database.dsn, database.dsn)
        places.append(Place(databases))
        return places[-1]

    yield another
    for place in places:
        place.close()


@pytest.fixture
def place(fresh: Callable[[], Place]) -> Place:
    """An empty log and empty views."""
    return fresh()
