"""How does the log lie in SQLite?

The library's recorder with an explicit position that is never given twice, `BEGIN IMMEDIATE` for every writer,
`synchronous=FULL`, and its own way of noticing what other processes write.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    IntegrityError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from gru.storage.log.bell import Bell
from gru.storage.log.envelope import DIGEST, Raw, Row
from gru.storage.log.store import TABLE, LogUnavailable, Part, Tails, Taken

T = TypeVar("T")

BUSY_SECONDS = 30
POLL_SECONDS = 0.05
_COLUMNS = "originator_id, originator_version, topic, state"
_SELECT = f"SELECT rowid, {_COLUMNS} FROM {TABLE} "
_INSERT = f"INSERT INTO {TABLE} ({_COLUMNS}) VALUES (?, ?, ?, ?)"
_TAILS = f"""SELECT originator_id, originator_version, substr(state, 1, {DIGEST}) FROM {TABLE}
    WHERE (originator_id, originator_version) IN (SELECT originator_id, max(originator_version) FROM {TABLE}
        WHERE originator_id IN (SELECT value FROM json_each(?)) GROUP BY originator_id)"""


class _Transaction(SQLiteTransaction):
    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error
        return cursor

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        except BaseException:
            self.connection.rollback()
            raise


class _Connection(SQLiteConnection):
    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with _Transaction(self, commit=commit) as cursor, cursor:
            yield cursor


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
        return _Connection(cursor.connection, self.max_age)


class Datastore(SQLiteDatastore):
    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.pool = _Pool(db_name=path, lock_timeout=BUSY_SECONDS, pool_timeout=BUSY_SECONDS)


class Recorder(SQLiteApplicationRecorder):
    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = TABLE) -> None:
        super().__init__(datastore, events_table_name)
        self.insert_events_statement = _INSERT

    def construct_create_table_statements(self) -> list[str]:
        return [
            f"CREATE TABLE IF NOT EXISTS {self.events_table_name} (rowid INTEGER PRIMARY KEY AUTOINCREMENT, "
            "originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL, topic TEXT NOT NULL, "
            "state BLOB NOT NULL CHECK (typeof(state) = 'blob'), UNIQUE (originator_id, originator_version))"
        ]


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (PersistenceError, ConnectionPoolClosedError, sqlite3.Error) as error:
        raise LogUnavailable(str(error)) from error


class SqliteBulk:
    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor

    def tails(self, streams: Collection[str]) -> Tails:
        self._cursor.execute(_TAILS, (json.dumps(list(streams)),))
        return {stream: (version, digest) for stream, version, digest in self._cursor.fetchall()}

    def write(self, rows: Iterable[Row]) -> None:
        self._cursor.executemany(_INSERT, rows)


class SqliteStore:
    def __init__(self, path: str) -> None:
        self._path = path
        with _answering():
            self._datastore, self._recorder = _patiently(partial(_opened, path))

    def insert(self, rows: Sequence[Row]) -> Sequence[int]:
        events = [StoredEvent(UUID(stream), version, name, state) for stream, version, name, state in rows]
        with _answering():
            try:
                positions = self._recorder.insert_events(events)
            except IntegrityError as error:
                raise self._taken(rows) or error from error
        assert positions is not None
        return positions

    def stream(self, stream_id: str, after: int, upto: int | None) -> list[Raw]:
        where = "WHERE originator_id = ? AND originator_version > ?"
        if upto is None:
            return self._read(f"{_SELECT} {where} ORDER BY originator_version", (stream_id, after))
        where += " AND originator_version <= ?"
        return self._read(f"{_SELECT} {where} ORDER BY originator_version", (stream_id, after, upto))

    def streams(self, stream_ids: Collection[str]) -> list[Raw]:
        where = "WHERE originator_id IN (SELECT value FROM json_each(?)) ORDER BY originator_id, originator_version"
        return self._read(f"{_SELECT} {where}", (json.dumps(list(stream_ids)),))

    def after(self, position: int, limit: int, names: Collection[str] | None) -> list[Raw]:
        if names is None:
            return self._read(f"{_SELECT} WHERE rowid > ? ORDER BY rowid LIMIT ?", (position, limit))
        where = "WHERE rowid > ? AND topic IN (SELECT value FROM json_each(?))"
        return self._read(f"{_SELECT} {where} ORDER BY rowid LIMIT ?", (position, json.dumps(list(names)), limit))

    def part_after(self, position: int, limit: int, part: Part) -> list[Raw]:
        where = "WHERE rowid > ? AND +originator_id >= ? AND +originator_id < ?"  # +: not by the index of the streams
        return self._read(f"{_SELECT} {where} ORDER BY rowid LIMIT ?", (position, part.first, part.end, limit))

    def head(self) -> int:
        return int(self._read(f"SELECT coalesce(max(rowid), 0) FROM {TABLE}", ())[0][0])

    @contextmanager
    def bulk(self) -> Iterator[SqliteBulk]:
        with _answering(), self._datastore.transaction(commit=True) as cursor:
            cursor.sqlite_cursor.row_factory = None
            yield SqliteBulk(cursor)

    def follow(self, bell: Bell, stopped: threading.Event) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        seen = None
        while not stopped.wait(POLL_SECONDS if seen else 0):
            version = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                bell.ring()
        connection.close()

    def close(self) -> None:
        self._datastore.close()

    def another(self) -> "SqliteStore":
        return SqliteStore(self._path)

    def _read(self, statement: str, values: Sequence[Any]) -> list[Any]:
        with _answering(), self._datastore.get_connection(commit=False) as connection, connection.cursor() as cursor:
            cursor.row_factory = None
            try:
                return cursor.execute(statement, values).fetchall()
            except sqlite3.OperationalError as error:
                if "decode to UTF-8" not in str(error):
                    raise
                return _read_damaged(cursor, statement, values)

    def _taken(self, rows: Sequence[Row]) -> Taken | None:
        streams = [stream for stream, version, *_ in rows if self.stream(stream, version - 1, version)]
        return Taken(list(dict.fromkeys(streams))) if streams else None


def _read_damaged(cursor: sqlite3.Cursor, statement: str, values: Sequence[Any]) -> list[Any]:
    """With what is no text written as escapes, so that `verify` can name the row."""
    cursor.connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")
    try:
        return cursor.execute(statement, values).fetchall()
    finally:
        cursor.connection.text_factory = str


def _opened(path: str) -> tuple[Datastore, Recorder]:
    """Each try with connections of its own: a pool whose first one was refused waits for it without end."""
    datastore = Datastore(path)
    recorder = Recorder(datastore)
    try:
        recorder.create_table()
    except BaseException:
        datastore.close()
        raise
    return datastore, recorder


def _patiently(act: Callable[[], T]) -> T:
    """Switching a new file to WAL refuses at once while another process does the same."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return act()
        except (PersistenceError, sqlite3.OperationalError) as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
