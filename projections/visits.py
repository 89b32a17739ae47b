"""Who waits at a site today, who was called to which post, and how long did it take?

One row for each visit; nothing says who came.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Date, Index, Integer, String, Table, case, func, select

from gru.domain import events as e
from gru.domain.events import Recorded, VisitKind
from gru.domain.reception import VisitState
from projections.base import NO_WORDS, VIEWS, Instant, OneRow, Row, Words, code, versioned

visits = Table(
    "visits",
    VIEWS,
    Column("visit", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    *(code(name) for name in ("site", "kind", "state", "post", "caller")),
    Column("day", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("called_at", "ended_at")),
)
_c = visits.c
Index("visits_of_day", _c.site, _c.day, _c.state, _c.number)

_RANK = case((_c.kind == "priority", 0), (_c.kind == "appointment", 1), else_=2)
"""Who is called first; of one rank, who came first."""


class Visits(OneRow):
    name = "visits"
    question = "Who waits at a site today, and who was called to which post?"
    table = visits
    key_columns = ("visit",)
    events = (e.VisitArrived, e.VisitCalled, e.VisitServed, e.VisitLeft)

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        event = recorded.event
        if state is None:
            return _arrived(recorded, event) if isinstance(event, e.VisitArrived) else None
        row = versioned(state, recorded)
        if row is None:
            return state
        match event:
            case e.VisitCalled():
                row["state"], row["post"], row["caller"] = "called", event.post, recorded.by
                row["called_at"] = row["called_at"] or recorded.at
                row["calls"] += 1
            case e.VisitServed():
                row["state"], row["ended_at"] = "served", recorded.at
            case e.VisitLeft():
                row["state"], row["ended_at"] = "left", recorded.at
        return row


def _arrived(recorded: Recorded, event: e.VisitArrived) -> Row:
    return {
        "visit": recorded.stream_id,
        "version": recorded.version,
        "site": event.site,
        "kind": event.kind,
        "state": "waiting",
        "post": "",
        "caller": "",
        "day": event.day,
        "number": event.number,
        "calls": 0,
        "arrived_at": recorded.at,
        "called_at": None,
        "ended_at": None,
    }


# --- what a page asks --------------------------------------------------------------------------------------------


class Visited(msgspec.Struct, frozen=True):
    visit: str
    site: str
    kind: VisitKind
    state: VisitState
    post: str
    caller: str
    day: date
    number: int
    calls: int
    arrived_at: datetime
    called_at: datetime | None
    ended_at: datetime | None


_SHOWN = tuple(_c[field] for field in Visited.__struct_fields__)


def waiting(connection: Connection, site: str, day: date, limit: int = 100) -> tuple[Visited, ...]:
    """Those who wait, in the order in which they will be called."""
    return _found(connection, _in_line(site, day), _c.state == "waiting", order=(_RANK, _c.number), limit=limit)


def helpless(connection: Connection, site: str, day: date, limit: int = 9) -> tuple[Visited, ...]:
    """Those who wait for an agent beside the kiosk, who came first first."""
    asked = (_of(site, day), _c.kind == "help", _c.state == "waiting")
    return _found(connection, *asked, order=(_c.number,), limit=limit)


def called(connection: Connection, site: str, day: date, limit: int = 12) -> tuple[Visited, ...]:
    """Those who were called and are not gone, the last called first."""
    order = (_c.called_at.desc(), _c.number.desc())
    return _found(connection, _in_line(site, day), _c.state == "called", order=order, limit=limit)


def by_id(connection: Connection, visit: str) -> Visited | None:
    return next(iter(_found(connection, _c.visit == visit, order=(), limit=1)), None)


def last_number(connection: Connection, site: str, day: date) -> int:
    """The highest number given at this site that day, 0 for none."""
    return connection.scalar(select(func.max(_c.number)).where(_of(site, day))) or 0


class DayCount(msgspec.Struct, frozen=True):
    """How many came, were received, went unreceived; `waits` in seconds of those who were called, shortest first."""

    came: int
    served: int
    left: int
    waits: tuple[float, ...]


def of_day(connection: Connection, site: str, day: date) -> DayCount:
    rows = connection.execute(select(_c.state, _c.arrived_at, _c.called_at).where(_in_line(site, day))).all()
    waits = sorted((row.called_at - row.arrived_at).total_seconds() for row in rows if row.called_at)
    states = [row.state for row in rows]
    return DayCount(len(rows), states.count("served"), states.count("left"), tuple(waits))


PACE_OF = 10


def pace(connection: Connection, site: str, day: date) -> float:
    """Seconds between two calls, of the last ones of the day; 0 when fewer than three were called."""
    query = select(_c.called_at).where(_in_line(site, day), _c.called_at.is_not(None)).order_by(_c.called_at.desc())
    at = [row.called_at for row in connection.execute(query.limit(PACE_OF))]
    return (at[0] - at[-1]).total_seconds() / (len(at) - 1) if len(at) > 2 else 0.0


def _of(site: str, day: date) -> ColumnElement[bool]:
    return (_c.site == site) & (_c.day == day)


def _in_line(site: str, day: date) -> ColumnElement[bool]:
    """Who is called to a post; whoever asks for help at the kiosk is gone to."""
    return _of(site, day) & (_c.kind != "help")


def _found(
    connection: Connection, *conditions: ColumnElement[bool], order: Sequence[ColumnElement[object]], limit: int
) -> tuple[Visited, ...]:
    rows = connection.execute(select(*_SHOWN).where(*conditions).order_by(*order).limit(limit))
    return tuple(Visited(*row) for row in rows)
