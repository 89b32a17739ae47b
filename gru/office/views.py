"""How do the rows of projections get into their tables and out again, many at a time?

The views may be thrown away: no migrations, the tables are made from what the projections say. A rebuilt table is
filled beside the one in use under `name__g<generation>`, which its indexes and constraints keep in their names.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from hashlib import sha256
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    delete,
    inspect,
    quoted_name,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from gru.office.codec import CSV, LINES_A_BLOCK, Codec
from gru.storage.databases import reading, writing
from projections.base import Changes, Instant, Key, Projection, Row, Rows

own_tables = MetaData(schema="views")
positions = Table(
    "positions",
    own_tables,
    Column("name", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("built", Text, nullable=False),
)
parked = Table(
    "parked",
    own_tables,
    Column("projection", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream_id", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("error", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)
_MAKING = 0x475256


class Built(msgspec.Struct, frozen=True):
    """Which table of a projection is in use, and for which shape of the projection it was made."""

    generation: int
    shape: str


class Position(msgspec.Struct, frozen=True):
    position: int
    built: dict[str, Built]


def shape_of(projection: Projection[Any]) -> str:
    """Changes when the projection's table or `edition` does: then it must be rebuilt."""
    table = projection.table
    columns = [(c.name, type(c.type).__name__, c.nullable, c.primary_key) for c in table.columns]
    indexes = sorted((str(index.name), [str(part) for part in index.expressions]) for index in table.indexes)
    events = sorted(kind.NAME for kind in projection.events)
    said = repr((projection.edition, projection.group, columns, indexes, events))
    return sha256(said.encode()).hexdigest()[:16]


def names_wanted(projections: Iterable[Projection[Any]]) -> dict[str, list[str]]:
    """The names of the events that are wanted, and by which projections."""
    wanted: dict[str, list[str]] = {}
    for projection in projections:
        for kind in projection.events:
            wanted.setdefault(kind.NAME, []).append(projection.name)
    return wanted


# --- where each group stands -------------------------------------------------------------------------------------


@contextmanager
def making(engine: Engine) -> Iterator[Connection]:
    """A transaction that makes tables; one at a time, whoever starts at the same moment."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MAKING})"))
        yield connection


def make_own_tables(connection: Connection, groups: Iterable[str]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS views"))
    own_tables.create_all(connection)
    for group in groups:
        row = {"name": group, "position": 0, "built": "{}"}
        connection.execute(insert(connection, positions).on_conflict_do_nothing(), row)


def look_up(engine: Engine, group: str) -> Position:
    with reading(engine) as connection:
        row = connection.execute(_STANDS, {"group": group}).one()
    return _position(row)


def stood(connection: Connection, group: str) -> Position:
    """Up to which position the tables of a group are folded, and which they are, as this transaction sees them."""
    return _position(connection.execute(_STANDS, {"group": group}).one())


def take(connection: Connection, group: str, *, patient: bool = False) -> Position | None:
    """The group's position, held until the transaction ends; `None` when another projector holds it."""
    locking = _TAKE if patient else _TAKE_OR_LEAVE
    statement = _STANDS if connection.dialect.name == "sqlite" else locking
    row = connection.execute(statement, {"group": group}).one_or_none()
    return _position(row) if row else None


def move(connection: Connection, group: str, position: int) -> None:
    connection.execute(_MOVE, {"group": group, "to": position})


def record_built(connection: Connection, group: str, built: dict[str, Built]) -> None:
    said = msgspec.json.encode(built).decode()
    connection.execute(positions.update().where(positions.c.name == group).values(built=said))


def _position(row: Any) -> Position:
    return Position(row[0], msgspec.json.decode(row[1], type=dict[str, Built]))


_STANDS = select(positions.c.position, positions.c.built).where(positions.c.name == bindparam("group"))
_TAKE = _STANDS.with_for_update()
_TAKE_OR_LEAVE = _STANDS.with_for_update(skip_locked=True)
_MOVE = positions.update().where(positions.c.name == bindparam("group")).values(position=bindparam("to"))


