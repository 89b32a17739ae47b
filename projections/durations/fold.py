"""How long did each case take, and where did its time go?

One row for each round of a case's life: from reception to the first closing, and from each reopening to the next one.
While a round is open its row says who has the case and when it is due to be solved (`due_at`); at the closing it is
measured, in whole elapsed seconds and in open seconds (`_worked`) of the department that has it then, under the town's
version the case is bound to, with the days it counts (`days_of`). What the stages took adds up to the whole; what it
took until somebody answered is counted by the same hours and days. A round that is over is counted by the days known
then, unless the case is told meanwhile that they were wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Index,
    Integer,
    String,
    Table,
    and_,
    column,
    literal_column,
    select,
    values,
)

from gru.domain import events as e
from gru.domain.case.state import RESOLVING
from gru.domain.clocks import Calendar, to_second, working_seconds
from gru.domain.events import Recorded
from projections.base import (
    LETTERS,
    LIFE_EVENTS,
    NO_WORDS,
    STAGES,
    VIEWS,
    Changes,
    Dated,
    Instant,
    Json,
    Life,
    Row,
    Rows,
    Stay,
    Words,
    code,
    life_after,
    life_begins,
    stays,
)

WHOLE = ("gross", "gross_worked", "net", "net_worked")
"""From the beginning to the closing; net is without the waits that stop the town's clock."""
MEASURES = (*WHOLE, *STAGES, *(f"{stage}_worked" for stage in STAGES))

durations = Table(
    "durations",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("number", "type", "department", "channel", "site", "district", "confidentiality")),
    *(code(name) for name in ("requester", "cell", "outcome", "variant")),
    Column("town_version", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("closed_at", "due_at", "receipt_at", "acknowledged_at", "human_at")),
    *(Column(name, BigInteger) for name in ("human_elapsed", "human_worked", *MEASURES, "before_last")),
    *(Column(name, Integer, nullable=False) for name in ("transfers", "returns", "complements", "messages_before")),
    Column("days_of", Integer, nullable=False),
    # the first word of the town, whoever wrote it, and how many open seconds it took; `human_at` is a person's
    Column("heard_at", Instant),
    Column("heard_worked", BigInteger),
    # what came back: seconds from the closing to the reopening; who wrote again is found by the second it began in
    Column("back_after", BigInteger),
    Column("begun_second", BigInteger, nullable=False),
    # the minute since 1970 in which it was closed: many at once were closed by one act
    Column("closed_minute", BigInteger),
    *(Column(name, Integer, nullable=False) for name in ("resolved", "late")),
    Column("memory", Json(tuple[Life, dict[str, tuple[e.ReplyKind, bool]], tuple[str, ...]])),
    sqlite_with_rowid=False,
)
_c = durations.c
STAGE_COLUMNS = tuple(_c[f"{stage}_worked"] for stage in STAGES)
_HANDED = (_c.transfers, _c.returns, _c.before_last)
RESOLVED = _c.resolved == 1
_sides = (_c.channel, _c.site, _c.district, _c.started_at)
Index("durations_closed", _c.department, _c.closed_at, _c.outcome, _c.type, _c.gross_worked, _c.net_worked, *_sides)
Index("durations_lengths", _c.department, _c.closed_at, _c.gross_worked, _c.started_at, _c.resolved)
Index("durations_resolved", _c.resolved, _c.department, _c.closed_at, _c.gross_worked, _c.net_worked)
Index("durations_sides", _c.resolved, _c.department, _c.closed_at, _c.type, _c.gross_worked, *_sides[:3])
Index("durations_spent", _c.department, _c.late, _c.closed_at, _c.gross_worked, *STAGE_COLUMNS, *_HANDED)
Index("durations_gone", _c.department, _c.closed_at, _c.variant, _c.gross_worked)
Index("durations_started", _c.department, _c.started_at, _c.type, _c.closed_at, _c.outcome, _c.gross_worked)
_open = _c.closed_at.is_(None)
Index("durations_open", _c.department, _c.started_at, sqlite_where=_open, postgresql_where=_open)


