"""Who is this person, and is this address already somebody's?

A person is one sealed row under the person's own key; addresses and numbers are found by keyed hashes, which go when
the person is erased. Of two merged persons one id stays; the other leads to it. A telephone says of nobody who he is:
families share it, and anybody may write another's in a form.
"""

import hmac
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec
import phonenumbers
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, delete, func, select, text, update

from gru.domain.references import new_id
from gru.storage.databases import reading, writing
from gru.storage.keys import Keys
from gru.storage.schema import among_ids, contacts, in_chunks, now_utc, people, put, put_new
from gru.storage.sealing import seal, unseal

PersonKind = Literal["resident", "agent"]
_CONTACT_LOCK = 0x47525532  # held while it is found out whether an address is already somebody's

_became = people.alias("became")
_PEOPLE = (
    select(people.c.id, _became.c.id.label("root"), _became.c.sealed)
    .join(_became, _became.c.id == func.coalesce(people.c.same_as, people.c.id))
    .where(among_ids(people.c.id))
)
_KNOWN = (
    select(contacts.c.hash, func.min(contacts.c.person).label("person"))
    .where(among_ids(contacts.c.hash))
    .group_by(contacts.c.hash)
)


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody the town writes with or who works there. `also` are addresses and numbers known besides."""

    id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    messenger: str = ""
    kind: PersonKind = "resident"
    language: str = "fr"
    also: tuple[str, ...] = ()


class People:
    """The people's part of the archive."""

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        secret: bytes,
        *,
        clock: Callable[[], datetime] = now_utc,
        region: str = "FR",
    ) -> None:
        self._engine = engine
        self.keys = keys
        self._contact_secret = hmac.digest(secret, b"gru contacts", sha256)
        self._clock = clock
        self._region = region

    def people(self, ids: Collection[str]) -> dict[str, Person | None]:
        """Each person asked for; None for the erased and the unknown. A merged one is the one he became."""
        found: dict[str, Person | None] = dict.fromkeys(ids)
        with reading(self._engine) as connection:
            rows = [row for chunk in in_chunks(found) for row in connection.execute(_PEOPLE, {"ids": chunk})]
        keys = self.keys.of_people({row.root for row in rows})
        for row in rows:
            if row.root in keys and row.sealed is not None:
                found[row.id] = opened(keys[row.root], row.root, row.sealed)
        return found

    def save_person(self, person: Person) -> str:
        """Keep what is known of this person now; without an id he is new. Raises `Destroyed` for an erased one."""
        return self.save_people([person])[0]

    def save_people(self, persons: Sequence[Person]) -> list[str]:
        ready, keys = self._ready(persons)
        with writing(self._engine) as connection:
            self._save(connection, ready, keys)
        return [person.id for person in ready]

    def meet_person(self, person: Person) -> str:
        """The one who is known by this email or messenger, else this person, saved. Two meetings find one."""
        return self.meet_people([person])[0]

    def meet_people(self, persons: Sequence[Person]) -> list[str]:
        """The same for many, among whom one may be twice."""
        hashes = [
            self._hashes(one.kind, one.email, "", one.messenger) or [f"nobody else {number}"]
            for number, one in enumerate(persons)
        ]
        with reading(self._engine) as connection:
            known = _known(connection, {hash for each in hashes for hash in each})
        strangers = [(one, each) for one, each in zip(persons, hashes, strict=True) if not _first(known, each)]
        if strangers:
            known |= self._welcome(strangers)
        return [_first(known, each) for each in hashes]

    def _welcome(self, strangers: Sequence[tuple[Person, Sequence[str]]]) -> dict[str, str]:
        """Who is known by each of these hashes, now that they were looked for and not found."""
        named, keys = self._new([person for person, _ in strangers])
        saved: list[Person] = []
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CONTACT_LOCK})
            known = _known(connection, {hash for _, hashes in strangers for hash in hashes})
            for person, (_, hashes) in zip(named, strangers, strict=True):
                if not _first(known, hashes):
                    saved.append(person)
                    known |= dict.fromkeys(hashes, person.id)
            self._put(connection, saved, keys)
        return known

    def find_person(self, email: str = "", messenger: str = "", *, kind: PersonKind = "resident") -> str:
        """Whose address this is, "" if nobody's; of several the oldest."""
        hashes = self._hashes(kind, email, "", messenger)
        with reading(self._engine) as connection:
            return _first(_known(connection, hashes), hashes)

    def find_people(self, email: str = "", phone: str = "", *, kind: PersonKind = "resident") -> list[str]:
        """Everybody who has this email or this phone (families share them), oldest first."""
        query = select(contacts.c.person).where(contacts.c.hash.in_(self._hashes(kind, email, phone, "")))
        with reading(self._engine) as connection:
            return list(connection.scalars(query.distinct().order_by(contacts.c.person)))

    def merge_people(self, into: str, gone: str) -> None:
        """`gone` was `into` all along: what he wrote lies under `into`'s key. Doing it again changes nothing."""
        known = self.people([into, gone])
        stays, goes = known[into], known[gone]
        if stays is None or goes is None:
            raise ValueError(f"{into} and {gone} cannot be merged: one of them is erased or unknown")
        if stays.id != goes.id:
            merged = _merged(stays, goes)
            _, keys = self._ready([merged])
            with writing(self._engine) as connection:
                self._save(connection, [merged], keys)
                absorbed = (people.c.id == goes.id) | (people.c.same_as == goes.id)
                connection.execute(update(people).where(absorbed).values(sealed=None, same_as=stays.id))
                connection.execute(delete(contacts).where(contacts.c.person == goes.id))
        self.keys.merge(stays.id, gone)

    def _everyone(self, person: str) -> set[str]:
        """The ids that are this one person's by merging."""
        with reading(self._engine) as connection:
            root = connection.scalar(select(people.c.same_as).where(people.c.id == person)) or person
            return {person, root, *connection.scalars(select(people.c.id).where(people.c.same_as == root))}

    def _forget(self, ids: Collection[str]) -> None:
        with writing(self._engine) as connection:
            for chunk in in_chunks(ids):
                connection.execute(delete(contacts).where(contacts.c.person.in_(chunk)))
                connection.execute(delete(people).where(people.c.id.in_(chunk)))

    def _ready(self, persons: Sequence[Person]) -> tuple[list[Person], dict[str, bytes]]:
        """These persons with an id, each under the one he became by merging, and their keys."""
        ids = [person.id for person in persons if person.id]
        roots: dict[str, str] = {}
        with reading(self._engine) as connection:
            for chunk in in_chunks(ids):
                query = select(people.c.id, people.c.same_as).where(people.c.id.in_(chunk))
                roots.update({row.id: row.same_as or row.id for row in connection.execute(query)})
        known = [replace(person, id=roots.get(person.id, person.id)) for person in persons if person.id]
        new, keys = self._new([person for person in persons if not person.id])
        keys |= self.keys.make_people({person.id for person in known})
        named = {True: iter(known), False: iter(new)}
        return [next(named[bool(person.id)]) for person in persons], keys

    def _new(self, persons: Sequence[Person]) -> tuple[list[Person], dict[str, bytes]]:
        """These persons, whom nobody knows yet, with ids and keys of their own."""
        named = [replace(person, id=self._new_id()) for person in persons]
        return named, self.keys.begin_people([person.id for person in named])

    def _save(self, connection: Connection, persons: Sequence[Person], keys: dict[str, bytes]) -> None:
        for chunk in in_chunks([person.id for person in persons]):
            connection.execute(delete(contacts).where(contacts.c.person.in_(chunk)))
        self._put(connection, persons, keys)

    def _put(self, connection: Connection, persons: Sequence[Person], keys: dict[str, bytes]) -> None:
        put(connection, people, [_sealed(keys[person.id], person) for person in persons])
        last = {person.id: person for person in persons}
        rows = [{"hash": hash, "person": id} for id, person in last.items() for hash in self._all_hashes(person)]
        put_new(connection, contacts, rows)

    def _all_hashes(self, person: Person) -> set[str]:
        hashes = set(self._hashes(person.kind, person.email, person.phone, person.messenger))
        for other in person.also:
            addressed = (other, "", "") if "@" in other else ("", other, other)
            hashes.update(self._hashes(person.kind, *addressed))
        return hashes

    def _hashes(self, kind: PersonKind, email: str, phone: str, messenger: str) -> list[str]:
        named = (("email", tidy_email(email)), ("phone", tidy_phone(phone, self._region)), ("messenger", messenger))
        return [
            hmac.new(self._contact_secret, f"{kind}\0{name}\0{value}".encode("utf-8", "replace"), sha256).hexdigest()[
                :32
            ]
            for name, value in named
            if value
        ]

    def _new_id(self, at: datetime | None = None) -> str:
        return new_id(at or self._clock(), os.urandom(10))


