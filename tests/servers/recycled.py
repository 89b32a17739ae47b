"""How do hundreds of tests share two PostgreSQL databases, each finding them as if they had just been made?

Making a database costs half a second, emptying its tables a few hundredths. What a test has changed besides rows is
noticed: then both are made anew.
"""

from collections.abc import Callable
from contextlib import ExitStack

import psycopg
from psycopg import sql

from tests.servers.postgres import fresh_database

_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_TABLES = """SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'alembic_version'"""
_SHAPE = """SELECT table_schema, table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3"""
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname NOT IN ('pg_catalog') ORDER BY 1, 2"
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"

Shape = list[tuple[object, ...]]


class Recycled:
    """A pair of databases in which `prepare` has made the tables."""

    def __init__(self, admin: str, prepare: Callable[[str, str], None]) -> None:
        self._admin = admin
        self._prepare = prepare
        self._stack = ExitStack()
        self._pair: tuple[str, str] | None = None
        self._shapes: list[Shape] = []

    def emptied(self) -> tuple[str, str]:
        """The addresses of the main database and of that of the keys, with no row in any table."""
        if self._pair is None or [_empty(dsn) for dsn in self._pair] != self._shapes:
            self.close()
            pair = [self._stack.enter_context(fresh_database(self._admin)).dsn for _ in range(2)]
            self._pair = (pair[0], pair[1])
            self._prepare(*self._pair)
            self._shapes = [_empty(dsn) for dsn in self._pair]
        return self._pair

    def close(self) -> None:
        self._stack.close()
        self._pair = None


def _empty(dsn: str) -> Shape:
    """Every row goes, the log's table and the views' with them; what shape the rest has."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_OTHERS)
        for schema in ("log", "views"):
            anew = sql.SQL("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}")
            connection.execute(anew.format(sql.Identifier(schema)))
        tables = [sql.Identifier(*names) for names in connection.execute(_TABLES).fetchall()]
        if tables:
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(tables)))
        return [row for query in (_SHAPE, _INDEXES, _SCHEMAS) for row in connection.execute(query).fetchall()]
