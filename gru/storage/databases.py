"""Which databases are there, and how does a transaction begin in each?

SQLite: one file each for log, views, work, archive and keys in the data folder, so that nobody's writing holds up a
save. PostgreSQL: schemas of the same names in one database, the keys in a database of their own.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

Kind = Literal["sqlite", "postgresql"]
RESTED_SECONDS = 5.0
SCHEMAS = ("log", "views", "work", "archive")


@dataclass(frozen=True)
class Databases:
    """One engine for each place; on PostgreSQL all but `keys` share one pool. `log_url` is for the log's recorder."""

    kind: Kind
    log_url: str
    views: Engine
    work: Engine
    archive: Engine
    keys: Engine

    def close(self) -> None:
        for engine in (self.views, self.work, self.archive, self.keys):
            engine.dispose()


def open_sqlite(folder: Path) -> Databases:
    """Files `log.db`, `views.db`, `work.db`, `archive.db`, `keys.db` in `folder`, made if need be for its owner."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engines = {name: _sqlite_engine(folder / f"{name}.db", name) for name in ("views", "work", "archive", "keys")}
    return Databases("sqlite", str(folder / "log.db"), **engines)


def open_postgresql(url: str, keys_url: str, pool_size: int = 5) -> Databases:
    """`url` and `keys_url` as `postgresql://user:password@host/name`; they must name two databases."""
    main = _postgresql_engine(url, pool_size, pool_size)
    keys = _postgresql_engine(keys_url, 2, pool_size)
    return Databases("postgresql", url, main, main, main, keys)


def _postgresql_engine(url: str, size: int, more: int) -> Engine:
    """A connection that has rested is asked whether it still stands before it is used."""
    engine = create_engine(_with_driver(url), pool_size=size, max_overflow=more, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def begins(connection: Any, record: ConnectionPoolEntry) -> None:
        """To compile a question costs half a second of processor and more, for answers that take some milliseconds."""
        connection.execute("SET jit TO off")
        connection.commit()

    @event.listens_for(engine, "checkin")
    def rests(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def stands(connection: Any, record: ConnectionPoolEntry, proxy: object) -> None:
        if time.monotonic() - record.info.get("rests_since", float("inf")) > RESTED_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    return engine


def _with_driver(url: str) -> str:
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else f"{scheme}://{rest}"


def _sqlite_engine(path: Path, name: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": 10, "check_same_thread": False},
        execution_options={"schema_translate_map": {name: None}},
        hide_parameters=True,
    )
    synchronous = "NORMAL" if name == "views" else "FULL"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "busy_timeout=10000", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """A reader's BEGIN waits for nobody, so it takes the short way past SQLAlchemy."""
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.connection.cursor().execute("BEGIN")

    return engine


class _FairLock:
    """First come, first served: SQLite's own busy handler lets a hot writer starve the others of its process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: list[threading.Lock] = []

    def __enter__(self) -> None:
        mine = threading.Lock()
        mine.acquire()
        with self._guard:
            self._queue.append(mine)
            first = len(self._queue) == 1
        if not first:
            mine.acquire()

    def __exit__(self, *exc: object) -> None:
        with self._guard:
            self._queue.pop(0)
            if self._queue:
                self._queue[0].release()


_locks: dict[str, _FairLock] = {}
_locks_guard = threading.Lock()


def _lock_of(engine: Engine) -> _FairLock:
    with _locks_guard:
        return _locks.setdefault(str(engine.url), _FairLock())


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write. On SQLite it takes the write lock at once (BEGIN IMMEDIATE), in turn."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with _lock_of(engine), engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; it never waits for a writer."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """The same, where all statements see one and the same moment: what a report counts must add up."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def checkpoint(engine: Engine) -> bool:
    """SQLite: bring the journal's pages home and cut it, so that no older page can be read there."""
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        for _ in range(3):
            busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                return True
            time.sleep(0.05)
        return False
    finally:
        raw.close()
