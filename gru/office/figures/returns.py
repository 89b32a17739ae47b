"""Do requests come back: what was closed and reopened, what the same person asked for again?

Reopened: of all that was closed in the week, what was reopened within 30 days; only weeks that were over 30 days before
the cut are told, for of the others nobody knows it yet. Asked again: of what somebody known asked for, what he had
asked for within the 30 days before (same type, same place); that is known at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from gru.domain.statistics import Interval, wilson
from gru.office.figures.asked import Asked, Period
from gru.office.figures.weekly import counts
from gru.office.subtotals import Subtotal
from projections.base import Tree, added
from projections.durations import ASKED_AGAIN, REOPENED, WITHIN_DAYS

HINDSIGHT = timedelta(days=WITHIN_DAYS)


class Share(msgspec.Struct, frozen=True):
    """`back` of `total` came back."""

    total: int
    back: int

    @property
    def rate(self) -> float | None:
        return self.back / self.total if self.total else None

    @property
    def between(self) -> Interval | None:
        """Where the true share lies (Wilson, 95 %)."""
        return wilson(self.back, self.total)


class Returns(msgspec.Struct, frozen=True):
    """What came back of what happened between `start` and `end`; `weeks` as `edges` part them."""

    edges: tuple[datetime, ...]
    whole: Share
    weeks: tuple[Share, ...]
    departments: dict[str, Share]
    types: dict[str, Share]


def reopenings(connection: Connection, asked: Asked) -> Returns | None:
    """`None` while no week of the period is 30 days old."""
    last = asked.cut.at - HINDSIGHT
    edges = tuple(edge for edge in asked.period.edges if edge <= last)
    if len(edges) < 2:
        return None
    return _told(edges, counts(connection, structs.replace(asked, period=Period(edges)), (REOPENED, ())))


def repeats(connection: Connection, asked: Asked) -> Returns:
    edges = tuple(min(edge, asked.until) for edge in asked.period.edges)
    return _told(edges, counts(connection, asked, (ASKED_AGAIN, ())))


def _told(edges: tuple[datetime, ...], found: Sequence[Subtotal]) -> Returns:
    weeks: list[list[Tree]] = [[] for _ in edges[1:]]
    departments: dict[str, list[Tree]] = {}
    for one in found:
        weeks[one.part].append(one.counts)
        departments.setdefault(one.department, []).append(one.counts)
    types = added(one.counts for one in found)
    return Returns(
        edges=edges,
        whole=_share(types.values()),
        weeks=tuple(_share(of for counts in week for of in counts.values()) for week in weeks),
        departments={
            code: _share(of for counts in told for of in counts.values()) for code, told in departments.items()
        },
        types={kind: _share([of]) for kind, of in types.items()},
    )


def _share(told: Iterable[Tree]) -> Share:
    total = back = 0
    for of in told:
        total += of["total"]
        back += of.get("back", 0)
    return Share(total, back)
