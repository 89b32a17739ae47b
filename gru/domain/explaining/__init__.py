"""Why is this figure what it is? Every second of a clock, counted or skipped, with its cause and whose time it was.

Three kinds of clocks, told apart: what the town promised (in opening hours), what the law counts (in whole days), and
how long a case took. Each is recomputed from the case's history and the versions of the town it was judged by.
"""

from gru.domain.explaining.law import explain_law
from gru.domain.explaining.lives import explain_life
from gru.domain.explaining.promises import explain_promise
from gru.domain.explaining.telling import CLOCKS, LAWS, LIVES, PROMISES, Clock, Explained, Move, Part, Stretch, Told
from gru.domain.explaining.watching import History, Towns

__all__ = [
    "CLOCKS",
    "LAWS",
    "LIVES",
    "PROMISES",
    "Clock",
    "Explained",
    "History",
    "Move",
    "Part",
    "Stretch",
    "Told",
    "Towns",
    "explain_clock",
]


def explain_clock(history: History, towns: Towns, clock: Clock) -> Explained | None:
    """The clock as this history leaves it, looked at at its `at`; `None` when the case has no such clock."""
    if clock in PROMISES:
        return explain_promise(history, towns, PROMISES[clock])
    if clock in LAWS:
        return explain_law(history, towns, LAWS[clock])
    return explain_life(history, towns, LIVES[clock])
