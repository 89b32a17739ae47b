"""Which messages came in, under which names are they found, and of which was nothing made yet?

They lie sealed under the key of the house until their sender is known.
"""

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Engine, Row, bindparam, func, select, update

from gru.domain.references import message_id
from gru.storage.databases import reading, writing
from gru.storage.keys import HOUSE, Destroyed, Keys, Wanted
from gru.storage.people import People
from gru.storage.schema import among_ids, in_chunks, message_ids, messages, now_utc, put_new
from gru.storage.sealing import seal, unseal

_MESSAGES = select(messages).where(among_ids(messages.c.key))
_TICKED = (
    update(messages)
    .where(among_ids(messages.c.key), messages.c.ticked_at.is_(None))
    .values(ticked_at=bindparam("now"), retry_at=None)
)


class Kept(msgspec.Struct, frozen=True):
    """One inbound message as it came. `raw` is None once it was erased."""

    key: str
    channel: str
    source: str
    external_id: str
    received_at: datetime
    raw: bytes | None
    failures: int = 0


class Arriving(msgspec.Struct, frozen=True):
    """A message to be kept. `content_digest` is the channel's, over what does not differ between two deliveries, else
    SHA-256 of `raw`; `names` are other names it is found by besides `external_id`."""

    channel: str
    source: str
    external_id: str
    raw: bytes
    received_at: datetime
    content_digest: bytes = b""
    names: tuple[str, ...] = ()


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    """What of a message is sealed: also where it came from and what its sender calls it."""

    source: str
    external_id: str
    raw: bytes


