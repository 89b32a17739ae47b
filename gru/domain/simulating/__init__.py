"""What would have been promised under other rules, would it have been kept, and whom would that have concerned?

`past`: a case as promises see it; `judging`: its promises under any rules; `changing`: other rules, made from those
adopted; `comparing`: what differs, counted.
"""

from gru.domain.simulating.changing import (
    CalendarChange,
    Changes,
    Differing,
    between,
    changed,
    differences,
    targets_of,
    urgent_of,
)
from gru.domain.simulating.comparing import (
    BY_DEPARTMENT,
    BY_TYPE,
    BY_WEEK,
    KINDS,
    BetterOrWorse,
    By,
    Comparison,
    Counts,
    Flip,
    Tally,
    compare,
    state_of,
)
from gru.domain.simulating.judging import Judge, Judged, Unjudged, official
from gru.domain.simulating.past import Past, Step, past_of, step_after

__all__ = [
    "BY_DEPARTMENT",
    "BY_TYPE",
    "BY_WEEK",
    "KINDS",
    "BetterOrWorse",
    "By",
    "CalendarChange",
    "Changes",
    "Comparison",
    "Counts",
    "Differing",
    "Flip",
    "Judge",
    "Judged",
    "Past",
    "Step",
    "Tally",
    "Unjudged",
    "between",
    "changed",
    "compare",
    "differences",
    "official",
    "past_of",
    "state_of",
    "step_after",
    "targets_of",
    "urgent_of",
]
