"""What had to be done over again, or waited for somebody else?

One row for each time a case came into a department, came back to one that had had it, waited for another service or a
third party, was asked for more a second time, was reopened, or was answered from a template. `amount` is seconds of
waiting, or the percentage of the template's words that were kept. Row 0 holds what the fold must remember.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    and_,
    func,
    select,
)
from sqlalchemy import case as when

from gru.domain import events as e
from gru.domain.events import Recorded
from gru.domain.rights import Scope
from projections.base import (
    NO_WORDS,
    VIEWS,
    Dated,
    Instant,
    Json,
    Question,
    Row,
    Rows,
    Selection,
    Words,
    begun,
    code,
    counting,
    period_of,
    placed,
    within,
)

Kind = Literal["entered", "returned", "waited_service", "waited_third_party", "asked_again", "reopened", "template"]
HOUR = 3600
HEAVILY = 50
"""A template of which less than half the words were kept, in percent, is rewritten heavily."""


class _Memory(msgspec.Struct, frozen=True):
    """The departments that had the case, its open waits, how often more was asked for since it was opened."""

    held: tuple[str, ...] = ()
    waits: dict[str, tuple[str, datetime]] = {}
    asked: int = 0


rework = Table(
    "rework",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("kind", "department", "site", "confidentiality", "type", "template", "ref")),
    Column("at", Instant),
    Column("amount", Integer, nullable=False),
    Column("memory", Json(_Memory)),
    sqlite_with_rowid=False,
)
_c = rework.c
Index("rework_kind", _c.kind, _c.at, _c.department, _c.amount, _c.template)
_Rows = dict[int, Row]


class Rework(Rows):
    name = "rework"
    question = "What had to be done over again, or waited for somebody else?"
    group = "later"
    edition = 2
    table = rework
    dated = (Dated("happened", "at", ("department", "kind", "amount")),)
    events = (
        e.CaseOpened,
        e.CaseRegistered,
        e.CaseQualified,
        e.CaseTransferred,
        e.WaitStarted,
        e.WaitEnded,
        e.ReplyWritten,
        e.CaseReopened,
    )

    def fold(self, state: Mapping[int, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[int, Row]:
        event = recorded.event
        head = state.get(0)
        if head is None:
            return _opened(recorded, event) if isinstance(event, e.CaseOpened) else state
        if head["version"] >= recorded.version:
            return state
        rows = {**state, 0: {**head, "version": recorded.version}}
        match event:
            case e.CaseRegistered():
                return {number: {**row, "ref": event.number} for number, row in rows.items()}
            case e.CaseQualified():
                facts = {"type": event.type, "confidentiality": event.confidentiality}
                rows = {number: {**row, **facts} for number, row in rows.items()}
                _enter(rows, recorded, event.department)
            case e.CaseTransferred():
                _enter(rows, recorded, event.department)
            case e.WaitStarted() if event.party != "resident":
                waits = {**_memory(rows).waits, event.wait_id: (event.party, event.since)}
                _remember(rows, waits=waits)
            case e.WaitEnded():
                _waited(rows, recorded, event)
            case e.ReplyWritten(human=True):
                _wrote(rows, recorded, event)
            case e.CaseReopened():
                _add(rows, recorded, "reopened")
                _remember(rows, asked=0)
        return rows


def _opened(recorded: Recorded, event: e.CaseOpened) -> _Rows:
    head: Row = {
        "case_id": recorded.stream_id,
        "number": 0,
        "version": recorded.version,
        "kind": "",
        "department": event.department,
        "site": event.site,
        "confidentiality": "normal",
        "type": "",
        "template": "",
        "ref": "",
        "at": None,
        "amount": 0,
        "memory": _Memory(held=(event.department,)),
    }
    rows = {0: head}
    _add(rows, recorded, "entered")
    return rows


def _memory(rows: _Rows) -> _Memory:
    memory: _Memory = rows[0]["memory"]
    return memory


def _remember(rows: _Rows, **facts: Any) -> None:
    rows[0] = {**rows[0], "memory": msgspec.structs.replace(_memory(rows), **facts)}


def _add(rows: _Rows, recorded: Recorded, kind: Kind, amount: int = 0, template: str = "") -> None:
    number = len(rows)
    facts = {"number": number, "kind": kind, "at": recorded.at, "amount": amount, "template": template}
    rows[number] = {**rows[0], **facts, "memory": None}


def _enter(rows: _Rows, recorded: Recorded, department: str) -> None:
    """Into a department's queue; back into one that had had it, it went to and fro."""
    if department == rows[0]["department"]:
        return
    memory = _memory(rows)
    rows[0] = {**rows[0], "department": department}
    _add(rows, recorded, "entered")
    if department in memory.held:
        _add(rows, recorded, "returned")
    else:
        _remember(rows, held=(*memory.held, department))


