"""Which step follows which, how often, and after how long?"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from gru.web.charts.layers import Layout, laid_out
from gru.web.charts.svg import LETTER, WIDTH, Canvas, n

_WIDE, _HIGH, _LAYER, _TOP = 132.0, 44.0, 128.0, 10.0
_THIN = 0.07

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A step; `note` stands under its name. The nodes come in the order in which the steps are mostly gone through."""

    code: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one step to another, how often, and what is written on it."""

    start: str
    end: str
    count: int
    label: str


def directed_graph(title: str, finding: str, nodes: Sequence[Node], arrows: Sequence[Arrow]) -> Markup:
    """Steps as boxes from above, arrows the thicker the more often they are gone; those that go back are dashed."""
    canvas = Canvas(title, finding)
    known = {node.code for node in nodes}
    drawn = [one for one in arrows if one.start in known and one.end in known and one.start != one.end]
    layout = laid_out(
        [node.code for node in nodes],
        [(one.start, one.end, one.count) for one in drawn],
        {node.code: _WIDE / WIDTH for node in nodes},
        _THIN,
    )
    most = max((one.count for one in drawn), default=1)
    routes = {one: _route(one, layout) for one in drawn}
    ports = _ports(routes)
    busy = Counter(code for one in drawn for code in (one.start, one.end))
    labels: list[tuple[Point, str]] = []
    for one in sorted(drawn, key=lambda arrow: arrow.count):
        points = [ports[one, True], *routes[one][1:-1], ports[one, False]]
        _arrow(canvas, one, points, 1.2 + 4 * sqrt(one.count / most))
        labels.append((_middle(points, busy[one.start] - busy[one.end]), one.label))
    for node in nodes:
        _box(canvas, node, _centre(node.code, layout))
    taken: list[Point] = []
    for at, said in reversed(labels):
        _label(canvas, at, said, taken)
    return canvas.drawn(_TOP * 2 + (layout.depth - 1) * _LAYER + _HIGH)


def _centre(code: str, layout: Layout) -> Point:
    return layout.place[code] * WIDTH, _TOP + layout.layer[code] * _LAYER + _HIGH / 2


def _route(one: Arrow, layout: Layout) -> list[Point]:
    """The centres of both ends, and the points between, in each layer that is passed."""
    between = [(x * WIDTH, _TOP + number * _LAYER + _HIGH / 2) for number, x in layout.bends[one.start, one.end]]
    return [_centre(one.start, layout), *between, _centre(one.end, layout)]


def _ports(routes: Mapping[Arrow, Sequence[Point]]) -> dict[tuple[Arrow, bool], Point]:
    """Where each arrow leaves (True) and reaches its boxes: side by side, in the order of where it comes from."""
    sides: dict[tuple[Point, str], list[tuple[float, Arrow, bool]]] = {}
    for one, route in routes.items():
        for leaving, here, there in ((True, route[0], route[1]), (False, route[-1], route[-2])):
            side = "below" if there[1] > here[1] else "above" if there[1] < here[1] else "beside"
            if side == "beside":
                side = "right" if there[0] > here[0] else "left"
            sides.setdefault((here, side), []).append((there[0], one, leaving))
    ports: dict[tuple[Arrow, bool], Point] = {}
    for ((x, y), side), attached in sides.items():
        attached.sort(key=lambda each: (each[0], each[1].start, each[1].end, each[2]))
        for number, (_, one, leaving) in enumerate(attached, 1):
            share = number / (len(attached) + 1) - 0.5
            if side in ("below", "above"):
                ports[one, leaving] = (x + share * _WIDE, y + (_HIGH / 2 if side == "below" else -_HIGH / 2))
            else:
                ports[one, leaving] = (x + (_WIDE / 2 if side == "right" else -_WIDE / 2), y + share * _HIGH)
    return ports


def _arrow(canvas: Canvas, one: Arrow, points: Sequence[Point], width: float) -> None:
    """The stroke, bending from point to point, and its head."""
    level = points[0][1] == points[-1][1] or (len(points) == 2 and abs(points[0][1] - points[1][1]) < _HIGH)
    back = points[-1][1] < points[0][1] and not level
    path = f"M{n(points[0][0])} {n(points[0][1])}"
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        if level:
            middle = (x1 + x2) / 2
            path += f"C{n(middle)} {n(y1)} {n(middle)} {n(y2)} {n(x2)} {n(y2)}"
        else:
            middle = (y1 + y2) / 2
            path += f"C{n(x1)} {n(middle)} {n(x2)} {n(middle)} {n(x2)} {n(y2)}"
    thick = min(5, max(1, round(width)))
    canvas.path(f"fig-arrow fig-w{thick}{' fig-back' if back else ''}", path)
    x, y = points[-1]
    if level:
        turn = 7 if points[0][0] > x else -7
        canvas.path("fig-head", f"M{n(x)} {n(y)}L{n(x + turn)} {n(y - 5)}V{n(y + 5)}Z")
    else:
        turn = 8 if back else -8
        canvas.path("fig-head", f"M{n(x)} {n(y)}L{n(x - 5)} {n(y + turn)}H{n(x + 5)}Z")


def _middle(points: Sequence[Point], busier: int) -> Point:
    """Where the label goes: where the arrow passes other boxes, or towards the end at which fewer arrows meet."""
    if len(points) > 2:
        return points[len(points) // 2]
    (x1, y1), (x2, y2) = points
    share = 0.74 if busier > 0 else 0.26 if busier < 0 else 0.5
    bent = share * share * (3 - 2 * share)
    cubic = 1.5 * share * (1 - share) + share**3 if y1 != y2 else share
    return (x1 + (x2 - x1) * bent, y1 + (y2 - y1) * cubic)


def _box(canvas: Canvas, node: Node, centre: Point) -> None:
    x, y = centre
    canvas.rect(x - _WIDE / 2, y - _HIGH / 2, _WIDE, _HIGH, "fig-node")
    canvas.text(x, y - 2 if node.note else y + 4, node.name, anchor="middle", css="val")
    canvas.text(x, y + 13, node.note, anchor="middle")


def _label(canvas: Canvas, at: Point, said: str, taken: list[Point]) -> None:
    """The words of an arrow, moved down until they cover no other's."""
    x, y = at
    wide = len(said) * LETTER
    while any(abs(y - other[1]) < 13 and abs(x - other[0]) < wide for other in taken):
        y += 13
    taken.append((x, y))
    x = min(max(x, wide / 2 + 4), WIDTH - wide / 2 - 4)
    canvas.rect(x - wide / 2 - 2, y - 7, wide + 4, 14, "fig-plate")
    canvas.text(x, y + 4, said, anchor="middle")
