"""Which open cases may be the same as this one: of the same person, near the same place, of the same kind?

One row for each case, with ids, codes and the square its place lies in, no word of anybody's. A question reads at most
`MOST` rows by each sign, newest first; how alike they really are is judged by whoever may read their words.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Subquery,
    Table,
    literal_column,
    select,
    union_all,
)

from gru.domain import events as e
from gru.domain.events import Channel, Recorded
from gru.domain.rights import Scope
from projections.base import (
    NO_WORDS,
    VIEWS,
    Change,
    Instant,
    OneRow,
    Row,
    Words,
    code,
    versioned,
    within,
)

Sign = Literal["cell", "person", "type"]
Newest = Select[Any]
MOST = 100
OF_TYPE = 200
"""Of these the words are compared, by their stems alone: opening them would be dear."""

duplicates = Table(
    "duplicates",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("number", "type", "department", "site", "confidentiality", "channel")),
    *(code(name) for name in ("requester", "cell", "title_id", "text_id", "place_id")),
    Column("received_at", Instant, nullable=False),
    Column("is_open", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
_c = duplicates.c
_open = _c.is_open.is_(True)
for _sign in (_c.requester, _c.cell, _c.type):
    _given = _open if _sign is _c.type else _open & (_sign != "")
    Index(
        f"duplicates_{_sign.name}",
        _sign,
        _c.received_at,
        _c.case_id,
        sqlite_where=_given,
        postgresql_where=_given,
    )


class Duplicates(OneRow):
    name = "duplicates"
    question = "Which open cases may be the same as this one?"
    table = duplicates
    events = (
        e.CaseOpened,
        e.CaseRegistered,
        e.RequesterIdentified,
        e.PlaceSet,
        e.CaseQualified,
        e.CaseTransferred,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
        e.PersonErased,
    )

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _opened(recorded, event) if isinstance(event, e.CaseOpened) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        if change := _CHANGES.get(type(event)):
            change(row, event, recorded)
        return row


def _opened(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "version": recorded.version,
        "number": "",
        "type": "",
        "department": event.department,
        "site": event.site,
        "confidentiality": "normal",
        "channel": event.channel,
        "requester": event.requester,
        "cell": event.cell,
        "title_id": event.title.id if event.title else "",
        "text_id": event.text.id if event.text else "",
        "place_id": event.place.id if event.place else "",
        "received_at": event.received_at,
        "is_open": True,
    }


def _registered(row: Row, event: e.CaseRegistered, recorded: Recorded) -> None:
    row["number"] = event.number


def _identified(row: Row, event: e.RequesterIdentified, recorded: Recorded) -> None:
    row["requester"] = event.person


def _placed(row: Row, event: e.PlaceSet, recorded: Recorded) -> None:
    row["cell"], row["place_id"] = event.cell, event.place.id


def _qualified(row: Row, event: e.CaseQualified, recorded: Recorded) -> None:
    row["type"], row["department"], row["confidentiality"] = event.type, event.department, event.confidentiality


def _transferred(row: Row, event: e.CaseTransferred, recorded: Recorded) -> None:
    row["department"] = event.department


def _ended(row: Row, event: e.CaseClosed | e.CaseMerged, recorded: Recorded) -> None:
    row["is_open"] = False


def _open_again(row: Row, event: e.CaseReopened | e.CaseUnmerged, recorded: Recorded) -> None:
    row["is_open"] = True


def _erased(row: Row, event: e.PersonErased, recorded: Recorded) -> None:
    """Where his request lay says something of him; the row stays without it."""
    if row["requester"] == event.person:
        row["requester"], row["cell"] = "", ""


_CHANGES: dict[type[e.Event], Change] = {
    e.CaseRegistered: _registered,
    e.RequesterIdentified: _identified,
    e.PlaceSet: _placed,
    e.CaseQualified: _qualified,
    e.CaseTransferred: _transferred,
    e.CaseClosed: _ended,
    e.CaseMerged: _ended,
    e.CaseReopened: _open_again,
    e.CaseUnmerged: _open_again,
    e.PersonErased: _erased,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class Neighbour(msgspec.Struct, frozen=True):
    """An open case; the words of its title, text and place lie in the archive."""

    case_id: str
    number: str
    type: str
    department: str
    site: str
    confidentiality: e.Confidentiality
    channel: Channel
    requester: str
    cell: str
    title_id: str
    text_id: str
    place_id: str
    received_at: datetime


_SHOWN = tuple(_c[field] for field in Neighbour.__struct_fields__)


class Beside(msgspec.Struct, frozen=True):
    """One that was found, by which sign, and what was said in it, as `search` keeps it."""

    sign: Sign
    case: Neighbour
    words: str
    parts: str


def beside(connection: Connection, signs: Sequence[Newest], said: Subquery) -> list[Beside]:
    """What these signs find in one statement, the newest first; `said` brings the words by `case_id`."""
    if not signs:
        return []
    found = union_all(*(select(one.subquery()) for one in signs)).subquery("found")
    query = select(found, said.c.words, said.c.parts).join(said, said.c.case_id == found.c.case_id)
    rows = [_beside(row) for row in connection.execute(query)]
    return sorted(rows, key=lambda one: (one.case.received_at, one.case.case_id), reverse=True)


def _beside(row: Sequence[Any]) -> Beside:
    sign, words, parts = row[0], row[-2], row[-1]
    return Beside(sign, _neighbour(row[1:-2]), words, parts)


def _neighbour(row: Sequence[Any]) -> Neighbour:
    return Neighbour(*row)


def of_person(person: str, since: datetime, scope: Scope) -> Newest:
    """The newest open cases of this person received since then."""
    return _newest("person", scope, _c.requester == person, _c.requester != "", _c.received_at >= since)


def in_cells(cells: Sequence[str], since: datetime, scope: Scope) -> Newest:
    """The newest open cases of these squares."""
    return _newest("cell", scope, _c.cell.in_(cells), _c.cell != "", _c.received_at >= since)


def of_type(type_code: str, since: datetime, scope: Scope) -> Newest:
    """The newest open cases of this type (`""`: nobody has said what they are)."""
    return _newest("type", scope, _c.type == type_code, _c.received_at >= since, most=OF_TYPE)


def of_type_in(connection: Connection, type_code: str, cells: Sequence[str], scope: Scope) -> tuple[Neighbour, ...]:
    """The newest open cases of this type in these squares, however old."""
    rows = connection.execute(_newest("cell", scope, _c.cell.in_(cells), _c.cell != "", _c.type == type_code))
    return tuple(_neighbour(row[1:]) for row in rows)


def of_cases(connection: Connection, case_ids: Sequence[str]) -> tuple[Neighbour, ...]:
    """These cases themselves, open or not."""
    rows = connection.execute(select(*_SHOWN).where(_c.case_id.in_(case_ids)).order_by(_c.case_id))
    return tuple(Neighbour(*row) for row in rows)


def _newest(sign: Sign, scope: Scope, *conditions: ColumnElement[bool], most: int = MOST) -> Newest:
    named: ColumnElement[str] = literal_column(f"'{sign}'").label("sign")
    query = select(named, *_SHOWN).where(_open, within(duplicates, scope), *conditions)
    return query.order_by(_c.received_at.desc(), _c.case_id.desc()).limit(most)
