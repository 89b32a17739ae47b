"""How does the town look around a place, drawn from its own address file, for whoever wants to point at it?"""

from collections.abc import Iterator, Sequence
from html import escape
from math import cos, radians

from gru.domain.town import Spot, Street
from gru.domain.town.streets import METRES_A_DEGREE

SIZE = 320
"""Pixels, as wide as it is high: it fits the smallest telephone."""

METRES = 480
"""How much of the town it shows."""

_SCALE = SIZE / METRES
_PLAN = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}">
<rect width="{size}" height="{size}" fill="#eef2ef"/>{streets}{names}
<circle cx="{middle}" cy="{middle}" r="9" fill="#a01c1c" stroke="#fff" stroke-width="3"/></svg>"""


def drawn(streets: Sequence[Street], centre: Spot) -> str:
    """An SVG with the place in its middle."""
    near = [street for street in streets if any(_is_near(x, y) for x, y in _ends(centre, street))]
    return _PLAN.format(
        size=SIZE, middle=SIZE // 2, streets="".join(_lines(centre, near)), names="".join(_names(centre, near))
    )


def point(centre: Spot, x: int, y: int) -> tuple[float, float]:
    """The place under this pixel."""
    east, north = (x - SIZE / 2) / _SCALE, (SIZE / 2 - y) / _SCALE
    scale = METRES_A_DEGREE * cos(radians(centre.latitude))
    return centre.latitude + north / METRES_A_DEGREE, centre.longitude + east / scale


def _ends(centre: Spot, street: Street) -> tuple[tuple[float, float], ...]:
    """Both ends and the middle, in pixels."""
    ends = ((street.latitude, street.longitude), street.at(0), (street.latitude_end, street.longitude_end))
    return tuple(_pixel(centre, latitude, longitude) for latitude, longitude in ends)


def _pixel(centre: Spot, latitude: float, longitude: float) -> tuple[float, float]:
    scale = METRES_A_DEGREE * cos(radians(centre.latitude))
    east, north = (longitude - centre.longitude) * scale, (latitude - centre.latitude) * METRES_A_DEGREE
    return SIZE / 2 + east * _SCALE, SIZE / 2 - north * _SCALE


def _is_near(x: float, y: float) -> bool:
    return -SIZE < x < 2 * SIZE and -SIZE < y < 2 * SIZE


def _lines(centre: Spot, streets: Sequence[Street]) -> Iterator[str]:
    for street in streets:
        (x1, y1), _, (x2, y2) = _ends(centre, street)
        line = f'x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"'
        yield f'<line {line} stroke="#fff" stroke-width="11" stroke-linecap="round"/>'
        yield f'<line {line} stroke="#b9c5c0" stroke-width="1"/>'


def _names(centre: Spot, streets: Sequence[Street]) -> Iterator[str]:
    """Each where a piece of its street can be seen, unless another name stands there."""
    taken: list[tuple[float, float]] = []
    for street in streets:
        (x1, y1), _, (x2, y2) = _ends(centre, street)
        shares = [(x1 + (x2 - x1) * n / 8, y1 + (y2 - y1) * n / 8) for n in range(9)]
        seen = [(x, y) for x, y in shares if 60 < x < SIZE - 60 and 16 < y < SIZE - 10]
        free = [(x, y) for x, y in seen if all(abs(x - a) > 110 or abs(y - b) > 15 for a, b in taken)]
        if free:
            x, y = free[len(free) // 2]
            taken.append((x, y))
            yield (
                f'<text x="{x:.0f}" y="{y:.0f}" font-family="sans-serif" font-size="11" text-anchor="middle"'
                f' fill="#15231f">{escape(street.name)}</text>'
            )
