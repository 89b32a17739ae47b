"""How long did each case take, and where did its time go?

One row for each round of a case's life: from reception to the first closing, and from each reopening to the next one.
While a round is open its row says who has the case and when it is due to be solved (`due_at`); at the closing it is
measured, in whole elapsed seconds and in open seconds (`_worked`) of the department that has it then, under the town's
version the case is bound to. What the stages took adds up to the whole.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import case as when

from gru.domain import events as e
from gru.domain.case.state import RESOLVING
from gru.domain.clocks import working_seconds
from gru.domain.events import Recorded
from projections.base import (
    LETTERS,
    LIFE_EVENTS,
    NO_WORDS,
    STAGES,
    VIEWS,
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
    period_of,
    stays,
)

WHOLE = ("gross", "gross_worked", "net", "net_worked")
"""From the beginning to the closing; net is without the waits for an indispensable document of the resident."""
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
    Column("memory", Json(tuple[Life, dict[str, tuple[e.ReplyKind, bool]], tuple[str, ...]])),
    sqlite_with_rowid=False,
)
_c = durations.c
_WORKED = tuple(_c[f"{stage}_worked"] for stage in STAGES)
_HANDED = (_c.transfers, _c.returns, _c.before_last)
_resolving = _c.outcome.in_(sorted(RESOLVING))
_sides = (_c.channel, _c.site, _c.district, _c.started_at)
Index("durations_closed", _c.closed_at, _c.department, _c.outcome, _c.type, _c.gross_worked, _c.net_worked, *_sides)
Index("durations_spent", _c.closed_at, _c.department, _c.due_at, _c.gross_worked, *_WORKED, *_HANDED)
Index("durations_gone", _c.closed_at, _c.department, _c.variant, _c.gross_worked)
Index("durations_started", _c.started_at, _c.department, _c.type, _c.closed_at, _c.outcome, _c.gross_worked)


class Durations(Rows):
    name = "durations"
    question = "How long did each case take, and where did its time go?"
    group = "later"
    table = durations
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
            return {**state, last: {**row, "memory": None}, last + 1: _again(row, recorded)}
        return {**state, last: _told(row, recorded, words)}


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
    return {
        "round": life.round,
        "started_at": life.started_at,
        "outcome": "",
        "variant": "",
        **dict.fromkeys((*empty, *MEASURES, "before_last")),
        **dict.fromkeys(("transfers", "returns", "complements", "messages_before"), 0),
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
        case e.CommitmentPromised() | e.CommitmentMoved() if event.kind == "resolve" and life.closed_at is None:
            after["due_at"] = event.due
        case e.WaitStarted() if event.party == "resident":
            after["complements"] = row["complements"] + 1
        case e.MessageReceived() if row["human_at"] is None:
            after["messages_before"] = row["messages_before"] + 1
        case e.ReplyWritten():
            replies = {**replies, event.reply_id: (event.kind, event.human)}
        case e.ReplySent():
            after |= _sent(after, replies.get(event.reply_id), event.sent_at, words)
            replies = {id: reply for id, reply in replies.items() if id != event.reply_id}
    life = life_after(life, recorded)
    after["memory"] = (life, replies, held)
    match event:
        case e.CaseClosed():
            after |= {"closed_at": recorded.at, "outcome": event.outcome, **_measured(after, life, recorded.at, words)}
        case e.CaseMerged():
            after |= {"closed_at": recorded.at, "outcome": "duplicate", **_measured(after, life, recorded.at, words)}
        case e.CaseUnmerged():
            after |= {"closed_at": None, "outcome": "", "variant": "", **dict.fromkeys((*MEASURES, "before_last"))}
    return after


def _sent(row: Row, reply: tuple[e.ReplyKind, bool] | None, at: datetime, words: Words) -> Row:
    """The first of each kind counts, and of the persons' own words the first that left."""
    kind, human = reply or ("news", False)
    facts: Row = {}
    if kind == "receipt" and row["receipt_at"] is None:
        facts["receipt_at"] = at
    if kind == "acknowledgement" and row["acknowledged_at"] is None:
        facts["acknowledged_at"] = at
    if human and row["human_at"] is None:
        calendar = words.calendar(row["town_version"], row["department"])
        facts["human_at"] = at
        facts["human_elapsed"] = max(0, int((at - row["started_at"]).total_seconds()))
        facts["human_worked"] = working_seconds(calendar, row["started_at"], at)
    return facts


