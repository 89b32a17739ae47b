"""How do parts add up to a whole, row by row?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from gru.web.charts.svg import LETTER, WIDTH, Canvas, n, written

_LEFT, _RIGHT, _TOP, _ROW = 170, 60, 24, 34
_WIDEST = 235
"""What names, and what stands at the end, may take of the width."""
_BOLD = 6.6
"""How wide a letter of the words at the end is."""
HATCHED = frozenset({"bad", "fig-late", "stage-waiting-resident", "stage-waiting-third-party", "stage-waiting-service"})
"""What is late, and what waits for somebody outside."""
PLAIN = frozenset({"s1", "s2", "s3", "s4"})
"""Hues dark enough to be written on."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A name and its parts, in the order of the classes; `label` is written at its end."""

    name: str
    parts: tuple[float, ...]
    label: str = ""


def stacked_bars(title: str, finding: str, bars: Sequence[Bar], classes: Sequence[str]) -> Markup:
    """Horizontal bars, each made of parts; one class a part. With one class they are plain bars."""
    most = max((sum(bar.parts) for bar in bars), default=0) or 1
    canvas = Canvas(title, finding)
    left = min(_WIDEST, max(_LEFT, *(len(bar.name) * LETTER + 12 for bar in bars), 0))
    right = min(_WIDEST, max(_RIGHT, *(len(bar.label) * _BOLD + 12 for bar in bars), 0))
    scale = (WIDTH - left - right) / most
    for rank, bar in enumerate(bars):
        y = _TOP + rank * _ROW
        lines = _lines(bar.name)
        for line, said in enumerate(lines):
            canvas.text(left - 10, y + 16 + 13 * (line - (len(lines) - 1) / 2), said, anchor="end")
        starts = [0.0, *accumulate(bar.parts)]
        for start, part, css in zip(starts, bar.parts, classes, strict=False):
            if part:
                width = max(1.0, part * scale)
                x, hatched = left + start * scale, is_hatched(css)
                canvas.rect(x, y + 3, width, 20, f"{css} fig-part", hatched=hatched)
                if len(bar.parts) > 1 and css in PLAIN and width > len(written(part)) * LETTER + 8:
                    canvas.text(x + width / 2, y + 17, written(part), anchor="middle", css="fig-in")
        canvas.text(left + starts[-1] * scale + 8, y + 16, bar.label, css="val")
    height = _TOP + len(bars) * _ROW + 4
    canvas.path("axis", f"M{n(left)} {n(_TOP - 6)}V{n(height)}")
    return canvas.drawn(height)


def is_hatched(css: str) -> bool:
    """One of the classes says so."""
    return not HATCHED.isdisjoint(css.split())


def _lines(name: str) -> tuple[str, ...]:
    """A long name on two lines, as much of it as there is room for; the table has the whole."""
    letters = int((_WIDEST - 12) / LETTER)
    if len(name) <= letters:
        return (name,)
    break_at = name.rfind(" ", 0, letters + 1)
    first, rest = (name[:break_at], name[break_at + 1 :]) if break_at > 0 else (name[:letters], name[letters:])
    return first, rest if len(rest) <= letters else f"{rest[: letters - 1].rstrip()}…"
