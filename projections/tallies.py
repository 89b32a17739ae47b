"""How many questions were answered on the spot, where, about what?

One row for each answer. Who answered is not kept here: these figures rank no agent.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Boolean, Column, Connection, Index, Integer, String, Table, func, select

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code, versioned

tallies = Table(
    "tallies",
    VIEWS,
    Column("answer", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("site", "channel", "department")),
    Column("at", Instant, nullable=False),
    Column("struck", Boolean, nullable=False),
)
_c = tallies.c
Index("tallies_at", _c.at)


class Tallies(OneRow):
    name = "tallies"
    question = "How many questions were answered on the spot, where, about what?"
    table = tallies
    key_columns = ("answer",)
    events = (e.QuestionAnswered, e.QuestionStruck)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _counted(recorded, event) if isinstance(event, e.QuestionAnswered) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        row["struck"] = True
        return row


def _counted(recorded: Recorded, event: e.QuestionAnswered) -> Row:
    return {
        "answer": recorded.stream_id,
        "version": recorded.version,
        "site": event.site,
        "channel": event.channel,
        "department": event.department,
        "at": recorded.at,
        "struck": False,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class Tally(msgspec.Struct, frozen=True):
    site: str
    department: str
    answers: int


def between(connection: Connection, start: datetime, end: datetime, sites: Sequence[str]) -> tuple[Tally, ...]:
    """The answers given at these sites in this time, by site and by what they were about, most first."""
    number = func.count().label("answers")
    query = (
        select(_c.site, _c.department, number)
        .where(_c.at >= start, _c.at < end, _c.struck.is_(False), _c.site.in_(sites))
        .group_by(_c.site, _c.department)
        .order_by(number.desc(), _c.site, _c.department)
    )
    return tuple(Tally(*row) for row in connection.execute(query))