def _measured(row: Row, life: Life, end: datetime, words: Words) -> Row:
    found = stays(life, end, words.calendar(row["town_version"], row["department"]))
    spent: Row = dict.fromkeys(MEASURES, 0)
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


# --- what a report asks ----------------------------------------------------------------------------------------------


class Spent(msgspec.Struct, frozen=True):
    """What the rounds took together that one department closed in time, or late; `stages` in open seconds, as STAGES.

    `handed` were given to another department, `back` times to one that had them before; `before_last` are the open
    seconds until the closing department had them.
    """

    department: str
    late: bool
    rounds: int
    handed: int
    back: int
    before_last: int
    stages: tuple[int, ...]

    @property
    def worked(self) -> int:
        return sum(self.stages)


def spent(connection: Connection, start: datetime, end: datetime, departments: Sequence[str]) -> tuple[Spent, ...]:
    """Where the time of the rounds went that were closed in the period: the stages add up to the whole."""
    late = when((_c.closed_at > _c.due_at, 1), else_=0).label("late")
    handed = func.sum(when((_c.transfers > 0, 1), else_=0))
    figures = (func.count(), handed, func.sum(_c.returns), func.sum(_c.before_last), *map(func.sum, _WORKED))
    query = select(_c.department, late, *figures).where(*_closed(start, end, departments))
    rows = connection.execute(query.group_by("department", "late").order_by("department", "late"))
    return tuple(_spent(*row) for row in rows)


def _spent(department: str, late: int, rounds: int, handed: int, back: int, before_last: int, *stages: int) -> Spent:
    """PostgreSQL adds up to decimals."""
    spent_in = tuple(int(seconds) for seconds in stages)
    return Spent(department, bool(late), rounds, int(handed), int(back), int(before_last), spent_in)


