"""In which towns is it measured: how are they made at a given size, opened, and thrown away?"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from flask import Flask
from psycopg import sql

from gru.bench.meter import Meter
from gru.bootstrap import Office, build_office
from gru.demo.founding import found
from gru.demo.year import Year
from gru.office.reactions import POSITION
from gru.settings import Settings
from gru.storage.databases import Kind
from gru.web.app import create_app

UNTIL = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When it is now in every one of these towns: a Monday morning."""

SEED = 7
Tell = Callable[[str], None]


class Clock:
    """Runs as fast as ours, from `UNTIL` on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return UNTIL + timedelta(seconds=time.monotonic() - self._began)


@dataclass(frozen=True)
class Plot:
    """Where a town of so many cases lies, or will."""

    kind: Kind
    cases: int
    settings: Settings

    @property
    def name(self) -> str:
        return f"{self.kind} {self.cases}"


@dataclass(frozen=True)
class Town:
    """A town at work, with its pages."""

    plot: Plot
    office: Office
    app: Flask
    meter: Meter
    agents: dict[str, str]


@dataclass(frozen=True)
class Writing:
    """What it took to invent a town's year."""

    cases: int
    facts: int
    cpu: float


@contextmanager
def opened(plot: Plot) -> Iterator[Town]:
    """The town of this plot, which must have been made."""
    office = build_office(plot.settings, Clock())
    meter = Meter(office)
    try:
        yield Town(plot, office, create_app(office), meter, names_of(office))
    finally:
        meter.close()
        office.close()


def names_of(office: Office) -> dict[str, str]:
    """The agents, each by the first part of his address."""
    agents = office.town.agents()
    people = office.archive.people([agent.person for agent in agents.values()])
    found = {id: people[agent.person] for id, agent in agents.items()}
    return {person.email.partition("@")[0]: id for id, person in found.items() if person is not None}


def make(office: Office, cases: int, tell: Tell) -> Writing | None:
    """A year of `cases` cases up to `UNTIL`, not projected yet; `None` when the town is there already."""
    if office.log.head():
        return None
    found(office, UNTIL, SEED)
    began = time.process_time()
    facts = Year(office, UNTIL, SEED).write(cases, lambda done, of: tell(f"{done} of {of} cases invented"))
    office.work.start(POSITION, office.log.head())
    return Writing(cases, facts, time.process_time() - began)


def clear(plot: Plot, server: str) -> None:
    """The ground for a new town: an empty folder, or two empty databases on the server."""
    remove(plot, server)
    if plot.kind == "postgresql":
        _on(server, "CREATE DATABASE {}", plot)


def remove(plot: Plot, server: str) -> None:
    shutil.rmtree(plot.settings.data, ignore_errors=True)
    if plot.kind == "postgresql":
        _on(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", plot)


def is_there(plot: Plot, server: str) -> bool:
    if plot.kind == "sqlite":
        return (plot.settings.data / "log.db").exists()
    with psycopg.connect(server) as connection:
        query = "SELECT count(*) FROM pg_database WHERE datname = ANY(%s)"
        return connection.execute(query, (database_names(plot),)).fetchone() == (2,)


def database_names(plot: Plot) -> list[str]:
    urls = (plot.settings.database_url, plot.settings.keys_database_url)
    return [url.rpartition("/")[2] for url in urls]


def _on(server: str, statement: str, plot: Plot) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for name in database_names(plot):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
