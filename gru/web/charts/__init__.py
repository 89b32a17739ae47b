"""How are numbers drawn without a script? Server-made SVG, themed by the stylesheet, named for who cannot see it.

Every picture has a `<title>` and one sentence of finding; the table with the same numbers stands beside it. What is
told by a hue is told by hatching, a stroke or a word besides. Pictures know no French: words come in with the numbers.
A module a kind of picture; `layers` places the nodes of a graph, `printing` colours what goes on paper.
"""

from gru.web.charts.bars import Bar, is_hatched, stacked_bars
from gru.web.charts.control import control
from gru.web.charts.curves import StepCurve, step_curves
from gru.web.charts.graphs import Arrow, Node, directed_graph
from gru.web.charts.histograms import Bin, Mark, histogram
from gru.web.charts.lines import Ahead, Line, columns, forecast_band, in_and_out
from gru.web.charts.multiples import Dot, Panel, dot_rows
from gru.web.charts.spans import Span, spans
from gru.web.charts.svg import WIDTH

__all__ = [
    "WIDTH",
    "Ahead",
    "Arrow",
    "Bar",
    "Bin",
    "Dot",
    "Line",
    "Mark",
    "Node",
    "Panel",
    "Span",
    "StepCurve",
    "columns",
    "control",
    "directed_graph",
    "dot_rows",
    "forecast_band",
    "histogram",
    "in_and_out",
    "is_hatched",
    "spans",
    "stacked_bars",
    "step_curves",
]
