"""What is a projection, and what do all of them share?

A projection is a fold: `fold(state, recorded)` gives the rows of its table that one more fact leads to, and changes
nothing it was given. The projector loads, saves and rebuilds; a projection knows no database but its table.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    false,
    or_,
)
from sqlalchemy.types import TypeEngine

from gru.domain.clocks import Calendar
from gru.domain.events import Confidentiality, Event, Recorded
from gru.domain.rights import Scope
from projections.base.subtotal import Dated

Row = dict[str, Any]
Changes = Sequence[tuple[Row | None, Row | None]]
"""What stood there and what stands there now; `None` is no row."""
Key = str | tuple[Any, ...]
Group = Literal["inline", "later"]
State = TypeVar("State")

VIEWS = MetaData(schema="views")
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no date" where an index sorts by date."""


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; ISO text that sorts as time does where the database (SQLite) knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String(32) if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Values as JSON text, read back as a `shape` that msgspec knows; without one, dates come back as their text."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape
        self.read = msgspec.json.Decoder(shape).decode

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.read(value)


def code(name: str, *, primary_key: bool = False) -> Column[str]:
    """A code, an id or a name; `""` is none."""
    return Column(name, String, primary_key=primary_key, nullable=False)


def iso(at: datetime) -> str:
    """How an instant stands in SQLite: in UTC, so that the texts sort as the instants do."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()


# --- words: what the projector tells a fold besides the fact ------------------------------------------------------


class Named(Protocol):
    """What of a person in the archive is read."""

    @property
    def name(self) -> str: ...


class Wants(msgspec.Struct, frozen=True):
    """Which texts and people a fold must be told to fold one fact."""

    texts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


CalendarOf = Callable[[int, str, int], Calendar]
"""The opening hours of a department in a version of the town, counting the days of another (0: its own).

A version never changes.
"""


def _no_calendar(version: int, department: str, days_of: int) -> Calendar:
    raise LookupError("this projector was given no calendars")


class Words(msgspec.Struct, frozen=True):
    """What the archive answered (`None`, or missing, is erased), and the calendars that cases are bound to."""

    texts: Mapping[str, str | None] = {}
    people: Mapping[str, Named | None] = {}
    calendar: CalendarOf = _no_calendar


NOTHING = Wants()
NO_WORDS = Words()


# --- the projection ----------------------------------------------------------------------------------------------


class Projection(ABC, Generic[State]):
    """One question, one table, one fold. `State` is what the fold starts from and leads to: see `OneRow`, `Rows`.

    Every row belongs to one stream and is folded from that stream alone, so a rebuild may take the streams in parts.
    A fold skips what its row has seen (`version`), so that a fact folded twice changes nothing.
    """

    name: ClassVar[str]
    question: ClassVar[str]
    group: ClassVar[Group] = "inline"
    table: ClassVar[Table]
    events: ClassVar[tuple[type[Event], ...]]
    edition: ClassVar[int] = 1
    """Raised when the fold comes to mean something else, so that the table is rebuilt."""
    key_columns: ClassVar[tuple[str, ...]] = ("case_id",)
    """The columns that `key` gives: the whole primary key of `OneRow`, all but the last of `Rows`."""
    only_adds: ClassVar[bool] = False
    """Each fact makes a row of its own, so nothing need be loaded."""
    wants_words: ClassVar[bool] = False
    dated: ClassVar[tuple[Dated, ...]] = ()
    """How its rows stand in time, by the names that questions about subtotals give it."""

    def reached(self, connection: Connection, changes: Changes) -> Iterator[tuple[str, str, datetime]]:
        """Under which of `dated`, in which departments, at which instants counts are others after these changes."""
        for dated in self.dated:
            for old, new in changes:
                for department, at in dated.places(old, new):
                    yield dated.name, department, at

    def key(self, recorded: Recorded) -> Key:
        """Which rows a fact concerns: a value for one key column, a tuple for several."""
        return recorded.stream_id

    def wants(self, recorded: Recorded) -> Wants:
        return NOTHING

    @abstractmethod
    def fold(self, state: State, recorded: Recorded, words: Words = NO_WORDS) -> State:
        """The rows that one more fact leads to; `state` and `recorded` stay as they are."""

    # What the table is besides its columns and indexes, as SQL for a table called `table`, in the words of `dialect`.

    def made(self, dialect: str, table: str) -> tuple[str, ...]:
        """Said when the empty table is made."""
        return ()

    def filled(self, dialect: str, table: str, generation: int) -> tuple[str, ...]:
        """Said when its rows are in, with the indexes."""
        return ()

    def renamed(self, dialect: str, old: str, new: str) -> tuple[str, ...]:
        """Said when it has taken its place: what hangs on a name follows."""
        return ()

    def scrubbed(self, dialect: str, table: str) -> tuple[str, ...]:
        """Said after an erasure, outside a transaction on PostgreSQL: no page may keep what the rows have dropped."""
        return ()

    def dropped(self, dialect: str, table: str) -> tuple[str, ...]:
        """Said before it is dropped."""
        return ()


class OneRow(Projection[Row | None]):
    """One row for each key; `None` is no row."""


class Rows(Projection[Mapping[Any, Row]]):
    """Several rows for each key, by the last column of the primary key."""


Change = Callable[[Row, Any, Recorded], None]
"""Changes a row that is the fold's own copy, by one event."""


def versioned(row: Row | None, recorded: Recorded) -> Row | None:
    """A copy that has seen this fact, for the fold to change; `None` when there is no row or it has seen it already."""
    if row is None or row["version"] >= recorded.version:
        return None
    copy = row.copy()
    copy["version"] = recorded.version
    return copy


# --- who may see what --------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def within(table: Table, scope: Scope) -> ColumnElement[bool]:
    """The condition that a list, a count, a search shows nothing outside of what an agent may see."""
    reach: list[ColumnElement[bool]] = []
    if scope.everywhere:
        reach.append(at_level(table, scope.everywhere))
    if scope.within and scope.departments:
        reach.append(and_(at_level(table, scope.within), table.c.department.in_(scope.departments)))
    if scope.on_site and scope.sites:
        reach.append(and_(at_level(table, scope.on_site), table.c.site.in_(scope.sites)))
    return or_(*reach) if reach else false()


@lru_cache(maxsize=64)
def at_level(table: Table, levels: tuple[Confidentiality, ...]) -> ColumnElement[bool]:
    """Confidential as one of these; without IN, whose values are put into the statement anew each time."""
    return or_(false(), *(table.c.confidentiality == level for level in levels))
