"""What of a person's words lies anywhere: in a row of any table, or in the bytes of any file of the databases?"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Engine, text

from gru.bootstrap import Office
from gru.storage.databases import checkpoint


def found_in_rows(office: Office, words: Sequence[str]) -> list[str]:
    """`table: word` for each table of each database in which a word stands."""
    return [
        f"{table}: {word}"
        for table, rows in _rows(office)
        for word in words
        if any(word.lower() in row.lower() for row in rows)
    ]


def found_in_files(office: Office, words: Sequence[str]) -> list[str]:
    """`file: word` for each file of the databases in whose bytes a word stands, after their journals were cut."""
    return [
        f"{name}: {word}"
        for name, content in contents(office)
        for word in words
        if word.lower().encode() in content.lower() or word.encode() in content
    ]


def _rows(office: Office) -> Iterator[tuple[str, list[str]]]:
    if office.databases.kind == "sqlite":
        for path in sorted(office.settings.data.glob("*.db")):
            connection = sqlite3.connect(path)
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            for (name,) in connection.execute(tables).fetchall():
                rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
                yield f"{path.name} {name}", [_text(row) for row in rows]
            connection.close()
        return
    for engine in (office.databases.work, office.databases.keys):
        with engine.connect() as connection:
            system = "('pg_catalog', 'information_schema', 'pg_toast')"
            query = f"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN {system}"
            for name in [*connection.execute(text(query)).scalars(), "pg_catalog.pg_stats"]:
                yield name, [_text(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]


def _text(row: Sequence[object]) -> str:
    return " ".join(
        bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
        for value in row
    )


def contents(office: Office) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file of the databases."""
    if office.databases.kind == "sqlite":
        for engine in (office.databases.views, office.databases.work, office.databases.archive, office.databases.keys):
            assert checkpoint(engine)
        for path in _files(office.settings.data):
            yield path.name, path.read_bytes()
        return
    for engine in (office.databases.work, office.databases.keys):
        yield from _relations(engine)


def _files(data: Path) -> list[Path]:
    """Databases, journals and stored files; not the mails that left, which are in other hands."""
    return [path for path in (*data.glob("*.db*"), *(data / "files").rglob("*")) if path.is_file()]


def _relations(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Every table, index and TOAST table of the database, those of the system too."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        query = "SELECT oid::regclass::text, pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
        for name, path in connection.execute(text(query)).all():
            content = connection.scalar(text("SELECT pg_read_binary_file(:path, 0, 1000000000, true)"), {"path": path})
            yield name, bytes(content or b"")
