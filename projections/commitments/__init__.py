"""Which promises and legal dates are open, kept or broken, and which must be noticed next?"""

from projections.commitments.asking import (
    By,
    Cohort,
    DueLegalDate,
    DuePromise,
    cases,
    cohort,
    count_open,
    falling_due,
    legal_dates_due,
    open_cases,
)
from projections.commitments.fold import LEGAL, STANDING_STILL, Commitments, commitments

__all__ = [
    "LEGAL",
    "STANDING_STILL",
    "By",
    "Cohort",
    "Commitments",
    "DueLegalDate",
    "DuePromise",
    "cases",
    "cohort",
    "commitments",
    "count_open",
    "falling_due",
    "legal_dates_due",
    "open_cases",
]
