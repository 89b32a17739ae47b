"""How long did each case take, and where did its time go?

`fold`: the table and its fold; `spending`: where the time went; `lasting`: how long it took; `following`: what the
report to the committee asks; `answering`: until when somebody answered; `returning`: what came back; `bulk`: what was
closed in one go; `standing`: what was open.
"""

from projections.durations.answering import ANSWERED, FOLLOWED, Answer, answer_cases, unanswered
from projections.durations.bulk import LOTS, MANY, Lot, cases_in_lots, resolved_in_lots
from projections.durations.fold import WITHIN_DAYS, Durations, durations
from projections.durations.following import Followed, followed, open_now
from projections.durations.lasting import (
    ENDED,
    MEASURED,
    RESOLVED_BY_TYPE,
    SIDES,
    TOOK,
    Marks,
    Side,
    cases,
    open_at,
    open_cases,
    unfinished,
)
from projections.durations.returning import ASKED_AGAIN, REOPENED, cases_back
from projections.durations.spending import LENGTHS, SPENT, WAYS, Sort, ended_cases
from projections.durations.standing import Part, open_by

__all__ = [
    "ANSWERED",
    "ASKED_AGAIN",
    "ENDED",
    "FOLLOWED",
    "LENGTHS",
    "LOTS",
    "MANY",
    "MEASURED",
    "REOPENED",
    "RESOLVED_BY_TYPE",
    "SIDES",
    "SPENT",
    "TOOK",
    "WAYS",
    "WITHIN_DAYS",
    "Answer",
    "Durations",
    "Followed",
    "Lot",
    "Marks",
    "Part",
    "Side",
    "Sort",
    "answer_cases",
    "cases",
    "cases_back",
    "cases_in_lots",
    "durations",
    "ended_cases",
    "followed",
    "open_at",
    "open_by",
    "open_cases",
    "open_now",
    "resolved_in_lots",
    "unanswered",
    "unfinished",
]
