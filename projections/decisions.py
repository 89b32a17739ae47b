"""What did the committee decide, from which day on, and for which requests?"""

from datetime import date, datetime

import msgspec
from sqlalchemy import Boolean, Column, Connection, Date, Index, Integer, String, Table, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, Json, OneRow, Row, Words, code, versioned

decisions = Table(
    "decisions",
    VIEWS,
    Column("decision", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    code("title"),
    Column("effect", Date, nullable=False),
    *(Column(name, Json, nullable=False) for name in ("types", "departments")),
    Column("struck", Boolean, nullable=False),
    Column("taken_at", Instant, nullable=False),
    code("taken_by"),
)
_c = decisions.c
Index("decisions_effect", _c.effect)


class DecisionsProjection(OneRow):
    name = "decisions"
    question = "What did the committee decide, from which day on?"
    table = decisions
    key_columns = ("decision",)
    events = (e.DecisionTaken, e.DecisionStruck)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _taken(recorded, event) if isinstance(event, e.DecisionTaken) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        row["struck"] = row["struck"] or isinstance(event, e.DecisionStruck)
        return row


def _taken(recorded: Recorded, event: e.DecisionTaken) -> Row:
    return {
        "decision": recorded.stream_id,
        "version": recorded.version,
        "title": event.title.id,
        "effect": event.effect,
        "types": list(event.types),
        "departments": list(event.departments),
        "struck": False,
        "taken_at": recorded.at,
        "taken_by": recorded.by,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class DecisionRow(msgspec.Struct, frozen=True):
    """`title` is the id of a text; no types or departments: all of them."""

    decision: str
    title: str
    effect: date
    types: tuple[str, ...]
    departments: tuple[str, ...]
    taken_at: datetime
    taken_by: str


def standing(
    connection: Connection, first: date = date.min, last: date = date.max, limit: int = 200
) -> tuple[DecisionRow, ...]:
    """Those that take effect between two days and were not struck out, the latest first."""
    query = select(_c.decision, _c.title, _c.effect, _c.types, _c.departments, _c.taken_at, _c.taken_by).where(
        _c.struck.is_(False), _c.effect >= first, _c.effect <= last
    )
    rows = connection.execute(query.order_by(_c.effect.desc(), _c.decision.desc()).limit(limit))
    return tuple(
        DecisionRow(row.decision, row.title, row.effect, tuple(row.types), tuple(row.departments), row.taken_at,
                    row.taken_by)
        for row in rows
    )  # fmt: skip
