"""How is what was counted once kept, so that a page of figures reads weeks and not cases?

A question's answer for one week and one department (`projections/base/subtotal.py`) is kept with the position of the
history as of which it was counted. Whoever changes a row notes, in the same transaction, in which department and on
which day counts are others now; what was counted before that is counted anew. A reader counts himself what is not
kept, and keeps nothing: the clock does (`refresh`).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from time import monotonic
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    String,
    Table,
    exists,
    literal_column,
    select,
    union_all,
)

from gru.domain.clocks import to_second
from gru.office import views
from gru.office.views import insert, own_tables
from gru.storage.databases import reading, snapshot, writing
from projections.base import Changes, Instant, Projection, Question, Tree

LATER = "later"
_DAY = 86_400
_WEEKS_A_STEP = 9
"""So many weeks of one question are counted before the position is held to keep them."""

subtotals = Table(
    "subtotals",
    own_tables,
    Column("question", String(120), primary_key=True),
    Column("department", String, primary_key=True),
    Column("begins", Instant, primary_key=True),
    Column("ends", Instant, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in ("first_day", "last_day")),
    Column("projection", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("counts", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
changed = Table(
    "changed",
    own_tables,
    Column("projection", String(64), primary_key=True),
    Column("dated", String(64), primary_key=True),
    Column("department", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
_s, _n = subtotals.c, changed.c


class Subtotal(msgspec.Struct, frozen=True):
    """`part` is the number of the week, from 0; `counts` as the question hangs them."""

    part: int
    department: str
    counts: Tree


Place = tuple[int, str]
"""The number of a part, and a department."""
Gaps = Mapping[int, tuple[str, ...]]
"""By part, the departments of which nothing is kept."""
Posed = tuple[Question, tuple[Any, ...]]
"""A question and its parameters."""


def read(
    connection: Connection, posed: Posed, edges: Sequence[datetime], at: datetime, departments: Sequence[str]
) -> list[Subtotal]:
    """What was counted between the edges: kept where it still holds, counted now where not. What is empty is left out.

    `at` is the instant as of which is asked: nothing counted after it is used.
    """
    kept = _kept(connection, posed, edges, at, departments)
    gaps = {part: tuple(one for one in departments if (part, one) not in kept) for part in range(len(edges) - 1)}
    found = {**kept, **counted(connection, posed, edges, at, gaps)}
    return [Subtotal(*place, tree) for place, tree in sorted(found.items(), key=lambda one: one[0]) if tree]


def counted(
    connection: Connection, posed: Posed, edges: Sequence[datetime], at: datetime, gaps: Gaps
) -> dict[Place, Tree]:
    """Counted from the rows, in one statement, for the departments of each part; empty where there is nothing."""
    question, params = posed
    known: dict[str, Any] = {"at": at} if question.as_of else {}
    trees: dict[Place, Tree] = {(part, one): {} for part, among in gaps.items() for one in among}
    runs = []
    for first, last, departments in _runs(gaps):
        run = question.ask(edges[first : last + 2], departments, *params, **known).subquery()
        part, *others = run.c
        runs.append(select((part + literal_column(str(first))).label("part"), *others))
    if runs:
        for part, department, *row in connection.execute(union_all(*runs) if len(runs) > 1 else runs[0]):
            question.tree(trees[part, department], row)
    return trees


def _runs(gaps: Gaps) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The first and the last part of each row of parts that lack the same departments."""
    lacking = [(part, departments) for part, departments in sorted(gaps.items()) if departments]
    for (departments, _), group in groupby(enumerate(lacking), lambda one: (one[1][1], one[1][0] - one[0])):
        parts = [part for _, (part, _) in group]
        yield parts[0], parts[-1], departments


def _kept(
    connection: Connection, posed: Posed, edges: Sequence[datetime], at: datetime, departments: Sequence[str]
) -> dict[Place, Tree]:
    query = select(*_PLACE, _s.counts).where(*_holds(posed, edges, at, departments))
    return {
        place: msgspec.msgpack.decode(counts)
        for *named, counts in connection.execute(query)
        if (place := _place(edges, *named)) is not None
    }


_PLACE = (_s.begins, _s.ends, _s.department)


def _place(edges: Sequence[datetime], begins: datetime, ends: datetime, department: str) -> Place | None:
    """`None` for what lies between other edges."""
    part = bisect_left(edges, begins)
    return (part, department) if (begins, ends) == tuple(edges[part : part + 2]) else None


