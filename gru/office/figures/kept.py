"""Which share of the promises was kept, of those whose last due date fell in the period?"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from gru.domain.events import CommitmentKind
from gru.domain.statistics import Adjusted, adjusted_shares
from gru.office.figures.asked import Asked
from projections import commitments
from projections.commitments import By, Cohort, Judged


def kept_by_week(connection: Connection, asked: Asked, kind: CommitmentKind) -> tuple[Cohort, ...]:
    """Keyed by the number of the week in the period; weeks in which nothing fell due are left out."""
    return commitments.cohort(
        connection, kind, *_bounds(asked), "period", edges=asked.period.edges, departments=asked.departments
    )


def kept_by(connection: Connection, asked: Asked, kind: CommitmentKind, by: By) -> tuple[Cohort, ...]:
    return commitments.cohort(connection, kind, *_bounds(asked), by, departments=asked.departments)


def kept_with_the_mix(
    connection: Connection, asked: Asked, kind: CommitmentKind
) -> tuple[dict[int, Adjusted], dict[str, Adjusted]]:
    """By week and by department, the share kept as counted and with the mix of types of all that is counted here."""
    weeks, departments = commitments.judged_by_type(
        connection,
        kind,
        *_bounds(asked),
        ("period", "department"),
        edges=asked.period.edges,
        departments=asked.departments,
    )
    return {int(week): one for week, one in shares_kept(weeks).items()}, shares_kept(departments)


def shares_kept(judged: Iterable[Judged]) -> dict[str, Adjusted]:
    """By group, the share kept as counted and with the mix of all of them together."""
    hits: dict[str, dict[str, tuple[int, int]]] = {}
    mix: Counter[str] = Counter()
    for one in judged:
        hits.setdefault(one.key, {})[one.type] = (one.kept, one.judged)
        mix[one.type] += one.judged
    return adjusted_shares(hits, mix)


def _bounds(asked: Asked) -> tuple[datetime, datetime, datetime]:
    return asked.period.start, asked.period.end, asked.cut.at
