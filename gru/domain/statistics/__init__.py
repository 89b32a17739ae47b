"""What may be concluded from counts, and how surely? Pure arithmetic on numbers somebody else has counted.

Everything takes counts, not cases: the databases count, these functions conclude. Each module says the definition it
follows; the tests compare each with a statistics library.
"""

from gru.domain.statistics.control import ControlChart, Signal, control_chart
from gru.domain.statistics.forecasting import Forecast, PastError, Week, forecast
from gru.domain.statistics.logrank import Compared, Group, LogRank, logrank
from gru.domain.statistics.percentiles import Histogram, histogram, percentile
from gru.domain.statistics.rates import Interval, wilson
from gru.domain.statistics.standardising import Adjusted, adjusted_percentiles, adjusted_shares
from gru.domain.statistics.survival import Count, Curve, Step, survival

__all__ = [
    "Adjusted",
    "Compared",
    "ControlChart",
    "Count",
    "Curve",
    "Forecast",
    "Group",
    "Histogram",
    "Interval",
    "LogRank",
    "PastError",
    "Signal",
    "Step",
    "Week",
    "adjusted_percentiles",
    "adjusted_shares",
    "control_chart",
    "forecast",
    "histogram",
    "logrank",
    "percentile",
    "survival",
    "wilson",
]
