"""How does the log lie in PostgreSQL?

The library's recorder with an advisory lock in place of `LOCK TABLE`, which would stall behind VACUUM. Its database
functions are never enabled: they insert without any lock, and a tailing reader loses events.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg import Cursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL, Literal

from gru.storage.log.bell import Bell
from gru.storage.log.envelope import DIGEST, Raw, Row
from gru.storage.log.store import TABLE, LogUnavailable, Part, Tails, Taken

LOCK = 0x475255
CHANNEL = "gru_log"
_MAIN_WORDS = ("dbname", "host", "port", "user", "password")
_STREAM = "encode(uuid_send(originator_id), 'hex')"
_SELECT = f"SELECT notification_id, {_STREAM}, originator_version, topic, state FROM log.{TABLE} "
_COPY = f"COPY log.{TABLE} (originator_id, originator_version, topic, state) FROM STDIN (FORMAT BINARY)"
_TAILS = f"""SELECT encode(uuid_send(s.id), 'hex'), t.originator_version, substring(t.state FROM 1 FOR {DIGEST})
    FROM unnest(%s::uuid[]) AS s (id) CROSS JOIN LATERAL (SELECT originator_version, state FROM log.{TABLE}
        WHERE originator_id = s.id ORDER BY originator_version DESC LIMIT 1) AS t"""


class Datastore(PostgresDatastore):
    """A small pool: one connection at rest, ten at most; the thread that listens has one more of its own.

    Nobody waits longer than two seconds for a connection, but reading tries five times and writing ten.
    """

    def __init__(self, conninfo: str) -> None:
        words = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
        dbname, host, port, user, password = (words.pop(key, "") for key in _MAIN_WORDS)
        super().__init__(
            dbname,
            host,
            port,
            user,
            password,
            pool_size=1,
            max_overflow=9,
            connect_timeout=2,
            idle_in_transaction_session_timeout=30,
            schema="log",
        )
        assert isinstance(self.pool.kwargs, dict)
        self.pool.kwargs.update(words)


class Recorder(PostgresApplicationRecorder):
    def __init__(self, datastore: PostgresDatastore, events_table_name: str = TABLE) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        del self.sql_create_statements[self.create_insert_function_statement_index]
        self.lock_table_statements = [SQL("SELECT pg_advisory_xact_lock({})").format(Literal(LOCK))]
        self.channel_name = CHANNEL

    def _insert_events(
        self,
        curs: Cursor[DictRow],
        stored_events: Sequence[StoredEvent],
        tries: list[int] | None = None,
        **_: Any,
    ) -> None:
        """Called once for every try: after a lost connection the library tries again by itself."""
        if tries is not None:
            tries.append(len(tries))


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (PersistenceError, psycopg.Error) as error:
        raise LogUnavailable(str(error)) from error


class PostgresqlBulk:
    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor
        self._ids: dict[str, UUID] = {}

    def tails(self, streams: Collection[str]) -> Tails:
        self._ids = {stream: UUID(stream) for stream in streams}
        self._cursor.execute(_TAILS, (list(self._ids.values()),))
        return {stream: (version, digest) for stream, version, digest in self._cursor.fetchall()}

    def write(self, rows: Iterable[Row]) -> None:
        ids = self._ids
        with self._cursor.copy(_COPY) as copy:
            copy.set_types(("uuid", "int8", "text", "bytea"))
            for stream, version, name, state in rows:
                copy.write_row((ids[stream], version, name, state))


class PostgresqlStore:
    def __init__(self, url: str) -> None:
        self._conninfo = make_conninfo(url)
        with _answering(), _making_schema(self._conninfo) as missing:
            self._datastore = Datastore(self._conninfo)
            self._recorder = Recorder(self._datastore)
            if missing:
                self._recorder.create_table()

    def insert(self, rows: Sequence[Row]) -> Sequence[int]:
        events = [StoredEvent(UUID(stream), version, name, state) for stream, version, name, state in rows]
        tries: list[int] = []
        with _answering():
            try:
                positions: Sequence[int] | None = self._recorder.insert_events(events, tries=tries)
            except IntegrityError as error:
                positions = self._written_before(rows) if len(tries) > 1 else None
                if positions is None:
                    raise self._taken(rows) or error from error
        assert positions is not None
        return positions

    def stream(self, stream_id: str, after: int, upto: int | None) -> list[Raw]:
        where = "WHERE originator_id = %s AND originator_version > %s"
        if upto is None:
            return self._read(f"{_SELECT} {where} ORDER BY originator_version", (UUID(stream_id), after))
        where += " AND originator_version <= %s"
        return self._read(f"{_SELECT} {where} ORDER BY originator_version", (UUID(stream_id), after, upto))

    def streams(self, stream_ids: Collection[str]) -> list[Raw]:
        where = "WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version"
        return self._read(f"{_SELECT} {where}", ([UUID(stream_id) for stream_id in stream_ids],))

    def after(self, position: int, limit: int, names: Collection[str] | None) -> list[Raw]:
        if names is None:
            where = "WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
            return self._read(f"{_SELECT} {where}", (position, limit))
        where = "WHERE notification_id > %s AND topic = ANY(%s) ORDER BY notification_id LIMIT %s"
        return self._read(f"{_SELECT} {where}", (position, list(names), limit))

    def part_after(self, position: int, limit: int, part: Part) -> list[Raw]:
        """The server passes over the other parts, which costs it a tenth of sending them."""
        where = "WHERE notification_id > %s AND uuid_send(originator_id) >= %s AND uuid_send(originator_id) < %s"
        values = (position, bytes.fromhex(part.first), bytes.fromhex(part.end), limit)
        return self._read(f"{_SELECT} {where} ORDER BY notification_id LIMIT %s", values)

    def head(self) -> int:
        return int(self._read(f"SELECT coalesce(max(notification_id), 0) FROM log.{TABLE}", ())[0][0])

    @contextmanager
    def bulk(self) -> Iterator[PostgresqlBulk]:
        with _answering(), self._datastore.get_connection() as connection, connection.transaction():
            connection.execute(self._recorder.lock_table_statements[0])
            yield PostgresqlBulk(connection.cursor(row_factory=tuple_row, binary=True))
            connection.execute(f"NOTIFY {CHANNEL}")

    def follow(self, bell: Bell, stopped: threading.Event) -> None:
        while not stopped.is_set():
            with suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                bell.ring()
                while not stopped.is_set():
                    for _ in connection.notifies(timeout=0.2, stop_after=1):
                        bell.ring()
            stopped.wait(1)

    def close(self) -> None:
        self._datastore.close()

    def another(self) -> "PostgresqlStore":
        return PostgresqlStore(self._conninfo)

    def _read(self, statement: LiteralString, values: Sequence[Any]) -> list[Any]:
        with _answering():
            rows: list[Any] = self._read_stubbornly(statement, values)
        return rows

    @retry((InterfaceError, OperationalError), max_attempts=5, wait=0.2)
    def _read_stubbornly(self, statement: LiteralString, values: Sequence[Any]) -> list[Any]:
        with (
            self._datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            return cursor.execute(statement, values, prepare=True).fetchall()

    def _written_before(self, rows: Sequence[Row]) -> list[int] | None:
        """The positions of exactly these rows: the connection was lost after our own commit."""
        positions = []
        for stream, version, _, state in rows:
            found = self.stream(stream, version - 1, version)
            if not found or found[0][4] != state:
                return None
            positions.append(found[0][0])
        return positions

    def _taken(self, rows: Sequence[Row]) -> Taken | None:
        streams = [stream for stream, version, *_ in rows if self.stream(stream, version - 1, version)]
        return Taken(list(dict.fromkeys(streams))) if streams else None


@contextmanager
def _making_schema(conninfo: str) -> Iterator[bool]:
    """Is the table missing? While it is, one process at a time makes it."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        there = f"SELECT to_regclass('log.{TABLE}') IS NOT NULL"
        missing = connection.execute(there).fetchone() == (False,)
        if missing:
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            connection.execute("CREATE SCHEMA IF NOT EXISTS log")
        yield missing
