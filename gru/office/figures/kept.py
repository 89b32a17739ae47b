"""Which share of the promises was kept, of those whose last due date fell in the period?"""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from gru.domain.events import CommitmentKind
from gru.domain.statistics import Adjusted, adjusted_shares
from gru.office.figures.asked import Asked
from gru.office.figures.weekly import counts
from gru.office.subtotals import Posed, Subtotal, read
from projections import commitments
from projections.base import Tree, added
from projections.commitments import STANDINGS, Cohort, Judged, Side, Standing


class Kept(msgspec.Struct, frozen=True):
    """By the number of the week in the period and by department, as counted and with the mix of all counted here.

    Weeks in which nothing fell due are left out.
    """

    weeks: dict[int, Cohort]
    departments: tuple[Cohort, ...]
    mixed_weeks: dict[int, Adjusted]
    mixed_departments: dict[str, Adjusted]


def kept(connection: Connection, asked: Asked, kind: CommitmentKind) -> Kept:
    found = standings(connection, asked, kind)
    mixed = shares_kept(commitments.told_by_type(found, _week))
    return Kept(
        weeks={int(one.key): one for one in commitments.cohorts(found, _week)},
        departments=commitments.cohorts(found, _department),
        mixed_weeks={int(week): one for week, one in mixed.items()},
        mixed_departments=shares_kept(commitments.told_by_type(found, _department)),
    )


def standings(connection: Connection, asked: Asked, kind: CommitmentKind) -> list[Standing]:
    """By week and department, those past apart from those to come."""
    return [
        one
        for past, found in _due(connection, asked, (STANDINGS, (kind,)))
        for each in found
        for one in _standings(each.counts, past, each.part, each.department)
    ]


def standings_by(connection: Connection, asked: Asked, kind: CommitmentKind, side: Side) -> list[Standing]:
    """By the value of one side, of all weeks and departments together."""
    return [
        one
        for past, found in _due(connection, asked, (STANDINGS, (kind, side)))
        for one in _standings(added(each.counts for each in found), past)
    ]


def _due(connection: Connection, asked: Asked, posed: Posed) -> Iterator[tuple[bool, list[Subtotal]]]:
    """What fell due by the cut, and what does after it."""
    at, edges = asked.cut.at, asked.period.edges
    yield True, counts(connection, asked, posed, at)
    ahead = [max(at, edges[0]), *(edge for edge in edges[1:] if edge > at)]
    if len(ahead) > 1:
        first = len(edges) - len(ahead)
        found = read(connection, posed, ahead, at, asked.departments)
        yield False, [structs.replace(one, part=one.part + first) for one in found]


def _standings(counts: Tree, past: bool, part: int = 0, department: str = "") -> Iterator[Standing]:
    for side, types in counts.items():
        for kind, found in types.items():
            for standing, number in found.items():
                yield Standing(department, kind, side, standing, part, past, number)


def _week(one: Standing) -> str:
    return str(one.part)


def _department(one: Standing) -> str:
    return one.department


def shares_kept(judged: Iterable[Judged]) -> dict[str, Adjusted]:
    """By group, the share kept as counted and with the mix of all of them together."""
    hits: dict[str, dict[str, tuple[int, int]]] = {}
    mix: Counter[str] = Counter()
    for one in judged:
        hits.setdefault(one.key, {})[one.type] = (one.kept, one.judged)
        mix[one.type] += one.judged
    return adjusted_shares(hits, mix)
