"""Is what is concluded of durations what a statistics library concludes?"""

import random
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pytest
import scipy

from gru.domain.statistics import Count, histogram, logrank, percentile, survival
from gru.domain.statistics.logrank import chi2_tail

HAND: list[Count] = [
    *((6, 3, 1), (7, 1, 0), (9, 0, 1), (10, 1, 1), (11, 0, 1), (13, 1, 0), (16, 1, 0), (17, 0, 1)),
    *((19, 0, 1), (20, 0, 1), (22, 1, 0), (23, 1, 0), (25, 0, 1), (32, 0, 2), (34, 0, 1), (35, 0, 1)),
]
"""The treated group of Freireich (1963), in every textbook: weeks of remission of 21 patients."""
CONTROL: list[Count] = [(1, 2, 0), (2, 2, 0), (3, 1, 0), (4, 2, 0), (5, 2, 0), (8, 4, 0), (11, 2, 0), (12, 2, 0),
                        (15, 1, 0), (17, 1, 0), (22, 1, 0), (23, 1, 0)]  # fmt: skip


def a_sample(chance: random.Random) -> tuple[list[int], list[int]]:
    """Times of what came to its end and of what was censored, with many ties."""
    scale, size = chance.choice((3, 10, 60)), chance.randint(2, 200)
    times = [int(chance.expovariate(1 / scale)) for _ in range(size)]
    share = chance.choice((0.0, 0.1, 0.5, 0.9))
    ended = [time for time in times if chance.random() >= share]
    return ended, [int(chance.random() * scale * 2) for _ in range(size - len(ended))]


def counted(ended: list[int], censored: list[int]) -> list[Count]:
    return [*((t, n, 0) for t, n in Counter(ended).items()), *((t, 0, n) for t, n in Counter(censored).items())]


def test_the_textbook_example_by_hand() -> None:
    curve = survival(HAND)
    shares = {step.time: round(step.share, 3) for step in curve.steps if step.events}
    assert shares == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.69, 16: 0.627, 22: 0.538, 23: 0.448}
    assert (curve.total, curve.events, curve.median) == (21, 9, 23)
    assert [curve.at_risk(time) for time in (0, 6, 10, 20, 35, 36)] == [21, 21, 15, 8, 1, 0]
    assert survival(CONTROL).median == 8


def test_the_curve_is_that_of_the_library() -> None:
    chance = random.Random(20260318)
    for _ in range(300):
        ended, censored = a_sample(chance)
        curve = survival(counted(ended, censored))
        theirs = scipy.stats.ecdf(scipy.stats.CensoredData(uncensored=ended, right=censored)).sf
        assert [step.time for step in curve.steps] == list(theirs.quantiles)
        assert [step.share for step in curve.steps] == pytest.approx(list(theirs.probabilities), abs=1e-12)
        assert [step.at_risk for step in curve.steps] == list(theirs._n)


def test_the_interval_of_greenwood_is_that_of_the_library_wherever_it_has_one() -> None:
    chance = random.Random(7)
    compared = 0
    for _ in range(200):
        ended, censored = a_sample(chance)
        curve = survival(counted(ended, censored), 0.9)
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            theirs = scipy.stats.ecdf(scipy.stats.CensoredData(uncensored=ended, right=censored)).sf
            between = theirs.confidence_interval(confidence_level=0.9, method="log-log")
        for step, low, high in zip(curve.steps, between.low.probabilities, between.high.probabilities, strict=True):
            if 0 < step.share < 1:
                assert (step.low, step.high) == pytest.approx((low, high), abs=1e-9)
                compared += 1
    assert compared > 2000


def test_the_interval_says_nothing_where_nobody_is_left() -> None:
    last = survival([(1, 1, 0), (2, 1, 0)]).steps[-1]
    assert (last.share, last.low, last.high) == (0.0, None, None)


def test_a_median_that_is_not_reached_is_an_answer() -> None:
    curve = survival([(1, 1, 0), (5, 0, 9)])
    assert curve.median is None
    assert curve.within(10) == 1


def test_nothing_is_said_beyond_the_last_observation() -> None:
    curve = survival([(3, 1, 1), (8, 0, 1)])
    before, after = curve.at(0), curve.at(8)
    assert before and before.share == 1.0 and before.at_risk == 3
    assert after and after.share == pytest.approx(2 / 3)
    assert curve.at(9) is None
    assert survival([]).at(0) is None


