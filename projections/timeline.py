"""Which facts make up the history of a case, a page at a time?

One row for each fact, numbered as in the case's own stream. What a line says stands in `facts`: codes, ids and
dates; the words lie in the archive, the proof in the log.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, String, Table, func, select

from gru.domain import events as e
from gru.domain.events import Event, Recorded
from projections.base import CASE_EVENTS, NO_WORDS, VIEWS, Instant, Json, Key, OneRow, Row, Words, code

Family = Literal["exchange", "note", "change", "clock"]

timeline = Table(
    "timeline",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    *(code(name) for name in ("by", "name", "family", "cause")),
    Column("quiet", Boolean, nullable=False),
    Column("facts", Json, nullable=False),
    sqlite_with_rowid=False,
)


class _Line(msgspec.Struct, frozen=True):
    """How one kind of fact appears: where it belongs, whether it folds away, and which of its fields it shows."""

    family: Family
    fields: tuple[str, ...] = ()
    quiet: bool = False


_LINES: dict[type[Event], _Line] = {
    e.CaseOpened: _Line("exchange", ("channel", "site", "received_at", "requester", "late_reason", "text", "files")),
    e.CaseRegistered: _Line("change", ("number",), quiet=True),
    e.MessageReceived: _Line(
        "exchange", ("message", "channel", "received_at", "proof", "author", "via", "text", "files")
    ),
    e.RequesterIdentified: _Line("change", ("person",), quiet=True),
    e.PlaceSet: _Line("change", ("place", "district")),
    e.CaseQualified: _Line("change", ("type", "department", "confidentiality", "priority", "danger", "regime")),
    e.CaseAssigned: _Line("change", ("agent",)),
    e.CaseTransferred: _Line("change", ("department", "reason", "explanation")),
    e.CommitmentPromised: _Line("clock", ("kind", "due", "rule", "calendar", "town_version"), quiet=True),
    e.CommitmentMoved: _Line("clock", ("kind", "due", "reason", "explanation")),
    e.CommitmentLifted: _Line("clock", ("kind", "reason")),
    e.BreachNoticed: _Line("clock", ("kind", "due", "late")),
    e.LegalDateSet: _Line("clock", ("clock", "due", "regime", "basis"), quiet=True),
    e.LegalDateLifted: _Line("clock", ("clock",)),
    e.LegalDateNear: _Line("clock", ("clock", "due", "hours")),
    e.LegalDatePassed: _Line("clock", ("clock", "due")),
    e.CalendarCorrected: _Line("clock", ("town_version",), quiet=True),
    e.WaitStarted: _Line("change", ("wait_id", "party", "reason", "since", "indispensable", "until", "text")),
    e.WaitEnded: _Line("change", ("wait_id", "ended_at", "reason")),
    e.ReplyWritten: _Line("exchange", ("reply_id", "kind", "channel", "human", "to", "text", "files", "template")),
    e.ReplyWithdrawn: _Line("exchange", ("reply_id",)),
    e.ReplySent: _Line("exchange", ("reply_id", "sent_at"), quiet=True),
    e.ReplyReached: _Line("exchange", ("reply_ids", "reached_at", "read"), quiet=True),
    e.ReplyWithheld: _Line("exchange", ("kind", "reason")),
    e.DeliveryFailed: _Line("exchange", ("reply_id", "reason", "permanent")),
    e.MessageEdited: _Line("exchange", ("message", "edited_at", "text")),
    e.MessageRemoved: _Line("exchange", ("message", "removed_at")),
    e.FileNotKept: _Line("exchange", ("message", "number", "reason")),
    e.NoteAdded: _Line("note", ("note_id", "text", "files")),
    e.DifficultyDeclared: _Line("note", ("difficulty_id", "reason", "text")),
    e.TextRedacted: _Line("change", ("id", "reason")),
    e.InterventionPlanned: _Line("change", ("day", "moment")),
    e.MadeSafe: _Line("change", ("made_safe_at",)),
    e.CaseClosed: _Line("change", ("outcome", "main", "body", "text")),
    e.CaseReopened: _Line("change", ("reason", "text")),
    e.CaseLinked: _Line("change", ("other",)),
    e.CaseUnlinked: _Line("change", ("other",)),
    e.LinksRenewed: _Line("change", ("generation",)),
    e.DocumentsChecked: _Line("change", ("received", "missing", "before", "originals_returned")),
    e.LetterPrinted: _Line("exchange", ("reply_id", "batch"), quiet=True),
    e.LetterSigned: _Line("exchange", ("reply_id",), quiet=True),
    e.LetterPosted: _Line("exchange", ("reply_id", "posted_at", "registered")),
    e.LetterReturned: _Line("exchange", ("reply_id", "reason")),
    e.ReplyWayChosen: _Line("change", ("channel",)),
    e.TellingTried: _Line("exchange", ("reply_id", "tried_at")),
    e.FailureSettled: _Line("change", ("reply_id", "reason")),
    e.PersonErased: _Line("change", ("person",)),
    e.CaseMerged: _Line("change", ("main", "text")),
    e.CaseUnmerged: _Line("change", ("main", "text")),
    e.CaseAbsorbed: _Line("change", ("other", "received_at", "requester")),
    e.CaseReleased: _Line("change", ("other",)),
    e.CaseFollowed: _Line("change", ("person", "channel")),
    e.CaseUnfollowed: _Line("change", ("person",), quiet=True),
    e.ThirdPartyAsked: _Line("exchange", ("request_id", "to", "due", "named", "text", "files")),
    e.ThirdPartyReminded: _Line("exchange", ("request_id", "number")),
    e.ThirdPartyAnswered: _Line("exchange", ("request_id", "answer", "channel", "day", "text", "files")),
    e.ThirdPartySilent: _Line("clock", ("request_id", "due")),
    e.ThirdPartyRevoked: _Line("exchange", ("request_id",)),
    e.SurveyAsked: _Line("exchange", quiet=True),
    e.CaseRated: _Line("exchange", ("score", "delay", "clarity", "text")),
    e.SurveysRefused: _Line("change", ("person",), quiet=True),
}
_UNKNOWN = _Line("change", quiet=True)


class Timeline(OneRow):
    name = "timeline"
    question = "Which facts make up the history of a case?"
    table = timeline
    events = CASE_EVENTS
    edition = 3
    key_columns = ("case_id", "version")
    only_adds = True

    def key(self, recorded: Recorded) -> Key:
        return recorded.stream_id, recorded.version

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row:
        event = recorded.event
        line = _LINES.get(type(event), _UNKNOWN)
        return {
            "case_id": recorded.stream_id,
            "version": recorded.version,
            "position": recorded.position,
            "at": recorded.at,
            "by": recorded.by,
            "name": event.NAME,
            "family": line.family,
            "cause": recorded.cause,
            "quiet": line.quiet,
            "facts": _facts(event, line.fields),
        }


def _facts(event: Event, fields: tuple[str, ...]) -> Row:
    """The fields that say something; of a text or file its id."""
    facts: Row = {}
    for field in fields:
        value = getattr(event, field)
        if value or value is False:
            plain = _PLAIN.get(type(value))
            facts[field] = plain(value) if plain else value
    return facts


_PLAIN: dict[type, Callable[[Any], Any]] = {
    e.TextRef: lambda text: text.id,
    tuple: lambda files: [file.id for file in files],
}


# --- what a page asks --------------------------------------------------------------------------------------------


class Line(msgspec.Struct, frozen=True):
    """Fact `version` of the case. `quiet` ones fold together; `facts` holds the event's fields that say something."""

    case_id: str
    version: int
    position: int
    at: datetime
    by: str
    cause: str
    name: str
    family: Family
    quiet: bool
    facts: dict[str, Any]


