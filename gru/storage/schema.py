"""In which tables do the archive, the keys and the work lie, and how is a row put there once?

The migrations make these tables; a test compares the two. On SQLite each schema is a file and has no name.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

T = TypeVar("T")

CHUNK = 5_000  # values in one IN list: SQLite takes 32,766 in a statement, PostgreSQL 65,535


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC, also where the database (SQLite) knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now_utc() -> datetime:
    return datetime.now(UTC)


# --- keys: what makes the archive readable; lost keys are lost words ---------------------------------------------

keys_tables = MetaData(schema="keys")

holders = Table(
    "holders",
    keys_tables,
    Column("id", String(32), primary_key=True),
    Column("wrapped", LargeBinary),
    Column("same_as", String(32)),
    Index("holders_same_as", "same_as"),
)
case_keys = Table(
    "case_keys",
    keys_tables,
    Column("id", String(32), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("case_id", String(32), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Index("case_keys_holder", "holder"),
    Index("case_keys_case", "case_id"),
)
data_keys = Table(
    "data_keys",
    keys_tables,
    Column("id", String(32), primary_key=True),
    Column("case_key", String(32), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Index("data_keys_case_key", "case_key"),
)
destroyed = Table(
    "destroyed",
    keys_tables,
    Column("kind", String(8), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("at", Instant, nullable=False),
    Index("destroyed_at", "at"),
)

# --- archive: words, files, people and raw messages, all of it sealed; town versions in clear ---------------------

archive_tables = MetaData(schema="archive")

messages = Table(
    "messages",
    archive_tables,
    Column("key", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Column("sealed", LargeBinary),
    Column("ticked_at", Instant),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("retry_at", Instant),
)
Index(
    "messages_pending",
    messages.c.kept_at,
    messages.c.key,
    sqlite_where=messages.c.ticked_at.is_(None),
    postgresql_where=messages.c.ticked_at.is_(None),
)
message_ids = Table(
    "message_ids",
    archive_tables,
    Column("hash", String(32), primary_key=True),
    Column("message", String(32), primary_key=True),
    Index("message_ids_message", "message"),
)
texts = Table(
    "texts",
    archive_tables,
    Column("id", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
files = Table(
    "files",
    archive_tables,
    Column("id", String(32), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
file_chunks = Table(
    "file_chunks",
    archive_tables,
    Column("address", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
people = Table(
    "people",
    archive_tables,
    Column("id", String(32), primary_key=True),
    Column("sealed", LargeBinary),
    Column("same_as", String(32)),
    Index("people_same_as", "same_as"),
)
contacts = Table(
    "contacts",
    archive_tables,
    Column("hash", String(32), primary_key=True),
    Column("person", String(32), primary_key=True),
    Index("contacts_person", "person"),
)
contents = Table(
    "contents",
    archive_tables,
    Column("digest", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# --- work: what must still be done; neither history nor rebuildable -----------------------------------------------

work_tables = MetaData(schema="work")

numbers = Table(
    "numbers",
    work_tables,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)
leases = Table(
    "leases",
    work_tables,
    Column("name", String(200), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("expires_at", Instant, nullable=False),
)
positions = Table(
    "positions",
    work_tables,
    Column("name", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
effects = Table(
    "effects",
    work_tables,
    Column("key", String(200), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("written_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("holder", String(200)),
    Column("leased_until", Instant),
    Column("finished_at", Instant),
    Column("error", Text),
)
for _state in ("pending", "failed"):
    Index(
        f"effects_{_state}",
        effects.c.next_at,
        effects.c.key,
        sqlite_where=effects.c.state == _state,
        postgresql_where=effects.c.state == _state,
    )
cursors = Table(
    "cursors",
    work_tables,
    Column("mailbox", String(200), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
)
signs = Table(
    "signs",
    work_tables,
    Column("name", String(200), primary_key=True),
    Column("worked_at", Instant),
    Column("message_at", Instant),
    Column("failed_at", Instant),
    Column("failure", Text, nullable=False, server_default=text("''")),
)
sessions = Table(
    "sessions",
    work_tables,
    Column("token_hash", String(64), primary_key=True),
    Column("agent", String(32), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("idle_seconds", Integer, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("sessions_agent", "agent"),
    Index("sessions_ends_at", "ends_at"),
)
credentials = Table(
    "credentials",
    work_tables,
    Column("login_hash", String(64), primary_key=True),
    Column("agent", String(32), nullable=False),
    Column("password", String(255), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("credentials_agent", "agent", unique=True),
)
attempts = Table(
    "attempts",
    work_tables,
    Column("kind", String(32), primary_key=True),
    Column("subject_hash", String(64), primary_key=True),
    Column("minute", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
    Index("attempts_minute", "minute"),
)

drafts = Table(
    "drafts",
    work_tables,
    Column("id", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("drafts_ends_at", "ends_at"),
)
draft_files = Table(
    "draft_files",
    work_tables,
    Column("draft", String(64), primary_key=True),
    Column("file", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
simulations = Table(
    "simulations",
    work_tables,
    Column("id", String(32), primary_key=True),
    Column("asked_by", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    *(Column(name, Instant, nullable=False) for name in ("asked_at", "start_at", "end_at", "ends_at", "behind_at")),
    Column("position", BigInteger, nullable=False),
    Column("town_version", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("changes", "tally")),
    *(Column(name, String(32), nullable=False) for name in ("pauses", "behind_case")),
    *(Column(name, Integer, nullable=False) for name in ("total", "done", "flips", "milliseconds")),
    Index("simulations_ends_at", "ends_at"),
)
flips = Table(
    "flips",
    work_tables,
    Column("simulation", String(32), primary_key=True),
    Column("place", Integer, primary_key=True),
    *(Column(name, String(32), nullable=False) for name in ("case_id", "number", "kind", "way", "type", "department",
                                                            "site", "confidentiality")),
    *(Column(name, Instant, nullable=name == "kept_at") for name in ("official_due", "simulated_due", "kept_at")),
)  # fmt: skip
rule_drafts = Table(
    "rule_drafts",
    work_tables,
    Column("agent", String(32), primary_key=True),
    Column("base", Integer, nullable=False),
    Column("changes", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

SCHEMAS = {"archive": archive_tables, "work": work_tables, "keys": keys_tables}


# --- rows that are put there once ---------------------------------------------------------------------------------


def insert_into(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that knows ON CONFLICT, in this database's dialect."""
    return _insert(connection.dialect.name, table)