def tidy_email(email: str) -> str:
    """As two writings of one mailbox are the same."""
    return email.strip().casefold()


def tidy_phone(phone: str, region: str = "FR") -> str:
    """+33612345678 for every manner of writing it; the bare digits of what is no number in any plan."""
    if not phone.strip():
        return ""
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return re.sub(r"[^\d+]", "", phone)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _known(connection: Connection, hashes: Collection[str]) -> dict[str, str]:
    return {
        row.hash: str(row.person) for chunk in in_chunks(hashes) for row in connection.execute(_KNOWN, {"ids": chunk})
    }


def _first(known: Mapping[str, str], hashes: Sequence[str]) -> str:
    return next((known[hash] for hash in hashes if hash in known), "")


def _merged(into: Person, gone: Person) -> Person:
    """What `into` lacks comes from `gone`; what differs stays findable."""
    values = {
        name: getattr(into, name) or getattr(gone, name) for name in ("name", "email", "phone", "address", "messenger")
    }
    others = {*into.also, *gone.also, gone.email, gone.phone, gone.messenger} - {"", *values.values()}
    return replace(into, **values, also=tuple(sorted(others)))


def _sealed(key: bytes, person: Person) -> dict[str, object]:
    plain = msgspec.json.encode(replace(person, id=""))
    return {"id": person.id, "sealed": seal(key, f"person:{person.id}", plain), "same_as": None}


def opened(key: bytes, id: str, sealed: bytes) -> Person:
    """Whoever he became, under that one's id and key."""
    plain = unseal(key, f"person:{id}", sealed)
    return replace(msgspec.json.decode(plain, type=Person), id=id)
