"""How many will there be in each of the next six weeks, if nothing changes, and how wrong was this so far?

Simple exponential smoothing: the level of the last weeks, recent ones counting more, is what is expected of each week
to come. α is the one of nine that erred least from one week to the next. The spread h weeks ahead is
σ·√(1+(h−1)·α²), σ² the mean square of those errors, and never less than the level itself (what comes by chance
varies as much as Poisson's law says); the band holds 80 of 100 weeks if the errors are normal. The method knows
neither holidays nor seasons. It is tried on the past: each of the last twelve weeks is forecast one to six weeks
ahead from what was known then. Under twelve weeks of history nothing is forecast.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import median

import msgspec

from gru.domain.statistics.rates import z_of

AHEAD = 6
LEAST = 12
TRIED = 12
KNOWN = 8
"""Weeks that must lie before a forecast that is tried on the past."""
BAND = 0.80
_ALPHAS = tuple(step / 10 for step in range(1, 10))


class Week(msgspec.Struct, frozen=True):
    """What is expected of a week to come, and between which numbers it lies 80 times of 100."""

    expected: float
    low: float
    high: float


class PastError(msgspec.Struct, frozen=True):
    """How forecasts of the last weeks ended: how many were tried, the median error (in cases, and as a share of what
    came), and which share of them had the truth in the band."""

    tried: int
    typical: float
    share: float
    inside: float


class Forecast(msgspec.Struct, frozen=True):
    weeks: tuple[Week, ...]
    past: PastError | None


def forecast(history: Sequence[int]) -> Forecast | None:
    """The next weeks from the whole ones before, in order; `None` where they are too few to say anything."""
    if len(history) < LEAST:
        return None
    return Forecast(_ahead(history), _tried(history))


def _ahead(history: Sequence[int]) -> tuple[Week, ...]:
    alpha, level, squares = min((_smoothed(history, alpha) for alpha in _ALPHAS), key=lambda found: found[2])
    spread = sqrt(max(squares, level))
    z = z_of(BAND)
    weeks = []
    for ahead in range(AHEAD):
        reach = z * spread * sqrt(1 + ahead * alpha * alpha)
        weeks.append(Week(level, max(0.0, level - reach), level + reach))
    return tuple(weeks)


def _smoothed(history: Sequence[int], alpha: float) -> tuple[float, float, float]:
    """The level at the end, and the mean square of the errors made on the way. It starts from the first weeks."""
    begun = history[: KNOWN // 2]
    level, squares = sum(begun) / len(begun), 0.0
    for value in history:
        squares += (value - level) ** 2
        level += alpha * (value - level)
    return alpha, level, squares / len(history)


def _tried(history: Sequence[int]) -> PastError | None:
    first = max(KNOWN, len(history) - TRIED)
    tried = [
        (week, came)
        for origin in range(max(KNOWN, first - AHEAD + 1), len(history))
        for number, (week, came) in enumerate(zip(_ahead(history[:origin]), history[origin:], strict=False))
        if origin + number >= first
    ]
    if not tried:
        return None
    errors = [abs(week.expected - came) for week, came in tried]
    shares = [error / max(1, came) for error, (_, came) in zip(errors, tried, strict=True)]
    inside = sum(1 for week, came in tried if week.low <= came <= week.high)
    return PastError(len(tried), median(errors), median(shares), inside / len(tried))
