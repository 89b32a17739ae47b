"""What was closed by one act, and what would the figures say without it?

Nobody closes twenty cases of one department in one minute by hand, one after the other: an old backlog closed in one
go makes a week look slow, or a team quick. The department is part of it because in a large town many agents close
within the same minute.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, String, and_, column, func, select, values
from sqlalchemy.sql.selectable import FromClause

from projections.base import Instant, Question, Selection, begun, counting, placed
from projections.durations.fold import RESOLVED, durations

_c = durations.c
MANY = 20


def _lots(edges: Sequence[datetime], departments: Sequence[str]) -> Selection:
    bounds = placed(durations, "closed_at", edges, departments)
    return counting(durations, bounds, _c.closed_minute).having(func.count() >= MANY)


LOTS = Question("lots", "durations", "closed", _lots)
"""In which minutes since 1970 so many were closed at once, and how many; no part may end within a minute."""


class Lot(msgspec.Struct, frozen=True):
    """What one department closed in the minute that begins at `at`."""

    at: datetime
    department: str
    closed: int


def resolved_in_lots(connection: Connection, lots: Sequence[Lot], unit: int) -> tuple[tuple[int, int, int], ...]:
    """What of them was resolved, as `TOOK` counts it: begun units gross and net, and their number."""
    gross, net = begun(_c.gross_worked, unit).label("lived"), begun(_c.net_worked, unit).label("ours")
    query = select(gross, net, func.count()).select_from(_in(lots)).where(RESOLVED).group_by("lived", "ours")
    return tuple((int(a), int(b), n) for a, b, n in connection.execute(query))


def cases_in_lots(lots: Sequence[Lot]) -> Select[Any]:
    """Their ids, for other tables to ask by."""
    return select(_c.case_id).select_from(_in(lots))


def _in(lots: Sequence[Lot]) -> FromClause:
    """The rounds of these acts; by the instant too, which leads through the index."""
    shape = values(column("department", String), column("begins", Instant()), column("ends", Instant()), name="lot")
    told = shape.data([(lot.department, lot.at, lot.at + timedelta(minutes=1)) for lot in lots]).cte("lots")
    within = (_c.department == told.c.department, _c.closed_at >= told.c.begins, _c.closed_at < told.c.ends)
    return told.join(durations, and_(*within))
