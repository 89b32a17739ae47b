"""Which promises and legal dates are open, kept or broken, and which must be noticed next?

`fold`: the table and its fold; `asking`: what the clock and a correction ask; `judging`, `among`: what the reports do.
"""

from projections.commitments.among import kept_among
from projections.commitments.asking import (
    DueLegalDate,
    DuePromise,
    count_open,
    falling_due,
    legal_dates_due,
    open_cases,
)
from projections.commitments.fold import LEGAL, STANDING_STILL, Commitments, commitments
from projections.commitments.judging import (
    STANDINGS,
    Cohort,
    Judged,
    Side,
    Standing,
    cases,
    cohorts,
    told_by_type,
)

__all__ = [
    "LEGAL",
    "STANDINGS",
    "STANDING_STILL",
    "Cohort",
    "Commitments",
    "DueLegalDate",
    "DuePromise",
    "Judged",
    "Side",
    "Standing",
    "cases",
    "cohorts",
    "commitments",
    "count_open",
    "falling_due",
    "kept_among",
    "legal_dates_due",
    "open_cases",
    "told_by_type",
]
