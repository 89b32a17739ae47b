"""Do these groups really differ in how long it takes, and by how much?

The log-rank test of two or more groups: at each time, the events expected in a group are its share of those at risk;
χ² = (O−E)ᵀ V⁻¹ (O−E) with the hypergeometric variance, on one degree of freedom less than there are groups. A small p
says that chance hardly explains the difference, never how large it is: hence the effect beside it. `ratio` is O/E of
the group (above 1: ends come faster than if all were alike); the hazard ratio of two groups is the ratio of both
(Pike), its interval exp(log HR ± z·√(1/E₁+1/E₂)).
"""

from collections.abc import Iterable, Sequence
from math import erfc, exp, log, pi, sqrt

import msgspec

from gru.domain.statistics.rates import Interval, z_of
from gru.domain.statistics.survival import Count, added_up


class Group(msgspec.Struct, frozen=True):
    """What was observed in one group, and what would be if all were alike."""

    total: int
    observed: int
    expected: float

    @property
    def ratio(self) -> float | None:
        return self.observed / self.expected if self.expected else None


class Compared(msgspec.Struct, frozen=True):
    """How many times faster the first of two groups comes to its end than the second."""

    ratio: float
    interval: Interval


class LogRank(msgspec.Struct, frozen=True):
    chi2: float
    freedom: int
    p: float
    groups: tuple[Group, ...]
    hazard: Compared | None


def logrank(groups: Sequence[Iterable[Count]], confidence: float = 0.95) -> LogRank | None:
    """The groups compared; `None` where there are not two with anybody, or nothing came to its end."""
    counted = [added_up(one) for one in groups]
    totals = [sum(events + censored for _, events, censored in one) for one in counted]
    if sum(1 for total in totals if total) < 2 or not any(events for one in counted for _, events, _ in one):
        return None
    observed, expected, variance = _sums(counted, totals)
    size = len(counted)
    excess = [float(o) - e for o, e in zip(observed, expected, strict=True)]
    chi2, freedom = _quadratic(excess, variance, size)
    found = tuple(Group(*one) for one in zip(totals, observed, expected, strict=True))
    hazard = _hazard(found, z_of(confidence)) if size == 2 else None
    return LogRank(chi2, freedom, chi2_tail(chi2, freedom), found, hazard)


def _sums(counted: list[list[Count]], left: list[int]) -> tuple[list[int], list[float], list[list[float]]]:
    """Observed, expected and their covariance, added up over the times at which something came to its end."""
    size = range(len(counted))
    by_time = [{time: (events, censored) for time, events, censored in one} for one in counted]
    observed, expected, variance = [0] * len(size), [0.0] * len(size), [[0.0] * len(size) for _ in size]
    at_risk = list(left)
    for time in sorted({time for one in by_time for time in one}):
        events = [one.get(time, (0, 0))[0] for one in by_time]
        all_, ended = sum(at_risk), sum(events)
        if ended:
            shares = [n / all_ for n in at_risk]
            spread = ended * (all_ - ended) / (all_ - 1) if all_ > 1 else 0.0
            for i in size:
                observed[i] += events[i]
                expected[i] += ended * shares[i]
                for j in size:
                    variance[i][j] += spread * shares[i] * ((1.0 if i == j else 0.0) - shares[j])
        at_risk = [n - sum(one.get(time, (0, 0))) for n, one in zip(at_risk, by_time, strict=True)]
    return observed, expected, variance


def _quadratic(excess: list[float], variance: list[list[float]], size: int) -> tuple[float, int]:
    """The quadratic form by elimination; a group that adds nothing (nobody at risk) costs its degree of freedom."""
    rows = [[*variance[i], excess[i]] for i in range(size)]
    most = max((variance[i][i] for i in range(size)), default=0.0)
    chi2, freedom = 0.0, 0
    for i in range(size):
        pivot = rows[i][i]
        if pivot <= most * 1e-9:
            continue
        chi2 += rows[i][size] ** 2 / pivot
        freedom += 1
        for j in range(i + 1, size):
            factor = rows[j][i] / pivot
            rows[j] = [below - factor * above for below, above in zip(rows[j], rows[i], strict=True)]
    return chi2, freedom


def _hazard(found: tuple[Group, ...], z: float) -> Compared | None:
    first, second = found
    if not (first.observed and second.observed and first.expected and second.expected):
        return None
    ratio = (first.observed / first.expected) / (second.observed / second.expected)
    reach = z * sqrt(1 / first.expected + 1 / second.expected)
    return Compared(ratio, Interval(exp(log(ratio) - reach), exp(log(ratio) + reach)))


def chi2_tail(value: float, freedom: int) -> float:
    """The chance of a χ² at least this large, by its closed form for a whole number of degrees of freedom."""
    if value <= 0 or freedom <= 0:
        return 1.0
    half, odd = value / 2, freedom % 2
    tail = erfc(sqrt(half)) if odd else 0.0
    term = exp(-half) * (2 * sqrt(half / pi) if odd else 1.0)
    for step in range(freedom // 2):
        tail += term
        term *= half / (step + 1 + odd / 2)
    return min(1.0, tail)
