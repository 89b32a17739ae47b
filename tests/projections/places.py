"""Where is a projection tried? In a place with a log, a projector and an archive that answers from memory."""

import shutil
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from gru.domain import events as e
from gru.domain.clocks import Calendar
from gru.domain.references import new_id
from gru.domain.rights import Scope
from gru.domain.town import Town
from gru.office.projector import Projector
from gru.storage.databases import Databases, open_postgresql, open_sqlite, reading
from gru.storage.log import Fact, open_log
from projections import ALL
from projections.base import Projection
from tests.domain.test_correcting import with_days
from tests.domain.towns import sample_town
from tests.servers.recycled import Recycled

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERYTHING = Scope(
    departments=("ACC", "VOI", "PRO"),
    within=("normal", "restricted", "secret"),
    everywhere=("normal", "restricted"),
)
AGENT = "agent:" + "a" * 32


_made = count(1)


def new(at: datetime = MONDAY) -> str:
    """An id that sorts behind those made before at the same instant."""
    return new_id(at, next(_made).to_bytes(10, "big"))


class Somebody(msgspec.Struct, frozen=True):
    name: str


class Shelves:
    """An archive in memory; what is taken out of it reads as erased."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}
        self.known: dict[str, Somebody] = {}

    def texts(self, ids: Collection[str]) -> Mapping[str, str | None]:
        return {key: self.written.get(key) for key in ids}

    def people(self, ids: Collection[str]) -> Mapping[str, Somebody | None]:
        return {key: self.known.get(key) for key in ids}

    def forget_connections(self) -> None:
        """It has none."""

    def text(self, words: str) -> e.TextRef:
        key = new()
        self.written[key] = words
        return e.TextRef(key, "digest")

    def person(self, name: str) -> str:
        key = new()
        self.known[key] = Somebody(name)
        return key


RIGHT = replace(
    with_days(sample_town(), *((MONDAY + timedelta(days=number)).date() for number in range(1, 120, 9)), holidays=True),
    number=2,
)
"""A later version that knows holidays the sample town has forgotten."""


def version(number: int, days_of: int) -> Town:
    """Every version is the sample town's, and counts its own days, or those that were put right."""
    return sample_town().with_days_of(RIGHT) if days_of else sample_town()


class SampleCalendars:
    """Every version is the sample town's."""

    def calendar(self, number: int, department: str, days_of: int = 0) -> Calendar:
        town = version(number, days_of)
        return town.calendar_of(department) if department in town.departments else town.legal_calendar

    def read_all(self) -> None:
        """There is but one."""


class Place:
    """A town reduced to its log and its views."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self.log = open_log(databases.kind, databases.log_url)
        self.archive = Shelves()
        self.projector = self.another_projector()
        assert self.projector.prepare() == ()
        self._minutes = 0

    def another_projector(self, projections: tuple[Projection[Any], ...] = ALL) -> Projector:
        return Projector(self.log, self.databases.views, self.archive, SampleCalendars(), projections)

    def record(self, stream: str, *events: e.Event, by: str = "system:intake", at: datetime | None = None) -> None:
        """These facts, a minute after those before, or at an instant."""
        self._minutes += 1
        instant = at or MONDAY + timedelta(minutes=self._minutes)
        self.log.append_many(Fact(stream, instant, by, event) for event in events)

    def open(self, number: str = "2026-000001", *, at: datetime = MONDAY, **facts: Any) -> str:
        """A case just received and registered."""
        case = new(at)
        values: dict[str, Any] = {
            "channel": "email", "site": "HDV", "received_at": at, "town_version": 1, "department": "ACC",
        }  # fmt: skip
        self.record(case, e.CaseOpened(**(values | facts)), e.CaseRegistered(number=number), at=at)
        return case

    def project(self) -> None:
        for group in self.projector.groups:
            assert self.projector.catch_up(group, seconds=60)

    def rows(self, projection: Projection[Any]) -> list[dict[str, Any]]:
        """The whole table, by its key."""
        table = projection.table
        with reading(self.databases.views) as connection:
            return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        return {projection.name: self.rows(projection) for projection in ALL}

    def close(self) -> None:
        self.log.close()
        self.databases.close()


KINDS = ("sqlite", "postgresql")


def empty_place(kind: str, request: pytest.FixtureRequest, folder: Path) -> Place:
    """A place on this database, in which nothing has happened yet."""
    if kind == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_place"), folder, dirs_exist_ok=True)
        return Place(open_sqlite(folder))
    pair: Recycled = request.getfixturevalue("postgresql_place")
    dsn, _ = pair.as_made()
    return Place(open_postgresql(dsn, dsn))


def scope(*departments: str) -> Scope:
    """Who sees only these departments, without what is secret."""
    return Scope(departments=departments, within=("normal", "restricted"))


def promise(kind: e.CommitmentKind, due: datetime) -> e.CommitmentPromised:
    warn_at = MONDAY + (due - MONDAY) * 0.8
    return e.CommitmentPromised(kind=kind, due=due, warn_at=warn_at, rule="r", calendar="c", town_version=1)


def reply(
    reply_id: str, kind: e.ReplyKind = "answer", *, channel: e.Channel = "email", human: bool = True, **facts: Any
) -> e.ReplyWritten:
    return e.ReplyWritten(reply_id=reply_id, kind=kind, channel=channel, human=human, **facts)


def qualified(department: str, confidentiality: e.Confidentiality = "normal", **facts: Any) -> e.CaseQualified:
    values: dict[str, Any] = {"type": "VOI-CHAUSSEE"} | facts
    return e.CaseQualified(department=department, confidentiality=confidentiality, **values)