def _holds(
    posed: Posed, edges: Sequence[datetime], at: datetime, departments: Sequence[str]
) -> tuple[ColumnElement[bool], ...]:
    question, _ = posed
    since = exists().where(
        *(_n.projection == question.projection, _n.dated == question.dated, _n.department == _s.department),
        *(_n.day >= _s.first_day, _n.day <= _s.last_day, _n.position > _s.position),
    )
    mine = (_s.question == name_of(posed), _s.department.in_(departments), _s.made_at <= at)
    return (*mine, _s.begins >= edges[0], _s.begins < edges[-1], ~since)


def name_of(posed: Posed) -> str:
    question, params = posed
    return ":".join([question.name, *map(str, params)])


# --- what the projector notes ------------------------------------------------------------------------------------


def note(connection: Connection, projection: Projection[Any], changes: Changes, position: int) -> None:
    """These rows changed with the fact at `position`: where they stood and stand is counted anew."""
    places = {
        (name, department, to_second(at) // _DAY) for name, department, at in projection.reached(connection, changes)
    }
    if places:
        query = insert(connection, changed)
        query = query.on_conflict_do_update(
            index_elements=[column.name for column in changed.primary_key],
            set_={"position": query.excluded.position},
        )
        names = ("dated", "department", "day")
        told = {"projection": projection.name, "position": position}
        connection.execute(query, [told | dict(zip(names, place, strict=True)) for place in sorted(places)])


def forget(connection: Connection, projections: Iterable[str]) -> None:
    """Other tables have taken the place of these: what was counted from the old ones is kept no longer."""
    connection.execute(subtotals.delete().where(_s.projection.in_(list(projections))))


# --- what the clock keeps ----------------------------------------------------------------------------------------


class Plan(msgspec.Struct, frozen=True):
    """Which questions to keep, over which weeks that are over, for which departments."""

    posed: tuple[Posed, ...]
    edges: tuple[datetime, ...]
    departments: tuple[str, ...]


def refresh(engine: Engine, plan: Plan, now: Callable[[], datetime], seconds: float) -> bool:
    """Count what is not kept, and keep it; `False` when the time was not enough."""
    until = monotonic() + seconds
    for posed in plan.posed:
        for gaps in _steps(_lacking(engine, posed, plan, now())):
            if monotonic() > until:
                return False
            _keep(engine, posed, plan.edges, gaps, now)
    return True


def _lacking(engine: Engine, posed: Posed, plan: Plan, at: datetime) -> Gaps:
    with reading(engine) as connection:
        rows = connection.execute(select(*_PLACE).where(*_holds(posed, plan.edges, at, plan.departments)))
        kept = {_place(plan.edges, *row) for row in rows}
    parts = range(len(plan.edges) - 1)
    return {part: tuple(one for one in plan.departments if (part, one) not in kept) for part in parts}


def _steps(gaps: Gaps) -> Iterator[Gaps]:
    lacking = iter([(part, departments) for part, departments in sorted(gaps.items()) if departments])
    while step := dict(islice(lacking, _WEEKS_A_STEP)):
        yield step


def _keep(engine: Engine, posed: Posed, edges: Sequence[datetime], gaps: Gaps, now: Callable[[], datetime]) -> None:
    """What was counted from a table that has been replaced meanwhile is thrown away."""
    question, made_at = posed[0], now()
    with snapshot(engine) as connection:
        stood = views.stood(connection, LATER)
        found = counted(connection, posed, edges, made_at, gaps)
    table = stood.built.get(question.projection)
    with writing(engine) as connection:
        stands = views.take(connection, LATER, patient=True)
        if stands is None or table is None or stands.built.get(question.projection) != table:
            return
        query = insert(connection, subtotals)
        others = {c.name: query.excluded[c.name] for c in subtotals.columns if not c.primary_key}
        query = query.on_conflict_do_update(index_elements=[c.name for c in subtotals.primary_key], set_=others)
        connection.execute(
            query,
            [
                {
                    "question": name_of(posed),
                    "department": department,
                    "begins": edges[part],
                    "ends": edges[part + 1],
                    "first_day": to_second(edges[part]) // _DAY,
                    "last_day": (to_second(edges[part + 1]) - 1) // _DAY,
                    "projection": question.projection,
                    "position": stood.position,
                    "made_at": made_at,
                    "counts": msgspec.msgpack.encode(tree),
                }
                for (part, department), tree in found.items()
            ],
        )
