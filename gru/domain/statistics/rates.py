"""How surely is a share known from this many cases?

Wilson's score interval: it stays between 0 and 1, and holds what it promises with few cases and with shares near 0
or 1, where the usual ± does not.
"""

from math import sqrt
from statistics import NormalDist

import msgspec


class Interval(msgspec.Struct, frozen=True):
    low: float
    high: float


def wilson(hits: int, total: int, confidence: float = 0.95) -> Interval | None:
    """Between which shares does the true one lie? `None` where nothing was counted."""
    if not 0 <= hits <= total:
        raise ValueError("There cannot be more hits than cases.")
    if not total:
        return None
    z = z_of(confidence)
    share, widened = hits / total, 1 + z * z / total
    middle = share + z * z / (2 * total)
    reach = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low, high = (middle - reach) / widened, (middle + reach) / widened
    return Interval(0.0 if hits == 0 else low, 1.0 if hits == total else high)


def z_of(confidence: float) -> float:
    """How many standard deviations hold this share of a normal distribution, on both sides."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
