"""Which promises and legal dates are open, kept or broken, and which must be noticed next?

One row for each kind of promise of a case, and for each legal date (`legal:silence`…). The row of kind `""` holds
what the fold must remember of the case; no question reads it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from gru.domain import events as e
from gru.domain.case.nearing import next_warning
from gru.domain.case.promising import MEETS, PAUSED_KINDS
from gru.domain.case.state import RESOLVING
from gru.domain.events import Recorded
from projections.base import VIEWS, Dated, Headed, HeadedChange, HeadedRows, Instant, Json, Row, code, transferred

LEGAL = "legal:"
STANDING_STILL = frozenset({*PAUSED_KINDS, "legal:silence"})
"""What stops in a pause, of the town's clock or of the law's; a danger and a duty to acknowledge do not."""
TOWN, LAW, BOTH = "town", "law", "stopping"
"""Under these names the open waits are remembered, by the clocks they stop; most stop both."""

RUNNING, RESTING, KEPT, LATE, CENSORED, KEPT_CENSORED, LATE_CENSORED = range(7)
"""How a promise stands, whatever the hour: what runs or rests is broken once it is past. Kept is kept in time; a case
that was closed without being resolved censors what it promised, even what is fulfilled later."""

commitments = Table(
    "commitments",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("kind", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("type", "department", "channel", "site", "district", "confidentiality")),
    Column("received_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("due", "first_due", "warn_at", "kept_at", "first_kept_at", "next_notice_at")),
    *(Column(name, Boolean, nullable=False) for name in ("warned", "breached", "closed", "censored", "paused")),
    Column("moved", Integer, nullable=False),
    Column("standing", Integer, nullable=False),
    Column("memory", Json),
    sqlite_with_rowid=False,
)
_c = commitments.c
_sides = (_c.type, _c.channel, _c.site, _c.district)
Index("commitments_due", _c.kind, _c.due, _c.department, *_sides, _c.kept_at, _c.censored, _c.paused)
Index("commitments_judged", _c.kind, _c.department, _c.due, _c.standing, *_sides)
Index(
    "commitments_notice",
    _c.next_notice_at,
    sqlite_where=_c.next_notice_at.is_not(None),
    postgresql_where=_c.next_notice_at.is_not(None),
)


class Commitments(HeadedRows):
    name = "commitments"
    question = "Which promises are open, kept or broken?"
    group = "later"
    edition = 5
    table = commitments
    dated = (Dated("due", "due", ("kind", "department", "type", "standing", "channel", "site", "district")),)
    events = (
        e.CaseOpened,
        e.CaseQualified,
        e.CaseTransferred,
        e.PlaceSet,
        e.CommitmentPromised,
        e.CommitmentMoved,
        e.CommitmentLifted,
        e.BreachNoticed,
        e.LegalDateSet,
        e.LegalDateLifted,
        e.LegalDateNear,
        e.LegalDatePassed,
        e.WaitStarted,
        e.WaitEnded,
        e.ReplyWritten,
        e.ReplySent,
        e.MadeSafe,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
    )

    def head(self, recorded: Recorded, opened: e.CaseOpened) -> Row:
        return _head(recorded, opened)

    def change(self, kind: type[e.Event]) -> HeadedChange | None:
        return _CHANGES.get(kind)


def _head(recorded: Recorded, opened: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "kind": "",
        "version": recorded.version,
        "type": "",
        "department": opened.department,
        "channel": opened.channel,
        "site": opened.site,
        "district": opened.district,
        "confidentiality": "normal",
        "received_at": opened.received_at,
        "due": None,
        "first_due": None,
        "warn_at": None,
        "kept_at": None,
        "first_kept_at": None,
        "next_notice_at": None,
        "warned": False,
        "breached": False,
        "closed": False,
        "censored": False,
        "paused": False,
        "moved": 0,
        "standing": RUNNING,
        "memory": {"replies": {}, "stopping": []},
    }


def _each(rows: Headed, **facts: Any) -> None:
    """The same facts on every row, and what must be noticed next."""
    for kind, row in rows.items():
        rows[kind] = _noticed({**row, **facts})


def _noticed(row: Row) -> Row:
    """The clock notices a promise twice, a legal date at each warning and at its end.

    Not what is kept or closed, nor while a promise rests.
    """
    row["standing"] = _standing(row)
    stopped = row["closed"] or (row["paused"] and row["kind"] in STANDING_STILL)
    if row["due"] is None or row["kept_at"] is not None or row["breached"] or stopped:
        row["next_notice_at"] = None
    else:
        row["next_notice_at"] = row["due"] if row["warned"] else row["warn_at"]
    return row


def _standing(row: Row) -> int:
    if row["kept_at"] is None or row["due"] is None:
        return CENSORED if row["censored"] else RESTING if row["paused"] else RUNNING
    late = row["kept_at"] > row["due"]
    if row["censored"]:
        return LATE_CENSORED if late else KEPT_CENSORED
    return LATE if late else KEPT


def _lifted(rows: Headed, event: e.CommitmentLifted, recorded: Recorded) -> None:
    rows.pop(event.kind, None)


def _legal_lifted(rows: Headed, event: e.LegalDateLifted, recorded: Recorded) -> None:
    rows.pop(LEGAL + event.clock, None)


def _remember(rows: Headed, name: str, value: Any) -> None:
    rows[""] = {**rows[""], "memory": {**rows[""]["memory"], name: value}}


def _qualified(rows: Headed, event: e.CaseQualified, recorded: Recorded) -> None:
    _each(rows, type=event.type, department=event.department, confidentiality=event.confidentiality)


def _placed(rows: Headed, event: e.PlaceSet, recorded: Recorded) -> None:
    _each(rows, district=event.district)


def _promised(rows: Headed, event: e.CommitmentPromised, recorded: Recorded) -> None:
    before = rows.get(event.kind)
    row = {**(before or rows[""]), "kind": event.kind, "due": event.due, "warn_at": event.warn_at, "memory": None}
    if before is None:
        row["first_due"] = event.due
    rows[event.kind] = _noticed(row | {"warned": False, "breached": False})


def _moved(rows: Headed, event: e.CommitmentMoved, recorded: Recorded) -> None:
    before = rows.get(event.kind)
    if before is not None:
        facts: Row = {"due": event.due, "warn_at": event.warn_at, "warned": False, "breached": False}
        facts["moved"] = before["moved"] + 1
        if event.reason == "reopening":
            facts["kept_at"] = None
        rows[event.kind] = _noticed({**before, **facts, **_own_kept(before, event)})


def _own_kept(before: Row, event: e.CommitmentMoved) -> Row:
    """What was noticed before a duplicate hastened the promise is remembered until it is released, or until it is told
    by a rule again."""
    match event.reason:
        case "merge":
            return {"memory": before["memory"] or {name: before[name] for name in ("warned", "breached", "moved")}}
        case "pause" | "calendar" if not event.rule:
            return {}
        case "merge_undone":
            return {**(before["memory"] or {}), "memory": None}
        case _:
            return {"memory": None}


def _breached(rows: Headed, event: e.BreachNoticed, recorded: Recorded) -> None:
    before = rows.get(event.kind)
    if before is not None:
        late = before["breached"] or event.late
        rows[event.kind] = _noticed({**before, "warned": True, "breached": late})


def _legal_date(rows: Headed, event: e.LegalDateSet, recorded: Recorded) -> None:
    kind = LEGAL + event.clock
    before = rows.get(kind)
    row = {**(before or rows[""]), "kind": kind, "due": event.due, "memory": None}
    if before is None:
        row |= {"first_due": event.due, "paused": _stands_still(rows, kind)}
    rows[kind] = _noticed(row | {"breached": False} | _warning(row, event.clock))


def _legal_near(rows: Headed, event: e.LegalDateNear, recorded: Recorded) -> None:
    before = rows.get(LEGAL + event.clock)
    if before is not None:
        rows[LEGAL + event.clock] = _noticed({**before, **_warning(before, event.clock, event.hours)})


def _warning(row: Row, clock: e.LegalClock, noticed: int = 0) -> Row:
    """When the clock must next say that the date nears; after the last warning, when it is there."""
    following = next_warning(clock, row["received_at"], row["due"], noticed)
    return {"warn_at": following or row["due"], "warned": following is None}


def _legal_passed(rows: Headed, event: e.LegalDatePassed, recorded: Recorded) -> None:
    before = rows.get(LEGAL + event.clock)
    if before is not None:
        rows[LEGAL + event.clock] = _noticed({**before, "breached": True})


def _wait_started(rows: Headed, event: e.WaitStarted, recorded: Recorded) -> None:
    if event.stops_town or event.incomplete:
        name = BOTH if event.stops_town and event.incomplete else TOWN if event.stops_town else LAW
        _remember(rows, name, [*_stopping(rows, name), event.wait_id])
        if not rows[""]["closed"]:
            for kind, row in rows.items():
                rows[kind] = _noticed({**row, "paused": _stands_still(rows, kind)})


def _wait_ended(rows: Headed, event: e.WaitEnded, recorded: Recorded) -> None:
    for name in (BOTH, TOWN, LAW):
        stopping = _stopping(rows, name)
        if event.wait_id in stopping:
            _remember(rows, name, [wait for wait in stopping if wait != event.wait_id])
            for kind, row in rows.items():
                rows[kind] = _noticed({**row, "paused": row["paused"] and _stands_still(rows, kind)})


def _stopping(rows: Headed, name: str) -> list[str]:
    waits: list[str] = rows[""]["memory"].get(name, [])
    return waits


def _stands_still(rows: Headed, kind: str) -> bool:
    """A promise does with the town's clock, a legal date with the law's."""
    return bool(_stopping(rows, BOTH) or _stopping(rows, LAW if kind.startswith(LEGAL) else TOWN))


def _written(rows: Headed, event: e.ReplyWritten, recorded: Recorded) -> None:
    _remember(rows, "replies", {**rows[""]["memory"]["replies"], event.reply_id: [event.kind, event.human]})


def _sent(rows: Headed, event: e.ReplySent, recorded: Recorded) -> None:
    replies = dict(rows[""]["memory"]["replies"])
    kind, human = replies.pop(event.reply_id, ("", False))
    _remember(rows, "replies", replies)
    if human or kind in ("receipt", "acknowledgement"):
        _keep(rows, "acknowledge", event.sent_at)
    if human:
        _keep(rows, "first_response", event.sent_at)
    for clock, meeting in MEETS.items():
        if kind in meeting:
            _keep(rows, LEGAL + clock, event.sent_at)


def _made_safe(rows: Headed, event: e.MadeSafe, recorded: Recorded) -> None:
    _keep(rows, "make_safe", event.made_safe_at)


def _closed(rows: Headed, event: e.CaseClosed, recorded: Recorded) -> None:
    """What was not fulfilled by another's case or another's duty is censored, not counted as failed."""
    resolves = event.outcome in RESOLVING
    if resolves:
        _keep(rows, "resolve", recorded.at)
        _keep(rows, "make_safe", recorded.at)
    for kind, row in rows.items():
        censored = not resolves and row["kept_at"] is None
        rows[kind] = _noticed({**row, "closed": True, "paused": False, "censored": censored})


def _reopened(rows: Headed, event: e.CaseReopened, recorded: Recorded) -> None:
    _each(rows, closed=False, censored=False)


def _merged(rows: Headed, event: e.CaseMerged, recorded: Recorded) -> None:
    """What is promised is promised in the main case now; the law goes on counting for each request by itself."""
    for kind, row in rows.items():
        if not kind.startswith(LEGAL):
            rows[kind] = _noticed({**row, "closed": True, "censored": row["kept_at"] is None})


def _unmerged(rows: Headed, event: e.CaseUnmerged, recorded: Recorded) -> None:
    _each(rows, closed=False, censored=False)


def _keep(rows: Headed, kind: str, at: datetime) -> None:
    row = rows.get(kind)
    if row is not None and row["kept_at"] is None:
        rows[kind] = _noticed({**row, "kept_at": at, "first_kept_at": row["first_kept_at"] or at})


_CHANGES: dict[type[e.Event], HeadedChange] = {
    e.CaseQualified: _qualified,
    e.CaseTransferred: transferred,
    e.PlaceSet: _placed,
    e.CommitmentPromised: _promised,
    e.CommitmentMoved: _moved,
    e.CommitmentLifted: _lifted,
    e.LegalDateLifted: _legal_lifted,
    e.BreachNoticed: _breached,
    e.LegalDateSet: _legal_date,
    e.LegalDateNear: _legal_near,
    e.LegalDatePassed: _legal_passed,
    e.WaitStarted: _wait_started,
    e.WaitEnded: _wait_ended,
    e.ReplyWritten: _written,
    e.ReplySent: _sent,
    e.MadeSafe: _made_safe,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
    e.CaseMerged: _merged,
    e.CaseUnmerged: _unmerged,
}
