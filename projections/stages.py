"""Through which stages did a closed case go, how long was it in each, and from hand to hand?

One row for each stay in a stage, written when the round it belongs to is closed; row 0 remembers the round that is
told. Process mining reads these rows: what follows what, how often, after how long.
"""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import (
    LIFE_EVENTS,
    NO_WORDS,
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
    Column("entered_at", Instant),
    Column("left_at", Instant),
    Column("elapsed", BigInteger),
    Column("worked", BigInteger),
    Column("memory", Json(Life)),
    sqlite_with_rowid=False,
)
_c = stages.c
Index("stages_left", _c.left_at, _c.department, _c.stage, _c.following, _c.worked)


class Stages(Rows):
    name = "stages"
    question = "Through which stages did a closed case go, how long was it in each, and from hand to hand?"
    group = "later"
    table = stages
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
        rows = {**state, 0: after}
        match event:
            case e.CaseClosed() | e.CaseMerged():
                found = stays(life, recorded.at, words.calendar(head["town_version"], life.department))
                return {**rows, **_written(after, found, len(rows))}
            case e.CaseUnmerged():
                return {number: row for number, row in rows.items() if number == 0 or row["round"] != life.round}
        return rows


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