def test_the_log_rank_of_two_groups_is_that_of_the_library() -> None:
    chance = random.Random(11)
    compared = 0
    while compared < 200:
        first, second = a_sample(chance), a_sample(chance)
        if not all((*first[:1], *second[:1])):
            continue
        one, other = (scipy.stats.CensoredData(uncensored=e, right=c) for e, c in (first, second))
        with np.errstate(all="ignore"):
            theirs = scipy.stats.logrank(one, other)
        ours = logrank([counted(*first), counted(*second)])
        if ours is None or not np.isfinite(theirs.statistic):
            continue
        assert ours.freedom == 1
        assert ours.chi2 == pytest.approx(theirs.statistic**2, rel=1e-6, abs=1e-9)
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-9)
        compared += 1


def test_the_log_rank_of_the_textbook_says_how_large_the_effect_is() -> None:
    found = logrank([CONTROL, HAND])
    assert found is not None and found.hazard is not None
    assert found.chi2 == pytest.approx(16.79, abs=0.005)
    assert [(g.observed, round(g.expected, 2)) for g in found.groups] == [(21, 10.75), (9, 19.25)]
    assert found.hazard.ratio == pytest.approx((21 / 10.749) / (9 / 19.251), rel=1e-3)
    assert found.hazard.interval.low < found.hazard.ratio < found.hazard.interval.high


def test_the_log_rank_of_several_groups_is_the_quadratic_form() -> None:
    """With numpy's generalised inverse of the whole covariance, another way than ours."""
    chance = random.Random(5)
    for _ in range(100):
        groups = [counted(*a_sample(chance)) for _ in range(chance.randint(3, 6))]
        ours = logrank(groups)
        assert ours is not None
        excess, variance = by_numpy(groups)
        assert ours.chi2 == pytest.approx(float(excess @ np.linalg.pinv(variance, rcond=1e-9) @ excess), rel=1e-6)
        assert ours.freedom == np.linalg.matrix_rank(variance, tol=1e-9 * variance.max())
        assert ours.p == pytest.approx(float(scipy.stats.chi2.sf(ours.chi2, ours.freedom)), abs=1e-12)
        assert sum(g.observed for g in ours.groups) == pytest.approx(sum(g.expected for g in ours.groups))


def by_numpy(groups: list[list[Count]]) -> tuple[Any, Any]:
    size = len(groups)
    excess, variance = np.zeros(size), np.zeros((size, size))
    for time in sorted({t for one in groups for t, _, _ in one}):
        n = np.array([sum(e + c for t, e, c in one if t >= time) for one in groups], dtype=np.float64)
        d = np.array([sum(e for t, e, _ in one if t == time) for one in groups], dtype=np.float64)
        if n.sum() > 0 and d.sum() > 0:
            excess += d - d.sum() * n / n.sum()
        if n.sum() > 1:
            share = n / n.sum()
            variance += d.sum() * (n.sum() - d.sum()) / (n.sum() - 1) * (np.diag(share) - np.outer(share, share))
    return excess, variance


def test_groups_that_cannot_be_compared_are_not() -> None:
    assert logrank([[(1, 1, 0)], []]) is None
    assert logrank([[(1, 0, 3)], [(2, 0, 1)]]) is None
    alike = logrank([[(1, 3, 0), (2, 5, 1)], [(1, 3, 0), (2, 5, 1)]])
    assert alike is not None and alike.chi2 == pytest.approx(0) and alike.p == pytest.approx(1)


def test_the_tail_of_chi2_is_that_of_the_library() -> None:
    for freedom in range(1, 30):
        for value in (0.0, 0.01, 0.5, 1.0, 3.84, 10.0, 55.5, 200.0):
            assert chi2_tail(value, freedom) == pytest.approx(
                float(scipy.stats.chi2.sf(value, freedom)), rel=1e-9, abs=1e-300
            )


def test_a_percentile_is_the_smallest_value_so_many_do_not_exceed() -> None:
    ten = histogram([(value, 1) for value in range(1, 11)])
    assert [percentile(ten, p) for p in (1, 10, 11, 50, 70, 80, 90, 91, 100)] == [1, 1, 2, 5, 7, 8, 9, 10, 10]
    assert percentile((), 50) is None
    with pytest.raises(ValueError, match="percentile"):
        percentile(ten, 0)


def test_percentiles_are_those_of_the_library() -> None:
    chance = random.Random(3)
    for _ in range(500):
        values = [chance.randint(0, 40) for _ in range(chance.randint(1, 60))]
        counts = histogram(Counter(values).items())
        for percent in (1, 10, 25, 50, 75, 80, 90, 99, 100):
            theirs = np.percentile(np.array(values), percent, method="inverted_cdf")
            assert percentile(counts, percent) == int(theirs)
