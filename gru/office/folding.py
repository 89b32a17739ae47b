"""How is a long history folded in memory, and by more than one processor?

A stream is folded by one process from beginning to end: children fold the streams of one part each, and are sent the
stored facts of their part page by page.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from typing import Any, Protocol

from gru.domain.events import Recorded
from gru.office.views import names_wanted
from gru.storage.log import Raw
from projections.base import Key, Projection, Row, Rows, Words

Put = Callable[[Projection[Any], Iterable[Row]], None]


class Reader(Protocol):
    """What of the projector a folding needs."""

    def read(self, raws: Iterable[Raw], wanted: dict[str, list[str]], parked: list[Row]) -> list[Recorded]: ...

    def words(self, projections: Sequence[Projection[Any]], events: Sequence[Recorded]) -> Words: ...

    def parked_row(self, projection: Projection[Any], recorded: Recorded, error: Exception) -> Row: ...


class Folding:
    """The states of one pass, in memory."""

    def __init__(self, projections: Sequence[Projection[Any]], reader: Reader, put: Put) -> None:
        self._reader = reader
        self._put = put
        self.parked: list[Row] = []
        self._projections = projections
        self._wanted = names_wanted(projections)
        self._worded = [p for p in projections if p.wants_words]
        self._states: dict[str, dict[Key, Any]] = {p.name: {} for p in projections if not p.only_adds}
        self._added: dict[str, list[Row]] = {p.name: [] for p in projections if p.only_adds}

    def fold(self, raws: Sequence[Raw]) -> None:
        """Fold a page; the rows that need not be kept are put away at once."""
        events = self._reader.read(raws, self._wanted, self.parked)
        words = self._reader.words(self._worded, events)
        for projection in self._projections:
            kinds = frozenset(projection.events)
            fold, key, adds = projection.fold, projection.key, projection.only_adds
            states = self._states.get(projection.name, {})
            added = self._added.get(projection.name, [])
            empty: Any = {} if isinstance(projection, Rows) else None
            for recorded in events:
                if type(recorded.event) not in kinds:
                    continue
                try:
                    if adds:
                        added.append(fold(None, recorded, words))
                    else:
                        at = key(recorded)
                        states[at] = fold(states.get(at, empty), recorded, words)
                except Exception as error:
                    self.parked.append(self._reader.parked_row(projection, recorded, error))
            if added:
                self._put(projection, added)
                added.clear()

    def end(self) -> None:
        """Put all rows away, and forget them."""
        for projection in self._projections:
            states = self._states.pop(projection.name, {})
            if isinstance(projection, Rows):
                self._put(projection, (row for rows in states.values() for row in rows.values()))
            else:
                self._put(projection, (row for row in states.values() if row is not None))

    def wait(self) -> None:
        """Everything was done as it was said."""


class Beside:
    """A folding in a child process, which makes its own connections after `begin` has forgotten those of the parent."""

    def __init__(self, folding: Folding, begin: Callable[[], None]) -> None:
        context = get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_fold_beside, args=(folding, begin, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.parked: list[Row] = []

    def fold(self, raws: Sequence[Raw]) -> None:
        self._say(list(raws))

    def end(self) -> None:
        self._say(None)

    def wait(self) -> None:
        """Until the child has put all its rows away."""
        answer = self._pipe.recv()
        self._process.join()
        if isinstance(answer, Exception):
            raise answer
        self.parked = answer

    def _say(self, what: list[Raw] | None) -> None:
        """A child that broke off has said why."""
        try:
            self._pipe.send(what)
        except BrokenPipeError:
            self.wait()


def _fold_beside(folding: Folding, begin: Callable[[], None], pipe: "Pipe[Any, Any]") -> None:
    try:
        begin()
        while (raws := pipe.recv()) is not None:
            folding.fold(raws)
        folding.end()
        pipe.send(folding.parked)
    except Exception as error:
        pipe.send(RuntimeError(f"{type(error).__name__} in the folding beside: {error}"))


@contextmanager
def no_collector() -> Iterator[None]:
    """Millions of rows without cycles: looking for some among them costs more than folding them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
