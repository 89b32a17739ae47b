"""What do the head of a case's page and its tracking page show?

One row for each case, found by its id or its number.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Boolean, Column, Connection, Date, Index, Integer, Select, Table, select

from gru.domain import events as e
from gru.domain.events import Channel, Confidentiality, Priority, Recorded, Regime
from gru.domain.rights import Scope
from gru.domain.status import Status
from projections.base import (
    CASE_EVENTS,
    NO_WORDS,
    VIEWS,
    Change,
    Instant,
    Json,
    OneRow,
    Row,
    Unsent,
    Words,
    code,
    head_after,
    head_columns,
    sent_reply,
    within,
)


class LegalDate(msgspec.Struct, frozen=True, array_like=True):
    clock: e.LegalClock
    due: datetime
    regime: Regime
    basis: str = ""
    passed: bool = False


case_file = Table(
    "case_file",
    VIEWS,
    *head_columns(),
    *(code(name) for name in ("message", "text_id", "place_id", "reply_channel", "late_reason")),
    *(code(name) for name in ("regime", "main", "body", "closing_text_id", "intervention_moment")),
    Column("intervention_day", Date),
    Column("town_version", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("link_generation", Integer, nullable=False),
    Column("assisted", Boolean, nullable=False),
    Column("consent", Boolean, nullable=False),
    Column("proven", Boolean, nullable=False),
    *(Column(name, Instant) for name in ("acknowledged_at", "responded_at", "answered_at", "last_message_at")),
    Column("legal", Json(dict[str, LegalDate]), nullable=False),
    *(Column(name, Json, nullable=False) for name in ("files", "breached", "links", "people", "difficulties")),
)
Index("case_file_number", case_file.c.number)
Index(
    "case_file_main",
    case_file.c.main,
    sqlite_where=case_file.c.main != "",
    postgresql_where=case_file.c.main != "",
)


class CaseFileProjection(OneRow):
    name = "case_file"
    question = "What do the head of a case's page and its tracking page show?"
    table = case_file
    edition = 3
    events = CASE_EVENTS

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        row = head_after(state, recorded)
        if row is None:
            return state
        event = recorded.event
        if isinstance(event, e.CaseOpened):
            _opened(row, event)
        elif isinstance(event, e.ReplySent) and state is not None:
            _sent(row, event, sent_reply(state, event))
        elif change := _CHANGES.get(type(event)):
            change(row, event, recorded)
        return row


def _opened(row: Row, event: e.CaseOpened) -> None:
    row |= {
        "message": event.message,
        "text_id": event.text.id if event.text else "",
        "place_id": event.place.id if event.place else "",
        "reply_channel": event.reply_channel,
        "late_reason": event.late_reason,
        "regime": "none",
        "main": "",
        "body": "",
        "closing_text_id": "",
        "intervention_moment": "",
        "intervention_day": None,
        "town_version": event.town_version,
        "reopened": 0,
        "link_generation": 1,
        "assisted": event.assisted,
        "consent": event.consent,
        "proven": event.proven,
        "acknowledged_at": None,
        "responded_at": None,
        "answered_at": None,
        "last_message_at": event.received_at,
        "files": [file.id for file in event.files],
        "legal": {},
        "breached": [],
        "links": [],
        "people": [event.requester] if event.requester else [],
        "difficulties": [],
    }


def _message(row: Row, event: e.MessageReceived, recorded: Recorded) -> None:
    row["last_message_at"] = max(event.received_at, row["last_message_at"])
    row["files"] = row["files"] + [file.id for file in event.files]
    _add(row, "people", event.author)


def _identified(row: Row, event: e.RequesterIdentified, recorded: Recorded) -> None:
    _add(row, "people", event.person)


def _placed(row: Row, event: e.PlaceSet, recorded: Recorded) -> None:
    row["place_id"] = event.place.id


def _qualified(row: Row, event: e.CaseQualified, recorded: Recorded) -> None:
    row["regime"] = event.regime


def _breached(row: Row, event: e.BreachNoticed, recorded: Recorded) -> None:
    if event.late:
        _add(row, "breached", event.kind)


def _legal_date(row: Row, event: e.LegalDateSet, recorded: Recorded) -> None:
    row["legal"] = row["legal"] | {event.clock: LegalDate(event.clock, event.due, event.regime, event.basis)}


def _legal_lifted(row: Row, event: e.LegalDateLifted, recorded: Recorded) -> None:
    row["legal"] = {clock: day for clock, day in row["legal"].items() if clock != event.clock}


def _legal_passed(row: Row, event: e.LegalDatePassed, recorded: Recorded) -> None:
    day = row["legal"].get(event.clock)
    if day is not None:
        row["legal"] = row["legal"] | {event.clock: replace(day, passed=True)}


def _way_chosen(row: Row, event: e.ReplyWayChosen, recorded: Recorded) -> None:
    row["reply_channel"] = event.channel


def _written(row: Row, event: e.ReplyWritten, recorded: Recorded) -> None:
    row["files"] = row["files"] + [file.id for file in event.files]


def _sent(row: Row, event: e.ReplySent, reply: Unsent) -> None:
    if reply.human or reply.kind in ("receipt", "acknowledgement"):
        row["acknowledged_at"] = row["acknowledged_at"] or event.sent_at
    if reply.human:
        row["responded_at"] = row["responded_at"] or event.sent_at
    if row["status"] == "answered":
        row["answered_at"] = event.sent_at


def _note(row: Row, event: e.NoteAdded, recorded: Recorded) -> None:
    row["files"] = row["files"] + [file.id for file in event.files]


def _difficulty(row: Row, event: e.DifficultyDeclared, recorded: Recorded) -> None:
    _add(row, "difficulties", event.reason)


def _planned(row: Row, event: e.InterventionPlanned, recorded: Recorded) -> None:
    row["intervention_day"], row["intervention_moment"] = event.day, event.moment


def _closed(row: Row, event: e.CaseClosed, recorded: Recorded) -> None:
    row["main"], row["body"] = event.main, event.body
    row["closing_text_id"] = event.text.id if event.text else ""


def _reopened(row: Row, event: e.CaseReopened, recorded: Recorded) -> None:
    row["main"], row["body"], row["closing_text_id"] = "", "", ""
    row["reopened"] += 1


def _merged(row: Row, event: e.CaseMerged, recorded: Recorded) -> None:
    row["main"] = event.main


def _unmerged(row: Row, event: e.CaseUnmerged, recorded: Recorded) -> None:
    row["main"] = ""


def _renewed(row: Row, event: e.LinksRenewed, recorded: Recorded) -> None:
    row["link_generation"] = event.generation


def _linked(row: Row, event: e.CaseLinked, recorded: Recorded) -> None:
    _add(row, "links", event.other)


def _unlinked(row: Row, event: e.CaseUnlinked, recorded: Recorded) -> None:
    row["links"] = [other for other in row["links"] if other != event.other]


def _add(row: Row, column: str, value: str) -> None:
    if value and value not in row[column]:
        row[column] = [*row[column], value]


_CHANGES: dict[type[e.Event], Change] = {
    e.MessageReceived: _message,
    e.RequesterIdentified: _identified,
    e.PlaceSet: _placed,
    e.CaseQualified: _qualified,
    e.BreachNoticed: _breached,
    e.LegalDateSet: _legal_date,
    e.LegalDateLifted: _legal_lifted,
    e.LegalDatePassed: _legal_passed,
    e.ReplyWayChosen: _way_chosen,
    e.ReplyWritten: _written,
    e.NoteAdded: _note,
    e.DifficultyDeclared: _difficulty,
    e.InterventionPlanned: _planned,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
    e.CaseLinked: _linked,
    e.CaseUnlinked: _unlinked,
    e.LinksRenewed: _renewed,
    e.CaseMerged: _merged,
    e.CaseUnmerged: _unmerged,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class Promise(msgspec.Struct, frozen=True):
    """One commitment of the town; `kept_at` when it was fulfilled, late or not; `breached` when the clock said so."""

    kind: e.CommitmentKind
    due: datetime
    warn_at: datetime
    kept_at: datetime | None
    breached: bool


class OpenWait(msgspec.Struct, frozen=True):
    """Whom the case waits for now; the town's clock stands still while it is `stopping`."""

    wait_id: str
    party: e.Party
    since: datetime
    stopping: bool
    until: datetime | None


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """The case at a glance; ids of texts, files and people are looked up in the archive.

    `responded_at` is the first human reply's, `answered_at` the last answer's; `people` all who ever spoke in it,
    the requester first known first.
    """

    case_id: str
    version: int
    number: str
    status: Status
    type: str
    department: str
    agent: str
    channel: Channel
    site: str
    district: str
    confidentiality: Confidentiality
    priority: Priority
    danger: bool
    regime: Regime
    requester: str
    people: tuple[str, ...]
    title_id: str
    text_id: str
    place_id: str
    message: str
    files: tuple[str, ...]
    reply_channel: Channel
    late_reason: str
    assisted: bool
    consent: bool
    proven: bool
    town_version: int
    received_at: datetime
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    due_kind: str
    warn_at: datetime | None
    paused_since: datetime | None
    legal_due_at: datetime | None
    waiting_on: str
    waiting_since: datetime | None
    promises: tuple[Promise, ...]
    legal: tuple[LegalDate, ...]
    waits: tuple[OpenWait, ...]
    acknowledged_at: datetime | None
    responded_at: datetime | None
    answered_at: datetime | None
    last_message_at: datetime | None
    intervention_day: date | None
    intervention_moment: str
    closed_at: datetime | None
    outcome: str
    main: str
    body: str
    closing_text_id: str
    reopened: int
    link_generation: int
    links: tuple[str, ...]
    difficulties: tuple[str, ...]