def first_known(rounds: FromClause) -> ColumnElement[bool]:
    """The first round of a request of somebody known; said in literals, so that SQLite knows its index by it."""
    return and_(rounds.c.round == literal_column("1"), rounds.c.requester != literal_column("''"))


FIRST_KNOWN = first_known(durations)
_replies = (_c.human_at, _c.human_worked, _c.heard_at, _c.heard_worked)
Index("durations_answers", _c.department, _c.started_at, _c.round, *_replies, _c.closed_at, _c.gross_worked)
Index("durations_human", _c.department, _c.human_at, _c.human_worked,
      sqlite_where=_c.human_at.is_not(None), postgresql_where=_c.human_at.is_not(None))  # fmt: skip
Index("durations_heard", _c.department, _c.heard_at, _c.round, _c.heard_worked,
      sqlite_where=_c.heard_at.is_not(None), postgresql_where=_c.heard_at.is_not(None))  # fmt: skip
Index("durations_back", _c.department, _c.closed_at, _c.type, _c.back_after,
      sqlite_where=_c.back_after.is_not(None), postgresql_where=_c.back_after.is_not(None))  # fmt: skip
Index("durations_again", _c.requester, _c.type, _c.cell, _c.begun_second,
      sqlite_where=FIRST_KNOWN, postgresql_where=FIRST_KNOWN)  # fmt: skip
Index("durations_first", _c.department, _c.begun_second, _c.type, _c.requester, _c.cell,
      sqlite_where=FIRST_KNOWN, postgresql_where=FIRST_KNOWN)  # fmt: skip
Index("durations_minute", _c.department, _c.closed_at, _c.closed_minute, _c.outcome, _c.gross_worked, _c.net_worked)


_CLOSED = (
    *(
        "department",
        "type",
        "channel",
        "site",
        "district",
        "variant",
        "started_at",
        "resolved",
        "late",
        "back_after",
        "closed_minute",
    ),
    *(name for name in MEASURES if name.endswith("_worked")),
    *("transfers", "returns", "before_last"),
)
_ANSWERED = ("human_at", "human_worked", "heard_at", "heard_worked")
_REQUEST = ("requester", "type", "cell")


