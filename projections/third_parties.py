"""Which third parties must be reminded, or have not answered by their date?

One row for each request to somebody outside the town. The row of id `""` holds what the fold must remember of the
case; no question reads it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Boolean, Column, Connection, Index, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, Row, Rows, Words, code

Next = Literal["remind", "silence", ""]

third_parties = Table(
    "third_parties",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("request_id", primary_key=True),
    Column("version", Integer, nullable=False),
    Column("due", Instant),
    Column("remind_at", Instant),
    Column("reminders", Integer, nullable=False),
    *(Column(name, Boolean, nullable=False) for name in ("silent", "over", "closed")),
    code("next"),
    Column("next_at", Instant),
    sqlite_with_rowid=False,
)
_c = third_parties.c
Index(
    "third_parties_next",
    _c.next_at,
    sqlite_where=_c.next_at.is_not(None),
    postgresql_where=_c.next_at.is_not(None),
)
Requests = dict[str, Row]


class ThirdParties(Rows):
    name = "third_parties"
    question = "Which third parties must be reminded, or have not answered by their date?"
    group = "later"
    table = third_parties
    events = (
        e.CaseOpened,
        e.ThirdPartyAsked,
        e.ThirdPartyReminded,
        e.ThirdPartyAnswered,
        e.ThirdPartySilent,
        e.ThirdPartyRevoked,
        e.CaseClosed,
        e.CaseMerged,
        e.CaseReopened,
        e.CaseUnmerged,
    )

    def fold(self, state: Mapping[str, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[str, Row]:
        event = recorded.event
        head = state.get("")
        if head is None:
            return {"": _row(recorded, "")} if isinstance(event, e.CaseOpened) else state
        change = _CHANGES.get(type(event))
        if change is None or head["version"] >= recorded.version:
            return state
        rows = {**state, "": {**head, "version": recorded.version}}
        change(rows, event, recorded)
        return {key: _with_next(row) for key, row in rows.items()}


def _row(recorded: Recorded, request_id: str) -> Row:
    return {
        "case_id": recorded.stream_id,
        "request_id": request_id,
        "version": recorded.version,
        "due": None,
        "remind_at": None,
        "reminders": 0,
        "silent": False,
        "over": False,
        "closed": False,
        "next": "",
        "next_at": None,
    }


def _with_next(row: Row) -> Row:
    """He is reminded once by machine, then his silence is noticed once; nothing while the case is closed."""
    following: tuple[Next, datetime | None] = ("", None)
    if row["due"] is not None and not (row["over"] or row["closed"] or row["silent"]):
        remind = row["remind_at"] is not None and not row["reminders"]
        following = ("remind", row["remind_at"]) if remind else ("silence", row["due"])
    return {**row, "next": following[0], "next_at": following[1]}


def _asked(rows: Requests, event: e.ThirdPartyAsked, recorded: Recorded) -> None:
    asked = {"due": event.due, "remind_at": event.remind_at}
    rows[event.request_id] = _row(recorded, event.request_id) | asked


def _change(rows: Requests, request_id: str, recorded: Recorded, **facts: Any) -> None:
    row = rows.get(request_id)
    if row is not None:
        rows[request_id] = {**row, "version": recorded.version, **facts}


def _reminded(rows: Requests, event: e.ThirdPartyReminded, recorded: Recorded) -> None:
    _change(rows, event.request_id, recorded, reminders=event.number)


def _answered(rows: Requests, event: e.ThirdPartyAnswered, recorded: Recorded) -> None:
    """What is planned is awaited on its day, without another reminder."""
    if event.due is None:
        _change(rows, event.request_id, recorded, over=True)
    else:
        _change(rows, event.request_id, recorded, due=event.due, remind_at=None, silent=False)


def _silent(rows: Requests, event: e.ThirdPartySilent, recorded: Recorded) -> None:
    _change(rows, event.request_id, recorded, silent=True)


def _revoked(rows: Requests, event: e.ThirdPartyRevoked, recorded: Recorded) -> None:
    _change(rows, event.request_id, recorded, over=True)


def _closed(rows: Requests, event: e.CaseClosed | e.CaseMerged, recorded: Recorded) -> None:
    for request_id in rows:
        _change(rows, request_id, recorded, closed=True)


def _open_again(rows: Requests, event: e.CaseReopened | e.CaseUnmerged, recorded: Recorded) -> None:
    for request_id in rows:
        _change(rows, request_id, recorded, closed=False)


_CHANGES: dict[type[e.Event], Callable[[Requests, Any, Recorded], None]] = {
    e.ThirdPartyAsked: _asked,
    e.ThirdPartyReminded: _reminded,
    e.ThirdPartyAnswered: _answered,
    e.ThirdPartySilent: _silent,
    e.ThirdPartyRevoked: _revoked,
    e.CaseClosed: _closed,
    e.CaseMerged: _closed,
    e.CaseReopened: _open_again,
    e.CaseUnmerged: _open_again,
}


# --- what the clock asks -----------------------------------------------------------------------------------------


class DueRequest(msgspec.Struct, frozen=True):
    """What must happen now to one request: `next` says what."""

    case_id: str
    request_id: str
    due: datetime
    reminders: int
    next: Next


_SHOWN = tuple(_c[field] for field in DueRequest.__struct_fields__)


def falling_due(connection: Connection, now: datetime, limit: int = 200) -> tuple[DueRequest, ...]:
    """Requests whose next date has come, the oldest first."""
    query = select(*_SHOWN).where(_c.next_at <= now).order_by(_c.next_at).limit(limit)
    return tuple(DueRequest(*row) for row in connection.execute(query))
