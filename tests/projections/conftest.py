"""On which databases are the projections tried? On both, each time with an empty log and empty views."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.made import postgresql_place as postgresql_place
from tests.made import sqlite_place as sqlite_place
from tests.projections.places import KINDS, Place, empty_place


@pytest.fixture(params=KINDS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Gives an empty place at every call; the one before is closed."""
    places: list[Place] = []
    numbers = count()

    def another() -> Place:
        if places:
            places.pop().close()
        places.append(empty_place(request.param, request, tmp_path / f"town{next(numbers)}"))
        return places[-1]

    yield another
    for place in places:
        place.close()


@pytest.fixture
def place(fresh: Callable[[], Place]) -> Place:
    """An empty log and empty views."""
    return fresh()