class Messages(People):
    """The messages' part of the archive; people are inherited."""

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        secret: bytes,
        *,
        clock: Callable[[], datetime] = now_utc,
        region: str = "FR",
    ) -> None:
        super().__init__(engine, keys, secret, clock=clock, region=region)
        self._secret = secret

    def keep(
        self,
        channel: str,
        source: str,
        external_id: str,
        raw: bytes,
        received_at: datetime,
        content_digest: bytes = b"",
    ) -> str:
        """Keep a message durably before anything is made of it; its key. The same message twice is kept once."""
        return self.keep_all([Arriving(channel, source, external_id, raw, received_at, content_digest)])[0]

    def keep_all(self, arriving: Sequence[Arriving]) -> list[str]:
        """The same for many in two transactions, pending in this order; their keys."""
        keys = [self.message_key(one) for one in arriving]
        there = self._are_kept(keys)
        new = {key: one for key, one in zip(keys, arriving, strict=True) if key not in there}
        if new:
            try:
                self._put_messages(new)
            except Destroyed:
                for number, (key, one) in enumerate(new.items()):
                    self._put_one(key, one, number)
        return keys

    def message_key(self, one: Arriving) -> str:
        """Under which key this message is, or would be, kept."""
        digest = one.content_digest or sha256(one.raw).digest()
        return message_id(self._secret, one.channel, one.external_id, digest)

    def _put_one(self, key: str, one: Arriving, number: int) -> None:
        """One whose words were destroyed is kept without them, and pending no more."""
        try:
            self._put_messages({key: one}, number)
        except Destroyed:
            self._put_wordless([_wordless(key, one.channel, one.received_at, self._clock())])

    def keep_without_words(self, channel: str, received: Mapping[str, datetime]) -> None:
        """Messages of an import, by key: that they came and were read is known, what they said is gone."""
        self._put_wordless([_wordless(key, channel, at, at) for key, at in received.items()])

    def _put_wordless(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            with writing(self._engine) as connection:
                put_new(connection, messages, rows)

    def _put_messages(self, new: Mapping[str, Arriving], first: int = 0) -> None:
        """A microsecond apart, so that they are pending in this order."""
        data_keys = self.keys.make([Wanted(key, HOUSE, "") for key in new], again=True)
        now, rows, named = self._clock(), [], []
        for number, ((key, one), data_key) in enumerate(zip(new.items(), data_keys, strict=True), first):
            envelope = msgspec.msgpack.encode(_Envelope(one.source, one.external_id, one.raw))
            sealed = seal(data_key, f"message:{key}", envelope)
            kept_at = now + timedelta(microseconds=number)
            row = {"key": key, "channel": one.channel, "received_at": one.received_at, "kept_at": kept_at}
            rows.append(row | {"sealed": sealed})
            names = {name for name in (one.external_id, *one.names) if name}
            named += [{"hash": self._external_hash(one.channel, name), "message": key} for name in sorted(names)]
        with writing(self._engine) as connection:
            put_new(connection, messages, rows)
            put_new(connection, message_ids, named)

    def name(self, channel: str, name: str, id: str) -> None:
        """From now on `message_key_for` this name also finds this id, such as that of a reply that left under it."""
        with writing(self._engine) as connection:
            put_new(connection, message_ids, [{"hash": self._external_hash(channel, name), "message": id}])

    def named(
        self, channel: str, name: str, *, since: datetime | None = None, before: datetime | None = None, limit: int = 50
    ) -> list[str]:
        """The kept messages this name finds that were received in this time, newest first."""
        query = select(messages.c.key).join(message_ids, message_ids.c.message == messages.c.key)
        query = query.where(message_ids.c.hash == self._external_hash(channel, name))
        if since is not None:
            query = query.where(messages.c.received_at >= since)
        if before is not None:
            query = query.where(messages.c.received_at <= before)
        with reading(self._engine) as connection:
            found = query.order_by(messages.c.received_at.desc(), messages.c.key.desc()).limit(limit)
            return list(connection.scalars(found))

    def kept(self, key: str) -> Kept | None:
        """The message as it came; its words are gone (`raw` None) once it was erased; None if it never came."""
        return self.kept_all([key]).get(key)

    def kept_all(self, keys: Collection[str]) -> dict[str, Kept]:
        """The same for those of many that ever came."""
        with reading(self._engine) as connection:
            rows = [row for chunk in in_chunks(keys) for row in connection.execute(_MESSAGES, {"ids": chunk})]
        data_keys = self.keys.find([row.key for row in rows])
        return {row.key: _opened(row, data_keys.get(row.key)) for row in rows}

    def pending(self, limit: int = 100, now: datetime | None = None) -> list[str]:
        """Messages nothing was made of yet, oldest first; with `now`, without those to be tried later."""
        query = select(messages.c.key).where(messages.c.ticked_at.is_(None))
        if now is not None:
            query = query.where(messages.c.retry_at.is_(None) | (messages.c.retry_at <= now))
        with reading(self._engine) as connection:
            return list(connection.scalars(query.order_by(messages.c.kept_at, messages.c.key).limit(limit)))

    def sizes(self, keys: Sequence[str]) -> dict[str, int]:
        """How many bytes each of these messages has, in their order, without taking them out."""
        size = func.coalesce(func.length(messages.c.sealed), 0)
        found = dict.fromkeys(keys, 0)
        with reading(self._engine) as connection:
            for chunk in in_chunks(keys):
                rows = connection.execute(select(messages.c.key, size).where(messages.c.key.in_(chunk)))
                found.update((row[0], row[1]) for row in rows)
        return found

    def oldest_pending(self) -> datetime | None:
        """Since when the oldest message waits to be taken in."""
        with reading(self._engine) as connection:
            query = select(func.min(messages.c.kept_at)).where(messages.c.ticked_at.is_(None))
            oldest: datetime | None = connection.scalar(query)
        return oldest

    def tick(self, *keys: str) -> None:
        """Taken in: they are pending no more."""
        with writing(self._engine) as connection:
            connection.execute(_TICKED, {"ids": list(keys), "now": self._clock()})

    def fail(self, key: str, retry_at: datetime | None = None) -> int:
        """Taking it in went wrong: how many times now."""
        failed = update(messages).where(messages.c.key == key)
        values = {"failures": messages.c.failures + 1, "retry_at": retry_at}
        with writing(self._engine) as connection:
            return connection.scalar(failed.values(values).returning(messages.c.failures)) or 0

    def retry(self, key: str, at: datetime) -> None:
        """It is not pending again before `at`."""
        with writing(self._engine) as connection:
            connection.execute(update(messages).where(messages.c.key == key).values(retry_at=at))

    def message_key_for(self, channel: str, external_id: str) -> list[str]:
        """The kept messages a sender calls by this name."""
        return self.message_keys_for(channel, [external_id])[external_id]

    def message_keys_for(self, channel: str, external_ids: Collection[str]) -> dict[str, list[str]]:
        """The same for many names at once, as References has them."""
        hashes = {external_id: self._external_hash(channel, external_id) for external_id in external_ids}
        found: dict[str, list[str]] = {}
        with reading(self._engine) as connection:
            for chunk in in_chunks(set(hashes.values())):
                query = select(message_ids).where(message_ids.c.hash.in_(chunk)).order_by(message_ids.c.message)
                for row in connection.execute(query):
                    found.setdefault(row.hash, []).append(row.message)
        return {external_id: found.get(hash, []) for external_id, hash in hashes.items()}

    def adopt(self, key: str, person: str, case: str) -> None:
        """The sender is known: his raw message lies under the key of (person, case) from now on."""
        self.adopt_all([Wanted(key, person, case)])

    def adopt_all(self, wanted: Sequence[Wanted]) -> None:
        """The same for many messages."""
        self.keys.move(wanted)

    def _are_kept(self, keys: Collection[str]) -> set[str]:
        found: set[str] = set()
        with reading(self._engine) as connection:
            for chunk in in_chunks(keys):
                found.update(connection.scalars(select(messages.c.key).where(messages.c.key.in_(chunk))))
        return found

    def _external_hash(self, channel: str, external_id: str) -> str:
        words = f"external\0{channel}\0{external_id.strip()}".encode("utf-8", "surrogateescape")
        return hmac.new(self._contact_secret, words, sha256).hexdigest()[:32]


def _opened(row: "Row[Any]", data_key: bytes | None) -> Kept:
    if data_key is None or row.sealed is None:
        return Kept(row.key, row.channel, "", "", row.received_at, None, row.failures)
    envelope = msgspec.msgpack.decode(unseal(data_key, f"message:{row.key}", row.sealed), type=_Envelope)
    source, external_id = envelope.source, envelope.external_id
    return Kept(row.key, row.channel, source, external_id, row.received_at, envelope.raw, row.failures)


def _wordless(key: str, channel: str, received_at: datetime, kept_at: datetime) -> dict[str, Any]:
    """The row of a message of which nothing is left to be made."""
    return {"key": key, "channel": channel, "received_at": received_at, "kept_at": kept_at, "ticked_at": kept_at}
