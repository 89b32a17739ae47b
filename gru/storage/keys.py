"""Which keys make the archive readable, and how are they destroyed for good?

A data key per message, text and file is wrapped by the key of its (person, case), that by the person's key, that by
the master key of the settings; all by AES-256-GCM, bound to its id. Whoever destroys a row here needs no second deed:
what it wrapped is noise, in every table, file and backup of the archive. What has no author known lies under the
house's own key: a case's anonymous words by (house, case), messages not yet read by (house, no case): the intake key.
"""

import hmac
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import zip_longest
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, bindparam, delete, null, select, union_all, update

from gru.storage.databases import checkpoint, reading, writing
from gru.storage.key_rows import (
    Destroyed,
    delete_case_keys,
    lock_shape,
    note_destroyed,
    refuse_destroyed,
    roots_of,
    take_case_keys,
)
from gru.storage.schema import among_ids, case_keys, data_keys, destroyed, holders, in_chunks, now_utc, put_new
from gru.storage.scrubbing import PATIENCE_SECONDS, vacuumed
from gru.storage.sealing import Memory, seal, unseal

__all__ = ["HOUSE", "Destroyed", "Destruction", "Keys", "Wanted"]

HOUSE = "house"
Place = tuple[str, str]  # holder and case

_DATA_KEYS = (
    select(
        data_keys.c.id,
        data_keys.c.wrapped,
        case_keys.c.id.label("case_key"),
        case_keys.c.wrapped.label("case_wrapped"),
        holders.c.id.label("holder"),
        holders.c.wrapped.label("holder_wrapped"),
    )
    .join(case_keys, case_keys.c.id == data_keys.c.case_key)
    .join(holders, holders.c.id == case_keys.c.holder)
    .where(among_ids(data_keys.c.id))
)
_LOCKED_CASE_KEYS = (
    select(case_keys.c.id, case_keys.c.wrapped, holders.c.id.label("holder"), holders.c.wrapped.label("outer"))
    .join(holders, holders.c.id == case_keys.c.holder)
    .where(among_ids(case_keys.c.id))
    .order_by(case_keys.c.id)
    .with_for_update(read=True, key_share=True, of=case_keys)
)
_MOVED = (
    update(data_keys)
    .where(data_keys.c.id == bindparam("moved"))
    .values(case_key=bindparam("case_key"), wrapped=bindparam("wrapped"))
)
_HOLDERS = select(holders).where(among_ids(holders.c.id), holders.c.wrapped.is_not(None))
_BOTH = union_all(
    _DATA_KEYS,
    select(null(), null(), null(), null(), holders.c.id, holders.c.wrapped).where(
        among_ids(holders.c.id, "people"), holders.c.wrapped.is_not(None)
    ),
)
"""Of a person a row without a data key."""


class Wanted(msgspec.Struct, frozen=True):
    """A data key that is needed for `id`, whose words are `person`'s in `case`."""

    id: str
    person: str
    case: str


class Destruction(msgspec.Struct, frozen=True):
    """What was destroyed: a `person`, a `case` or one `data` key."""

    kind: str
    id: str
    at: datetime


