"""Which duties to acknowledge are due, late, withheld, bounced or done, and when does silence decide?

One row for each duty of a case: the receipt (AEE), the acknowledgement (ARE), the paper one of what came by hand, and
the day of the implicit decision. The row of duty `""` holds what the fold must remember; no question reads it.
"""

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
    String,
    Table,
    and_,
    case,
    func,
    or_,
    select,
)

from gru.domain import events as e
from gru.domain.case.promising import MEETS
from gru.domain.events import Channel, Recorded, Regime
from gru.domain.rights import Scope
from projections.base import (
    VIEWS,
    Headed,
    HeadedChange,
    HeadedRows,
    Instant,
    Json,
    Row,
    code,
    on_each,
    requalified,
    transferred,
    within,
)

Duty = Literal["receipt", "acknowledgement", "paper", "silence"]
State = Literal["late", "withheld", "bounced", "soon", "done", "implicit"]

PAPER: frozenset[Channel] = frozenset({"counter", "phone", "post"})
"""No text sets a limit for these (CRPA L112-3, R112-5): the town's own promise does."""

TOLD_AT_ONCE: frozenset[Channel] = frozenset({"counter", "phone"})
"""Whose senders have their number before they leave."""

acknowledgements = Table(
    "acknowledgements",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("duty", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("department", "site", "confidentiality", "channel", "regime", "basis")),
    *(code(name) for name in ("reply_id", "template", "withheld", "failed")),
    Column("received_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("due", "met_at", "passed_at")),
    Column("closed", Boolean, nullable=False),
    Column("memory", Json),
    sqlite_with_rowid=False,
)
_c = acknowledgements.c
_open = and_(_c.duty != "", _c.met_at.is_(None))
Index("acknowledgements_due", _c.due, sqlite_where=_open, postgresql_where=_open)
Index("acknowledgements_by_date", _c.duty, _c.due)


class Acknowledgements(HeadedRows):
    name = "acknowledgements"
    question = "Which duties to acknowledge are due, late, withheld, bounced or done?"
    group = "later"
    edition = 2
    table = acknowledgements
    events = (
        e.CaseOpened,
        e.CaseQualified,
        e.CaseTransferred,
        e.CommitmentPromised,
        e.LegalDateSet,
        e.LegalDateLifted,
        e.LegalDatePassed,
        e.ReplyWritten,
        e.ReplySent,
        e.ReplyWithheld,
        e.DeliveryFailed,
        e.CaseClosed,
        e.CaseReopened,
    )

    def head(self, recorded: Recorded, opened: e.CaseOpened) -> Row:
        return _head(recorded, opened)

    def change(self, kind: type[e.Event]) -> HeadedChange | None:
        return _CHANGES.get(kind)


def _head(recorded: Recorded, opened: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "duty": "",
        "version": recorded.version,
        "department": opened.department,
        "site": opened.site,
        "confidentiality": "normal",
        "channel": opened.channel,
        "regime": "none",
        "basis": "",
        "reply_id": "",
        "template": "",
        "withheld": "",
        "failed": "",
        "received_at": opened.received_at,
        "due": None,
        "met_at": None,
        "passed_at": None,
        "closed": False,
        "memory": {"replies": {}, "withheld": {}},
    }


def _promised(rows: Headed, event: e.CommitmentPromised, recorded: Recorded) -> None:
    head = rows[""]
    if event.kind == "acknowledge" and head["channel"] in PAPER:
        met = head["received_at"] if head["channel"] in TOLD_AT_ONCE else None
        row = rows.get("paper") or {**head, "met_at": met}
        rows["paper"] = {**row, "duty": "paper", "due": event.due, "memory": None}


def _legal_date(rows: Headed, event: e.LegalDateSet, recorded: Recorded) -> None:
    head, before = rows[""], rows.get(event.clock)
    row = {**(before or head), "duty": event.clock, "due": event.due, "regime": event.regime, "basis": event.basis}
    if before is None:
        row["withheld"] = head["memory"]["withheld"].get(event.clock, "")
    rows[event.clock] = {**row, "passed_at": None, "memory": None}


def _lifted(rows: Headed, event: e.LegalDateLifted, recorded: Recorded) -> None:
    rows.pop(event.clock, None)


def _passed(rows: Headed, event: e.LegalDatePassed, recorded: Recorded) -> None:
    if event.clock in rows:
        rows[event.clock] = {**rows[event.clock], "passed_at": recorded.at}


def _remember(rows: Headed, part: str, name: str, value: Any) -> None:
    memory = rows[""]["memory"]
    rows[""] = {**rows[""], "memory": {**memory, part: {**memory[part], name: value}}}


def _written(rows: Headed, event: e.ReplyWritten, recorded: Recorded) -> None:
    _remember(rows, "replies", event.reply_id, [event.kind, event.template])


def _sent(rows: Headed, event: e.ReplySent, recorded: Recorded) -> None:
    """The first reply that does what is asked is the proof; one that failed leaves the place to another."""
    kind, template = rows[""]["memory"]["replies"].get(event.reply_id, ("", ""))
    for duty, row in rows.items():
        if duty and row["met_at"] is None and kind in _MEETING[duty]:
            facts = {"met_at": event.sent_at, "reply_id": event.reply_id, "template": template, "failed": ""}
            rows[duty] = {**row, **facts}


_MEETING: dict[str, frozenset[e.ReplyKind]] = {
    "paper": MEETS["receipt"],
    **{str(clock): kinds for clock, kinds in MEETS.items()},
}
"""The replies that do each duty; on paper the same as the receipt's."""


def _failed(rows: Headed, event: e.DeliveryFailed, recorded: Recorded) -> None:
    """What did not arrive acknowledged nothing, also when it was sent in time."""
    kind, _ = rows[""]["memory"]["replies"].get(event.reply_id, ("", ""))
    for duty, row in rows.items():
        ours = row["reply_id"] in ("", event.reply_id) and (row["met_at"] is None or row["reply_id"] != "")
        if event.permanent and duty and ours and kind in _MEETING[duty]:
            rows[duty] = {**row, "met_at": None, "reply_id": "", "template": "", "failed": event.reason}


def _withheld(rows: Headed, event: e.ReplyWithheld, recorded: Recorded) -> None:
    _remember(rows, "withheld", event.kind, event.reason)
    if event.kind in rows:
        rows[event.kind] = {**rows[event.kind], "withheld": event.reason}


def _closed(rows: Headed, event: e.CaseClosed, recorded: Recorded) -> None:
    on_each(rows, closed=True)


def _reopened(rows: Headed, event: e.CaseReopened, recorded: Recorded) -> None:
    on_each(rows, closed=False)


_CHANGES: dict[type[e.Event], HeadedChange] = {
    e.CaseQualified: requalified,
    e.CaseTransferred: transferred,
    e.CommitmentPromised: _promised,
    e.LegalDateSet: _legal_date,
    e.LegalDateLifted: _lifted,
    e.LegalDatePassed: _passed,
    e.ReplyWritten: _written,
    e.ReplySent: _sent,
    e.ReplyWithheld: _withheld,
    e.DeliveryFailed: _failed,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class Obligation(msgspec.Struct, frozen=True):
    """One duty; `template` and `reply_id` are the proof: what was sent, in which version, `met_at`."""

    case_id: str
    duty: Duty
    channel: Channel
    regime: Regime
    basis: str
    reply_id: str
    template: str
    withheld: str
    failed: str
    received_at: datetime
    due: datetime
    met_at: datetime | None
    passed_at: datetime | None


_SHOWN = tuple(_c[field] for field in Obligation.__struct_fields__)


def page(
    connection: Connection, state: State, scope: Scope, now: datetime, limit: int, offset: int = 0
) -> tuple[Obligation, ...]:
    """The duties in this state, the first due before the others; what is done, the last done first."""
    order = (_c.met_at.desc(), _c.case_id) if state == "done" else (_c.due, _c.case_id, _c.duty)
    query = select(*_SHOWN).where(within(acknowledgements, scope), _in(state, now))
    return tuple(Obligation(*row) for row in connection.execute(query.order_by(*order).limit(limit).offset(offset)))


def count(connection: Connection, state: State, scope: Scope, now: datetime, cap: int = 1000) -> int:
    """How many; `cap + 1` stands for more than `cap`."""
    first = select(_c.case_id).where(within(acknowledgements, scope), _in(state, now)).limit(cap + 1).subquery()
    return connection.scalar(select(func.count()).select_from(first)) or 0


def _in(state: State, now: datetime) -> ColumnElement[bool]:
    """Silence is not written by anybody: it stands apart until an express answer comes before it."""
    unmet = and_(_c.duty.not_in(("", "silence")), _c.met_at.is_(None), _c.due.is_not(None), _c.closed.is_(False))
    match state:
        case "late":
            return and_(unmet, _c.due < now)
        case "soon":
            return and_(unmet, _c.due >= now, _c.withheld == "", _c.failed == "")
        case "withheld":
            return and_(unmet, _c.withheld != "")
        case "bounced":
            return and_(unmet, _c.failed != "")
        case "implicit":
            still = or_(_c.passed_at.is_not(None), _c.closed.is_(False))
            return and_(_c.duty == "silence", _c.met_at.is_(None), still)
        case "done":
            return and_(_c.duty.not_in(("", "silence")), _c.met_at.is_not(None))


# --- what the law will ask about ---------------------------------------------------------------------------------


class Compliance(msgspec.Struct, frozen=True):
    """The duties of one kind whose last day fell in a period: `total` = `kept` + `late` + `missed` + `running`.

    `missed` ones are past and were never done, the case open or closed; `running` ones are not past yet.
    """

    total: int
    kept: int
    late: int
    missed: int
    running: int


def compliance(
    connection: Connection, duty: Duty, scope: Scope, start: datetime, end: datetime, now: datetime
) -> Compliance:
    """How many were done by their last day? Rows of the period only."""
    met = _c.met_at.is_not(None)
    figures = (
        func.count(),
        _number(and_(met, _c.met_at <= _c.due)),
        _number(and_(met, _c.met_at > _c.due)),
        _number(and_(_c.met_at.is_(None), _c.due < now)),
        _number(and_(_c.met_at.is_(None), _c.due >= now)),
    )
    row = connection.execute(select(*figures).where(*_dated(duty, start, end), within(acknowledgements, scope))).one()
    return Compliance(*(int(number) for number in row))


def failed(
    connection: Connection, duty: Duty, scope: Scope, start: datetime, now: datetime, limit: int, offset: int = 0
) -> tuple[Obligation, ...]:
    """Those of the period that were not done by their last day, the last one first."""
    too_late = or_(_c.met_at > _c.due, _c.met_at.is_(None))
    query = select(*_SHOWN).where(*_dated(duty, start, now), too_late, within(acknowledgements, scope))
    ordered = query.order_by(_c.due.desc(), _c.case_id)
    return tuple(Obligation(*row) for row in connection.execute(ordered.limit(limit).offset(offset)))


def silent(
    connection: Connection, scope: Scope, start: datetime, end: datetime, limit: int, offset: int = 0
) -> tuple[Obligation, ...]:
    """Where silence decides in a period, unless somebody answers or the case was closed before; the first one first."""
    query = select(*_SHOWN).where(_unanswered(start, end), within(acknowledgements, scope))
    return tuple(
        Obligation(*row) for row in connection.execute(query.order_by(_c.due, _c.case_id).limit(limit).offset(offset))
    )


def count_silent(connection: Connection, scope: Scope, start: datetime, end: datetime, cap: int = 1000) -> int:
    """How many; `cap + 1` stands for more than `cap`."""
    first = select(_c.case_id).where(_unanswered(start, end), within(acknowledgements, scope)).limit(cap + 1).subquery()
    return connection.scalar(select(func.count()).select_from(first)) or 0


def _unanswered(start: datetime, end: datetime) -> ColumnElement[bool]:
    still = or_(_c.passed_at.is_not(None), _c.closed.is_(False))
    return and_(*_dated("silence", start, end), _c.met_at.is_(None), still)


def _dated(duty: Duty, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return _c.duty == duty, _c.due >= start, _c.due < end


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
