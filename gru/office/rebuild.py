"""How is a table of the views filled anew from the whole history while the old one serves?

The log is folded in memory in passes, each over the streams of one part, so that memory holds one part at a time;
the rows go in bulk into tables beside those in use, then come the indexes, then what happened meanwhile, then the
swap, in one transaction with the position of the group. One rebuild at a time: a second one is refused.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from time import sleep
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from gru.office import subtotals, views
from gru.office.folding import Folding, Tell, fold_beside, no_collector
from gru.office.projector import Progress, Projector
from gru.office.views import Built, Shelf, names_wanted
from gru.storage.alone import alone
from gru.storage.databases import writing
from gru.storage.log import Part, Raw
from gru.storage.standing import forget_views
from projections.base import Group, Projection, Row

PAGE = 10_000
EVENTS_A_PASS = 2_500_000
"""Some 200,000 cases, about 3 GB."""
ROWS_A_TRANSACTION = 20_000
NEAR = 2_000
WORTH_CHILDREN = 100_000
MOST_CHILDREN = 16
TRIES = 20
PATIENCE = "2s"
REBUILD = "rebuild"


class Overtaken(Exception):
    """Another rebuild took its place after all, or new facts come faster than they are projected."""


def rebuild(
    projector: Projector,
    names: Collection[str] = (),
    progress: Progress = lambda what, done, total: None,
    passes: int | None = None,
    processes: int | None = None,
) -> None:
    """Fill the tables of these projections (default: all) anew and put them in place; `Busy` while another does."""
    with alone(projector.engine, REBUILD):
        _rebuild(projector, names, progress, passes, processes)


def rebuild_from_nothing(projector: Projector, progress: Progress = lambda what, done, total: None) -> None:
    """The views are of another log, and would be believed: away with them, then all anew."""
    with alone(projector.engine, REBUILD):
        forget_views(projector.engine)
        projector.prepare()
        _rebuild(projector, (), progress, None, None)


def _rebuild(
    projector: Projector, names: Collection[str], progress: Progress, passes: int | None, processes: int | None
) -> None:
    work = _Rebuild(projector, [name for name in projector.projections if not names or name in names], progress)
    work.make()
    work.fill(passes, processes)
    work.finish()
    for group in projector.groups:
        work.swap(group)


class _Rebuild:
    def __init__(self, projector: Projector, names: Sequence[str], progress: Progress) -> None:
        self._projector = projector
        self._progress = progress
        self._projections = [projector.projections[name] for name in names]
        self._kind = projector.engine.dialect.name
        self._shelves: dict[str, Shelf] = {}
        self._parked: list[Row] = []
        self._upto = 0

    # --- filled beside the one in use --------------------------------------------------------------------------

    def make(self) -> None:
        """Of a generation that was never before, so that no other rebuild's tables are taken for these."""
        with views.making(self._projector.engine) as connection:
            last = views.drop_leftovers(connection, self._projector.projections.values())
            for group in self._projector.groups:
                built = views.stood(connection, group).built.values()
                last = max(last, *(before.generation for before in built), 0)
            self._shelves = {p.name: Shelf(p, self._kind, last + 1) for p in self._projections}
            for shelf in self._shelves.values():
                shelf.make(connection, complete=False)

    def fill(self, passes: int | None, processes: int | None) -> None:
        """By so many child processes; by default as many as there are processors, where the database takes several
        writers and the history is worth it."""
        self._upto = self._projector.log.head()
        self._projector.calendars.read_all()
        passes = passes or 1 + self._upto // EVENTS_A_PASS
        if processes is None:
            many = self._upto > WORTH_CHILDREN and self._kind == "postgresql"
            processes = min(os.cpu_count() or 1, MOST_CHILDREN) if many else 0
        folders = processes or 1
        parts = self._projector.log.parts(passes * folders)

        def tell(done: int) -> None:
            self._progress("fold", done, self._upto * len(parts))

        if processes:
            shares = [parts[number::folders] for number in range(folders)]
            self._parked = fold_beside(self._fold, shares, self._forget_connections, tell)
        else:
            self._parked = self._fold(parts, tell)

    def _fold(self, parts: Sequence[Part], tell: Tell) -> list[Row]:
        """Read the log once for each part, fold its streams, and put the rows in; what was parked."""
        parked: list[Row] = []
        with no_collector():
            for number, part in enumerate(parts):
                folding = Folding(self._projections, self._projector, self._put)
                for raws in self._pages(part):
                    folding.fold(raws)
                    tell(number * self._upto + raws[-1][0])
                folding.end()
                parked += folding.parked
        return parked

    def _forget_connections(self) -> None:
        """A child must not speak on its parent's connections."""
        self._projector.engine.dispose(close=False)
        self._projector.archive.forget_connections()
        self._projector.log.forget_connections()

    def _pages(self, part: Part) -> Iterator[list[Raw]]:
        after = 0
        while raws := self._projector.log.raw_part(after, PAGE, part):
            wanted = [raw for raw in raws if raw[0] <= self._upto]
            if wanted:
                yield wanted
            if len(wanted) < PAGE:
                return
            after = wanted[-1][0]

    def _put(self, projection: Projection[Any], rows: Iterable[Row]) -> None:
        """In transactions short enough for the live projector to come in between."""
        waiting = iter(rows)
        while chunk := list(islice(waiting, ROWS_A_TRANSACTION)):
            with writing(self._projector.engine) as connection:
                self._shelves[projection.name].fill(connection, chunk)

    def finish(self) -> None:
        """The indexes; PostgreSQL makes those of two tables at a time."""
        self._progress("index", 0, len(self._shelves))
        at_once = 1 if self._kind == "sqlite" else 2
        with ThreadPoolExecutor(at_once) as pool:
            for number, name in enumerate(pool.map(self._finish, self._shelves), 1):
                self._progress(f"index {name}", number, len(self._shelves))

    def _finish(self, name: str) -> str:
        shelf = self._shelves[name]
        for step in shelf.finishing():
            with writing(self._projector.engine) as connection:
                shelf.say(connection, step)
        shelf.settle(self._projector.engine)
        return name

    # --- put in place ------------------------------------------------------------------------------------------

    def swap(self, group: Group) -> None:
        """Catch up with what happened meanwhile, the last of it under the lock of the position, and take the place."""
        shelves = [shelf for shelf in self._shelves.values() if shelf.projection.group == group]
        if not shelves:
            return
        self._progress(f"swap {group}", 0, 1)
        at = self._catch_up(group, shelves)
        for attempt in range(1, TRIES + 1):
            try:
                at, old = self._take_place(group, shelves, at)
                break
            except OperationalError:
                if attempt == TRIES:
                    raise
                sleep(0.1 * attempt)
        with views.making(self._projector.engine) as connection:
            for shelf in old:
                shelf.drop(connection)
        self._progress(f"swap {group}", 1, 1)

    def _catch_up(self, group: Group, shelves: list[Shelf]) -> int:
        """Fold into the new tables until they are near the head; the live projector must be there too."""
        at = self._upto
        while self._projector.log.head() - at > NEAR:
            with writing(self._projector.engine) as connection:
                at = self._apply(connection, shelves, at, None)
        others = [p for p in self._projector.group(group) if p.name not in self._shelves]
        if others and not self._projector.catch_up(group, at, seconds=3600):
            raise Overtaken(f"The live projection of {group} does not follow.")
        return at

    def _take_place(self, group: Group, shelves: list[Shelf], at: int) -> tuple[int, list[Shelf]]:
        engine = self._projector.engine
        old: list[Shelf] = []
        with writing(engine) as connection:
            if self._kind == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            stands = views.take(connection, group, patient=True)
            assert stands is not None
            while at < stands.position:
                at = self._apply(connection, shelves, at, stands.position)
            built = dict(stands.built)
            for shelf in shelves:
                built[shelf.projection.name] = self._put_in_place(connection, shelf, built, old)
            views.record_built(connection, group, built)
            views.move(connection, group, max(at, stands.position))
            names = [shelf.projection.name for shelf in shelves]
            views.release(connection, names)
            subtotals.forget(connection, names)
            mine = {shelf.projection.name for shelf in shelves}
            views.park(connection, [row for row in self._parked if row["projection"] in mine])
        return at, old

    def _put_in_place(self, connection: Connection, shelf: Shelf, built: dict[str, Built], old: list[Shelf]) -> Built:
        projection = shelf.projection
        assert shelf.generation is not None
        before = built.get(projection.name)
        if before is not None:
            if before.generation >= shelf.generation or not shelf.is_made(connection):
                raise Overtaken(f"Another rebuild took the place of {projection.name}.")
            former = Shelf(projection, self._kind, before.generation)
            views.shelf_in_use(projection, self._kind).rename(connection, former.name)
            old.append(former)
        shelf.rename(connection, projection.table.name)
        return Built(shelf.generation, self._projector.shapes[projection.name])

    def _apply(self, connection: Connection, shelves: list[Shelf], at: int, upto: int | None) -> int:
        """One more page into the new tables, as the live projector would; the position after it."""
        raws = self._projector.log.raw(at, PAGE)
        if upto is not None:
            raws = [raw for raw in raws if raw[0] <= upto]
        if not raws:
            return at if upto is None else upto
        wanted = names_wanted(shelf.projection for shelf in shelves)
        events = self._projector.read(raws, wanted, self._parked)
        self._projector.fold(connection, shelves, events, self._parked)
        return raws[-1][0]
