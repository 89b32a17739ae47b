"""How long did each case take, and where did its time go?

`fold`: the table and its fold; `spending`: where the time went; `lasting`: how long it took; `following`: what the
report to the committee asks; `answering`: until when somebody answered; `returning`: what came back; `bulk`: what was
closed in one go; `standing`: what was open.
"""

from projections.durations.answering import Answer, answer_cases, answered, answers, unanswered
from projections.durations.bulk import MANY, Lot, cases_in_lots, lots, resolved_in_lots
from projections.durations.fold import Durations, durations
from projections.durations.following import Followed, Took, followed, open_now, took
from projections.durations.lasting import (
    SIDES,
    Resolved,
    Side,
    cases,
    ended,
    open_at,
    open_cases,
    resolved,
    resolved_by_type,
    unfinished,
)
from projections.durations.returning import WITHIN_DAYS, Back, asked_again, cases_back, reopened
from projections.durations.spending import Sort, Spent, Variant, ended_cases, lengths, spent, variants
from projections.durations.standing import Part, open_by

__all__ = [
    "MANY",
    "SIDES",
    "WITHIN_DAYS",
    "Answer",
    "Back",
    "Durations",
    "Followed",
    "Lot",
    "Part",
    "Resolved",
    "Side",
    "Sort",
    "Spent",
    "Took",
    "Variant",
    "answer_cases",
    "answered",
    "answers",
    "asked_again",
    "cases",
    "cases_back",
    "cases_in_lots",
    "durations",
    "ended",
    "ended_cases",
    "followed",
    "lengths",
    "lots",
    "open_at",
    "open_by",
    "open_cases",
    "open_now",
    "reopened",
    "resolved",
    "resolved_by_type",
    "resolved_in_lots",
    "spent",
    "took",
    "unanswered",
    "unfinished",
    "variants",
]
