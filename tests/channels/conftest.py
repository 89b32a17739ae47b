"""Which mailboxes can the tests of the channels ask for?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gru.storage.databases import Databases, open_sqlite
from gru.storage.migrations import migrate
from gru.storage.work import Work
from tests.channels.imap_post import DONE, Post, opened
from tests.channels.test_maildir import Folder
from tests.servers import Mailbox


@pytest.fixture(params=[DONE, ""], ids=["moved", "left"])
def post(request: pytest.FixtureRequest, imap_server: Mailbox) -> Iterator[Post]:
    """Both ways."""
    with opened(imap_server, request.param) as found:
        yield found


@pytest.fixture
def moving(imap_server: Mailbox) -> Iterator[Post]:
    with opened(imap_server, DONE) as found:
        yield found


@pytest.fixture
def leaving(imap_server: Mailbox) -> Iterator[Post]:
    with opened(imap_server, "") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "boite")


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    places = open_sqlite(tmp_path / "data")
    migrate(places)
    yield places
    places.close()


@pytest.fixture
def work(databases: Databases) -> Work:
    return Work(databases.work)
