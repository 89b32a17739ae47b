"""How does a report group by the town's days, when a database knows only instants?"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import CTE, Integer, column, values

from projections.base.fold import Instant


def buckets(edges: Sequence[datetime]) -> CTE:
    """Periods from each edge to the next, as a table of `number` (from 0), `start` and `end`; at least two edges."""
    if len(edges) < 2:
        raise ValueError("a period needs two edges")
    columns = (column("number", Integer), column("start", Instant), column("end", Instant))
    rows = [(number, start, end) for number, (start, end) in enumerate(pairwise(edges))]
    return values(*columns, name="periods").data(rows).cte("periods")
