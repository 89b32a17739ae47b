"""How large is a share, and between which bounds does it lie? One row each, with its bounds as a bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gru.web.charts.svg import WIDTH, Canvas, Scale, margin, n, shortened, ticks, written

_RIGHT, _ROW, _TOP = 128, 26, 6
_NARROW, _WIDE = 120, 270


@dataclass(frozen=True, slots=True)
class Span:
    """`value` lies between `low` and `high`; `label` is a word at the end."""

    name: str
    value: float
    low: float
    high: float
    label: str = ""


def spans(title: str, finding: str, rows: Sequence[Span], unit: str = "") -> Markup:
    canvas = Canvas(title, finding)
    marks = ticks(max((row.high for row in rows), default=0), 5)
    left = margin([row.name for row in rows], _NARROW, _WIDE)
    across = Scale(0, marks[-1], left, WIDTH - _RIGHT)
    bottom = _TOP + _ROW * len(rows)
    for mark in marks:
        canvas.path("grid", f"M{n(across(mark))} {_TOP}V{bottom}")
        canvas.text(across(mark), bottom + 16, f"{written(mark)}{unit}", anchor="middle")
    for place, row in enumerate(rows):
        middle = _TOP + _ROW * place + _ROW / 2
        canvas.text(left - 12, middle + 4, shortened(row.name, left), anchor="end")
        canvas.path("ret-span", f"M{n(across(row.low))} {n(middle)}H{n(across(row.high))}")
        canvas.dot(across(row.value), middle, "ret-share", 5)
        canvas.text(across(row.high) + 10, middle + 4, row.label, css="val")
    return canvas.drawn(bottom + 22)
