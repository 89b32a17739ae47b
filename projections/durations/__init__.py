"""How long did each case take, and where did its time go?

`fold`: the table and its fold; `spending`: where the time went; `lasting`: how long it took; `following`: what the
report to the committee asks.
"""

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
from projections.durations.spending import Sort, Spent, Variant, ended_cases, lengths, spent, variants

__all__ = [
    "SIDES",
    "Durations",
    "Followed",
    "Resolved",
    "Side",
    "Sort",
    "Spent",
    "Took",
    "Variant",
    "cases",
    "durations",
    "ended",
    "ended_cases",
    "followed",
    "lengths",
    "open_at",
    "open_cases",
    "open_now",
    "resolved",
    "resolved_by_type",
    "spent",
    "took",
    "unfinished",
    "variants",
]
