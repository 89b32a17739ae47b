"""How do hundreds of tests share two PostgreSQL databases, each finding them as if they had just been made?

A pair of databases is made once, and a test works in a copy of it. Making a copy costs a tenth of a second; putting
back the rows of the tables that hold some costs a few hundredths. What a test has changed besides rows is noticed: then
the copy is made anew.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql

from tests.servers.postgres import Database, fresh_database

_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_SHAPE = """SELECT s.nspname, c.relname, c.relkind, a.attname, a.atttypid::regtype::text, a.attnotnull
    FROM pg_namespace s LEFT JOIN pg_class c ON c.relnamespace = s.oid
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE s.nspname !~ '^pg_' AND s.nspname <> 'information_schema' ORDER BY 1, 2, a.attnum"""
_INDEXES = """SELECT s.nspname, c.relname, c.relkind, i.indrelid::regclass::text, i.indisunique, c.relam,
    i.indkey::text, i.indclass::text, i.indoption::text, i.indexprs::text, i.indpred::text
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE s.nspname !~ '^pg_' ORDER BY 1, 2"""
_FILLED = """SELECT s.nspname, c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind = 'r' AND s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'
    AND pg_relation_size(c.oid) > 0"""
_SEQUENCES = "SELECT schemaname, sequencename FROM pg_sequences ORDER BY 1, 2"

Shape = list[tuple[object, ...]]
Name = tuple[str, str]
Link = Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Kept:
    """What a database is made of, the rows of each table that has some, and how far its sequences had counted."""

    shape: Shape
    rows: dict[Name, bytes]
    counts: list[tuple[Name, object, object]]


class Recycled:
    """Copies of a main database and of that of the keys, which nobody else may use meanwhile."""

    def __init__(self, admin: str, made: tuple[Database, Database]) -> None:
        self._admin = admin
        self._made = made
        self._main, self._keys = (_Copy(admin, database) for database in made)

    def as_made(self) -> tuple[str, str]:
        """The addresses of both."""
        return self._main.as_made(), self._keys.as_made()

    @contextmanager
    def copied(self) -> Iterator[tuple[str, str]]:
        """The addresses of a pair of its own, for processes that may outlive their test."""
        main, keys = self._made
        with fresh_database(self._admin, main.name) as one, fresh_database(self._admin, keys.name) as other:
            yield one.dsn, other.dsn

    def close(self) -> None:
        self._main.close()
        self._keys.close()


class _Copy:
    def __init__(self, admin: str, made: Database) -> None:
        self._admin = admin
        self._made = made
        self._kept = _look(made.dsn)
        self._stack = ExitStack()
        self._dsn = ""
        self._link: Link | None = None

    def as_made(self) -> str:
        if not self._is_put_back():
            self.close()
            self._dsn = self._stack.enter_context(fresh_database(self._admin, self._made.name)).dsn
            self._link = self._stack.enter_context(closing(psycopg.connect(self._dsn, autocommit=True)))
        return self._dsn

    def _is_put_back(self) -> bool:
        """The test may have ended every connection, or dropped the database."""
        with suppress(psycopg.OperationalError):
            return self._link is not None and _put_back(self._link, self._kept)
        return False

    def close(self) -> None:
        self._stack.close()
        self._dsn, self._link = "", None


@contextmanager
def recycling(admin: str, prepare: Callable[[str, str], None]) -> Iterator[Recycled]:
    """A pair in which `prepare` has made tables and rows."""
    with fresh_database(admin) as main, fresh_database(admin) as keys:
        prepare(main.dsn, keys.dsn)
        pair = Recycled(admin, (main, keys))
        try:
            yield pair
        finally:
            pair.close()


def _look(dsn: str) -> Kept:
    with psycopg.connect(dsn, autocommit=True) as connection:
        shape = _shape(connection)
        rows = {name: _taken(connection, name) for name in _filled(connection)}
        counts = []
        for schema, sequence in connection.execute(_SEQUENCES).fetchall():
            name = (str(schema), str(sequence))
            counted = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(*name))
            counts += [(name, *row) for row in connection.execute(counted).fetchall()]
        return Kept(shape, rows, counts)


def _put_back(connection: Link, kept: Kept) -> bool:
    """Whether that was possible: what was added is dropped, what has another shape is not mended."""
    connection.execute(_OTHERS)
    shape = _shape(connection)
    if added := _tables(shape) - _tables(kept.shape):
        for name in added:
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(*name)))
        shape = _shape(connection)
    if shape != kept.shape:
        return False
    changed = _filled(connection) | kept.rows.keys()
    if changed:
        names = sql.SQL(", ").join(sql.Identifier(*name) for name in sorted(changed))
        connection.execute(sql.SQL("TRUNCATE {}").format(names))
    for name, rows in kept.rows.items():
        into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(*name))
        with connection.cursor().copy(into) as copy:
            copy.write(rows)
    for name, value, called in kept.counts:
        connection.execute("SELECT setval(%s::regclass, %s, %s)", (_quoted(name, connection), value, called))
    return True


def _shape(connection: Link) -> Shape:
    return [row for query in (_SHAPE, _INDEXES) for row in connection.execute(query).fetchall()]


def _tables(shape: Shape) -> set[Name]:
    return {(str(row[0]), str(row[1])) for row in shape if row[2] == "r"}


def _filled(connection: Link) -> set[Name]:
    """The tables whose files hold something, be it only what was deleted."""
    return {(str(schema), str(table)) for schema, table in connection.execute(_FILLED).fetchall()}


def _taken(connection: Link, name: Name) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(*name))) as copy:
        return b"".join(bytes(block) for block in copy)


def _quoted(name: Name, connection: Link) -> str:
    return sql.Identifier(*name).as_string(connection)
