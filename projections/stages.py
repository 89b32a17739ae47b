"""Through which stages did a closed case go, how long was it in each, and from hand to hand?

One row for each stay in a stage, written when the round it belongs to is closed; row 0 remembers the round that is
told. Process mining reads these rows: what follows what, how often, after how long.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Index, Integer, String, Table, and_, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import (
    LIFE_EVENTS,
    NO_WORDS,
    VIEWS,
    Dated,
    Instant,
    Json,
    Life,
    Question,
    Row,
    Rows,
    Selection,
    Stage,
    Stay,
    Words,
    begun,
    code,
    counting,
    life_after,
    life_begins,
    placed,
    stays,
)

stages = Table(
    "stages",
    VIEWS,
    Column("case_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    *(code(name) for name in ("stage", "following", "department", "following_department", "type", "channel")),
    Column("town_version", Integer, nullable=False),
    Column("days_of", Integer, nullable=False),
    Column("entered_at", Instant),
    Column("left_at", Instant),
    Column("elapsed", BigInteger),
    Column("worked", BigInteger),
    Column("memory", Json(Life)),
    sqlite_with_rowid=False,
)
_c = stages.c
_handed = and_(_c.following_department != "", _c.following_department != _c.department)
Index("stages_left", _c.left_at, _c.department, _c.stage, _c.following, _c.worked)
Index("stages_handed", _c.left_at, _c.department, _c.following_department, _c.worked,
      sqlite_where=_handed, postgresql_where=_handed)  # fmt: skip


class Stages(Rows):
    name = "stages"
    question = "Through which stages did a closed case go, how long was it in each, and from hand to hand?"
    group = "later"
    table = stages
    dated = (Dated("left", "left_at", ("department", "stage", "following", "following_department", "worked")),)
    edition = 2
    events = LIFE_EVENTS

    def fold(self, state: Mapping[int, Row], recorded: Recorded, words: Words = NO_WORDS) -> Mapping[int, Row]:
        event = recorded.event
        head = state.get(0)
        if head is None:
            return {0: _head(recorded, event)} if isinstance(event, e.CaseOpened) else state
        if head["version"] >= recorded.version:
            return state
        life = life_after(head["memory"], recorded)
        after = {**head, "version": recorded.version, "round": life.round, "memory": life}
        if isinstance(event, e.CaseQualified):
            after["type"] = event.type
        if isinstance(event, e.CalendarCorrected):
            after["days_of"] = event.town_version
        told = {number: row for number, row in state.items() if number and row["round"] != life.round}
        match event:
            case e.CaseClosed() | e.CaseMerged() | e.CalendarCorrected() if life.closed_at is not None:
                calendar = words.calendar(after["town_version"], life.department, after["days_of"])
                return {0: after, **told, **_written(after, stays(life, life.closed_at, calendar), len(told) + 1)}
            case e.CaseUnmerged():
                return {0: after, **told}
        return {**state, 0: after}


def _head(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "number": 0,
        "version": recorded.version,
        "round": 1,
        "stage": "",
        "following": "",
        "department": "",
        "following_department": "",
        "type": "",
        "channel": event.channel,
        "town_version": event.town_version,
        "days_of": 0,
        "entered_at": None,
        "left_at": None,
        "elapsed": None,
        "worked": None,
        "memory": life_begins(event),
    }


def _written(head: Row, found: tuple[Stay, ...], first: int) -> dict[int, Row]:
    following = (*found[1:], None)
    return {
        number: {
            **head,
            "number": number,
            "stage": stay.stage,
            "following": after.stage if after else "",
            "department": stay.department,
            "following_department": after.department if after else "",
            "entered_at": stay.entered_at,
            "left_at": stay.left_at,
            "elapsed": stay.elapsed,
            "worked": stay.worked,
            "memory": None,
        }
        for number, (stay, after) in enumerate(zip(found, following, strict=False), first)
    }


# --- what a report asks ----------------------------------------------------------------------------------------------


def _follows(edges: Sequence[datetime], departments: Sequence[str], unit: int) -> Selection:
    return counting(
        stages, placed(stages, "left_at", edges, departments), _c.stage, _c.following, begun(_c.worked, unit)
    )


FOLLOWS = Question("follows", "stages", "left", _follows)
"""What came right after a stage (`""`: the closing), by the begun `unit`s of open seconds the stay had taken."""


def _hand_overs(edges: Sequence[datetime], departments: Sequence[str], unit: int) -> Selection:
    part, conditions = placed(stages, "left_at", edges, departments)
    return counting(stages, (part, (*conditions, _handed)), _c.following_department, begun(_c.worked, unit))


HAND_OVERS = Question("hand_overs", "stages", "left", _hand_overs)
"""To which department one handed cases, by the begun `unit`s of open seconds it had had them."""


class Visit(msgspec.Struct, frozen=True):
    """One stay, as process mining reads it."""

    case_id: str
    stage: Stage
    department: str
    type: str
    channel: str
    entered_at: datetime
    left_at: datetime
    worked: int


def visits(connection: Connection, start: datetime, end: datetime, departments: Sequence[str]) -> Iterator[Visit]:
    """The stays that ended in the period, case by case, in order; read as they come, however many."""
    columns = [_c[name] for name in Visit.__struct_fields__]
    query = select(*columns).where(*_left(start, end, departments)).order_by(_c.case_id, _c.number)
    for row in connection.execution_options(yield_per=5_000).execute(query):
        yield Visit(*row)


def passed(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    stage: Stage,
    following: str,
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases of which a stay in `stage` ended in the period and was followed by `following` (`""`: the closing)."""
    return _cases_left(connection, start, end, departments, (_c.stage == stage, _c.following == following), limit)


def handed_over(
    connection: Connection,
    start: datetime,
    end: datetime,
    department: str,
    following: str,
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases that one department handed to another in the period, as `hand_overs` counts them."""
    conditions = (_handed, _c.following_department == following)
    return _cases_left(connection, start, end, (department,), conditions, limit)


def _cases_left(
    connection: Connection,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
) -> tuple[str, ...]:
    query = select(_c.case_id).where(_c.left_at >= start, _c.left_at < end, *conditions)
    if departments is not None:
        query = query.where(_c.department.in_(departments))
    found = connection.execute(query.order_by(_c.worked.desc(), _c.case_id).limit(limit)).scalars()
    return tuple(dict.fromkeys(found))


def _left(start: datetime, end: datetime, departments: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return _c.left_at >= start, _c.left_at < end, _c.department.in_(departments)
