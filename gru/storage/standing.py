"""Where does each part of a town stand, is there anything in it, and how is it copied out and put back?

SQLite copies a file while others write to it; PostgreSQL's own programs copy a schema as it was at one instant.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, inspect, text

from gru.storage.databases import Databases, reading, writing

HOLDS: Mapping[str, Mapping[str, str]] = {
    "log": {"event": ""},
    "archive": {"messages": "", "texts": "", "files": "", "people": ""},
    "work": {"positions": "", "effects": "", "numbers": "", "credentials": ""},
    "keys": {"data_keys": "", "holders": "WHERE id <> 'house'", "destroyed": ""},
}
"""The tables one row of which makes a part worth keeping; the house's key is made when somebody only looks."""


class CannotCopy(Exception):
    """The sentence says what stood in the way; what was copied so far is no backup."""


class Place(Protocol):
    """One part: the log, the archive, the work or the keys."""

    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str:
        """What its copy is called."""
        ...

    def is_empty(self) -> bool:
        """Whether nothing would be lost if another took its place."""
        ...

    def copy_to(self, path: Path) -> None: ...

    def put_back(self, path: Path) -> None:
        """Into a place that is empty."""
        ...


def places_of(databases: Databases) -> dict[str, Place]:
    if databases.kind == "sqlite":
        folder = Path(str(databases.archive.url.database)).parent
        return {name: SqliteFile(name, folder / f"{name}.db", _engine(databases, name)) for name in HOLDS}
    return {name: Schema(name, databases.keys if name == "keys" else databases.work) for name in HOLDS}


def _engine(databases: Databases, name: str) -> Engine | None:
    """The log has a connection of its own, opened later."""
    return {"archive": databases.archive, "work": databases.work, "keys": databases.keys}.get(name)


@dataclass(frozen=True)
class SqliteFile:
    name: str
    path: Path
    engine: Engine | None

    @property
    def file(self) -> str:
        return f"{self.name}.db"

    def is_empty(self) -> bool:
        if not self.path.exists():
            return True
        connection = sqlite3.connect(self.path)
        try:
            made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            held = [(table, where) for table, where in HOLDS[self.name].items() if table in made]
            rows = (connection.execute(f"SELECT 1 FROM {table} {where} LIMIT 1") for table, where in held)
            return not any(found.fetchone() for found in rows)
        finally:
            connection.close()

    def copy_to(self, path: Path) -> None:
        if not self.path.exists():
            raise CannotCopy(f"There is no {self.path}: is GRU_DATA the folder of this town?")
        source, target = sqlite3.connect(self.path), sqlite3.connect(path)
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            source.close()
            target.close()

    def put_back(self, path: Path) -> None:
        if self.engine is not None:
            self.engine.dispose()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in (self.path, *(self.path.with_name(f"{self.path.name}-{rest}") for rest in ("wal", "shm"))):
            old.unlink(missing_ok=True)
        part = self.path.with_name(f"{self.path.name}.part")
        shutil.copyfile(path, part)
        part.chmod(0o600)
        part.rename(self.path)


@dataclass(frozen=True)
class Schema:
    name: str
    engine: Engine

    @property
    def file(self) -> str:
        return f"{self.name}.dump"

    def is_empty(self) -> bool:
        with reading(self.engine) as connection:
            found = inspect(connection)
            return not any(
                connection.scalar(text(f"SELECT 1 FROM {self.name}.{table} {where} LIMIT 1"))
                for table, where in HOLDS[self.name].items()
                if found.has_table(table, schema=self.name)
            )

    def copy_to(self, path: Path) -> None:
        self._run("pg_dump", "--format=custom", f"--schema={self.name}", f"--file={path}")

    def put_back(self, path: Path) -> None:
        with writing(self.engine) as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {self.name} CASCADE"))
        self._run("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(path))

    def _run(self, program: str, *words: str) -> None:
        """The password goes by the environment: a command line is seen by everybody."""
        from psycopg.conninfo import conninfo_to_dict, make_conninfo  # a town on SQLite need not import the driver

        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        server = conninfo_to_dict(url)
        password = str(server.pop("password", None) or "")
        words_of_server = {word: str(value) for word, value in server.items()}
        command = [program, f"--dbname={make_conninfo(**words_of_server)}", "--no-password", *words]
        environment = os.environ | ({"PGPASSWORD": password} if password else {})
        try:
            subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise CannotCopy(f"{program} is not installed: install PostgreSQL's client programs.") from None
        except subprocess.CalledProcessError as error:
            raise CannotCopy(f"{program} failed: {error.stderr.strip()[-500:]}") from None


def forget_views(engine: Engine) -> None:
    """Drop all of the views, words and all: they are made anew from the log."""
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(text("DROP SCHEMA IF EXISTS views CASCADE"))
        return
    with writing(engine) as connection:
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
        virtual = [name for name, sql in made if sql and sql.startswith("CREATE VIRTUAL")]
        for name in virtual:
            connection.execute(text(f"DROP TABLE {name}"))
        for name, _ in made:
            if not name.startswith(("sqlite_", *(f"{one}_" for one in virtual))):
                connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
