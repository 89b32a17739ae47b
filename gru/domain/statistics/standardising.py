"""What would each group's figure be, did all of them receive the same mix of requests?

Direct standardisation: each type counts with its share of the whole town's mix (the weights), whatever its share in
the group. A type of which the group has fewer than `least` cases says nothing reliable of it and is left out; the
weights of those that stay are brought back to a whole, and `covered` says which share of the town's mix they stand
for. Under half of it nothing is adjusted: what would be printed would speak of another town.
"""

from collections.abc import Iterable, Mapping
from math import fsum

import msgspec

from gru.domain.statistics.percentiles import Histogram, histogram, percentile

LEAST = 5
COVERING = 0.5


class Adjusted(msgspec.Struct, frozen=True):
    """A figure as it was counted and as it would be with the town's mix, side by side; `n` cases stand behind it."""

    n: int
    raw: float | None
    adjusted: float | None
    covered: float
    missing: tuple[str, ...]


def adjusted_shares(
    groups: Mapping[str, Mapping[str, tuple[int, int]]], weights: Mapping[str, int], least: int = LEAST
) -> dict[str, Adjusted]:
    """For each group the share of hits. `groups`: by group and type, hits and cases; `weights`: the town's mix."""
    found = {}
    for name, types in groups.items():
        hits, cases = sum(h for h, _ in types.values()), sum(n for _, n in types.values())
        used, covered, missing = _used({code: n for code, (_, n) in types.items()}, weights, least)
        adjusted = None
        if covered >= COVERING:
            whole = sum(weights[code] for code in used)
            adjusted = fsum(weights[code] * types[code][0] / types[code][1] for code in used) / whole
        found[name] = Adjusted(cases, hits / cases if cases else None, adjusted, covered, missing)
    return found


def adjusted_percentiles(
    groups: Mapping[str, Mapping[str, Iterable[tuple[int, int]]]],
    weights: Mapping[str, int],
    percent: int = 50,
    least: int = LEAST,
) -> dict[str, Adjusted]:
    """For each group a percentile. The adjusted one is that of the types' distributions mixed by the town's weights."""
    found = {}
    for name, given in groups.items():
        types = {code: histogram(counts) for code, counts in given.items()}
        whole = histogram(pair for counts in types.values() for pair in counts)
        sizes = {code: sum(n for _, n in counts) for code, counts in types.items()}
        used, covered, missing = _used(sizes, weights, least)
        adjusted = None
        if covered >= COVERING:
            parts = ((types[code], weights[code] / sizes[code]) for code in used)
            adjusted = _mixed(parts, sum(weights[code] for code in used), percent)
        found[name] = Adjusted(sum(sizes.values()), percentile(whole, percent), adjusted, covered, missing)
    return found


def _used(
    sizes: Mapping[str, int], weights: Mapping[str, int], least: int
) -> tuple[tuple[str, ...], float, tuple[str, ...]]:
    """The types that count, the share of the town's mix they stand for, and those that miss."""
    there = sorted(code for code, weight in weights.items() if weight)
    used = tuple(code for code in there if sizes.get(code, 0) >= least)
    whole = sum(weights[code] for code in there)
    covered = sum(weights[code] for code in used) / whole if whole else 0.0
    return used, covered, tuple(code for code in there if code not in used)


def _mixed(parts: Iterable[tuple[Histogram, float]], whole: float, percent: int) -> int:
    """The smallest value up to which the weights of what was observed reach `percent` of a hundred."""
    weighed = sorted((value, n * weight) for counts, weight in parts for value, n in counts)
    wanted, reached = whole * percent / 100 - whole * 1e-12, 0.0
    for value, weight in weighed:
        reached += weight
        if reached >= wanted:
            return value
    return weighed[-1][0]
