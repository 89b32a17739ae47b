"""What do all projections share?

`fold`: what a projection is; `head`: how the head of a case follows from its facts; `headed`: how rows are folded
beside one that remembers; `words`: in which form words are kept; `periods`: how reports group by days; `subtotal`:
which counts add up, week by week; `counting`: how they count by the ends of an index; `lives`: in which stage a case
was at each moment.
"""

from projections.base.counting import Part, counted
from projections.base.fold import (
    FAR,
    NO_WORDS,
    NOTHING,
    VIEWS,
    Change,
    Changes,
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
from projections.base.headed import Headed, HeadedChange, HeadedRows, on_each, requalified, transferred
from projections.base.lives import LETTERS, LIFE_EVENTS, STAGES, Life, Stage, Stay, life_after, life_begins, stays
from projections.base.periods import period_of
from projections.base.subtotal import Dated, Question, Selection, Tree, added, begun, counting, placed
from projections.base.words import folded, names, spelled, tidied

__all__ = [
    "CASE_EVENTS",
    "FAR",
    "LETTERS",
    "LIFE_EVENTS",
    "NOTHING",
    "NO_WORDS",
    "STAGES",
    "VIEWS",
    "Change",
    "Changes",
    "Dated",
    "Group",
    "Headed",
    "HeadedChange",
    "HeadedRows",
    "Instant",
    "Json",
    "Key",
    "Life",
    "Named",
    "OneRow",
    "Part",
    "Projection",
    "Question",
    "Row",
    "Rows",
    "Selection",
    "Stage",
    "Stay",
    "Tree",
    "Unsent",
    "Wants",
    "Words",
    "added",
    "at_level",
    "begun",
    "code",
    "counted",
    "counting",
    "folded",
    "head_after",
    "head_columns",
    "iso",
    "life_after",
    "life_begins",
    "names",
    "on_each",
    "period_of",
    "placed",
    "requalified",
    "sent_reply",
    "spelled",
    "stays",
    "tidied",
    "transferred",
    "versioned",
    "within",
]
