"""How is a long history folded in memory, and by more than one processor?

A stream is folded by one process from beginning to end: children read and fold the streams of some parts each.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, cast

from gru.domain.events import Recorded
from gru.office.views import names_wanted
from gru.storage.log import Part, Raw
from projections.base import Key, Projection, Row, Rows, Words

Pipe = Connection
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


Tell = Callable[[int], None]
Work = Callable[[Sequence[Part], Tell], list[Row]]
"""Folds these parts, tells how far it is, and returns what was parked."""


def fold_beside(work: Work, shares: Sequence[Sequence[Part]], begin: Callable[[], None], tell: Tell) -> list[Row]:
    """A child process for each share, which makes its own connections after `begin` has forgotten those of the parent.

    `tell` is told how far they are together. Raises `RuntimeError` with what one of them said when it broke off.
    """
    context = get_context("fork")
    pipes: dict[Pipe, int] = {}
    children = []
    for share in shares:
        ours, theirs = context.Pipe(duplex=False)
        children.append(context.Process(target=_child, args=(work, share, begin, theirs), daemon=True))
        children[-1].start()
        theirs.close()
        pipes[ours] = 0
    try:
        return _heard(pipes, tell)
    finally:
        for child in children:
            child.terminate()
            child.join()


def _heard(pipes: dict[Pipe, int], tell: Tell) -> list[Row]:
    """What all of them parked, once each has said that it is done."""
    parked: list[Row] = []
    speaking = set(pipes)
    while speaking:
        for pipe in cast("list[Pipe]", wait(speaking)):
            said = _said(pipe)
            if isinstance(said, int):
                pipes[pipe] = said
                tell(sum(pipes.values()))
            else:
                parked += said
                speaking.remove(pipe)
    return parked


def _said(pipe: Pipe) -> int | list[Row]:
    try:
        said: int | list[Row] | Exception = pipe.recv()
    except EOFError:
        said = RuntimeError("the folding beside was killed")
    if isinstance(said, Exception):
        raise said
    return said


def _child(work: Work, share: Sequence[Part], begin: Callable[[], None], pipe: Pipe) -> None:
    try:
        begin()
        pipe.send(work(share, pipe.send))
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