def park(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(insert(connection, parked).on_conflict_do_nothing(), list(rows))


def release(connection: Connection, projections: Collection[str]) -> None:
    connection.execute(delete(parked).where(parked.c.projection.in_(projections)))


# --- one projection's table --------------------------------------------------------------------------------------


class Shelf:
    """The table of one projection: the one in use, or the one of `generation` that is being filled beside it."""

    def __init__(self, projection: Projection[Any], kind: str, generation: int | None = None) -> None:
        self.projection = projection
        self.generation = generation
        self.name = projection.table.name if generation is None else f"{projection.table.name}__g{generation}"
        table = projection.table
        self._kind = kind
        self._sqlite = kind == "sqlite"
        self._names = [column.name for column in table.columns]
        self._primary = [column.name for column in table.primary_key]
        self._several = isinstance(projection, Rows)
        self._inner = self._primary[-1] if self._several else ""
        self._codec = Codec(table, self._sqlite)
        self._load = self._load_statement()
        self._save = self._save_statement()
        self._remove = f"DELETE FROM {self.full_name()} WHERE " + " AND ".join(
            f"{name} = {'?' if self._sqlite else '%s'}" for name in self._primary
        )

    @cached_property
    def table(self) -> Table:
        """That of the projection, or one like it whose name, key and indexes carry the generation."""
        table = self.projection.table
        if self.generation is None:
            return table
        copy = table.to_metadata(MetaData(schema="views"), name=self.name)
        copy.primary_key.name = quoted_name(f"{table.name}_pk__g{self.generation}", None)
        for index in copy.indexes:
            index.name = quoted_name(f"{index.name}__g{self.generation}", None)
        return copy

    def full_name(self, name: str = "") -> str:
        """As raw SQL names it."""
        name = name or self.name
        return name if self._sqlite else f"views.{name}"

    # --- live: by key ------------------------------------------------------------------------------------------

    def load(self, connection: Connection, keys: Collection[Key]) -> dict[Key, Any]:
        """What the table holds for these keys, in the form the projection folds."""
        states: dict[Key, Any] = {}
        for values in connection.exec_driver_sql(self._load, self._key_values(keys)).fetchall():
            row = dict(zip(self._names, self._codec.decoded(values), strict=True))
            if self._several:
                states.setdefault(self._key(row), {})[row[self._inner]] = row
            else:
                states[self._key(row)] = row
        return states

    def changes(self, before: Mapping[Key, Any], after: Mapping[Key, Any]) -> Changes:
        """Row by row, what the states after a fold are besides those before."""
        found: list[tuple[Row | None, Row | None]] = []
        for key, state in after.items():
            old = before.get(key)
            if state is old:
                continue
            if self._several:
                earlier = old or {}
                found += [(earlier.get(inner), row) for inner, row in state.items() if row is not earlier.get(inner)]
                found += [(row, None) for inner, row in earlier.items() if inner not in state]
            else:
                found.append((old, state))
        return found

    def save(self, connection: Connection, changes: Changes) -> None:
        """One bulk upsert and, when rows went away, one bulk delete."""
        put = [new for _, new in changes if new is not None]
        gone = [old for old, new in changes if new is None and old is not None]
        if put and self._sqlite:
            connection.exec_driver_sql(self._save, list(self._codec.tuples(put)))
        elif put:
            connection.exec_driver_sql(self._save, (self._codec.as_json(put),))
        if gone:
            connection.exec_driver_sql(self._remove, [tuple(row[name] for name in self._primary) for row in gone])

    def _key(self, row: Row) -> Key:
        columns = self.projection.key_columns
        return row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns)

    def _key_values(self, keys: Collection[Key]) -> tuple[Any, ...]:
        if self._sqlite:
            return (msgspec.json.encode(list(keys)).decode(),)
        if len(self.projection.key_columns) == 1:
            return (list(keys),)
        return tuple(list(part) for part in zip(*keys, strict=True))

    def _load_statement(self) -> str:
        """All the keys as one value, so that one statement serves any number of them."""
        columns = self.projection.key_columns
        shown = ", ".join(f"held.{name}" for name in self._names)
        if self._sqlite:
            part = "wanted.value" if len(columns) == 1 else "json_extract(wanted.value, '$[{}]')"
            matching = " AND ".join(f"held.{name} = {part.format(i)}" for i, name in enumerate(columns))
            return f"SELECT {shown} FROM json_each(?) AS wanted CROSS JOIN {self.full_name()} AS held ON {matching}"
        arrays = ", ".join("%s::text[]" for _ in columns)
        names = ", ".join(f"key_{number}" for number in range(len(columns)))
        matching = " AND ".join(f"held.{name} = wanted.key_{number}" for number, name in enumerate(columns))
        return f"SELECT {shown} FROM unnest({arrays}) AS wanted ({names}) JOIN {self.full_name()} AS held ON {matching}"

    def _save_statement(self) -> str:
        """PostgreSQL takes all rows as one JSON text and makes them rows itself: the client's work is the smaller."""
        names = ", ".join(self._names)
        others = [name for name in self._names if name not in self._primary]
        new = ", ".join(f"{name} = excluded.{name}" for name in others)
        what = "NOTHING" if self.projection.only_adds else f"UPDATE SET {new}"
        source = f"VALUES ({', '.join('?' * len(self._names))})"
        if not self._sqlite:
            source = f"SELECT {names} FROM json_populate_recordset(NULL::{self.full_name()}, %s::text::json)"
        primary = ", ".join(self._primary)
        return f"INSERT INTO {self.full_name()} ({names}) {source} ON CONFLICT ({primary}) DO {what}"

    # --- made, filled, put in place ----------------------------------------------------------------------------

    def make(self, connection: Connection, *, complete: bool) -> None:
        """The empty table; `complete` with its indexes, else `finish` adds them once it is filled."""
        self.drop(connection)
        if complete or self._sqlite:
            connection.execute(CreateTable(self.table))
        else:
            bare = [Column(c.name, c.type, nullable=c.nullable) for c in self.table.columns]
            connection.execute(CreateTable(Table(self.table.name, MetaData(schema="views"), *bare)))
        self.say(connection, self.projection.made(self._kind, self.full_name()))
        if complete:
            for step in self.finishing(keyed=True):
                self.say(connection, step)

    def finishing(self, *, keyed: bool = False) -> list[Sequence[str | CreateIndex]]:
        """What makes a filled table complete, in steps that may each be a transaction of their own."""
        steps: list[Sequence[str | CreateIndex]] = []
        if not keyed and not self._sqlite:
            primary = ", ".join(self._primary)
            add = f"ADD CONSTRAINT {self.table.primary_key.name} PRIMARY KEY ({primary})"
            steps.append([f"ALTER TABLE {self.full_name()} {add}"])
        for index in sorted(self.table.indexes, key=lambda index: str(index.name)):
            steps.append([CreateIndex(index)])
        assert self.generation is not None
        filled = self.projection.filled(self._kind, self.full_name(), self.generation)
        if filled:
            steps.append(filled)
        return steps

    def settle(self, engine: Engine) -> None:
        """PostgreSQL must have looked through a filled table before its indexes answer without it."""
        if not self._sqlite:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {self.full_name()}")

    def rename(self, connection: Connection, name: str) -> None:
        connection.execute(text(f"ALTER TABLE {self.full_name()} RENAME TO {name}"))
        told = self.projection.renamed(self._kind, self.full_name(), self.full_name(name))
        self.say(connection, told)

    def is_made(self, connection: Connection) -> bool:
        return self.name in _made(connection)

    def drop(self, connection: Connection) -> None:
        self.say(connection, self.projection.dropped(self._kind, self.full_name()))
        connection.execute(text(f"DROP TABLE IF EXISTS {self.full_name()}"))

    @staticmethod
    def say(connection: Connection, statements: Iterable[str | CreateIndex]) -> None:
        for statement in statements:
            if isinstance(statement, str):
                connection.exec_driver_sql(statement)
            else:
                connection.execute(statement)

    # --- filled in bulk ----------------------------------------------------------------------------------------

    def fill(self, connection: Connection, rows: Iterable[Row]) -> None:
        """COPY on PostgreSQL, one prepared INSERT on SQLite."""
        names = ", ".join(self._names)
        cursor: Any = connection.connection.cursor()
        if self._sqlite:
            marks = ", ".join("?" * len(self._names))
            statement = f"INSERT INTO {self.full_name()} ({names}) VALUES ({marks})"
            cursor.executemany(statement, self._codec.tuples(rows))
            return
        waiting = iter(rows)
        statement = f"COPY {self.full_name()} ({names}) FROM STDIN WITH ({CSV})"
        with cursor, cursor.copy(statement) as copy:
            while some := list(islice(waiting, LINES_A_BLOCK)):
                copy.write(self._codec.lines(some))


def drop_leftovers(connection: Connection, projections: Iterable[Projection[Any]]) -> int:
    """Away with the tables that a rebuild made and never put in place; the highest of their generations, or 0."""
    found = _made(connection)
    left = [
        Shelf(projection, connection.dialect.name, int(generation))
        for projection in projections
        for name in found
        for table, mark, generation in [name.rpartition("__g")]
        if table == projection.table.name and mark and generation.isdigit()
    ]
    for shelf in left:
        shelf.drop(connection)
    return max((shelf.generation or 0 for shelf in left), default=0)


def _made(connection: Connection) -> list[str]:
    schema = None if connection.dialect.name == "sqlite" else "views"
    return inspect(connection).get_table_names(schema=schema)


@cache
def shelf_in_use(projection: Projection[Any], kind: str) -> Shelf:
    """The same for every office of a process: its statements are put together once."""
    return Shelf(projection, kind)


def insert(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
