"""How long did it take until the town said something: a first word (`heard`), or a person's own (`human`)?

A person's answer is awaited in every round; the acknowledgement once, for the request as it was received.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy import case as when

from projections.base import Question, Selection, begun, counting, placed
from projections.durations.fold import durations
from projections.durations.lasting import Marks, still

_c = durations.c
Answer = Literal["human", "heard"]
_AT: dict[Answer, ColumnElement[Any]] = {"human": _c.human_at, "heard": _c.heard_at}
_WORKED: dict[Answer, ColumnElement[int]] = {"human": _c.human_worked, "heard": _c.heard_worked}


def _answered(edges: Sequence[datetime], departments: Sequence[str], unit: int, answer: Answer) -> Selection:
    part, conditions = placed(durations, _AT[answer].name, edges, departments)
    return counting(durations, (part, (*conditions, *_rounds(answer))), begun(_WORKED[answer], unit))


ANSWERED = {answer: Question(f"answered_{answer}", "durations", answer, _answered) for answer in _AT}
"""How many rounds were answered after so many begun `unit`s of open seconds."""


def _followed(
    edges: Sequence[datetime], departments: Sequence[str], unit: int, answer: Answer, at: datetime
) -> Selection:
    part, conditions = placed(durations, "started_at", edges, departments)
    given = and_(_AT[answer].is_not(None), _AT[answer] <= at)
    units = when((given, begun(_WORKED[answer], unit)), else_=_c.gross_worked // unit)
    over = (*conditions, *_rounds(answer), or_(given, _c.closed_at <= at))
    return counting(durations, (part, over), when((given, 1), else_=0), units)


FOLLOWED = Question("followed", "durations", "followed", _followed, as_of=True)
"""Of the rounds begun in a part, those answered (1) or closed without an answer (0) by an instant, by units.

What was closed without an answer is known to have waited for its whole units only.
"""


def unanswered(
    connection: Connection, answer: Answer, edges: Sequence[datetime], at: datetime, marks: Sequence[Marks]
) -> tuple[tuple[int, int, int], ...]:
    """Of the rounds begun between the edges those open and unanswered at an instant, as `unfinished` tells them."""
    waiting = [or_(column.is_(None), column > at) for column in (_AT[answer], _c.closed_at)]
    return still(connection, edges, at, marks, ((*waiting, *_rounds(answer)),))


def answer_cases(
    connection: Connection,
    answer: Answer,
    start: datetime,
    end: datetime,
    departments: Sequence[str] | None,
    *,
    begun: bool = False,
    longer: int = 0,
    narrowed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    limit: int = 1000,
) -> tuple[str, ...]:
    """The cases answered in the period after more than so many open seconds, the longest first; or begun in it."""
    conditions = [_c.started_at >= start, _c.started_at < end, *_rounds(answer)] if begun else [
        *_given(answer, start, end), _WORKED[answer] > longer if longer else _WORKED[answer].is_not(None)
    ]  # fmt: skip
    if departments is not None:
        conditions.append(_c.department.in_(departments))
    conditions += [_c[name].in_(values) for name, values in narrowed.items() if values]
    query = select(_c.case_id).where(*conditions).order_by(_WORKED[answer].desc(), _c.case_id).limit(limit)
    return tuple(dict.fromkeys(connection.execute(query).scalars()))


def _given(answer: Answer, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return _AT[answer] >= start, _AT[answer] < end, *_rounds(answer)


def _rounds(answer: Answer) -> tuple[ColumnElement[bool], ...]:
    return (_c.round == 1,) if answer == "heard" else ()