_SHOWN = tuple(timeline.c[field] for field in Line.__struct_fields__)


def page(
    connection: Connection,
    case_id: str,
    families: Sequence[Family] = (),
    before: int | None = None,
    limit: int = 100,
    upto: int | None = None,
) -> tuple[Line, ...]:
    """The newest facts first; `before` a version for the next page, `upto` a version for the case as it was then."""
    query = select(*_SHOWN).where(timeline.c.case_id == case_id)
    if families:
        query = query.where(timeline.c.family.in_(families))
    if before is not None:
        query = query.where(timeline.c.version < before)
    if upto is not None:
        query = query.where(timeline.c.version <= upto)
    rows = connection.execute(query.order_by(timeline.c.version.desc()).limit(limit))
    return tuple(Line(*row) for row in rows)


def tally(connection: Connection, case_id: str) -> dict[Family, int]:
    """How many facts of each family there are."""
    query = select(timeline.c.family, func.count()).where(timeline.c.case_id == case_id)
    return {family: number for family, number in connection.execute(query.group_by(timeline.c.family))}


def version_at(connection: Connection, case_id: str, at: datetime) -> int:
    """The last fact recorded by then; 0 when there was none."""
    query = select(func.max(timeline.c.version)).where(timeline.c.case_id == case_id, timeline.c.at <= at)
    return connection.execute(query).scalar() or 0
