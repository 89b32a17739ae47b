"""Are rates, comparisons, forecasts and control charts what their definitions say?"""

import random

import pytest
import scipy

from gru.domain.statistics import Signal, adjusted_percentiles, adjusted_shares, control_chart, forecast, wilson
from gru.domain.statistics.forecasting import AHEAD, TRIED


def test_the_interval_of_a_share_is_that_of_the_library() -> None:
    for total in (1, 2, 5, 19, 20, 100, 12345):
        for hits in {0, 1, total // 3, total - 1, total}:
            ours = wilson(hits, total)
            theirs = scipy.stats.binomtest(hits, total).proportion_ci(0.95, "wilson")
            assert ours is not None
            assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_a_share_of_nothing_has_no_interval_and_nonsense_is_refused() -> None:
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="hits"):
        wilson(3, 2)


# --- the same mix for all ------------------------------------------------------------------------------------------

TOWN = {"voirie": 800, "social": 200}


def test_a_site_that_receives_more_social_requests_is_not_slow() -> None:
    """By hand: both sites keep 90 % of the roads and 50 % of the social ones; only their mix differs."""
    sites = {
        "centre": {"voirie": (90, 100), "social": (5, 10)},
        "sud": {"voirie": (9, 10), "social": (50, 100)},
    }
    found = adjusted_shares(sites, TOWN)
    assert found["centre"].raw == pytest.approx(95 / 110) and found["sud"].raw == pytest.approx(59 / 110)
    assert found["centre"].adjusted == found["sud"].adjusted == pytest.approx(0.8 * 0.9 + 0.2 * 0.5)
    assert found["sud"].covered == 1.0 and found["sud"].missing == ()


def test_what_a_group_has_too_few_of_is_left_out_and_said() -> None:
    found = adjusted_shares({"nord": {"voirie": (8, 10), "social": (0, 4)}}, TOWN)["nord"]
    assert found.n == 14 and found.raw == pytest.approx(8 / 14)
    assert found.adjusted == pytest.approx(0.8)
    assert (found.covered, found.missing) == (0.8, ("social",))


def test_nothing_is_adjusted_to_less_than_half_of_the_towns_mix() -> None:
    found = adjusted_shares({"est": {"social": (5, 10)}}, TOWN)["est"]
    assert (found.raw, found.adjusted, found.covered) == (0.5, None, 0.2)
    assert adjusted_shares({"vide": {}}, TOWN)["vide"].raw is None
    assert adjusted_percentiles({"vide": {}}, {})["vide"].adjusted is None


def test_an_adjusted_median_is_that_of_the_mixed_distributions() -> None:
    """Half of each type of a town that has as many of both: 5 fast (2 days) and 15 slow (10 days) become one to one."""
    found = adjusted_percentiles({"a": {"x": [(2, 5)], "y": [(10, 15)]}}, {"x": 50, "y": 50})["a"]
    assert (found.n, found.raw, found.adjusted) == (20, 10, 2)


def test_with_the_towns_own_mix_nothing_changes() -> None:
    chance = random.Random(1)
    for _ in range(200):
        types = {code: [(chance.randint(0, 30), chance.randint(1, 9)) for _ in range(6)] for code in "abcd"}
        sizes = {code: sum(n for _, n in counts) for code, counts in types.items()}
        for percent in (50, 80, 90):
            found = adjusted_percentiles({"all": types}, sizes, percent)["all"]
            assert found.raw == found.adjusted and found.covered == 1.0
        hits = {code: (chance.randint(0, n), n) for code, n in sizes.items()}
        same = adjusted_shares({"all": hits}, sizes)["all"]
        assert same.raw == pytest.approx(same.adjusted)


# --- the weeks to come ---------------------------------------------------------------------------------------------


def test_under_twelve_weeks_nothing_is_forecast() -> None:
    assert forecast([10] * 11) is None
    assert forecast([10] * 12) is not None


