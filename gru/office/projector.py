"""How do facts become the answers the pages read, fresh enough and never twice?

A batch is read, the rows it touches are loaded, folded in memory and put back in bulk, and the group's position moves
with them, in one transaction that holds the position row: any number of projectors may run, and a crash moves
nothing. A fact that breaks a fold is parked for that projection, noted without its content and alarmed; the row goes
on without it, so that one bad fact hides nothing that came after. A rebuild clears what was parked.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic, sleep
from traceback import extract_tb
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError

from gru.domain.clocks import Calendar
from gru.domain.events import Recorded
from gru.office import subtotals, views
from gru.office.views import Built, Position, Shelf, names_wanted
from gru.storage.databases import reading, writing
from gru.storage.log import Part, Raw, read_out
from gru.storage.sealing import Tampered
from projections import ALL
from projections.base import Group, Key, Named, Projection, Row, Rows, Words

LIVE_BATCH = 500
PAUSE_SECONDS = 0.005
GROUPS: tuple[Group, ...] = ("inline", "later")
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done and how much there is to do."""

log_of_this = logging.getLogger(__name__)


class Facts(Protocol):
    """What the projector needs of the log."""

    def head(self) -> int: ...

    def raw(self, after: int, limit: int) -> list[Raw]: ...

    def parts(self, count: int) -> list[Part]: ...

    def raw_part(self, after: int, limit: int, part: Part) -> list[Raw]: ...

    def wait(self, position: int, timeout: float) -> bool: ...

    def forget_connections(self) -> None:
        """A child process begins: it makes its own, and leaves those of its parent alone."""


class WordSource(Protocol):
    """What the projector needs of the archive."""

    def texts(self, ids: Collection[str]) -> Mapping[str, str | None]: ...

    def people(self, ids: Collection[str]) -> Mapping[str, Any]: ...

    def forget_connections(self) -> None:
        """As the log does."""


class Calendars(Protocol):
    """What the projector needs of the town."""

    def calendar(self, version: int, department: str, days_of: int = 0) -> Calendar: ...

    def read_all(self) -> None:
        """Have every version at hand, so that a child process need not ask."""


class Parked(msgspec.Struct, frozen=True):
    """A fact that one projection could not fold; `error` says where and how, without content."""

    projection: str
    position: int
    stream_id: str
    version: int
    name: str
    error: str
    at: datetime


