"""Which rounds does a question about durations look at, and in which units?"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement

from projections.durations.fold import durations

_c = durations.c


def begun(seconds: ColumnElement[int], unit: int) -> ColumnElement[int]:
    return (seconds + (unit - 1)) // unit


def closed_in(start: datetime, end: datetime, departments: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return _c.closed_at >= start, _c.closed_at < end, _c.department.in_(departments)
