"""Which values lie outside what chance explains, and what was changed when?"""

from collections.abc import Sequence

from markupsafe import Markup

from gru.web.charts.svg import WIDTH, Canvas, Scale, apart, levels, n, ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 116, 34, 210


def control(
    title: str,
    finding: str,
    names: Sequence[str],
    values: Sequence[float],
    limits: tuple[float, float, float],
    words: tuple[str, str, str],
    signals: Sequence[int] = (),
    changes: Sequence[tuple[int, str]] = (),
) -> Markup:
    """Values joined by a line, between `limits` (low, centre, high, named by `words`).

    Values that are a signal are diamonds; `changes` are decisions, drawn as a line before the value of their number.
    """
    canvas = Canvas(title, finding)
    low, centre, high = limits
    marks = ticks(max(*values, high) if values else high)
    right = WIDTH - _RIGHT
    step = (right - _LEFT) / max(1, len(values))
    up = Scale(0, marks[-1], _BOTTOM, _TOP)

    def place(number: float) -> float:
        return _LEFT + step * (number + 0.5)

    drawn = [max(0.0, limit) for limit in (low, centre, high)]
    canvas.rect(_LEFT, up(drawn[2]), right - _LEFT, up(drawn[0]) - up(drawn[2]), "fig-within")
    levels(canvas, up, marks, _LEFT, right)
    heights = apart([up(limit) for limit in drawn], 14, _TOP, _BOTTOM)
    for limit, css, word, y in zip(drawn, ("fig-limit", "target", "fig-limit"), words, heights, strict=True):
        canvas.path(css, f"M{_LEFT} {n(up(limit))}H{n(right)}")
        canvas.text(right + 8, y + 4, word)
    for number, said in changes:
        x = place(number - 0.5)
        canvas.path("fig-mark", f"M{n(x)} 22V{_BOTTOM}")
        canvas.text(x, 16, said, anchor="middle", css="val")
    points = [(place(number), up(value)) for number, value in enumerate(values)]
    canvas.path("l1", "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points) if points else "")
    for number, (x, y) in enumerate(points):
        if number in signals:
            canvas.diamond(x, y, "bad")
        else:
            canvas.dot(x, y, "s1")
    for number, name in enumerate(names):
        canvas.text(place(number), _BOTTOM + 17, name, anchor="middle")
    return canvas.drawn(_BOTTOM + 26)