def lengths(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> dict[str, tuple[tuple[int, int], ...]]:
    """By department: how many rounds closed in the period took so many `unit`s of open seconds, begun ones whole."""
    units = _begun(_c.gross_worked, unit).label("units")
    query = select(_c.department, units, func.count()).where(*_closed(start, end, departments))
    found: dict[str, list[tuple[int, int]]] = {}
    for department, length, number in connection.execute(query.group_by("department", "units")):
        found.setdefault(department, []).append((int(length), number))
    return {department: tuple(counts) for department, counts in found.items()}


class Variant(msgspec.Struct, frozen=True):
    """A way through the stages, one letter each, and how long the closed rounds took that went it.

    `lengths` are begun units of open seconds, each with its number of rounds.
    """

    letters: str
    lengths: tuple[tuple[int, int], ...]

    @property
    def rounds(self) -> int:
        return sum(number for _, number in self.lengths)


def variants(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int, most: int
) -> tuple[Variant, ...]:
    """The ways most often gone by the rounds that were closed in the period."""
    closed, number = _closed(start, end, departments), func.count().label("rounds")
    often = select(_c.variant).where(*closed).group_by(_c.variant).order_by(number.desc(), _c.variant).limit(most)
    units = _begun(_c.gross_worked, unit).label("units")
    query = select(_c.variant, units, number).where(*closed, _c.variant.in_(often)).group_by(_c.variant, "units")
    found: dict[str, list[tuple[int, int]]] = {}
    for letters, length, rounds in connection.execute(query):
        found.setdefault(letters, []).append((int(length), rounds))
    told = (Variant(letters, tuple(sorted(lengths))) for letters, lengths in found.items())
    return tuple(sorted(told, key=lambda one: (-one.rounds, one.letters)))


def _begun(seconds: ColumnElement[int], unit: int) -> ColumnElement[int]:
    return (seconds + (unit - 1)) // unit


def _closed(start: datetime, end: datetime, departments: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return _c.closed_at >= start, _c.closed_at < end, _c.department.in_(departments)


# --- how long it takes -----------------------------------------------------------------------------------------------

Side = Literal["district", "channel", "site"]
SIDES: tuple[Side, ...] = ("district", "channel", "site")


def resolved(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> tuple[tuple[int, int, int], ...]:
    """How many rounds resolved in the period took so many begun units of open seconds: gross, net, number."""
    gross, net = _begun(_c.gross_worked, unit).label("lived"), _begun(_c.net_worked, unit).label("ours")
    query = select(gross, net, func.count()).where(*_closed(start, end, departments), _resolving)
    return tuple((int(a), int(b), n) for a, b, n in connection.execute(query.group_by("lived", "ours")))


def ended(
    connection: Connection, edges: Sequence[datetime], at: datetime, departments: Sequence[str], unit: int
) -> tuple[tuple[int, int, int, int], ...]:
    """Of the rounds that began between the edges, those closed by then: number of the cohort, units, resolved, others.

    What was resolved counts its begun units; what was closed without being resolved is known to have lasted its whole
    ones only.
    """
    cohort, begun_in_one = period_of(_c.started_at, edges)
    units = when((_resolving, _begun(_c.gross_worked, unit)), else_=_c.gross_worked // unit).label("units")
    resolved_ = func.sum(when((_resolving, 1), else_=0))
    query = select(cohort.label("cohort"), units, resolved_, func.count())
    query = query.where(begun_in_one, _c.department.in_(departments), _c.closed_at <= at)
    rows = connection.execute(query.group_by("cohort", "units").order_by("cohort", "units"))
    return tuple((int(number), int(length), int(done), total - int(done)) for number, length, done, total in rows)


def unfinished(
    connection: Connection, start: datetime, end: datetime, at: datetime, departments: Sequence[str]
) -> tuple[tuple[str, datetime], ...]:
    """The department and the beginning of each round begun in the period that was open at an instant."""
    query = select(_c.department, _c.started_at).where(_c.started_at >= start, _c.started_at < end)
    query = query.where(_c.started_at <= at, or_(_c.closed_at.is_(None), _c.closed_at > at))
    rows = connection.execute(query.where(_c.department.in_(departments)))
    return tuple((department, begun) for department, begun in rows)


def open_at(connection: Connection, at: datetime, departments: Sequence[str]) -> int:
    """How many rounds were open at an instant: those open still, and those closed since."""
    begun = func.count(when((_c.started_at <= at, 1)))
    still, since = (
        select(begun).where(closed, _c.department.in_(departments)).scalar_subquery()
        for closed in (_c.closed_at.is_(None), _c.closed_at > at)
    )
    return sum(connection.execute(select(still, since)).one())


class Took(msgspec.Struct, frozen=True):
    """How many rounds of one type, on one side (`side`: its `value`), were resolved in so many units."""

    side: Side
    value: str
    type: str
    units: int
    number: int


def resolved_by_type(
    connection: Connection, start: datetime, end: datetime, departments: Sequence[str], unit: int
) -> tuple[Took, ...]:
    """What was resolved in the period by district, by channel and by site of reception, each with its types."""
    units = _begun(_c.gross_worked, unit).label("units")
    parts = [
        select(literal(side).label("side"), _c[side].label("value"), _c.type, units, func.count().label("number"))
        .where(*_closed(start, end, departments), _resolving)
        .group_by(_c[side], _c.type, "units")
        for side in SIDES
    ]
    return tuple(
        Took(side, value, kind, int(u), n) for side, value, kind, u, n in connection.execute(union_all(*parts))
    )


def cases(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    *,
    begun: bool = False,
    longer: int = 0,
    net: bool = False,
    narrowed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases behind a figure, the longest first: resolved in the period, or (`begun`) received in it.

    `longer` than so many open seconds, gross or `net`; `narrowed` by type, channel, site and district.
    """
    measure = _c.net_worked if net else _c.gross_worked
    conditions = [_c.started_at >= start, _c.started_at < end] if begun else [
        _c.closed_at >= start, _c.closed_at < end, _resolving
    ]  # fmt: skip
    if longer:
        conditions.append(measure > longer)
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    conditions += [_c[name].in_(values) for name, values in narrowed.items() if values]
    query = select(_c.case_id).where(*conditions)
    ordered = query.order_by(_c.started_at, _c.case_id) if begun else query.order_by(measure.desc(), _c.case_id)
    return tuple(dict.fromkeys(connection.execute(ordered.limit(limit)).scalars()))
