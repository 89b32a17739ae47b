"""How are numbers drawn without a script? Server-made SVG, themed by the stylesheet, named for who cannot see it.

Every picture has a `<title>` and one sentence of finding; the table with the same numbers stands beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup, escape

WIDTH = 720
_LEFT, _RIGHT, _TOP, _ROW = 170, 60, 24, 34
_HEIGHT = 240
_BASE = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """A name and its parts, in the order of the classes; `label` is written at its end."""

    name: str
    parts: tuple[float, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One value for each column; `None` where there is none. `css` is its class in the stylesheet."""

    css: str
    values: tuple[float | None, ...]


def stacked_bars(title: str, finding: str, bars: Sequence[Bar], classes: Sequence[str]) -> Markup:
    """Horizontal bars, each made of parts; one class a part. With one class they are plain bars."""
    most = max((sum(bar.parts) for bar in bars), default=0) or 1
    scale = (WIDTH - _LEFT - _RIGHT) / most
    body: list[Markup] = []
    for rank, bar in enumerate(bars):
        y = _TOP + rank * _ROW
        body.append(_text(_LEFT - 10, y + 16, bar.name, anchor="end"))
        starts = [0.0, *accumulate(bar.parts)]
        for start, part, css in zip(starts, bar.parts, classes, strict=False):
            if part:
                body.append(_rect(_LEFT + start * scale, y + 3, max(1.0, part * scale), 20, css))
        body.append(_text(_LEFT + starts[-1] * scale + 8, y + 16, bar.label, css="val"))
    height = _TOP + len(bars) * _ROW + 4
    body.append(Markup('<path class="axis" d="M{0} {1}V{2}"/>').format(_LEFT, _TOP - 6, height))
    return _svg(title, finding, height, body)


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
    highest = top or max((v for line in lines for v in line.values if v is not None), default=0) or 1
    left, right, height = 48, 16, _HEIGHT
    step = (WIDTH - left - right) / max(1, len(names))
    bottom = height - _BASE

    def place(column: int, value: float) -> tuple[float, float]:
        return left + step * (column + 0.5), bottom - (bottom - _TOP) * value / highest

    body = [_grid(left, right, bottom, highest, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    if target is not None:
        y = place(0, target)[1]
        body.append(Markup('<path class="target" d="M{0} {1}H{2}"/>').format(left, _n(y), WIDTH - right))
    for line in lines:
        body.extend(_drawn(line, place))
    for column, name in enumerate(names):
        x = left + step * (column + 0.5)
        body.append(_text(x, bottom + 16, name, anchor="middle"))
        if column < len(notes):
            body.append(_text(x, bottom + 31, notes[column], anchor="middle"))
    return _svg(title, finding, height, body)


def _drawn(line: Line, place: Callable[[int, float], tuple[float, float]]) -> list[Markup]:
    points = [place(column, value) for column, value in enumerate(line.values) if value is not None]
    path = _path(line, place)
    dots = [Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"/>').format(_fill(line.css), _n(x), _n(y))
            for x, y in points]  # fmt: skip
    return [Markup('<path class="{}" d="{}"/>').format(line.css, path), *dots]


def _path(line: Line, place: Callable[[int, float], tuple[float, float]]) -> str:
    """A stroke from value to value, lifted where one is missing."""
    drawn, joined = "", False
    for column, value in enumerate(line.values):
        if value is not None:
            x, y = place(column, value)
            drawn += f"{'L' if joined else 'M'}{_n(x)} {_n(y)}"
        joined = value is not None
    return drawn


def _grid(left: int, right: int, bottom: int, highest: float, share: float) -> Markup:
    y = bottom - (bottom - _TOP) * share
    css = "axis" if share == 0 else "grid"
    line = Markup('<path class="{}" d="M{} {}H{}"/>').format(css, left, _n(y), WIDTH - right)
    return line + _text(left - 8, y + 4, f"{highest * share:g}", anchor="end")


def _fill(css: str) -> str:
    return css.replace("l", "s")


def _rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    drawn = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
    plain = drawn.format(css, _n(x), _n(y), _n(width), _n(height))
    return plain + _hatched(x, y, width, height) if css == "bad" else plain


def _hatched(x: float, y: float, width: float, height: float) -> Markup:
    """Strokes besides the hue, for who cannot tell the hues apart."""
    return Markup('<rect fill="url(#hatch)" x="{}" y="{}" width="{}" height="{}"/>').format(
        _n(x), _n(y), _n(width), _n(height)
    )


def _text(x: float, y: float, said: str, *, anchor: str = "start", css: str = "") -> Markup:
    named = Markup(' class="{}"').format(css) if css else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}"{}>{}</text>').format(_n(x), _n(y), anchor, named, said)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _svg(title: str, finding: str, height: int, body: Sequence[Markup]) -> Markup:
    head = Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}. {}</title>'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path class="hatched" d="M0 0V6"/></pattern></defs>'
    ).format(WIDTH, height, escape(title), escape(finding))
    return head + Markup("").join(body) + Markup("</svg>")
