"""Who was asked for his opinion, what did he answer, and who is to be asked next?

One row for each case. A rating counts by when the case was asked about; one that nobody asked for stands apart.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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
    func,
    literal,
    or_,
    select,
)

from gru.domain import events as e
from gru.domain.case.surveying import SURVEYED
from gru.domain.events import Recorded
from gru.domain.town import Surveys
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code, versioned

By = Literal["department", "channel", "type", ""]

ratings = Table(
    "ratings",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("number", "type", "department", "channel", "site", "requester", "barred", "reply_id")),
    *(code(name) for name in ("outcome", "text_id", "delay", "clarity")),
    Column("refused", Boolean, nullable=False),
    Column("score", Integer),
    *(Column(name, Instant) for name in ("closed_at", "asked_at", "sent_at", "rated_at")),
)
_c = ratings.c
_groups = (_c.channel, _c.type, _c.site)
_answers = and_(_c.sent_at.is_not(None), _c.rated_at.is_not(None))
_unasked = and_(_c.sent_at.is_(None), _c.rated_at.is_not(None))
Index("ratings_sent", _c.department, _c.sent_at, *_groups)
Index("ratings_answered", _c.department, _c.sent_at, *_groups, _c.rated_at, _c.score, _c.delay, _c.clarity,
      sqlite_where=_answers, postgresql_where=_answers)  # fmt: skip
Index("ratings_unasked", _c.department, _c.rated_at, *_groups, _c.score,
      sqlite_where=_unasked, postgresql_where=_unasked)  # fmt: skip
_TO_ASK = and_(_c.asked_at.is_(None), _c.rated_at.is_(None), _c.barred == "")
Index("ratings_to_ask", _c.closed_at, sqlite_where=_TO_ASK, postgresql_where=_TO_ASK)
_TOLD = or_(_c.refused, _c.asked_at.is_not(None))
Index("ratings_told", _c.requester, sqlite_where=_TOLD, postgresql_where=_TOLD)


class Ratings(OneRow):
    name = "ratings"
    question = "Who was asked for his opinion, and what did he answer?"
    group = "later"
    edition = 2
    table = ratings
    events = (
        e.CaseOpened,
        e.CaseRegistered,
        e.RequesterIdentified,
        e.CaseQualified,
        e.CaseTransferred,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
        e.ReplyWayChosen,
        e.ReplyWritten,
        e.ReplySent,
        e.ReplyWithheld,
        e.SurveyAsked,
        e.CaseRated,
        e.SurveysRefused,
        e.PersonErased,
        e.TextRedacted,
    )

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _opened(recorded, event) if isinstance(event, e.CaseOpened) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        _change(row, event, recorded.at)
        return row


def _opened(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "version": recorded.version,
        "number": "",
        "type": "",
        "department": event.department,
        "channel": event.channel,
        "site": event.site,
        "requester": event.requester,
        "barred": "" if event.reply_channel == "email" else "no_mail",
        "reply_id": "",
        "outcome": "",
        "text_id": "",
        "delay": "",
        "clarity": "",
        "refused": False,
        "score": None,
        "closed_at": None,
        "asked_at": None,
        "sent_at": None,
        "rated_at": None,
    }


def _change(row: Row, event: e.Event, at: datetime) -> None:
    match event:
        case e.CaseRegistered():
            row["number"] = event.number
        case e.RequesterIdentified():
            row["requester"] = event.person
        case e.CaseQualified():
            row["type"], row["department"] = event.type, event.department
            if event.confidentiality == "secret":
                row["barred"] = row["barred"] or "secret"
        case e.CaseTransferred():
            row["department"] = event.department
        case e.CaseClosed() | e.CaseMerged():
            row["closed_at"], row["outcome"] = at, getattr(event, "outcome", "duplicate")
        case e.CaseReopened() | e.CaseUnmerged():
            row["closed_at"], row["outcome"] = None, ""
        case _:
            _change_survey(row, event, at)


def _change_survey(row: Row, event: e.Event, at: datetime) -> None:
    match event:
        case e.ReplyWithheld(kind="receipt"):
            row["barred"] = row["barred"] or "machine"
        case e.ReplyWayChosen() if event.channel != "email":
            row["barred"] = row["barred"] or "no_mail"
        case e.ReplyWritten(kind="survey"):
            row["reply_id"] = event.reply_id
        case e.ReplySent() if event.reply_id == row["reply_id"]:
            row["sent_at"] = event.sent_at
        case e.SurveyAsked():
            row["asked_at"] = at
        case e.CaseRated():
            row["rated_at"], row["score"] = at, event.score
            row["delay"], row["clarity"] = event.delay, event.clarity
            row["text_id"] = event.text.id if event.text else ""
        case e.SurveysRefused():
            row["refused"] = True
        case e.PersonErased() if event.person == row["requester"]:
            row["requester"], row["text_id"], row["barred"] = "", "", "erased"
        case e.TextRedacted() if event.id == row["text_id"]:
            row["text_id"] = ""


# --- what the clock asks -----------------------------------------------------------------------------------------


def falling_due(
    connection: Connection, now: datetime, rule: Surveys, never: Sequence[str], limit: int = 200
) -> tuple[str, ...]:
    """Cases whose requester is to be asked now: one of each person, who refused nowhere and was asked nowhere lately.

    `never` are the types nobody is asked about.
    """
    latest = now - timedelta(days=rule.after_days)
    rested = now - timedelta(days=rule.rest_days)
    other = ratings.alias("other")
    told = (
        select(1)
        .where(other.c.requester == _c.requester, or_(other.c.refused, other.c.asked_at > rested))
        .where(or_(other.c.refused, other.c.asked_at.is_not(None)))
    )
    query = (
        select(_c.requester, _c.case_id)
        .where(_TO_ASK, _c.closed_at <= latest, _c.closed_at > latest - timedelta(days=rule.window_days))
        .where(_c.requester != "", _c.outcome.in_(sorted(SURVEYED)), _c.type != "", _c.type.not_in(list(never)))
        .where(~told.exists())
        .order_by(_c.closed_at, _c.case_id)
        .limit(limit)
    )
    first: dict[str, str] = {}
    for requester, case_id in connection.execute(query):
        first.setdefault(requester, case_id)
    return tuple(first.values())


# --- what a report asks ------------------------------------------------------------------------------------------


NO_FILTER: Mapping[str, str] = {}


class Opinion(msgspec.Struct, frozen=True):
    """How many of one group (`key`) were asked, and how often each score was given to that asking."""

    key: str
    asked: int
    scores: tuple[int, ...]

    @property
    def answered(self) -> int:
        return sum(self.scores)

    @property
    def high(self) -> int:
        """Scores of 8 and more."""
        return sum(self.scores[8:])


def opinions(
    connection: Connection,
    start: datetime,
    end: datetime,
    cut: datetime,
    departments: Sequence[str],
    by: By = "",
    only: Mapping[str, str] = NO_FILTER,
) -> tuple[Opinion, ...]:
    """Of the letters that left from `start` to before `end`: what came back by `cut`."""
    key: ColumnElement[Any] = _c[by] if by else literal("")
    sent = (_c.sent_at >= start, _c.sent_at < end, _c.sent_at <= cut, _of(departments, only))
    letters = select(key.label("key"), func.count()).where(*sent).group_by("key").order_by("key")
    answers = select(key.label("key"), _c.score, func.count()).where(*sent, _answers, _c.rated_at <= cut)
    scores: dict[str, list[int]] = {}
    for name, score, number in connection.execute(answers.group_by("key", _c.score)):
        scores.setdefault(name, [0] * 11)[int(score)] += int(number)
    return tuple(
        Opinion(name, int(number), tuple(scores.get(name, [0] * 11))) for name, number in connection.execute(letters)
    )


def unasked(
    connection: Connection,
    start: datetime,
    end: datetime,
    cut: datetime,
    departments: Sequence[str],
    only: Mapping[str, str] = NO_FILTER,
) -> tuple[int, ...]:
    """The scores that nobody had asked for, given in that time."""
    query = (
        select(_c.score, func.count())
        .where(_c.rated_at >= start, _c.rated_at < end, _c.rated_at <= cut, _unasked)
        .where(_of(departments, only))
        .group_by(_c.score)
    )
    scores = [0] * 11
    for score, number in connection.execute(query):
        scores[int(score)] += int(number)
    return tuple(scores)


class Said(msgspec.Struct, frozen=True):
    """Why: how many said yes, partly, no, nothing."""

    question: str
    verdict: str
    number: int


def verdicts(
    connection: Connection,
    start: datetime,
    end: datetime,
    cut: datetime,
    departments: Sequence[str],
    only: Mapping[str, str] = NO_FILTER,
) -> tuple[Said, ...]:
    """What those who were asked said of the time it took and of the answer."""
    found: list[Said] = []
    for question in ("delay", "clarity"):
        query = (
            select(_c[question], func.count())
            .where(_c.sent_at >= start, _c.sent_at < end, _answers, _c.rated_at <= cut, _of(departments, only))
            .group_by(_c[question])
        )
        found += [Said(question, verdict, int(number)) for verdict, number in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: (one.question, one.verdict)))


def low(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    below: int,
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases asked about in that time that were given less than `below`, the lowest first."""
    query = select(_c.case_id).where(_c.sent_at >= start, _c.sent_at < end, _c.score >= 0, _c.score < below)
    if departments is not None:
        query = query.where(_c.department.in_(departments))
    return tuple(connection.execute(query.order_by(_c.score, _c.sent_at, _c.case_id).limit(limit)).scalars())


def _of(departments: Sequence[str], only: Mapping[str, str]) -> ColumnElement[bool]:
    chosen = [_c[name] == value for name, value in only.items() if value]
    return and_(_c.department.in_(list(departments)), *chosen)
