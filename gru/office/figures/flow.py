"""Does more come in than goes out, and what does that make of what is open?

What is open now is counted; what was open before follows from what moved since. So the line adds up by itself, and
the tests compare each of its stocks with a replay of the history.
"""

from datetime import datetime
from itertools import pairwise

import msgspec
from sqlalchemy import Connection

from gru.office.figures.asked import Asked
from gru.office.figures.weekly import counts
from projections import durations
from projections.volumes import MOVED


class Week(msgspec.Struct, frozen=True):
    """What moved between two instants, and how many were open at the end of it, or as of the cut."""

    start: datetime
    end: datetime
    opened: int
    reopened: int
    closed: int
    stock: int


class Flow(msgspec.Struct, frozen=True):
    """`before` + all that came in or back − all that was closed = `now`."""

    before: int
    weeks: tuple[Week, ...]
    now: int

    @property
    def opened(self) -> int:
        return sum(week.opened for week in self.weeks)

    @property
    def reopened(self) -> int:
        return sum(week.reopened for week in self.weeks)

    @property
    def closed(self) -> int:
        return sum(week.closed for week in self.weeks)


def flow(connection: Connection, asked: Asked) -> Flow:
    edges, moves = asked.period.edges, ("opened", "reopened", "closed")
    now = stock = durations.open_at(connection, asked.cut.at, asked.departments)
    moved = [dict.fromkeys(moves, 0) for _ in edges[1:]]
    for one in counts(connection, asked, (MOVED, ())):
        for move, number in one.counts.items():
            moved[one.part][move] += number
    weeks: list[Week] = []
    for (start, end), found in reversed(list(zip(pairwise(edges), moved, strict=True))):
        opened, reopened, closed = (found[move] for move in moves)
        weeks.append(Week(start, end, opened, reopened, closed, stock))
        stock -= opened + reopened - closed
    return Flow(stock, tuple(reversed(weeks)), now)
