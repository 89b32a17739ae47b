"""Which share of the promises was kept, of those whose last due date fell in the period?"""

from datetime import datetime

from sqlalchemy import Connection

from gru.domain.events import CommitmentKind
from gru.office.figures.asked import Asked
from projections import commitments
from projections.commitments import By, Cohort


def kept_by_week(connection: Connection, asked: Asked, kind: CommitmentKind) -> tuple[Cohort, ...]:
    """Keyed by the number of the week in the period; weeks in which nothing fell due are left out."""
    return commitments.cohort(
        connection, kind, *_bounds(asked), "period", edges=asked.period.edges, departments=asked.departments
    )


def kept_by(connection: Connection, asked: Asked, kind: CommitmentKind, by: By) -> tuple[Cohort, ...]:
    return commitments.cohort(connection, kind, *_bounds(asked), by, departments=asked.departments)


def _bounds(asked: Asked) -> tuple[datetime, datetime, datetime]:
    return asked.period.start, asked.period.end, asked.cut.at
