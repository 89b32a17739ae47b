"""Which reports to the committee are there, about which days, and which versions are frozen?"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, ColumnElement, Connection, Date, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code, versioned

reports = Table(
    "reports",
    VIEWS,
    Column("report", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(Column(name, Date, nullable=False) for name in ("first", "last")),
    Column("automatic", Boolean, nullable=False),
    code("title"),
    Column("draft", Boolean, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("frozen", "cut")),
    Column("frozen_at", Instant),
    Column("written_at", Instant, nullable=False),
    code("written_by"),
)
_c = reports.c


class ReportsProjection(OneRow):
    name = "reports"
    question = "Which reports to the committee are there, and which are frozen?"
    table = reports
    key_columns = ("report",)
    events = (e.ReportBegun, e.SectionWritten, e.ReportFrozen, e.CorrectionBegun)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _begun(recorded, event) if isinstance(event, e.ReportBegun) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        row["written_at"], row["written_by"] = recorded.at, recorded.by
        if change := _CHANGES.get(type(event)):
            change(row, event, recorded)
        return row


def _begun(recorded: Recorded, event: e.ReportBegun) -> Row:
    return {
        "report": recorded.stream_id,
        "version": recorded.version,
        "first": event.first,
        "last": event.last,
        "automatic": event.automatic,
        "title": "",
        "draft": True,
        "frozen": 0,
        "cut": 0,
        "frozen_at": None,
        "written_at": recorded.at,
        "written_by": recorded.by,
    }


def _written(row: Row, event: e.SectionWritten, recorded: Recorded) -> None:
    if event.section == "title":
        row["title"] = event.text.id if event.text else ""


def _frozen(row: Row, event: e.ReportFrozen, recorded: Recorded) -> None:
    row["draft"], row["frozen"], row["cut"], row["frozen_at"] = False, event.number, event.cut, recorded.at


def _corrected(row: Row, event: e.CorrectionBegun, recorded: Recorded) -> None:
    row["draft"] = True


_CHANGES: Mapping[type[e.Event], Callable[[Row, Any, Recorded], None]] = {
    e.SectionWritten: _written,
    e.ReportFrozen: _frozen,
    e.CorrectionBegun: _corrected,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class ReportRow(msgspec.Struct, frozen=True):
    """`title` is the id of a text, `""` for none; `frozen` the last frozen version, 0 for none; `cut` its last fact."""

    report: str
    first: date
    last: date
    automatic: bool
    title: str
    draft: bool
    frozen: int
    cut: int
    frozen_at: datetime | None
    written_at: datetime
    written_by: str


_SHOWN = tuple(_c[field] for field in ReportRow.__struct_fields__)


def all_of(connection: Connection, *, frozen_only: bool = False, limit: int = 200) -> tuple[ReportRow, ...]:
    """The reports, the latest period first."""
    bounds: list[ColumnElement[bool]] = [_c.frozen > 0] if frozen_only else []
    query = select(*_SHOWN).where(*bounds).order_by(_c.last.desc(), _c.first.desc(), _c.report.desc()).limit(limit)
    return tuple(ReportRow(*row) for row in connection.execute(query))