def _waited(rows: _Rows, recorded: Recorded, event: e.WaitEnded) -> None:
    waits = dict(_memory(rows).waits)
    party, since = waits.pop(event.wait_id, ("", event.ended_at))
    if not party:
        return
    _remember(rows, waits=waits)
    kind: Kind = "waited_service" if party == "service" else "waited_third_party"
    _add(rows, recorded, kind, amount=max(0, int((event.ended_at - since).total_seconds())))


def _wrote(rows: _Rows, recorded: Recorded, event: e.ReplyWritten) -> None:
    if event.words_kept is not None:
        _add(rows, recorded, "template", event.words_kept, event.template)
    if event.kind == "complement":
        asked = _memory(rows).asked + 1
        _remember(rows, asked=asked)
        if asked > 1:
            _add(rows, recorded, "asked_again")


# --- what a report asks ------------------------------------------------------------------------------------------


TOLD: tuple[Kind, ...] = ("returned", "waited_service", "waited_third_party", "asked_again", "reopened")


def _redone(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    part, conditions = placed(rework, "at", edges, departments)
    told = (*conditions, _c.kind.in_(TOLD))
    return counting(rework, (part, told), _c.kind, begun(_c.amount, HOUR))


REDONE = Question("redone", "rework", "happened", _redone)
"""How often each thing happened, of `TOLD`; of waits by begun hours, of the others under 0."""


def _entered_by_hour(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    """The hours are those of the zone in which the edges are told; they must be midnights."""
    zone, first, last = edges[0].tzinfo, edges[0].date(), edges[-1].date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    hours = [datetime.combine(day, time(hour), zone) for day in days for hour in range(24)]
    began = [hour for hour in hours if hour < edges[-1]]
    hour, _ = period_of(_c.at, [*began, edges[-1]], [at.hour for at in began])
    part, conditions = placed(rework, "at", edges, departments)
    return counting(rework, (part, (*conditions, _c.kind == "entered")), hour)


ENTERED_BY_HOUR = Question("entered_by_hour", "rework", "happened", _entered_by_hour)
"""How many cases came into a department's queue, by the local hour of the day."""


class Rewritten(msgspec.Struct, frozen=True):
    """One template: how often it began a reply, how often less than half of it was left."""

    template: str
    used: int
    heavily: int
    kept: int
    """Of all its words, in percent."""


def templates(connection: Connection, start: datetime, end: datetime, cut: datetime) -> tuple[Rewritten, ...]:
    heavily = func.sum(when((_c.amount < HEAVILY, 1), else_=0))
    query = (
        select(_c.template, func.count(), heavily, func.sum(_c.amount))
        .where(_happened(("template",), start, end, cut))
        .group_by(_c.template)
    )
    found = [
        Rewritten(template, int(used), int(heavy), round(int(kept) / int(used)))
        for template, used, heavy, kept in connection.execute(query)
    ]
    return tuple(sorted(found, key=lambda one: (-one.heavily, -one.used, one.template)))


class Case(msgspec.Struct, frozen=True):
    case_id: str
    ref: str
    type: str
    department: str
    times: int


def cases(
    connection: Connection, kind: Kind, start: datetime, end: datetime, cut: datetime, scope: Scope, limit: int = 10
) -> tuple[Case, ...]:
    """The cases to which it happened most often, as far as the reader may see them."""
    times = func.count().label("times")
    query = (
        select(_c.case_id, _c.ref, _c.type, func.max(_c.department), times)
        .where(_happened((kind,), start, end, cut), within(rework, scope), _c.ref != "")
        .group_by(_c.case_id, _c.ref, _c.type)
        .order_by(times.desc(), _c.ref.desc())
        .limit(limit)
    )
    return tuple(Case(*row) for row in connection.execute(query))


def _happened(kinds: Sequence[Kind], start: datetime, end: datetime, cut: datetime) -> ColumnElement[bool]:
    return and_(_c.kind.in_(list(kinds)), _c.at >= start, _c.at < end, _c.at <= cut)