def put_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows that are not there yet; the others stay as they are."""
    if rows:
        connection.execute(_put_new(connection.dialect.name, table), rows)


def put(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows, or set those that are there."""
    if rows:
        connection.execute(_put(connection.dialect.name, table, tuple(rows[0])), rows)


@cache
def _put_new(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _put(dialect: str, table: Table, names: tuple[str, ...]) -> "postgresql.Insert | sqlite.Insert":
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def _insert(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


class _Ids(TypeDecorator[Collection[str]]):
    """Many ids as one value: an array, or JSON where the database (SQLite) has no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else postgresql.ARRAY(String)

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        return json.dumps(list(value or ())) if dialect.name == "sqlite" else list(value or ())


class _Among(FunctionElement[Any]):
    """Of no declared type: of a Boolean, SQLite would be asked `(…) = 1`, which no index answers."""

    type = NullType()
    inherit_cache = True


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **named: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **named)} = ANY ({compiler.process(ids, **named)})"


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: SQLCompiler, **named: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **named)} IN (SELECT value FROM json_each({compiler.process(ids, **named)}))"


def among_ids(column: ColumnElement[str], name: str = "ids") -> ColumnElement[bool]:
    """`column` is one of the `ids` a statement is executed with: one statement, whatever their number, which SQLAlchemy
    and the database prepare once."""
    return _Among(column, bindparam(name, type_=_Ids))


def in_chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """`values` in lists a statement can carry."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
