"""Who differs from whom? The same small picture for each way of looking, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gru.web.charts.svg import WIDTH, Canvas, Scale, margin, n, shortened, ticks, written

_RIGHT, _ROW, _HEAD = 104, 24, 30
_NARROW, _WIDE = 120, 250


@dataclass(frozen=True, slots=True)
class Dot:
    """A row: the figure as counted (hollow), as it would be with the same mix (full), and a word at the end."""

    name: str
    raw: float | None
    adjusted: float | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    dots: tuple[Dot, ...]


def dot_rows(
    title: str, finding: str, panels: Sequence[Panel], reference: tuple[float, str] | None, unit: str = ""
) -> Markup:
    """Panels one under the other on the same scale, each row a pair of dots; the reference is a line through all."""
    canvas = Canvas(title, finding)
    values = [v for panel in panels for dot in panel.dots for v in (dot.raw, dot.adjusted) if v is not None]
    marks = ticks(max([*values, reference[0] if reference else 0.0], default=0), 5)
    left = margin([dot.name for panel in panels for dot in panel.dots], _NARROW, _WIDE)
    across = Scale(0, marks[-1], left, WIDTH - _RIGHT)
    y = 22.0 if reference else 6.0
    for panel in panels:
        y = _panel(canvas, panel, across, y)
    if reference:
        x = across(reference[0])
        canvas.path("target", f"M{n(x)} 18V{n(y)}")
        canvas.text(x, 12, reference[1], anchor="middle", css="val")
    for mark in marks:
        canvas.text(across(mark), y + 16, f"{written(mark)}{unit}", anchor="middle")
    return canvas.drawn(y + 22)


def _panel(canvas: Canvas, panel: Panel, across: Scale, y: float) -> float:
    canvas.text(0, y + 18, panel.title, css="val")
    y += _HEAD
    for dot in panel.dots:
        middle = y + _ROW / 2
        canvas.path("grid", f"M{n(across.start)} {n(middle)}H{n(across(across.high))}")
        canvas.text(across.start - 12, middle + 4, shortened(dot.name, across.start), anchor="end")
        if dot.raw is not None and dot.adjusted is not None:
            canvas.path("fig-between", f"M{n(across(dot.raw))} {n(middle)}H{n(across(dot.adjusted))}")
        if dot.raw is not None:
            canvas.dot(across(dot.raw), middle, "fig-raw", 5)
        if dot.adjusted is not None:
            canvas.dot(across(dot.adjusted), middle, "s1", 5)
        canvas.text(WIDTH - _RIGHT + 16, middle + 4, dot.label, css="val")
        y += _ROW
    return y + 8
