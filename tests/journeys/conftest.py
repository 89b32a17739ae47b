"""Where does a journey take place?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.towns import Journey, open_journey, settings_for
from tests.servers import Database, fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def journey(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journey]:
    if request.param == "sqlite":
        with open_journey(settings_for(tmp_path)) as opened:
            yield opened
        return
    main: Database = request.getfixturevalue("postgres_database")
    with (
        fresh_database(request.getfixturevalue("postgres_url")) as keys,
        open_journey(settings_for(tmp_path, main.dsn, keys.dsn)) as opened,
    ):
        yield opened
