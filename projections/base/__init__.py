"""What do all projections share?

`fold`: what a projection is; `head`: how the head of a case follows from its facts; `words`: in which form words are
kept; `periods`: how reports group by days.
"""

from projections.base.fold import (
    FAR,
    NO_WORDS,
    NOTHING,
    VIEWS,
    Change,
    Group,
    Instant,
    Json,
    Key,
    Named,
    OneRow,
    Projection,
    Row,
    Rows,
    Wants,
    Words,
    at_level,
    code,
    iso,
    versioned,
    within,
)
from projections.base.head import CASE_EVENTS, Unsent, head_after, head_columns, sent_reply
from projections.base.periods import period_of
from projections.base.words import folded, names, spelled, tidied

__all__ = [
    "CASE_EVENTS",
    "FAR",
    "NOTHING",
    "NO_WORDS",
    "VIEWS",
    "Change",
    "Group",
    "Instant",
    "Json",
    "Key",
    "Named",
    "OneRow",
    "Projection",
    "Row",
    "Rows",
    "Unsent",
    "Wants",
    "Words",
    "at_level",
    "code",
    "folded",
    "head_after",
    "head_columns",
    "iso",
    "names",
    "period_of",
    "sent_reply",
    "spelled",
    "tidied",
    "versioned",
    "within",
]
