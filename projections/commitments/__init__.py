"""Which promises and legal dates are open, kept or broken, and which must be noticed next?

`promises`: the table, its fold and what the clock asks; `judging`: what the reports ask.
"""

from projections.commitments.judging import (
    By,
    Cohort,
    Judged,
    broken_by_week,
    cases,
    cohort,
    judged_by_type,
)
from projections.commitments.promises import (
    LEGAL,
    Commitments,
    DueLegalDate,
    DuePromise,
    commitments,
    falling_due,
    legal_dates_passed,
)

__all__ = [
    "LEGAL",
    "By",
    "Cohort",
    "Commitments",
    "DueLegalDate",
    "DuePromise",
    "Judged",
    "broken_by_week",
    "cases",
    "cohort",
    "commitments",
    "falling_due",
    "judged_by_type",
    "legal_dates_passed",
]
