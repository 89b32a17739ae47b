"""What do the tests of the archive share: an archive, people, and a look into every corner of the databases?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import Engine, Table, delete, event, inspect, select, text

from gru.storage import archive as storage
from gru.storage.archive import Archive
from gru.storage.databases import Databases, checkpoint, reading, writing
from gru.storage.people import Person
from gru.storage.schema import archive_tables, files, keys_tables

SECRET = b"s" * 32
MASTER = b"m" * 32
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CASE, OTHER_CASE = "c" * 32, "d" * 32
MARIE = Person(name="Marie Dupré", email="marie.dupre@exemple.fr", phone="06 12 34 56 78", address="3 rue des Lilas")
PAUL = Person(name="Paul Martin", email="paul@exemple.fr")
RAW = b"Message-ID: <1@exemple.fr>\r\nSubject: Lampadaire\r\n\r\nLe lampadaire du quai est en panne."


def open_archive(databases: Databases) -> Archive:
    """A second one is what another process has: it remembers no key."""
    return storage.open_archive(databases, secret=SECRET, master=MASTER, clock=lambda: NOW)


@contextmanager
def statements(*engines: Engine) -> Iterator[list[str]]:
    """The queries that are sent, without BEGIN and COMMIT."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        if not args[2].startswith("BEGIN"):
            sent.append(args[2])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """What each call returned, or the error it raised, when all start together."""
    gate = Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error

    threads = [Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def keep(archive: Archive, raw: bytes = RAW, external_id: str = "<1@exemple.fr>") -> str:
    return archive.keep("email", "imap:mairie", external_id, raw, NOW)


def column(engine: Engine, table: Table, name: str, id: str) -> bytes:
    with reading(engine) as connection:
        return bytes(connection.execute(select(table.c[name]).where(table.c.id == id)).scalar_one())


def tables_of(engine: Engine) -> list[Table]:
    with reading(engine) as connection:
        found = inspect(connection)
        schemas = {"archive": archive_tables, "keys": keys_tables}
        [tables] = [
            tables
            for schema, tables in schemas.items()
            if found.has_table(tables.sorted_tables[0].name, None if engine.dialect.name == "sqlite" else schema)
        ]
    return list(tables.tables.values())


def copy_rows(engine: Engine) -> dict[Table, list[dict[str, Any]]]:
    with reading(engine) as connection:
        return {
            table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables_of(engine)
        }


def restore_rows(engine: Engine, backup: dict[Table, list[dict[str, Any]]]) -> None:
    forget_rows(engine, list(backup))
    with writing(engine) as connection:
        for table, rows in backup.items():
            if rows:
                connection.execute(table.insert(), rows)


def forget_rows(engine: Engine, tables: Sequence[Table]) -> None:
    with writing(engine) as connection:
        for table in tables:
            connection.execute(delete(table))


def holds(engine: Engine, word: bytes) -> bool:
    """Whether these bytes lie in a file of the database; on PostgreSQL in any column, and in the tables' files."""
    if engine.dialect.name == "sqlite":
        assert checkpoint(engine)
        path = Path(str(engine.url.database))
        return any(word in one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables_of(engine):
            rows = connection.execute(select(table)).all()
            if any(word in _bytes(value) for row in rows for value in row):
                return True
            name = f"{table.schema}.{table.name}"
            connection.execute(text(f"VACUUM FULL {name}"))
            connection.execute(text("CHECKPOINT"))
            if connection.scalar(text(f"SELECT {_in_file(name)} OR {_in_toast(name)}"), {"word": word}):
                return True
    return False


def _in_file(table: str) -> str:
    return f"position(:word IN pg_read_binary_file(pg_relation_filepath('{table}'))) > 0"


def _in_toast(table: str) -> str:
    toast = f"(SELECT nullif(reltoastrelid, 0)::regclass FROM pg_class WHERE oid = '{table}'::regclass)"
    return f"coalesce(position(:word IN pg_read_binary_file(pg_relation_filepath({toast}))) > 0, false)"


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def stored_files(databases: Databases) -> list[str]:
    if databases.kind == "sqlite":
        folder = Path(str(databases.archive.url.database)).parent / "files"
        return [str(path) for path in folder.rglob("*") if path.is_file()]
    with reading(databases.archive) as connection:
        chunks = connection.execute(text("SELECT address FROM archive.file_chunks")).scalars()
        return [*chunks, *connection.execute(select(files.c.id)).scalars()]
