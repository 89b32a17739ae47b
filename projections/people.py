"""In which cases does a person appear, and who bears this name?

One row for each person in a case. The name is copied from the archive, folded, and dropped when the person is erased;
the row stays, so that every case of a person can be named while he is being erased.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Column, Connection, Index, Integer, String, Table, func, or_, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, NOTHING, VIEWS, Instant, Row, Rows, Wants, Words, code, names

Role = Literal["requester", "earlier_requester", "author", "follower", "third_party"]
MATCHES = 1000

people = Table(
    "people",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("person", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("role", "name", "last_name")),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)
_c = people.c
_named = _c.name != ""
Index("people_person", _c.person, _c.case_id)
for _column in (_c.name, _c.last_name):
    Index(
        f"people_{_column.name}",
        _column,
        sqlite_where=_named,
        postgresql_where=_named,
        postgresql_ops={_column.name: "varchar_pattern_ops"},
    )


class PeopleProjection(Rows):
    name = "people"
    question = "In which cases does a person appear, and who bears this name?"
    table = people
    edition = 2
    events = (
        e.CaseOpened,
        e.MessageReceived,
        e.RequesterIdentified,
        e.CaseAbsorbed,
        e.CaseFollowed,
        e.ThirdPartyAsked,
        e.PersonErased,
    )
    wants_words = True

    def wants(self, recorded: Recorded) -> Wants:
        person = _spoken_of(recorded.event)
        return Wants(people=(person,)) if person and not isinstance(recorded.event, e.PersonErased) else NOTHING

    def fold(self, state: Mapping[str, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[str, Row]:
        event = recorded.event
        person = _spoken_of(event)
        before = state.get(person)
        if not person or (before is not None and before["version"] >= recorded.version):
            return state
        if isinstance(event, e.PersonErased):
            return {**state, person: _unnamed(before, recorded)} if before else state
        rows = dict(state)
        if isinstance(event, e.RequesterIdentified):
            for other, row in state.items():
                if row["role"] == "requester" and other != person:
                    rows[other] = {**row, "version": recorded.version, "role": "earlier_requester"}
        rows[person] = _row(recorded, person, _ROLES.get(type(event), "requester"), before, words)
        return rows


_ROLES: dict[type[e.Event], Role] = {
    e.MessageReceived: "author",
    e.CaseAbsorbed: "follower",
    e.CaseFollowed: "follower",
    e.ThirdPartyAsked: "third_party",
}


def _spoken_of(event: e.Event) -> str:
    match event:
        case e.CaseOpened():
            return event.requester
        case e.MessageReceived():
            return event.author
        case e.CaseAbsorbed():
            return event.requester
        case e.ThirdPartyAsked():
            return event.to
        case e.CaseFollowed() | e.RequesterIdentified() | e.PersonErased():
            return event.person
    return ""


def _row(recorded: Recorded, person: str, role: Role, before: Row | None, words: Words) -> Row:
    found = words.people.get(person)
    name = names(found.name)[:200] if found else ""
    if before is not None:
        role = role if role == "requester" else before["role"]
    return {
        "case_id": recorded.stream_id,
        "person": person,
        "version": recorded.version,
        "role": role,
        "name": name,
        "last_name": name.partition(" ")[2],
        "since": before["since"] if before else recorded.at,
    }


def _unnamed(row: Row, recorded: Recorded) -> Row:
    return {**row, "version": recorded.version, "name": "", "last_name": ""}


# --- what a page asks --------------------------------------------------------------------------------------------


class Appearance(msgspec.Struct, frozen=True):
    case_id: str
    person: str
    role: Role
    since: datetime


_SHOWN = tuple(_c[field] for field in Appearance.__struct_fields__)


def cases_of(connection: Connection, person: str, limit: int | None = None) -> list[str]:
    """The cases this person appears in, newest first; show them through `queue.page`, which knows the rights."""
    query = select(_c.case_id).where(_c.person == person).order_by(_c.case_id.desc()).limit(limit)
    return list(connection.execute(query).scalars())


def of_case(connection: Connection, case_id: str) -> tuple[Appearance, ...]:
    """Who appears in a case."""
    rows = connection.execute(select(*_SHOWN).where(_c.case_id == case_id).order_by(_c.since, _c.person))
    return tuple(Appearance(*row) for row in rows)


def named(connection: Connection, name: str, limit: int = 20) -> list[str]:
    """The people whose name holds all these words or beginnings of words; those whose last name does come first.

    One of the words must begin the name or what follows the first name.
    """
    asked = names(name).split()
    if not asked:
        return []
    beginnings = [column.like(f"{word}%") for word in asked for column in (_c.name, _c.last_name)]
    query = select(_c.person, func.max(_c.name)).where(_named, or_(*beginnings)).group_by(_c.person).limit(MATCHES)
    found = [(person, known.split()) for person, known in connection.execute(query)]
    fitting = [
        (not any(part.startswith(tuple(asked)) for part in known[1:]), known, person)
        for person, known in found
        if all(any(part.startswith(word) for part in known) for word in asked)
    ]
    return [person for _, _, person in sorted(fitting)[:limit]]