class Projector:
    def __init__(
        self,
        log: Facts,
        engine: Engine,
        archive: WordSource,
        calendars: Calendars,
        projections: Sequence[Projection[Any]] = ALL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.log = log
        self.engine = engine
        self.groups = GROUPS
        self.archive = archive
        self.calendars = calendars
        self.projections = {projection.name: projection for projection in projections}
        self.shapes = {name: views.shape_of(projection) for name, projection in self.projections.items()}
        self.parked_since_start = 0
        self._now = now
        self._shelves = {name: views.shelf_in_use(p, engine.dialect.name) for name, p in self.projections.items()}
        self._wanted = {group: names_wanted(self.group(group)) for group in GROUPS}

    def group(self, group: str) -> list[Projection[Any]]:
        return [projection for projection in self.projections.values() if projection.group == group]

    # --- tables ------------------------------------------------------------------------------------------------

    def prepare(self) -> tuple[str, ...]:
        """Make what is missing, as long as nothing has been projected yet; the projections that need a rebuild."""
        outdated: list[str] = []
        with views.making(self.engine) as connection:
            views.make_own_tables(connection, GROUPS)
            for group in GROUPS:
                at = views.take(connection, group, patient=True)
                assert at is not None
                built = dict(at.built)
                for projection in self.group(group):
                    name, shape = projection.name, self.shapes[projection.name]
                    if name in built and built[name].shape == shape:
                        continue
                    if at.position:
                        outdated.append(name)
                        continue
                    built[name] = Built(built[name].generation + 1 if name in built else 1, shape)
                    self._begin(connection, projection, built[name].generation)
                views.record_built(connection, group, built)
        return tuple(outdated)

    def _begin(self, connection: Connection, projection: Projection[Any], generation: int) -> None:
        self._shelves[projection.name].drop(connection)
        shelf = Shelf(projection, self.engine.dialect.name, generation)
        shelf.make(connection, complete=True)
        shelf.rename(connection, projection.table.name)

    # --- live --------------------------------------------------------------------------------------------------

    def catch_up(self, group: Group = "inline", to: int | None = None, seconds: float = 2.0) -> bool:
        """Project up to this position (default: all there is); `False` when the time was not enough."""
        deadline = monotonic() + seconds
        if to is None:
            to = self.log.head()
            if self.position(group) >= to:
                return True
        while True:
            at = self._advance(group, LIVE_BATCH, to)
            if at is not None and at >= to:
                return True
            if monotonic() > deadline:
                return False
            if at is None:
                sleep(PAUSE_SECONDS)
                if self.position(group) >= to:
                    return True

    def step(self, group: Group, limit: int = LIVE_BATCH) -> int:
        """One batch: how far the position moved; 0 when there was nothing to do or another projector was at it."""
        before = self.position(group)
        at = self._advance(group, limit)
        return at - before if at is not None else 0

    def follow(
        self, stopped: threading.Event, groups: Sequence[Group] = GROUPS, beat: Callable[[], None] = lambda: None
    ) -> None:
        """Project all that comes, until stopped: the safety net behind the requests that drain the log themselves."""
        while not stopped.is_set():
            for group in groups:
                while self.step(group) and not stopped.is_set():
                    pass
            beat()
            self.log.wait(min(self.position(group) for group in groups), 0.5)

    def position(self, group: Group) -> int:
        return views.look_up(self.engine, group).position

    def lag(self, group: Group) -> int:
        """How many positions the group is behind the log."""
        return max(0, self.log.head() - self.position(group))

    def parked(self, limit: int = 100) -> tuple[Parked, ...]:
        """The newest facts that could not be folded."""
        table = views.parked
        shown = [table.c[field] for field in Parked.__struct_fields__]
        with reading(self.engine) as connection:
            rows = connection.execute(select(*shown).order_by(table.c.position.desc()).limit(limit))
            return tuple(Parked(*row) for row in rows)

    def scrub(self) -> None:
        """After an erasure: no page of the views may keep what their rows have dropped."""
        dialect = self.engine.dialect.name
        said = [s for shelf in self._shelves.values() for s in shelf.projection.scrubbed(dialect, shelf.full_name())]
        if dialect == "sqlite":
            with writing(self.engine) as connection:
                Shelf.say(connection, said)
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            Shelf.say(connection, said)

    # --- one batch ---------------------------------------------------------------------------------------------

    def _advance(self, group: Group, limit: int, enough: int | None = None) -> int | None:
        """Fold the next batch and return the position; `None` when another projector holds it."""
        try:
            return self._batch(group, limit, enough, folder=self.fold)
        except StatementError as error:
            if isinstance(error, OperationalError | InterfaceError):
                raise
            return self._batch(group, limit, enough, folder=self._fold_carefully)

    def _batch(self, group: Group, limit: int, enough: int | None, folder: "Folder") -> int | None:
        with writing(self.engine) as connection:
            at = views.take(connection, group)
            if at is None or (enough is not None and at.position >= enough):
                return at.position if at else None
            raws = self.log.raw(at.position, limit)
            if not raws:
                return at.position
            parked: list[Row] = []
            folder(connection, self.in_use(group, at), self.read(raws, self._wanted[group], parked), parked)
            views.park(connection, parked)
            views.move(connection, group, raws[-1][0])
        self.parked_since_start += len(parked)
        return raws[-1][0]

    def in_use(self, group: Group, at: Position) -> list[Shelf]:
        """The tables that this version of the program may write; an outdated one waits for its rebuild."""
        return [
            self._shelves[projection.name]
            for projection in self.group(group)
            if projection.name in at.built and at.built[projection.name].shape == self.shapes[projection.name]
        ]

    def read(self, raws: Iterable[Raw], wanted: Mapping[str, Sequence[str]], parked: list[Row]) -> list[Recorded]:
        """The events that some projection wants; what cannot be read is parked for each of them."""
        events = []
        for raw in raws:
            if raw[3] in wanted:
                try:
                    events.append(read_out(raw))
                except Exception as error:
                    for projection in wanted[raw[3]]:
                        parked.append(self._parked(projection, raw[:4], error))
        return events

    def fold(self, connection: Connection, shelves: Sequence[Shelf], events: list[Recorded], parked: list[Row]) -> None:
        """Load, fold and save, each projection by itself."""
        words = self.words([shelf.projection for shelf in shelves], events)
        for shelf in shelves:
            self._fold_into(connection, shelf, events, words, parked)

    def _fold_into(
        self, connection: Connection, shelf: Shelf, events: Sequence[Recorded], words: Words, parked: list[Row]
    ) -> None:
        projection = shelf.projection
        keyed: list[tuple[Key, Recorded]] = []
        for recorded in events:
            if isinstance(recorded.event, projection.events):
                try:
                    keyed.append((projection.key(recorded), recorded))
                except Exception as error:
                    parked.append(self.parked_row(projection, recorded, error))
        if not keyed:
            return
        before = {} if projection.only_adds else shelf.load(connection, dict(keyed))
        after = fold_all(projection, before, keyed, words, lambda *why: parked.append(self.parked_row(*why)))
        changes = shelf.changes(before, after)
        shelf.save(connection, changes)
        if projection.dated:
            subtotals.note(connection, projection, changes, keyed[-1][1].position)

    def _fold_carefully(
        self, connection: Connection, shelves: Sequence[Shelf], events: list[Recorded], parked: list[Row]
    ) -> None:
        """The database refused a row of this batch: one fact after the other, to find it and go on without it."""
        for recorded in events:
            words = self.words([shelf.projection for shelf in shelves], [recorded])
            for shelf in shelves:
                try:
                    with connection.begin_nested():
                        self._fold_into(connection, shelf, [recorded], words, parked)
                except StatementError as error:
                    if isinstance(error, OperationalError | InterfaceError):
                        raise
                    parked.append(self.parked_row(shelf.projection, recorded, error))

    def words(self, projections: Sequence[Projection[Any]], events: Sequence[Recorded]) -> Words:
        """What the folds of this batch must be told, in one question for the texts and one for the people."""
        texts: dict[str, None] = {}
        people: dict[str, None] = {}
        for projection in projections:
            if projection.wants_words:
                for recorded in events:
                    if isinstance(recorded.event, projection.events):
                        wants = projection.wants(recorded)
                        texts |= dict.fromkeys(wants.texts)
                        people |= dict.fromkeys(wants.people)
        named: Mapping[str, Named | None] = self._ask(self.archive.people, list(people))
        return Words(self._ask(self.archive.texts, list(texts)), named, self.calendars.calendar)

    def _ask(self, question: Callable[[Collection[str]], Mapping[str, Any]], ids: list[str]) -> Mapping[str, Any]:
        """One text that cannot be opened counts as erased; whatever else happens is the archive not answering."""
        if not ids:
            return {}
        try:
            return question(ids)
        except (Tampered, ValueError):
            if len(ids) == 1:
                log_of_this.error("archive entry %s cannot be opened", ids[0])
                return {ids[0]: None}
            half = len(ids) // 2
            return {**self._ask(question, ids[:half]), **self._ask(question, ids[half:])}

    def parked_row(self, projection: Projection[Any], recorded: Recorded, error: Exception) -> Row:
        at = (recorded.position, recorded.stream_id, recorded.version, recorded.event.NAME)
        return self._parked(projection.name, at, error)

    def _parked(self, projection: str, at: tuple[int, str, int, str], error: Exception) -> Row:
        said = where_and_how(error)
        log_of_this.error("parked for %s: position %d (%s): %s", projection, at[0], at[3], said)
        return {
            "projection": projection,
            "position": at[0],
            "stream_id": at[1],
            "version": at[2],
            "name": at[3],
            "error": said,
            "at": self._now(),
        }


Folder = Callable[[Connection, Sequence[Shelf], list[Recorded], list[Row]], None]


def fold_all(
    projection: Projection[Any],
    before: Mapping[Key, Any],
    keyed: Iterable[tuple[Key, Recorded]],
    words: Words,
    broken: Callable[[Projection[Any], Recorded, Exception], None],
) -> dict[Key, Any]:
    """The state of each key after these facts; one that breaks the fold is told and passed over."""
    after: dict[Key, Any] = {}
    empty: Any = {} if isinstance(projection, Rows) else None
    for key, recorded in keyed:
        state = after[key] if key in after else before.get(key, empty)
        try:
            after[key] = projection.fold(state, recorded, words)
        except Exception as error:
            broken(projection, recorded, error)
    return after


def where_and_how(error: Exception) -> str:
    """The kind of an error and the place it was raised, never its message: that may quote what somebody wrote."""
    frames = extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{place}"[:200]
