"""What happened, in which order, and who may add to it?

The only package that knows the event-sourcing library. Build a `Log` after a fork, never before.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice, pairwise
from time import monotonic
from uuid import UUID

import msgspec

from gru.domain.events import Event, Recorded
from gru.storage.databases import Kind
from gru.storage.log.bell import Bell, Ringer
from gru.storage.log.envelope import DIGEST, Raw, Row, Unreadable, chained, fold_in, read_out, utc
from gru.storage.log.store import PAST_ALL, LogUnavailable, Part, Store, Tails, Taken

__all__ = [
    "DIGEST", "Append", "Fact", "Log", "LogUnavailable", "LostRace", "Part", "Raw", "Unreadable", "chained",
    "open_log", "read_out",
]  # fmt: skip

LOOK_AGAIN_SECONDS = 2.0
SAMPLES = 200
"""How many facts a part is looked at for."""


class LostRace(Exception):
    """Somebody else wrote to these streams first; nothing of the save was written. Load, decide and try again."""

    def __init__(self, streams: Sequence[str]) -> None:
        super().__init__(", ".join(streams))
        self.streams = tuple(streams)


class Append(msgspec.Struct, frozen=True):
    """Events for one stream. `expected` is its last version (0: it must not exist), `before` its last digest."""

    stream_id: str
    expected: int
    before: bytes
    events: tuple[Event, ...]


class Fact(msgspec.Struct, frozen=True):
    """One event of an import, with an instant and an author of its own; it follows what its stream holds.

    `expected` refuses (`LostRace`) when the stream's last version is another; `None` takes it as it is.
    """

    stream_id: str
    at: datetime
    by: str
    event: Event
    cause: str = ""
    expected: int | None = None


class Log:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._bell = Bell()
        self._ringer = Ringer(self._bell, store.follow)
        self._closed = threading.Event()
        self._left: Store | None = None

    def forget_connections(self) -> None:
        """A child process begins: it makes its own, and neither uses nor closes those of its parent."""
        self._left, self._store = self._store, self._store.another()

    # --- writing -----------------------------------------------------------------------------------------------

    def append(self, appends: Sequence[Append], *, at: datetime, by: str, cause: str = "") -> list[Recorded]:
        """All of it in one transaction, or `LostRace`. `expected` and `before` are what `history` ended with."""
        instant = utc(at)
        rows: list[Row] = []
        events: list[Event] = []
        for append in appends:
            before = append.before
            if len(before) != (DIGEST if append.expected else 0):
                raise ValueError("the digest before does not go with the version expected")
            for version, event in enumerate(append.events, append.expected + 1):
                row = fold_in(_stream(append.stream_id), version, event, instant, by, cause, before)
                before = row[3][:DIGEST]
                rows.append(row)
            events += append.events
        positions = self._insert(rows) if rows else ()
        return [
            Recorded(row[0], row[1], instant, by, position, row[3][:DIGEST], event, cause)
            for row, position, event in zip(rows, positions, events, strict=True)
        ]

    def append_many(self, facts: Iterable[Fact], *, batch: int = 10_000) -> int:
        """For imports: how many were written, `batch` by `batch`, in their order. Other writers wait meanwhile.

        What a broken import has written stays written; only the batch in hand is undone.
        """
        waiting, written = iter(facts), 0
        while chunk := list(islice(waiting, batch)):
            with self._store.bulk() as bulk:
                bulk.write(_chain(chunk, bulk.tails({_stream(fact.stream_id) for fact in chunk})))
            self._bell.ring()
            written += len(chunk)
        return written

    # --- reading -----------------------------------------------------------------------------------------------

    def history(self, stream_id: str, after_version: int = 0, to_version: int | None = None) -> list[Recorded]:
        """What happened in one stream, in order; `to_version` for the stream as it was then."""
        return [read_out(raw) for raw in self._store.stream(_stream(stream_id), after_version, to_version)]

    def histories(self, stream_ids: Collection[str]) -> dict[str, list[Recorded]]:
        """The same of many streams in one question; `[]` for one that does not exist."""
        found: dict[str, list[Recorded]] = {_stream(stream_id): [] for stream_id in stream_ids}
        for raw in self._store.streams(found) if found else ():
            found[raw[1]].append(read_out(raw))
        return found

    def read(self, after: int, limit: int, names: Collection[str] | None = None) -> list[Recorded]:
        """The next events behind a position. With `names`, fewer than `limit` means: up to the head at this moment."""
        return [read_out(raw) for raw in self._store.after(after, limit, names)]

    def raw(self, after: int, limit: int, names: Collection[str] | None = None) -> list[Raw]:
        """The same as stored: (position, stream, version, name, state); `read_out` makes an event of one."""
        return self._store.after(after, limit, names)

    def raw_part(self, after: int, limit: int, part: Part) -> list[Raw]:
        """The same of some streams only; fewer than `limit` means: up to the head at this moment."""
        return self._store.part_after(after, limit, part)

    def parts(self, count: int) -> list[Part]:
        """All streams in so many parts, or fewer, with about as many facts in each: some facts say where to cut."""
        head = self.head()
        sample = range(0, head, max(1, head // (count * SAMPLES)))
        seen = sorted(raw[1] for position in sample for raw in self._store.after(position, 1, None))
        cuts = sorted({seen[len(seen) * number // count] for number in range(count)})[1:] if seen else []
        return [Part(first, end) for first, end in pairwise(("", *cuts, PAST_ALL))]

    def head(self) -> int:
        """The last position; 0 in an empty log. Positions have holes."""
        return self._store.head()

    # --- following ---------------------------------------------------------------------------------------------

    def wait(self, position: int, timeout: float) -> bool:
        """Until something stands behind `position`; `False` when `timeout` seconds passed without."""
        self._ringer.start()
        deadline = monotonic() + timeout
        while not self._closed.is_set():
            rung = self._bell.rung
            if self.head() > position:
                return True
            left = deadline - monotonic()
            if left <= 0:
                return False
            self._bell.wait(rung, min(left, LOOK_AGAIN_SECONDS))
        return False

    def subscribe(self, after: int, names: Collection[str] | None = None, page: int = 500) -> Iterator[Recorded]:
        """Every event behind a position, those to come too, until the log is closed."""
        try:
            while not self._closed.is_set():
                head = self.head()
                events = self.read(after, page, names)
                yield from events
                last = events[-1].position if events else after
                after = last if len(events) == page else max(head, last)
                if len(events) < page:
                    self.wait(after, LOOK_AGAIN_SECONDS)
        except LogUnavailable:
            if not self._closed.is_set():
                raise

    def close(self) -> None:
        self._closed.set()
        self._bell.ring()
        self._ringer.stop()
        self._store.close()

    def _insert(self, rows: Sequence[Row]) -> Sequence[int]:
        try:
            positions = self._store.insert(rows)
        except Taken as taken:
            raise LostRace(taken.streams) from taken
        self._bell.ring()
        return positions


def open_log(kind: Kind, url: str) -> Log:
    """The log in the file `url` (SQLite) or in schema `log` of the database `url`; it is made if need be."""
    if kind == "sqlite":
        from gru.storage.log.sqlite import SqliteStore

        return Log(SqliteStore(url))
    from gru.storage.log.postgresql import PostgresqlStore

    return Log(PostgresqlStore(url))


def _stream(stream_id: str) -> str:
    if len(stream_id) != 32 or UUID(stream_id).hex != stream_id:
        raise ValueError(f"a stream id is 32 lower-case hex digits, not {stream_id!r}")
    return stream_id


def _chain(facts: Iterable[Fact], tails: Tails) -> Iterator[Row]:
    for fact in facts:
        version, before = tails.get(fact.stream_id, (0, b""))
        if fact.expected is not None and fact.expected != version:
            raise LostRace([fact.stream_id])
        row = fold_in(fact.stream_id, version + 1, fact.event, utc(fact.at), fact.by, fact.cause, before)
        tails[fact.stream_id] = version + 1, row[3][:DIGEST]
        yield row
