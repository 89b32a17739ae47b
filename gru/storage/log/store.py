"""What must a database be able to do to hold the log?"""

import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from gru.storage.log.bell import Bell
from gru.storage.log.envelope import Raw, Row

Tails = dict[str, tuple[int, bytes]]

TABLE = "event"
"""In schema `log` on PostgreSQL, in log.db on SQLite."""


PAST_ALL = 34 * "f"
"""Comes after every id."""


class Part(NamedTuple):
    """The streams whose id is `first` or comes after it, and before `end`: whole streams.

    Ids begin with their time, so what is told of a part's streams lies side by side in tables that begin with the id.
    """

    first: str
    end: str


class LogUnavailable(Exception):
    """The database of the log did not answer, or not in time: nothing is known to be wrong with the request."""


class Taken(Exception):
    """Some (stream, version) is there already; nothing of this save was written."""

    def __init__(self, streams: Sequence[str]) -> None:
        super().__init__(", ".join(streams))
        self.streams = tuple(streams)


class Bulk(Protocol):
    """One big transaction that keeps all other writers out until it ends."""

    def tails(self, streams: Collection[str]) -> Tails:
        """Version and digest of the last event of those streams that exist."""

    def write(self, rows: Iterable[Row]) -> None: ...


class Store(Protocol):
    """Positions grow in the order of commits, so a reader who follows them passes over nothing."""

    def insert(self, rows: Sequence[Row]) -> Sequence[int]:
        """In one transaction; their positions. Raises `Taken`."""

    def stream(self, stream_id: str, after: int, upto: int | None) -> list[Raw]: ...

    def streams(self, stream_ids: Collection[str]) -> list[Raw]:
        """All of each, in the order of its versions."""

    def after(self, position: int, limit: int, names: Collection[str] | None) -> list[Raw]: ...

    def part_after(self, position: int, limit: int, part: Part) -> list[Raw]: ...

    def head(self) -> int: ...

    def bulk(self) -> AbstractContextManager[Bulk]: ...

    def follow(self, bell: Bell, stopped: threading.Event) -> None:
        """Ring for every commit, of any process, until stopped."""

    def close(self) -> None: ...

    def another(self) -> "Store":
        """The same, on connections of its own."""
