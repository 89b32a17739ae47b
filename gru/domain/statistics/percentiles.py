"""Within which value did half, eight or nine of ten lie?

The definition is the nearest rank: the p-th percentile of n values is the smallest of them that at least p of a
hundred do not exceed, the one of rank ⌈p·n/100⌉. It is a value that was observed, and « 9 in 10 took 12 days or
less » is true of it word for word; nothing is interpolated. The median is the 50th percentile.
"""

from collections.abc import Iterable
from itertools import groupby

Histogram = tuple[tuple[int, int], ...]
"""Values in order, each with how often it was observed."""


def histogram(counts: Iterable[tuple[int, int]]) -> Histogram:
    """The counts put in order, those of one value added up; what was not observed is left out."""
    ordered = sorted(pair for pair in counts if pair[1])
    return tuple((value, sum(n for _, n in same)) for value, same in groupby(ordered, key=lambda pair: pair[0]))


def percentile(counts: Histogram, percent: int) -> int | None:
    """The smallest value that `percent` of a hundred do not exceed; `None` where nothing was observed."""
    if not 0 < percent <= 100:
        raise ValueError("A percentile lies above 0 and up to 100.")
    rank = -(-sum(n for _, n in counts) * percent // 100)
    for value, n in counts:
        rank -= n
        if rank <= 0:
            return value
    return None