_READ = (*CaseFile.__struct_fields__, "breached")
_SHOWN = tuple(case_file.c[name] for name in _READ)


def by_id(connection: Connection, case_id: str) -> CaseFile | None:
    return _first(by_ids(connection, [case_id]))


def by_ids(connection: Connection, case_ids: Sequence[str]) -> tuple[CaseFile, ...]:
    return _found(connection, case_file.c.case_id.in_(case_ids))


def visible(scope: Scope) -> Select[tuple[str]]:
    """The ids of the cases within a scope, as a condition for lists of what speaks of them."""
    return select(case_file.c.case_id).where(within(case_file, scope))


def by_number(connection: Connection, number: str) -> CaseFile | None:
    return _first(_found(connection, case_file.c.number == number))


def duplicates_of(connection: Connection, case_id: str) -> tuple[CaseFile, ...]:
    """The cases closed as duplicates of this one."""
    return _found(connection, case_file.c.main == case_id, case_file.c.main != "")


def _first(found: tuple[CaseFile, ...]) -> CaseFile | None:
    return found[0] if found else None


def _found(connection: Connection, *conditions: Any) -> tuple[CaseFile, ...]:
    rows = connection.execute(select(*_SHOWN).where(*conditions).order_by(case_file.c.case_id))
    return tuple(_as_file(dict(zip(_READ, row, strict=True))) for row in rows)


def _as_file(row: Row) -> CaseFile:
    breached = row["breached"]
    row["promises"] = tuple(
        Promise(kind, promise.due, promise.warn_at, promise.kept_at, kind in breached)
        for kind, promise in row["promises"].items()
    )
    row["legal"] = tuple(row["legal"].values())
    row["waits"] = tuple(
        OpenWait(key, wait.party, wait.since, wait.stopping, wait.until) for key, wait in row["waits"].items()
    )
    return msgspec.convert(row, CaseFile)
