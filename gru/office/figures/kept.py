"""Which share of the promises was kept, of those whose last due date fell in the period?"""

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from gru.domain.events import CommitmentKind
from gru.domain.statistics import Adjusted, adjusted_shares
from gru.office.figures.asked import Asked
from projections import commitments
from projections.commitments import Cohort, Judged, Standing


class Kept(msgspec.Struct, frozen=True):
    """By the number of the week in the period and by department, as counted and with the mix of all counted here.

    Weeks in which nothing fell due are left out.
    """

    weeks: dict[int, Cohort]
    departments: tuple[Cohort, ...]
    mixed_weeks: dict[int, Adjusted]
    mixed_departments: dict[str, Adjusted]


def kept(connection: Connection, asked: Asked, kind: CommitmentKind) -> Kept:
    (found,) = commitments.standings(connection, kind, asked.period.edges, asked.cut.at, asked.departments)
    mixed = shares_kept(commitments.told_by_type(found, _week))
    return Kept(
        weeks={int(one.key): one for one in commitments.cohorts(found, _week)},
        departments=commitments.cohorts(found, _department),
        mixed_weeks={int(week): one for week, one in mixed.items()},
        mixed_departments=shares_kept(commitments.told_by_type(found, _department)),
    )


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
