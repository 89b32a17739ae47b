"""How does a report group by the town's days, when a database knows only instants?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal_column

Edges = Sequence[datetime] | Sequence[int]
"""Instants, or seconds for a column of seconds."""


def period_of(
    instant: ColumnElement[Any], edges: Edges, names: Sequence[int] = ()
) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """The number of the period (from 0, between two edges) in which an instant lies, or its name, and that it lies in
    one.

    Found by halving, so that each row costs a handful of comparisons however many periods there are.
    """
    if len(edges) < 2:
        raise ValueError("a period needs two edges")
    told = names or range(len(edges))
    return _halved(instant, edges, told, 0, len(edges) - 2), and_(instant >= edges[0], instant < edges[-1])


def _halved(
    instant: ColumnElement[Any], edges: Edges, names: Sequence[int], first: int, last: int
) -> ColumnElement[int]:
    if first == last:
        return literal_column(str(names[first]))
    middle = (first + last + 1) // 2
    earlier, later = _halved(instant, edges, names, first, middle - 1), _halved(instant, edges, names, middle, last)
    return case((instant < edges[middle], earlier), else_=later)
