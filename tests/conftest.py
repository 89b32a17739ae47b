"""What can every test ask for?"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.order import dealt
from tests.servers import (
    Database,
    Mailbox,
    Outbox,
    browser,
    find_browser,
    find_imap,
    find_postgres,
    find_redis,
    fresh_database,
    imap,
    need,
    postgres,
    redis,
    smtp,
)
from tests.servers.corpus import find_corpus
from tests.servers.needs import must_have_everything
from tests.servers.postgres import given_postgres

gc.disable()  # until all is imported

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if must_have_everything() else "here")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where workers share them; those that are not asked for are gone from the list."""
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = dealt(items, workers)


def pytest_collection_finish() -> None:
    """What is imported by now stays: to look through it for garbage again and again is a fifth of a worker's time."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(5000, 20, 50)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real and invented letters and webhooks."""
    return need(find_corpus)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An administrator's address of a PostgreSQL server."""
    if not given_postgres():
        need(find_postgres)
    with postgres() as address:
        yield address


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """A fresh, empty database: `.dsn` for psycopg, `.url` for SQLAlchemy."""
    with fresh_database(postgres_url) as database:
        yield database


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    need(find_redis)
    with redis() as address:
        yield address


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """An empty Redis."""
    from redis import Redis

    with Redis.from_url(_redis_server) as client:
        client.flushall()
    return _redis_server


@pytest.fixture(scope="session")
def _mailbox() -> Iterator[Mailbox]:
    need(find_imap)
    with imap() as mailbox:
        yield mailbox


@pytest.fixture
def imap_server(_mailbox: Mailbox) -> Mailbox:
    """An empty mailbox."""
    _mailbox.clear()
    return _mailbox


@pytest.fixture(scope="session")
def _outbox() -> Iterator[Outbox]:
    with smtp() as outbox:
        yield outbox


@pytest.fixture
def smtp_server(_outbox: Outbox) -> Outbox:
    """An SMTP server that has received nothing yet and accepts everything."""
    _outbox.clear()
    return _outbox


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """A browser, for tests that make a context of their own in it."""
    need(find_browser)
    with browser() as started:
        yield started
