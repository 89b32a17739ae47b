"""Was the history touched after it was written, and by which event does one see it?

A follower of the log seals blocks: the digests of the next events and of the block before, signed with a key that
lies in no database. The row of a block is its own checkpoint. An anchor, one line kept elsewhere, catches what a
signature cannot: a log and its seals cut back together.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import BigInteger, Column, Engine, Integer, LargeBinary, MetaData, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from gru.storage.databases import reading, writing
from gru.storage.log import DIGEST, Log, Raw, chained
from gru.storage.schema import Instant

METADATA = MetaData(schema="work")
SEAL = Table(
    "seal",
    METADATA,
    Column("no", BigInteger, primary_key=True, autoincrement=False),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("events", LargeBinary, nullable=False, comment="32 bytes for each event: it is named when it is gone"),
    Column("digest", LargeBinary(DIGEST), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("sealed_at", Instant, nullable=False),
)

SIZE = 1000
_BEFORE_ALL = -(1 << 63)  # a forged row may lie at any position
_LINE = struct.Struct(">II16s8s")  # positions behind the block before, version, stream, start of the digest
_STREAM = re.compile("[0-9a-f]{32}")
_FACTS = struct.Struct(">QQQIq")


@dataclass(frozen=True)
class Block:
    """`digest` covers the block before and every event; the signature covers everything here."""

    no: int
    first_position: int
    last_position: int
    count: int
    events: bytes
    digest: bytes
    signature: bytes
    sealed_at: datetime

    def signed(self) -> bytes:
        microseconds = round(self.sealed_at.timestamp() * 1_000_000)
        facts = _FACTS.pack(self.no, self.first_position, self.last_position, self.count, microseconds)
        return facts + sha256(self.events).digest() + self.digest


@dataclass(frozen=True)
class Anchor:
    """What to keep elsewhere, as one line: up to where the log reached, and the digest of its last block."""

    position: int
    no: int
    digest: bytes

    def __str__(self) -> str:
        return f"gru-anchor {self.position} {self.no} {self.digest.hex()}"

    @classmethod
    def parse(cls, line: str) -> "Anchor":
        word, position, no, digest = line.split()
        if word != "gru-anchor" or len(digest) != 2 * DIGEST:
            raise ValueError(f"not an anchor: {line!r}")
        return cls(int(position), int(no), bytes.fromhex(digest))


@dataclass(frozen=True)
class Fault:
    """The first event that does not fit. `stream_id` is empty where only the position, or the block, is known."""

    what: str
    position: int
    stream_id: str = ""
    version: int = 0
    block: int = 0

    def __str__(self) -> str:
        event = f"event {self.version} of {self.stream_id}, " if self.stream_id else ""
        block = f", block {self.block}" if self.block else ""
        return f"{self.what}: {event}position {self.position}{block}"


class Blocks:
    """The rows of sealed blocks, and the key that signs them."""

    def __init__(self, work: Engine, secret: bytes) -> None:
        self._work = work
        seed = HKDF(SHA256(), length=32, salt=None, info=b"gru seal").derive(secret)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._key.public_key()

    def last(self) -> Block | None:
        with reading(self._work) as connection:
            row = connection.execute(select(SEAL).order_by(SEAL.c.no.desc()).limit(1)).first()
        return Block(**row._mapping) if row else None

    def upto(self, no: int, page: int = 100) -> Iterator[Block]:
        """In order; what is missing is simply not there."""
        after = -1
        while True:
            wanted = select(SEAL).where(SEAL.c.no > after, SEAL.c.no <= no).order_by(SEAL.c.no).limit(page)
            with reading(self._work) as connection:
                rows = connection.execute(wanted).all()
            yield from (Block(**row._mapping) for row in rows)
            if len(rows) < page:
                return
            after = rows[-1].no

    def block(self, no: int) -> Block | None:
        with reading(self._work) as connection:
            row = connection.execute(select(SEAL).where(SEAL.c.no == no)).first()
        return Block(**row._mapping) if row else None

    def anchor(self) -> Anchor | None:
        last = self.last()
        return Anchor(last.last_position, last.no, last.digest) if last else None

    def add(self, before: Block | None, events: list[Raw], sealed_at: datetime) -> bool:
        """`False` when somebody else has sealed behind `before` already."""
        no, start, digest = (before.no + 1, before.last_position, before.digest) if before else (1, 0, b"")
        lines = b"".join(_line(event, start) for event in events)
        block = Block(no, events[0][0], events[-1][0], len(events), lines, _digest(digest, no, events), b"", sealed_at)
        values = {**vars(block), "signature": self._key.sign(block.signed())}
        try:
            with writing(self._work) as connection:
                connection.execute(insert(SEAL), values)
        except IntegrityError:
            return False
        return True

    def drop_behind(self, position: int) -> int:
        """Drop the blocks that reach behind this position: an older log came back, and other facts will take the
        places of those they prove; how many."""
        with writing(self._work) as connection:
            return connection.execute(delete(SEAL).where(SEAL.c.last_position > position)).rowcount

    def is_ours(self, block: Block) -> bool:
        try:
            self._public.verify(block.signature, block.signed())
        except InvalidSignature:
            return False
        return True


class Sealer:
    """Any number may run: the number of a block can be given once."""

    def __init__(self, log: Log, blocks: Blocks, size: int = SIZE) -> None:
        self._log = log
        self._blocks = blocks
        self._size = size

    def seal(self, now: datetime) -> int:
        """Seal the next block, if there is anything to seal: how many events it took in."""
        before = self._blocks.last()
        events = self._log.raw(before.last_position if before else 0, self._size)
        if not events or not self._blocks.add(before, events, now.astimezone(UTC)):
            return 0
        return len(events)


Progress = Callable[[int, int], None]
"""Called with the position reached and the head."""


def verify(log: Log, blocks: Blocks, anchor: Anchor | None = None, progress: Progress | None = None) -> Fault | None:
    """Check every event, every stream and every seal from the beginning: the first fault, or `None`.

    What was written while this runs is left to the next time. Keeps one digest per stream in memory, some 200 bytes.
    """
    last = blocks.last()
    head = log.head()
    if fault := _anchor_fault(blocks, last, anchor):
        return fault
    chains, before = _Chains(), None
    for block in blocks.upto(last.no if last else 0):
        fault = _seal_fault(blocks, before, block) or _block_fault(log, before, block, chains)
        if fault:
            return fault
        before = block
        if progress:
            progress(block.last_position, head)
    return _tail_fault(log, before.last_position if before else _BEFORE_ALL, head, chains, progress)


class _Chains:
    """The last version and digest of every stream seen so far."""

    def __init__(self) -> None:
        self._last: dict[bytes, bytes] = {}

    def fault(self, event: Raw, block: int = 0) -> Fault | None:
        position, stream, version, name, state = event
        if not _is_stored_event(event):
            return Fault("an event was altered", position, stream, version, block)
        key = bytes.fromhex(stream)
        last = self._last.get(key, b"")
        due = int.from_bytes(last[DIGEST:], "big") + 1
        if version > due:
            return Fault("an event was removed before the position", position, stream, due, block)
        if version < due or chained(stream, version, name, state[DIGEST:], last[:DIGEST]) != state[:DIGEST]:
            return Fault("an event was altered", position, stream, version, block)
        self._last[key] = state[:DIGEST] + version.to_bytes(4, "big")
        return None


def _is_stored_event(event: Raw) -> bool:
    """SQLite keeps in any column whatever is put there."""
    _, stream, version, name, state = event
    return (
        isinstance(stream, str)
        and _STREAM.fullmatch(stream) is not None
        and isinstance(version, int)
        and 0 < version < 1 << 32
        and isinstance(name, str)
        and isinstance(state, bytes)
    )


def _anchor_fault(blocks: Blocks, last: Block | None, anchor: Anchor | None) -> Fault | None:
    if anchor is None:
        return None
    if last is None or last.no < anchor.no:
        return Fault("the seals end before the anchor", last.last_position if last else 0, block=last.no if last else 0)
    kept = blocks.block(anchor.no)
    if kept and (kept.digest, kept.last_position) != (anchor.digest, anchor.position):
        return Fault("the sealed history is another than the anchor's", anchor.position, block=anchor.no)
    return None


def _seal_fault(blocks: Blocks, before: Block | None, block: Block) -> Fault | None:
    no, position = (before.no, before.last_position) if before else (0, 0)
    if block.no != no + 1:
        return Fault("the seal of a block was removed", position, block=no + 1)
    if not blocks.is_ours(block):
        return Fault("the seal of a block was altered", block.first_position, block=block.no)
    return None


def _block_fault(log: Log, before: Block | None, block: Block, chains: _Chains) -> Fault | None:
    after = before.last_position if before else _BEFORE_ALL
    events = [event for event in log.raw(after, block.count + 1) if event[0] <= block.last_position]
    if fault := _listed_fault(events, block, max(after, 0)):
        return fault
    for event in events:
        if fault := chains.fault(event, block.no):
            return fault
    if _digest(before.digest if before else b"", block.no, events) != block.digest:
        return Fault("the events of a block are not those that were sealed", block.first_position, block=block.no)
    return None


def _listed_fault(events: list[Raw], block: Block, start: int) -> Fault | None:
    """Compare the rows with the block's list, which names an event even when it is gone."""
    lines = list(_LINE.iter_unpack(block.events))
    for (behind, version, stream, digest), event in zip(lines, events, strict=False):
        if event[0] < start + behind:
            return Fault("an event was inserted", event[0], event[1], event[2], block.no)
        if event[0] > start + behind:
            return Fault("an event was removed", start + behind, stream.hex(), version, block.no)
        if (version, stream.hex(), digest) != (event[2], event[1], event[4][:8]):
            return Fault("an event was altered", start + behind, stream.hex(), version, block.no)
    if len(events) > len(lines):
        return Fault("an event was inserted", *events[len(lines)][:3], block.no)
    if len(events) < len(lines):
        behind, version, stream, _ = lines[len(events)]
        return Fault("an event was removed", start + behind, stream.hex(), version, block.no)
    return None


def _tail_fault(log: Log, after: int, head: int, chains: _Chains, progress: Progress | None) -> Fault | None:
    """What is not sealed yet is held by the streams' own chains only."""
    while after < head and (events := log.raw(after, SIZE)):
        for event in events:
            if fault := chains.fault(event):
                return fault
        after = events[-1][0]
        if progress:
            progress(after, max(after, head))
    return None


def _line(event: Raw, start: int) -> bytes:
    position, stream, version, _, state = event
    return _LINE.pack(position - start, version, bytes.fromhex(stream), state[:8])


def _digest(before: bytes, no: int, events: list[Raw]) -> bytes:
    digest = sha256(struct.pack(">QI", no, len(before)) + before)
    for position, stream, version, _, state in events:
        digest.update(struct.pack(">QI", position, version) + bytes.fromhex(stream) + state[:DIGEST])
    return digest.digest()