class Durations(Rows):
    name = "durations"
    question = "How long did each case take, and where did its time go?"
    group = "later"
    edition = 3
    table = durations
    dated = (
        Dated("closed", "closed_at", _CLOSED),
        Dated("human", "human_at", ("department", "human_worked")),
        Dated("heard", "heard_at", ("department", "heard_worked", "round")),
        Dated("followed", "started_at", ("department", "round", "closed_at", "gross_worked", *_ANSWERED)),
        Dated("begun", "started_at", ("department", "round", *_REQUEST)),
    )
    events = (
        *LIFE_EVENTS,
        e.CaseRegistered,
        e.RequesterIdentified,
        e.PlaceSet,
        e.CommitmentPromised,
        e.CommitmentMoved,
    )

    def fold(self, state: Mapping[int, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[int, Row]:
        event = recorded.event
        if not state:
            return {1: _received(recorded, event)} if isinstance(event, e.CaseOpened) else state
        last = max(state)
        row = state[last]
        if row["version"] >= recorded.version:
            return state
        if isinstance(event, e.CaseReopened):
            back = {"memory": None, "back_after": to_second(recorded.at) - to_second(row["closed_at"])}
            return {**state, last: {**row, **back}, last + 1: _again(row, recorded)}
        return {**state, last: _told(row, recorded, words)}

    def reached(self, connection: Connection, changes: Changes) -> Iterator[tuple[str, str, datetime]]:
        """Whether a request was asked for again hangs on what the same person asked for before it, too."""
        yield from super().reached(connection, changes)
        requests = {
            request for old, new in changes if _request(old) != _request(new) for request in map(_request, (old, new))
        }
        for department, at in _asked_after(connection, [request for request in requests if request]):
            yield "begun", department, at


WITHIN_DAYS = 30
WITHIN = WITHIN_DAYS * 86_400


def _request(row: Row | None) -> tuple[str, str, str, int] | None:
    """What somebody known asked for first, and when."""
    if row is None or row["round"] != 1 or not row["requester"]:
        return None
    return row["requester"], row["type"], row["cell"], row["begun_second"]


def _asked_after(
    connection: Connection, requests: Sequence[tuple[str, str, str, int]]
) -> Iterator[tuple[str, datetime]]:
    """The departments and beginnings of what was asked for within 30 days after these, by the same for the same."""
    if not requests:
        return
    shape = values(
        *(column(name, String) for name in ("requester", "type", "cell")), column("second", BigInteger), name="request"
    )
    known = shape.data(list(requests)).cte("known")
    same = (known.c[name] == _c[name] for name in ("requester", "type", "cell"))
    later = and_(FIRST_KNOWN, *same, _c.begun_second >= known.c.second, _c.begun_second <= known.c.second + WITHIN)
    found = connection.execute(select(_c.department, _c.started_at).select_from(known.join(durations, later)))
    yield from ((department, at) for department, at in found)


def _received(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "round": 1,
        "version": recorded.version,
        "number": "",
        "type": "",
        "department": event.department,
        "channel": event.channel,
        "site": event.site,
        "district": event.district,
        "confidentiality": "normal",
        "requester": event.requester,
        "cell": event.cell,
        "town_version": event.town_version,
        "days_of": 0,
        **_nothing_measured(life_begins(event)),
    }


def _again(row: Row, recorded: Recorded) -> Row:
    """Another round of the same case, of which nothing has been measured yet; its promise is moved by a fact."""
    life, replies, held = row["memory"]
    return {**row, "version": recorded.version, **_nothing_measured(life_after(life, recorded), replies, held)}


def _nothing_measured(
    life: Life, replies: Mapping[str, Any] | None = None, held: tuple[str, ...] = ()
) -> dict[str, Any]:
    """`replies` are those on their way, `held` the departments that had the case."""
    empty = ("closed_at", "due_at", "receipt_at", "acknowledged_at", "human_at", "human_elapsed", "human_worked")
    unknown = ("heard_at", "heard_worked", "back_after", "closed_minute")
    return {
        "round": life.round,
        "started_at": life.started_at,
        "outcome": "",
        "variant": "",
        "begun_second": to_second(life.started_at),
        **dict.fromkeys((*empty, *unknown, *MEASURES, "before_last")),
        **dict.fromkeys(("transfers", "returns", "complements", "messages_before", "resolved", "late"), 0),
        "memory": (life, dict(replies or {}), held),
    }


def _told(row: Row, recorded: Recorded, words: Words) -> Row:
    event = recorded.event
    life, replies, held = row["memory"]
    after = {**row, "version": recorded.version}
    match event:
        case e.CaseRegistered():
            after["number"] = event.number
        case e.RequesterIdentified():
            after["requester"] = event.person
        case e.PlaceSet():
            after |= {"district": event.district, "cell": event.cell}
        case e.CaseQualified():
            about = ("type", "department", "confidentiality")
            after |= {name: getattr(event, name) for name in about} if life.closed_at is None else {}
        case e.CaseTransferred() if life.closed_at is None:
            held = (*held, life.department)
            after |= {"department": event.department, "transfers": row["transfers"] + 1}
            after["returns"] = row["returns"] + (event.department in held)
        case e.CommitmentPromised() | e.CommitmentMoved() if event.kind == "resolve":
            after["due_at"] = event.due
        case e.CalendarCorrected():
            after["days_of"] = event.town_version
        case e.WaitStarted() if event.party == "resident":
            after["complements"] = row["complements"] + 1
        case e.MessageReceived() if row["human_at"] is None:
            after["messages_before"] = row["messages_before"] + 1
        case e.ReplyWritten():
            replies = {**replies, event.reply_id: (event.kind, event.human)}
        case e.ReplySent():
            after |= _sent(after, replies.get(event.reply_id), event.sent_at)
            replies = {id: reply for id, reply in replies.items() if id != event.reply_id}
    life = life_after(life, recorded)
    after["memory"] = (life, replies, held)
    if any(after[name] != row[name] for name in _COUNTING):
        after |= _answered(after, _calendar(after, words))
    match event:
        case e.CaseClosed():
            after |= {**_closed(after, recorded.at, event.outcome), **_measured(after, life, recorded.at, words)}
        case e.CaseMerged():
            after |= {**_closed(after, recorded.at, "duplicate"), **_measured(after, life, recorded.at, words)}
        case e.CaseUnmerged():
            unmeasured = ("closed_at", "closed_minute", *MEASURES, "before_last")
            after |= {"outcome": "", "variant": "", "resolved": 0, "late": 0, **dict.fromkeys(unmeasured)}
        case e.CalendarCorrected() if life.closed_at is not None:
            after |= _measured(after, life, life.closed_at, words)
    return after


_COUNTING = ("department", "days_of", "human_at", "heard_at")
"""By which hours and days, and until when, the first answer is counted."""


def _calendar(row: Row, words: Words) -> Calendar:
    return words.calendar(row["town_version"], row["department"], row["days_of"])


def _sent(row: Row, reply: tuple[e.ReplyKind, bool] | None, at: datetime) -> Row:
    """The first of each kind counts, and of the persons' own words the first that left."""
    kind, human = reply or ("news", False)
    facts: Row = {}
    if kind == "receipt" and row["receipt_at"] is None:
        facts["receipt_at"] = at
    if kind == "acknowledgement" and row["acknowledged_at"] is None:
        facts["acknowledged_at"] = at
    if human and row["human_at"] is None:
        facts["human_at"] = at
    if (human or kind in ("receipt", "acknowledgement")) and row["heard_at"] is None:
        facts["heard_at"] = at
    return facts


def _answered(row: Row, calendar: Calendar) -> Row:
    """How long it took until a person answered, and until the town said a first word."""
    start, facts = row["started_at"], Row()
    if row["human_at"] is not None:
        facts["human_elapsed"] = max(0, to_second(row["human_at"]) - to_second(start))
        facts["human_worked"] = working_seconds(calendar, start, row["human_at"])
    if row["heard_at"] is not None:
        facts["heard_worked"] = working_seconds(calendar, start, row["heard_at"])
    return facts


def _closed(row: Row, at: datetime, outcome: str) -> Row:
    late = row["due_at"] is not None and at > row["due_at"]
    return {"closed_at": at, "outcome": outcome, "resolved": int(outcome in RESOLVING), "late": int(late)}


def _measured(row: Row, life: Life, end: datetime, words: Words) -> Row:
    found = stays(life, end, _calendar(row, words))
    spent: Row = {"closed_at": end, "closed_minute": to_second(end) // 60, **dict.fromkeys(MEASURES, 0)}
    for stay in found:
        spent[stay.stage] += stay.elapsed
        spent[f"{stay.stage}_worked"] += stay.worked
        spent["gross"] += stay.elapsed
        spent["gross_worked"] += stay.worked
        spent["net"] += stay.elapsed - stay.stopped
        spent["net_worked"] += stay.worked - stay.stopped_worked
    return {**spent, "before_last": _before_last(found), "variant": "".join(LETTERS[stay.stage] for stay in found)}


def _before_last(found: tuple[Stay, ...]) -> int:
    """The open seconds before the department that closed it had it for the last time."""
    lost = 0
    for number, stay in enumerate(found):
        if stay.department != found[-1].department:
            lost = sum(one.worked for one in found[: number + 1])
    return lost
