"""What became of the promises of certain cases, told apart from all the others?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy import case as when

from gru.domain.events import CommitmentKind
from projections.commitments.fold import commitments

_c = commitments.c


def kept_among(
    connection: Connection,
    kind: CommitmentKind,
    start: datetime,
    end: datetime,
    departments: Sequence[str],
    cases: Select[Any],
) -> tuple[int, int]:
    """Of the promises that fell due in the period and were fulfilled: how many in time, and how many late."""
    kept, late = (
        func.coalesce(func.sum(when((condition, 1), else_=0)), 0)
        for condition in (_c.kept_at <= _c.due, _c.kept_at > _c.due)
    )
    query = select(kept, late).where(_c.kind == kind, _c.due >= start, _c.due < end, _c.department.in_(departments))
    found = connection.execute(query.where(_c.censored.is_(False), _c.case_id.in_(cases))).one()
    return int(found[0]), int(found[1])
