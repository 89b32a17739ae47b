"""Promises counted as plainly as can be, from the rows as they stand: what the figures are compared with."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from projections.commitments import Cohort, Commitments
from tests.projections.places import Place


def promises(
    place: Place,
    start: datetime,
    end: datetime,
    now: datetime,
    by: Callable[[dict[str, Any]], str] = lambda row: "",
    *,
    kind: str = "resolve",
    departments: Collection[str] | None = None,
) -> dict[str, Cohort]:
    """What became of those that fell due in the period, by group."""
    due = [row for row in place.rows(Commitments()) if row["kind"] == kind and row["due"] and start <= row["due"] < end]
    mine = [row for row in due if departments is None or row["department"] in departments]
    return {
        key: _cohort(key, [row for row in mine if by(row) == key], now) for key in sorted({by(row) for row in mine})
    }


def _cohort(key: str, rows: list[dict[str, Any]], now: datetime) -> Cohort:
    counted = [row for row in rows if not row["censored"]]
    kept = [row for row in rows if row["kept_at"] is not None]
    unkept = [row for row in counted if row["kept_at"] is None]
    return Cohort(
        key=key,
        total=len(counted),
        kept=sum(row["kept_at"] <= row["due"] for row in kept),
        late=sum(row["kept_at"] > row["due"] for row in kept),
        overdue=sum(row["due"] < now for row in unkept),
        running=sum(row["due"] >= now for row in unkept),
        paused=sum(row["paused"] for row in unkept),
        censored=len(rows) - len(counted),
    )