class Keys:
    """The only door to the keys. `master` is at least 32 random bytes; `seconds` is how long a key is remembered."""

    def __init__(
        self,
        engine: Engine,
        master: bytes,
        *,
        clock: Callable[[], datetime] = now_utc,
        seconds: float = 20.0,
        most: int = 20_000,
    ) -> None:
        if seconds > 30:
            raise ValueError("an erased key may be remembered for 30 seconds at most")
        self._engine = engine
        self._master = _stretched(master)
        self._clock = clock
        self._memory = Memory(seconds, most)

    # --- data keys ---

    def forget_connections(self) -> None:
        """As the archive does, in a child process."""
        self._engine.dispose(close=False)

    def make(self, wanted: Sequence[Wanted], *, again: bool = False) -> list[bytes]:
        """A data key for each, durable on return. With `again` an id that has one already gets that one."""
        generation = self._memory.generation
        places = {_place(want.person, want.case) for want in wanted}
        with writing(self._engine) as connection:
            found = self._locked_case_keys(connection, places)
            known = self._put(connection, wanted, found, again) if places <= found.keys() else None
        if known is None:
            with writing(self._engine) as connection:
                known = self._put(connection, wanted, self._established(connection, places), again)
        self._memory.put(known, generation)
        return [known[want.id] for want in wanted]

    def find(self, ids: Collection[str]) -> dict[str, bytes]:
        """The data keys that still are."""
        return self.find_all(ids, ())[0]

    def find_all(self, ids: Collection[str], people: Collection[str]) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """The data keys that still are, and the keys of those persons who still have one, in one statement (none when
        they were used a moment ago). Merged persons must be asked for by the one they became."""
        names = {f"person:{id}": id for id in people}
        found = self._memory.get([*ids, *names])
        missing = [id for id in ids if id not in found]
        unknown = [id for name, id in names.items() if name not in found]
        if missing or unknown:
            generation = self._memory.generation
            with reading(self._engine) as connection:
                data, persons = self._read_both(connection, missing, unknown)
            new = data | {f"person:{id}": key for id, key in persons.items()}
            self._memory.put(new, generation)
            found.update(new)
        return {id: found[id] for id in ids if id in found}, {id: found[n] for n, id in names.items() if n in found}

    def of_person(self, person: str) -> list[tuple[str, str]]:
        """(case, id) of everything that lies under this person's key, for an export."""
        with reading(self._engine) as connection:
            root = roots_of(connection, [person])[person]
            query = select(case_keys.c.case_id, data_keys.c.id).join(case_keys, case_keys.c.id == data_keys.c.case_key)
            rows = connection.execute(query.where(case_keys.c.holder == root).order_by(data_keys.c.id))
            return [(row.case_id, row.id) for row in rows]

    def move(self, wanted: Sequence[Wanted]) -> None:
        """Wrap each data key by the key of its (person, case): the author is known now. Twice is as once."""
        if not wanted:
            return
        to = {want.id: _place(want.person, want.case) for want in wanted}
        places = set(to.values())
        with writing(self._engine) as connection:
            found = self._locked_case_keys(connection, places)
            if is_whole := places <= found.keys():
                self._move(connection, {id: found[place] for id, place in to.items()})
        if not is_whole:
            with writing(self._engine) as connection:
                found = self._established(connection, places)
                self._move(connection, {id: found[place] for id, place in to.items()})

    # --- persons' keys ---

    def of_people(self, ids: Collection[str]) -> dict[str, bytes]:
        """The keys of those persons who still have one; merged persons must be asked for by the one they became."""
        return self.find_all((), ids)[1]

    def make_people(self, ids: Collection[str]) -> dict[str, bytes]:
        """The keys of these persons, made where they had none. Raises `Destroyed` for an erased one."""
        with reading(self._engine) as connection:  # not from memory: another process may have erased one
            present = self._holders(connection, ids)
        if missing := [id for id in ids if id not in present]:
            with writing(self._engine) as connection:
                lock_shape(connection)
                roots = roots_of(connection, missing)
                made = self._made_holders(connection, set(roots.values()))
                present.update({id: made[root] for id, root in roots.items()})
        return present

    def begin_people(self, ids: Collection[str]) -> dict[str, bytes]:
        """Keys for persons who have just been given their ids, which nobody else has."""
        keys = {id: os.urandom(32) for id in ids}
        if keys:
            with writing(self._engine) as connection:
                self._put_holders(connection, keys)
        return keys

    def merge(self, into: str, gone: str) -> None:
        """What was `gone`'s is `into`'s: erasing either erases both."""
        with writing(self._engine) as connection:
            lock_shape(connection)
            roots = roots_of(connection, [into, gone])
            into, gone = roots[into], roots[gone]
            if into == gone:
                return
            refuse_destroyed(connection, "person", [gone])
            self._made_holders(connection, [into])
            for row in take_case_keys(connection, case_keys.c.holder == gone):
                ids = connection.scalars(select(data_keys.c.id).where(data_keys.c.case_key == row.id)).all()
                place = (into, row.case_id)
                self._move(connection, dict.fromkeys(ids, self._established(connection, [place])[place]))
                connection.execute(delete(case_keys).where(case_keys.c.id == row.id))
            connection.execute(update(holders).where(holders.c.same_as == gone).values(same_as=into))
            put_new(connection, holders, [{"id": gone, "wrapped": None, "same_as": into}])
            connection.execute(update(holders).where(holders.c.id == gone).values(wrapped=None, same_as=into))
        self._forget()

    # --- destroying ---

    def destroy_person(self, person: str, also: Collection[str] = ()) -> list[str]:
        """Destroy the key of a person, of those merged into it and of `also`; the ids of what went with them."""
        if not {person, *also}.isdisjoint({"", HOUSE}):
            raise ValueError("the house is nobody: erase its cases, or single words")
        with writing(self._engine) as connection:
            lock_shape(connection)
            roots = roots_of(connection, [person, *also])
            everyone = {*roots, *roots.values()}
            everyone.update(connection.scalars(select(holders.c.id).where(holders.c.same_as.in_(everyone))))
            gone = delete_case_keys(connection, case_keys.c.holder.in_(everyone))
            connection.execute(delete(holders).where(holders.c.id.in_(everyone)))
            note_destroyed(connection, "person", everyone, self._clock())
        self._forget()
        return gone

    def destroy_case(self, case: str) -> list[str]:
        """Destroy all keys of one case, whoever wrote; the ids of what went with them."""
        if not case:
            raise ValueError("a case has an id")
        with writing(self._engine) as connection:
            lock_shape(connection)
            gone = delete_case_keys(connection, case_keys.c.case_id == case)
            note_destroyed(connection, "case", [case], self._clock())
        self._forget()
        return gone

    def destroy_data(self, ids: Collection[str]) -> None:
        """Destroy the keys of single messages, texts or files."""
        with writing(self._engine) as connection:
            for chunk in in_chunks(ids):
                connection.execute(delete(data_keys).where(data_keys.c.id.in_(chunk)))
            note_destroyed(connection, "data", ids, self._clock())
        self._forget()

    def destroyed(self, since: datetime | None = None) -> list[Destruction]:
        """What was ever destroyed (`since`), oldest first: to be destroyed again after an older backup came back."""
        query = select(destroyed).order_by(destroyed.c.at, destroyed.c.kind, destroyed.c.id)
        if since is not None:
            query = query.where(destroyed.c.at >= since)
        with reading(self._engine) as connection:
            return [Destruction(row.kind, row.id, row.at) for row in connection.execute(query)]

    def scrub(self, patience: float = PATIENCE_SECONDS) -> bool:
        """Take the destroyed keys' bytes out of the database's files too; False when a reader was in the way.

        On PostgreSQL this holds the keys up for seconds: once per batch. Its own journal (WAL) forgets with time.
        """
        if self._engine.dialect.name == "sqlite":
            return checkpoint(self._engine)
        tables = (holders, case_keys, data_keys)
        return vacuumed(self._engine, [f"{table.schema}.{table.name}" for table in tables], patience)

    def check(self) -> None:
        """Raise `Tampered` when the master key is not the one these keys were made with."""
        self.make_people([HOUSE])

    def renew(self, master: bytes) -> int:
        """Wrap all persons' keys by another master key, which then goes into the settings; how many there were."""
        new = _stretched(master)
        with writing(self._engine) as connection:
            lock_shape(connection)
            present = connection.execute(select(holders).where(holders.c.wrapped.is_not(None))).all()
            for row in present:
                wrapped = seal(new, _holder(row.id), self._unwrap_holder(row.id, row.wrapped))
                connection.execute(update(holders).where(holders.c.id == row.id).values(wrapped=wrapped))
        self._master = new
        self._forget()
        return len(present)

    # --- inside one transaction ---

    def _read(self, connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
        rows = (row for chunk in in_chunks(ids) for row in connection.execute(_DATA_KEYS, {"ids": chunk}))
        return self._opened(rows)[0]

    def _read_both(
        self, connection: Connection, ids: Collection[str], people: Collection[str]
    ) -> tuple[dict[str, bytes], dict[str, bytes]]:
        if not people:
            return self._read(connection, ids), {}
        if not ids:
            return {}, self._holders(connection, people)
        both = zip_longest(in_chunks(ids), in_chunks(people))
        said = ({"ids": some or [], "people": who or []} for some, who in both)
        return self._opened(row for one in said for row in connection.execute(_BOTH, one))

    def _opened(self, rows: Iterable[Any]) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """The data keys and the persons' keys of these rows; what wraps several of them is opened once."""
        data: dict[str, bytes] = {}
        people: dict[str, bytes] = {}
        wrappers: dict[str, bytes] = {}
        for row in rows:
            holder = wrappers.get(row.holder)
            if holder is None:
                wrappers[row.holder] = holder = self._unwrap_holder(row.holder, row.holder_wrapped)
            if row.id is None:
                people[row.holder] = holder
                continue
            wrapper = wrappers.get(row.case_key)
            if wrapper is None:
                wrappers[row.case_key] = wrapper = unseal(holder, _case(row.case_key), row.case_wrapped)
            data[row.id] = unseal(wrapper, _data(row.id), row.wrapped)
        return data, people

    def _put(
        self, connection: Connection, wanted: Sequence[Wanted], places: dict[Place, tuple[str, bytes]], again: bool
    ) -> dict[str, bytes]:
        """The data keys of these; with `again` those that are there stay."""
        known: dict[str, bytes] = {}
        if again:
            refuse_destroyed(connection, "data", [want.id for want in wanted])
            known = self._read(connection, [want.id for want in wanted])
        self._insert(connection, wanted, known, places)
        return self._read(connection, list(known)) if again else known

    def _insert(
        self,
        connection: Connection,
        wanted: Sequence[Wanted],
        known: dict[str, bytes],
        places: dict[Place, tuple[str, bytes]],
    ) -> None:
        rows = []
        for want in wanted:
            if want.id not in known:
                case_key, wrapper = places[_place(want.person, want.case)]
                known[want.id] = key = os.urandom(32)
                rows.append({"id": want.id, "case_key": case_key, "wrapped": seal(wrapper, _data(want.id), key)})
        put_new(connection, data_keys, rows)

    def _locked_case_keys(self, connection: Connection, places: Collection[Place]) -> dict[Place, tuple[str, bytes]]:
        """Id and key of those (holder, case) that have one; nobody can destroy them before we commit."""
        by_id = {_case_key_id(*place): place for place in places}
        outer: dict[str, bytes] = {}
        found = {}
        for chunk in in_chunks(by_id):
            for row in connection.execute(_LOCKED_CASE_KEYS, {"ids": chunk}):
                if row.holder not in outer:
                    outer[row.holder] = self._unwrap_holder(row.holder, row.outer)
                found[by_id[row.id]] = (row.id, unseal(outer[row.holder], _case(row.id), row.wrapped))
        return found

    def _established(self, connection: Connection, places: Collection[Place]) -> dict[Place, tuple[str, bytes]]:
        """The case keys of these, made where they are missing; where a person was merged, that of the one he became.

        Takes the lock on the shape.
        """
        lock_shape(connection)
        became = roots_of(connection, {holder for holder, _ in places})
        roots = {(holder, case): (became[holder], case) for holder, case in places}
        found = self._locked_case_keys(connection, set(roots.values()))
        found |= self._made_case_keys(connection, set(roots.values()) - found.keys())
        return {place: found[root] for place, root in roots.items()}

    def _made_case_keys(self, connection: Connection, places: Collection[Place]) -> dict[Place, tuple[str, bytes]]:
        """Under the lock on the shape: keys for those that have none."""
        refuse_destroyed(connection, "case", {case for _, case in places if case})
        holders_keys = self._made_holders(connection, {holder for holder, _ in places})
        made = {place: (_case_key_id(*place), os.urandom(32)) for place in places}
        rows = [
            {"id": id, "holder": holder, "case_id": case, "wrapped": seal(holders_keys[holder], _case(id), key)}
            for (holder, case), (id, key) in made.items()
        ]
        put_new(connection, case_keys, rows)
        return made

    def _made_holders(self, connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
        present = self._holders(connection, ids)
        if missing := [id for id in ids if id not in present]:
            refuse_destroyed(connection, "person", missing)
            new = {id: os.urandom(32) for id in missing}
            self._put_holders(connection, new)
            present.update(new)
        return present

    def _put_holders(self, connection: Connection, keys: dict[str, bytes]) -> None:
        wrapped = {id: seal(self._master, _holder(id), key) for id, key in keys.items()}
        put_new(connection, holders, [{"id": id, "wrapped": wrapped[id], "same_as": None} for id in keys])

    def _holders(self, connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
        found = {}
        for chunk in in_chunks(ids):
            for row in connection.execute(_HOLDERS, {"ids": chunk}):
                found[row.id] = self._unwrap_holder(row.id, row.wrapped)
        return found

    def _move(self, connection: Connection, to: dict[str, tuple[str, bytes]]) -> None:
        """Under a lock on these case keys."""
        rows = [
            {"moved": id, "case_key": to[id][0], "wrapped": seal(to[id][1], _data(id), key)}
            for id, key in self._read(connection, to).items()
        ]
        if rows:
            connection.execute(_MOVED, rows)

    def _unwrap_holder(self, id: str, wrapped: bytes) -> bytes:
        return unseal(self._master, _holder(id), wrapped)

    def _forget(self) -> None:
        self._memory.clear()
        checkpoint(self._engine)


def _stretched(master: bytes) -> bytes:
    if len(master) < 32:
        raise ValueError("the master key needs 32 random bytes or more")
    return hmac.digest(master, b"gru master key", sha256)


def _place(person: str, case: str) -> Place:
    return person or HOUSE, case


def _case_key_id(holder: str, case: str) -> str:
    return sha256(f"{holder}\0{case}".encode()).hexdigest()[:32]


def _holder(id: str) -> str:
    return f"holder:{id}"


def _case(id: str) -> str:
    return f"case key:{id}"


def _data(id: str) -> str:
    return f"data key:{id}"
