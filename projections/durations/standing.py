"""How many cases were open at an instant, by what they are about and whence they came?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, select, union_all

from projections.durations.fold import durations

_c = durations.c
Part = Literal["type", "channel", "site", "district"]


def open_by(connection: Connection, part: Part, at: datetime, departments: Sequence[str]) -> dict[str, int]:
    """Those open still, and those closed since."""
    counts = [
        select(_c[part].label("part"), func.count().label("number"))
        .where(closed, _c.department.in_(departments), _c.started_at <= at)
        .group_by(_c[part])
        for closed in (_c.closed_at.is_(None), _c.closed_at > at)
    ]
    found: dict[str, int] = {}
    for value, number in connection.execute(union_all(*counts)):
        found[value] = found.get(value, 0) + number
    return found
