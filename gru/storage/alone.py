"""How does one process have something to itself until it ends, however it ends?

The lock is the system's, and goes with its holder: with a connection of PostgreSQL, whatever host it comes from, or
with an open file beside the database of SQLite, which lies on one host. Child processes hold it with their parent.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

PATIENCE = "1s"
_LOCK = 0x47525533
_SINCE = text(
    "SELECT held.query_start FROM pg_locks JOIN pg_stat_activity AS held USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND objid = :lock"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Busy(Exception):
    """Another has it, `since` then."""

    def __init__(self, what: str, since: datetime) -> None:
        super().__init__(
            f"Another {what} has been running since {since:%Y-%m-%d %H:%M} UTC: let it end, then ask again."
        )
        self.since = since


@contextmanager
def alone(engine: Engine, what: str) -> Iterator[None]:
    """Nobody else does `what` in this database meanwhile; raises `Busy` when somebody does."""
    held = _by_connection(engine, what) if engine.dialect.name == "postgresql" else _by_file(engine, what)
    with held:
        yield


@contextmanager
def _by_connection(engine: Engine, what: str) -> Iterator[None]:
    """A connection of its own that says nothing else: its last word is when it began. The server may need a moment to
    notice that the one before has gone."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
        try:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        except OperationalError:
            raise Busy(what, connection.scalar(_SINCE, {"lock": _LOCK}) or datetime.now(UTC)) from None
        yield


@contextmanager
def _by_file(engine: Engine, what: str) -> Iterator[None]:
    handle = os.open(f"{engine.url.database}.{what}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(what, datetime.fromtimestamp(os.fstat(handle).st_mtime, UTC)) from None
        os.utime(handle)
        yield
    finally:
        os.close(handle)
