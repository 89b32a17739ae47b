"""Which files are incomplete, until when, and which requests went to another administration?

One row for each indispensable document awaited of a resident, under the id of its wait, and one for a redirection. The
row of item `""` holds what the fold must remember of the case; no question reads it.
"""

from datetime import datetime

import msgspec
from sqlalchemy import Boolean, Column, Connection, Index, Integer, String, Table, and_, func, select

from gru.domain import events as e
from gru.domain.events import Recorded
from gru.domain.rights import Scope
from projections.base import (
    FAR,
    VIEWS,
    Headed,
    HeadedChange,
    HeadedRows,
    Instant,
    Json,
    Row,
    code,
    requalified,
    transferred,
    within,
)

REDIRECTED = "redirected"
TELLING: frozenset[e.ReplyKind] = frozenset({"answer", "refusal", "closing"})
"""The replies that tell the resident where his request went (CRPA L114-2)."""

legal_files = Table(
    "legal_files",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    code("item", primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("matter", "department", "site", "confidentiality", "reason", "body")),
    *(Column(name, Instant) for name in ("since", "until", "told_at")),
    Column("next_at", Instant, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("memory", Json),
    sqlite_with_rowid=False,
)
_c = legal_files.c
_awaited = and_(_c.matter == "incomplete", _c.over.is_(False))
_sent_on = and_(_c.matter == REDIRECTED, _c.over.is_(False))
Index("legal_files_awaited", _c.next_at, sqlite_where=_awaited, postgresql_where=_awaited)
Index("legal_files_redirected", _c.since, sqlite_where=_sent_on, postgresql_where=_sent_on)


class LegalFiles(HeadedRows):
    name = "legal_files"
    question = "Which files are incomplete, and which requests went to another administration?"
    group = "later"
    table = legal_files
    events = (
        e.CaseOpened,
        e.CaseQualified,
        e.CaseTransferred,
        e.WaitStarted,
        e.WaitEnded,
        e.ReplyWritten,
        e.ReplySent,
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
        "item": "",
        "version": recorded.version,
        "matter": "",
        "department": opened.department,
        "site": opened.site,
        "confidentiality": "normal",
        "reason": "",
        "body": "",
        "since": None,
        "until": None,
        "told_at": None,
        "next_at": FAR,
        "over": False,
        "memory": {"replies": {}, "told_at": None},
    }


def _wait_started(rows: Headed, event: e.WaitStarted, recorded: Recorded) -> None:
    if event.incomplete:
        facts = {"item": event.wait_id, "matter": "incomplete", "reason": event.reason, "since": event.since}
        rows[event.wait_id] = {**rows[""], **facts, "until": event.until, "next_at": event.until or FAR, "memory": None}


def _wait_ended(rows: Headed, event: e.WaitEnded, recorded: Recorded) -> None:
    if event.wait_id in rows:
        rows[event.wait_id] = {**rows[event.wait_id], "over": True}


def _written(rows: Headed, event: e.ReplyWritten, recorded: Recorded) -> None:
    if event.kind in TELLING:
        memory = rows[""]["memory"]
        rows[""] = {**rows[""], "memory": {**memory, "replies": {**memory["replies"], event.reply_id: event.kind}}}


def _sent(rows: Headed, event: e.ReplySent, recorded: Recorded) -> None:
    memory = rows[""]["memory"]
    if event.reply_id not in memory["replies"]:
        return
    rows[""] = {**rows[""], "memory": {**memory, "told_at": event.sent_at.isoformat()}}
    row = rows.get(REDIRECTED)
    if row is not None and row["told_at"] is None:
        rows[REDIRECTED] = {**row, "told_at": event.sent_at}


def _closed(rows: Headed, event: e.CaseClosed, recorded: Recorded) -> None:
    """What was written before may have told already: an agent often answers, then closes."""
    if event.outcome != "redirected":
        return
    told = rows[""]["memory"]["told_at"]
    facts = {"item": REDIRECTED, "matter": REDIRECTED, "body": event.body, "since": recorded.at, "over": False}
    told_at = datetime.fromisoformat(told) if told else None
    rows[REDIRECTED] = {**rows[""], **facts, "told_at": told_at, "memory": None}


def _reopened(rows: Headed, event: e.CaseReopened, recorded: Recorded) -> None:
    if REDIRECTED in rows:
        rows[REDIRECTED] = {**rows[REDIRECTED], "over": True}


_CHANGES: dict[type[e.Event], HeadedChange] = {
    e.CaseQualified: requalified,
    e.CaseTransferred: transferred,
    e.WaitStarted: _wait_started,
    e.WaitEnded: _wait_ended,
    e.ReplyWritten: _written,
    e.ReplySent: _sent,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class Incomplete(msgspec.Struct, frozen=True):
    """An indispensable document is awaited; `until` the day given for it."""

    case_id: str
    reason: str
    since: datetime
    until: datetime | None


class SentOn(msgspec.Struct, frozen=True):
    """A request that another administration answers; `told_at` when the resident was told."""

    case_id: str
    body: str
    since: datetime
    told_at: datetime | None


_INCOMPLETE = tuple(_c[field] for field in Incomplete.__struct_fields__)
_SENT_ON = tuple(_c[field] for field in SentOn.__struct_fields__)


def incomplete(connection: Connection, scope: Scope, limit: int, offset: int = 0) -> tuple[Incomplete, ...]:
    """The incomplete files, the one whose day comes first before the others, those without a day last."""
    query = select(*_INCOMPLETE).where(_awaited, within(legal_files, scope)).order_by(_c.next_at, _c.case_id)
    return tuple(Incomplete(*row) for row in connection.execute(query.limit(limit).offset(offset)))


def sent_on(connection: Connection, scope: Scope, since: datetime, limit: int, offset: int = 0) -> tuple[SentOn, ...]:
    """What went to another administration since then, the last one first."""
    query = select(*_SENT_ON).where(_sent_on, _c.since >= since, within(legal_files, scope))
    ordered = query.order_by(_c.since.desc(), _c.case_id)
    return tuple(SentOn(*row) for row in connection.execute(ordered.limit(limit).offset(offset)))


def count_incomplete(connection: Connection, scope: Scope, cap: int = 1000) -> int:
    """How many; `cap + 1` stands for more than `cap`."""
    first = select(_c.case_id).where(_awaited, within(legal_files, scope)).limit(cap + 1).subquery()
    return connection.scalar(select(func.count()).select_from(first)) or 0


def count_sent_on(connection: Connection, scope: Scope, since: datetime, cap: int = 1000) -> int:
    first = select(_c.case_id).where(_sent_on, _c.since >= since, within(legal_files, scope)).limit(cap + 1).subquery()
    return connection.scalar(select(func.count()).select_from(first)) or 0
