"""How does it go from week to week, what comes in and goes out, and what may be expected next?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gru.web.charts.svg import WIDTH, Canvas, Scale, apart, levels, n, ticks

_TOP, _HEIGHT, _BASE = 24, 240, 40
_LEFT, _RIGHT = 48, 16


@dataclass(frozen=True, slots=True)
class Line:
    """One value for each column; `None` where there is none. `css` is its class in the stylesheet.

    `name` is written at its end.
    """

    css: str
    values: tuple[float | None, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is expected of a column to come, and between which values."""

    expected: float
    low: float
    high: float


def columns(
    title: str,
    finding: str,
    names: Sequence[str],
    lines: Sequence[Line],
    notes: Sequence[str] = (),
    target: float | None = None,
    top: float | None = None,
) -> Markup:
    """Lines over named columns, with a target line; `notes` stand under the names (the count behind a rate)."""
    highest = top or max((v for line in lines for v in line.values if v is not None), default=0)
    marks = ticks(highest)
    canvas = Canvas(title, finding)
    right = WIDTH - (_end_of(lines) or _RIGHT)
    bottom = _HEIGHT - _BASE
    across, up = _across(len(names), right), Scale(0, top or marks[-1], bottom, _TOP)
    levels(canvas, up, marks, _LEFT, right)
    if target is not None:
        canvas.path("target", f"M{_LEFT} {n(up(target))}H{n(right)}")
    _lines(canvas, lines, across, up)
    for column, name in enumerate(names):
        canvas.text(across(column), bottom + 16, name, anchor="middle")
        if column < len(notes):
            canvas.text(across(column), bottom + 31, notes[column], anchor="middle")
    return canvas.drawn(_HEIGHT)


def in_and_out(
    title: str, finding: str, names: Sequence[str], opened: Line, closed: Line, stock: Line, heads: tuple[str, str]
) -> Markup:
    """What comes in and goes out in each column, and under it, on a scale of its own, what was left at its end."""
    canvas = Canvas(title, finding)
    right = WIDTH - _end_of((opened, closed, stock))
    across = _across(len(names), right)
    marks = ticks(max((v for line in (opened, closed) for v in line.values if v is not None), default=0))
    canvas.text(0, 14, heads[0], css="val")
    up = Scale(0, marks[-1], 178, 32)
    levels(canvas, up, marks, _LEFT, right)
    _lines(canvas, (opened, closed), across, up)
    canvas.text(0, 216, heads[1], css="val")
    marks = ticks(max((v for v in stock.values if v is not None), default=0), 3)
    up = Scale(0, marks[-1], 340, 234)
    points = [(across(column), up(value)) for column, value in enumerate(stock.values) if value is not None]
    if points:
        top = "L".join(f"{n(x)} {n(y)}" for x, y in points)
        canvas.path("fig-stock", f"M{n(points[0][0])} 340L{top}L{n(points[-1][0])} 340Z")
    levels(canvas, up, marks, _LEFT, right)
    _lines(canvas, (stock,), across, up)
    for column, name in enumerate(names):
        canvas.text(across(column), 357, name, anchor="middle")
    return canvas.drawn(366)


def forecast_band(
    title: str, finding: str, names: Sequence[str], past: Line, ahead: Sequence[Ahead], words: tuple[str, str]
) -> Markup:
    """What came, then the band in which it is expected; `words` head both parts. Names go on over both."""
    canvas = Canvas(title, finding)
    right = WIDTH - 64
    bottom = _HEIGHT - _BASE
    highest = max([v for v in past.values if v is not None] + [week.high for week in ahead], default=0)
    marks = ticks(highest)
    across, up = _across(len(past.values) + len(ahead), right), Scale(0, marks[-1], bottom, 34)
    first = len(past.values)
    border = (across(first - 1) + across(first)) / 2 if first else float(_LEFT)
    over = [(across(first + number), up(week.high)) for number, week in enumerate(ahead)]
    under = [(across(first + number), up(week.low)) for number, week in enumerate(ahead)]
    if ahead:
        ring = "L".join(f"{n(x)} {n(y)}" for x, y in [*over, *reversed(under)])
        canvas.path("band", f"M{ring}Z", hatched=True)
    levels(canvas, up, marks, _LEFT, right)
    canvas.path("target", f"M{n(border)} 20V{bottom}")
    canvas.text(border - 8, 16, words[0], anchor="end")
    canvas.text(border + 8, 16, words[1], css="val")
    _lines(canvas, (past,), across, up)
    expected = Line("fig-ahead", (*(None,) * first, *(week.expected for week in ahead)))
    _lines(canvas, (expected,), across, up)
    if ahead:
        ends = apart([over[-1][1], under[-1][1]], 14, 30, bottom)
        for y, value in zip(ends, (ahead[-1].high, ahead[-1].low), strict=True):
            canvas.text(right - 4, y + 4, f"{value:.0f}", css="val")
    for column, name in enumerate(names):
        canvas.text(across(column), bottom + 16, name, anchor="middle")
    return canvas.drawn(_HEIGHT - 12)


def _across(number: int, right: float) -> Callable[[int], float]:
    step = (right - _LEFT) / max(1, number)
    return lambda column: _LEFT + step * (column + 0.5)


def _end_of(lines: Sequence[Line]) -> float:
    """How much room the names of the lines need at their ends."""
    return max((len(line.name) * 6.4 + 14 for line in lines if line.name), default=0)


def _lines(canvas: Canvas, lines: Sequence[Line], across: Callable[[int], float], up: Scale) -> None:
    """Each line with its dots, then their names at the right, kept apart."""
    for line in lines:
        points = [(across(column), up(value)) for column, value in enumerate(line.values) if value is not None]
        canvas.path(line.css, _stroke(line, across, up))
        for x, y in points:
            canvas.dot(x, y, _fill(line.css), 3.5 if len(points) <= 30 else 2)
    named = [(line, _last(line)) for line in lines if line.name and _last(line) is not None]
    heights = apart([up(last[1]) for _, last in named if last], 14, up(up.high), up(up.low))
    for (line, last), y in zip(named, heights, strict=True):
        if last:
            canvas.text(across(last[0]) + 9, y + 4, line.name, css="val")


def _last(line: Line) -> tuple[int, float] | None:
    return next(((c, v) for c, v in reversed(list(enumerate(line.values))) if v is not None), None)


def _stroke(line: Line, across: Callable[[int], float], up: Scale) -> str:
    """A stroke from value to value, lifted where one is missing."""
    drawn, joined = "", False
    for column, value in enumerate(line.values):
        if value is not None:
            drawn += f"{'L' if joined else 'M'}{n(across(column))} {n(up(value))}"
        joined = value is not None
    return drawn


def _fill(css: str) -> str:
    """The class of the dots on a line: that of its hue."""
    return css.replace("l", "s") if css.startswith("l") else f"{css}-dot"
