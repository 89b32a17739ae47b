"""How many are still waiting after so many days, how sure is that, and how many are still observed?"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gru.web.charts.svg import WIDTH, Canvas, Scale, apart, levels, n
from gru.web.i18n import number

_LEFT, _TOP, _BOTTOM, _ROW = 48, 28, 236, 17


@dataclass(frozen=True, slots=True)
class StepCurve:
    """Steps (time, share in percent, low, high) from time 0 on; `risk`: who is observed at each tick of the axis."""

    name: str
    css: str
    steps: tuple[tuple[float, float, float | None, float | None], ...]
    risk: tuple[int, ...]


def step_curves(
    title: str, finding: str, curves: Sequence[StepCurve], times: Sequence[int], heads: tuple[str, str, str]
) -> Markup:
    """Curves of what is left, each in its band, named at its end; under the axis the numbers at risk.

    `heads`: what the height says, what goes along, and the head of the numbers at risk. What lies beyond the last of
    `times` is not drawn.
    """
    canvas = Canvas(title, finding)
    room = max((len(curve.name) for curve in curves), default=0) * 6.2 + 20
    right = WIDTH - max(24.0, room)
    across, up = Scale(0, times[-1], _LEFT, right), Scale(0, 100, _BOTTOM, _TOP)
    canvas.text(0, 14, heads[0], css="val")
    for curve in curves:
        _band(canvas, curve, across, up)
    levels(canvas, up, (0, 25, 50, 75, 100), _LEFT, right, "\u202f%")
    canvas.path("target", f"M{_LEFT} {n(up(50))}H{n(right)}")
    for curve in curves:
        canvas.path(curve.css, _stroke(curve, across, up))
    ends = [_end(curve, times[-1]) for curve in curves]
    heights = apart([up(share) for _, share in ends], 14, _TOP, _BOTTOM)
    for curve, (time, share), y in zip(curves, ends, heights, strict=True):
        canvas.dot(across(time), up(share), curve.css.replace("l", "s"))
        canvas.text(right + 8, y + 4, curve.name, css="val")
    for time in times:
        canvas.text(across(time), _BOTTOM + 16, number(time), anchor="middle")
    canvas.text(right, _BOTTOM + 32, heads[1], anchor="end")
    return canvas.drawn(_risk(canvas, curves, times, across, right, heads[2]))


def _risk(
    canvas: Canvas, curves: Sequence[StepCurve], times: Sequence[int], across: Scale, right: float, head: str
) -> float:
    y = _BOTTOM + 46.0
    canvas.text(0, y, head, css="val")
    for curve in curves:
        y += _ROW
        canvas.path(curve.css, f"M0 {n(y - 4)}H18")
        for time, left in zip(times, curve.risk, strict=True):
            canvas.text(across(time), y, number(left), anchor="middle")
        canvas.text(right + 18, y, curve.name)
    return y + 8


def _shown(curve: StepCurve, last: float) -> list[tuple[float, float, float | None, float | None]]:
    return [(0.0, 100.0, 100.0, 100.0), *(step for step in curve.steps if 0 <= step[0] <= last)]


def _end(curve: StepCurve, last: float) -> tuple[float, float]:
    time, share, _, _ = _shown(curve, last)[-1]
    return time, share


def _stroke(curve: StepCurve, across: Scale, up: Scale) -> str:
    first, *others = _shown(curve, across.high)
    drawn = f"M{n(across(first[0]))} {n(up(first[1]))}"
    return drawn + "".join(f"H{n(across(time))}V{n(up(share))}" for time, share, _, _ in others)


def _band(canvas: Canvas, curve: StepCurve, across: Scale, up: Scale) -> None:
    """Between low and high, as far as there is an interval."""
    sure = [(t, low, high) for t, _, low, high in _shown(curve, across.high) if low is not None and high is not None]
    if len(sure) < 2:
        return
    over, under = "", ""
    for number_, (time, low, high) in enumerate(sure):
        x = n(across(time))
        over += f"H{x}V{n(up(high))}" if number_ else f"M{x} {n(up(high))}"
        following = sure[number_ + 1][0] if number_ + 1 < len(sure) else time
        under = f"H{n(across(following))}V{n(up(low))}H{x}" + under
    canvas.path(f"fig-band {curve.css.replace('l', 's')}", f"{over}V{n(up(sure[-1][1]))}{under}Z")
