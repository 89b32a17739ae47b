"""What did the figures say at an earlier fact?

A cut is made by reading the history again up to that fact and folding it as it was folded then: the same folds, the
same questions, other tables, in files of their own that may be thrown away.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from gru.office.projector import Calendars, Progress, Projector, WordSource
from gru.office.rebuild import rebuild
from gru.storage.databases import open_sqlite
from gru.storage.log import Log, Part, Raw
from projections import ALL
from projections.base import Projection
from projections.queue import Queue

MOST_KEPT = 12
"""Cuts on disk; the one looked at least recently makes room."""

MAKING = "making-"


class NotMade(LookupError):
    """Nobody has asked for this cut yet, or it has been thrown away."""


class Cuts:
    def __init__(self, log: Log, folder: Path, archive: WordSource, calendars: Calendars) -> None:
        self._log = log
        self._folder = folder
        self._archive = archive
        self._calendars = calendars

    def is_fact(self, position: int) -> bool:
        """Positions have holes, and nothing is cut in a hole."""
        return self._place(position) is not None

    def make(self, position: int, progress: Progress = lambda what, done, total: None) -> None:
        """Fold the history up to `position`; `ValueError` when there is no such fact."""
        place = self._place(position)
        if place is None:
            raise ValueError(f"The history has no fact {position}.")
        if place.is_dir():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=self._folder))
        try:
            with _tables(making) as engine:
                projector = Projector(_Upto(self._log, position), engine, self._archive, self._calendars, FIGURES)
                projector.prepare()
                rebuild(projector, progress=progress)
            making.rename(place)
        except OSError:
            if not place.is_dir():
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
        self._make_room()

    @contextmanager
    def opened(self, position: int) -> Iterator[Engine]:
        """The tables as they stood at this fact."""
        place = self._place(position)
        if place is None or not place.is_dir():
            raise NotMade(position)
        place.touch()
        with _tables(place) as engine:
            yield engine

    def _place(self, position: int) -> Path | None:
        """Named after the fact besides: an older log may have come back, and given its position to another."""
        found = self._log.raw(position - 1, 1) if position > 0 else []
        if not found or found[0][0] != position:
            return None
        return self._folder / f"{position}-{found[0][4][:8].hex()}"

    def _make_room(self) -> None:
        made = [place for place in self._folder.iterdir() if not place.name.startswith(MAKING)]
        made.sort(key=lambda place: place.stat().st_mtime, reverse=True)
        for place in made[MOST_KEPT:]:
            shutil.rmtree(place, ignore_errors=True)


FIGURES: Sequence[Projection[Any]] = tuple(p for p in ALL if p.group == "later" or isinstance(p, Queue))
"""What the pages of figures ask."""


@contextmanager
def _tables(folder: Path) -> Iterator[Engine]:
    databases = open_sqlite(folder)
    try:
        yield databases.views
    finally:
        databases.close()


class _Upto:
    """The log as it was when `position` was its last."""

    def __init__(self, log: Log, position: int) -> None:
        self._log = log
        self._position = position

    def head(self) -> int:
        return self._position

    def wait(self, position: int, timeout: float) -> bool:
        """Nothing comes any more."""
        return False

    def raw(self, after: int, limit: int) -> list[Raw]:
        return [raw for raw in self._log.raw(after, limit) if raw[0] <= self._position]

    def parts(self, count: int) -> list[Part]:
        return self._log.parts(count)

    def raw_part(self, after: int, limit: int, part: Part) -> list[Raw]:
        return [raw for raw in self._log.raw_part(after, limit, part) if raw[0] <= self._position]

    def forget_connections(self) -> None:
        self._log.forget_connections()
