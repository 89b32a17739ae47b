"""How are the values spread, and where do half, eight and nine of ten end?"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gru.web.charts.svg import LETTER, WIDTH, Canvas, Scale, levels, n, ticks

_LEFT, _RIGHT, _STEP = 48, 16, 17
_ROOM = 168


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie between here and the next bin; `name` is written under its left edge, if any."""

    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value to show, as a place among the bins (2.5: in the middle of the third), and what is written at it."""

    at: float
    label: str


def histogram(title: str, finding: str, bins: Sequence[Bin], marks: Sequence[Mark], axis: str) -> Markup:
    """Bars over the bins, the marks as lines from above; `axis` says what is counted along."""
    canvas = Canvas(title, finding)
    top = 16 + len(marks) * _STEP
    bottom = top + _ROOM
    heights = ticks(max((one.count for one in bins), default=0))
    up = Scale(0, heights[-1], bottom, top)
    across = Scale(0, max(1, len(bins)), _LEFT, WIDTH - _RIGHT)
    levels(canvas, up, heights, _LEFT, WIDTH - _RIGHT)
    for number, one in enumerate(bins):
        x, width = across(number), across(number + 1) - across(number)
        if one.count:
            y = min(up(one.count), bottom - 1)
            canvas.rect(x + 1, y, max(1.0, width - 2), bottom - y, "s1")
        canvas.text(x, bottom + 16, one.name, anchor="middle")
    for row, mark in enumerate(marks):
        x, y = across(min(mark.at, len(bins))), 12 + row * _STEP
        canvas.path("fig-mark", f"M{n(x)} {n(y - 8)}V{n(bottom)}")
        wide = len(mark.label) * LETTER + 12
        fits = x + wide < WIDTH
        canvas.text(x + 6 if fits else x - 6, y + 1, mark.label, anchor="start" if fits else "end", css="val fig-halo")
    canvas.text(WIDTH - _RIGHT, bottom + 33, axis, anchor="end")
    return canvas.drawn(bottom + 40)