def test_what_never_changed_is_expected_to_stay() -> None:
    found = forecast([40] * 30)
    assert found is not None and found.past is not None
    assert len(found.weeks) == AHEAD
    assert {round(week.expected, 9) for week in found.weeks} == {40.0}
    assert found.weeks[0].high - 40 == pytest.approx(1.2816 * 40**0.5, rel=1e-4), "no surer than chance allows"
    assert (found.past.typical, found.past.share, found.past.inside) == (0, 0, 1)


def test_the_band_widens_and_never_goes_below_nothing() -> None:
    found = forecast([0, 5, 1, 9, 0, 7, 2, 8, 1, 6, 0, 9, 12, 14, 15])
    assert found is not None
    widths = [week.high - week.expected for week in found.weeks]
    assert widths == sorted(widths)
    assert all(0 <= week.low <= week.expected for week in found.weeks)


def test_the_past_error_is_of_the_last_twelve_weeks_and_of_what_was_known_then() -> None:
    history = [20] * 20 + [50] * 12
    found = forecast(history)
    assert found is not None and found.past is not None
    assert found.past.tried == TRIED * AHEAD
    assert found.past.inside < 1, "nobody could know of the rise"
    assert found.past == forecast([20] * 20 + [50] * 12).past
    longer = forecast([20] * 40 + [50] * 12)
    assert longer is not None and longer.past is not None and longer.past.tried == TRIED * AHEAD


def test_eighty_weeks_of_a_hundred_lie_in_the_band() -> None:
    chance = random.Random(42)
    inside = total = 0
    for _ in range(200):
        level = chance.choice((8, 30, 120))
        series = [sum(chance.random() < level / 1000 for _ in range(1000)) for _ in range(46)]
        found = forecast(series[:40])
        assert found is not None
        inside += sum(week.low <= came <= week.high for week, came in zip(found.weeks, series[40:], strict=True))
        total += AHEAD
    assert 0.76 <= inside / total <= 0.90


# --- chance or change ----------------------------------------------------------------------------------------------


def test_the_limits_of_the_control_chart_by_hand() -> None:
    chart = control_chart([10, 12, 11, 13, 12, 10, 11, 9])
    assert chart is not None
    assert chart.centre == 11.0
    assert chart.mean_range == pytest.approx(11 / 7)
    assert (chart.low, chart.high) == pytest.approx((11 - 2.66 * 11 / 7, 11 + 2.66 * 11 / 7))
    assert chart.range_limit == pytest.approx(3.267 * 11 / 7)
    assert chart.signals == ()


def test_under_eight_values_no_limits_are_drawn() -> None:
    assert control_chart([1.0] * 7) is None
    assert control_chart([1.0] * 20, baseline=5) is None


STEADY = [10, 12, 11, 9, 10, 12, 8, 11, 10, 9]


def test_a_value_beyond_the_limits_speaks() -> None:
    chart = control_chart([*STEADY, 30], baseline=10)
    assert chart is not None and chart.signals == (Signal(10, "beyond", True),)


def test_eight_in_a_row_on_one_side_speak() -> None:
    chart = control_chart([*STEADY, *[9.5] * 8], baseline=10)
    assert chart is not None
    assert {(s.rule, s.above) for s in chart.signals} == {("run", False)}
    assert chart.signals[0].at == 15, "the last two steady weeks were below already"


def test_three_of_four_near_a_limit_speak() -> None:
    chart = control_chart([*STEADY, 14, 14, 10, 14], baseline=10)
    assert chart is not None and Signal(13, "near", True) in chart.signals


def test_what_varies_by_chance_alone_is_mostly_left_in_peace() -> None:
    chance = random.Random(9)
    charts = [control_chart([chance.gauss(50, 5) for _ in range(20)]) for _ in range(300)]
    spoke = sum(1 for chart in charts if chart and chart.signals)
    assert spoke / 300 < 0.30
