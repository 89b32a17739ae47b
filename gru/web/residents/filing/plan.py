"""How does the town look, whole or around a place, drawn from its own address file, so that he can point at it?"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import cos, radians

import msgspec

from gru.domain.town import District, Spot, Street
from gru.domain.town.streets import METRES_A_DEGREE

SIZE = 280
"""Pixels, as wide as it is high: it fits the smallest telephone unshrunk, or what is pointed at would be elsewhere."""

METRES = 420
"""How much of the town it shows around a place."""

MARGIN = 1.08
SMALLEST = 200

_PLAN = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}">
<style>{colours}</style><rect width="{size}" height="{size}"/><g fill="none" stroke-linecap="round">
<path class="{kind}" d="{streets}"/><path class="line" d="{streets}"/></g>{names}{mark}</svg>"""

_COLOURS = """rect{fill:#eef2ef}.road{stroke:#fff;stroke-width:11px}.line{stroke:#b9c5c0}
.far{stroke:#8ba097;stroke-width:2.5px}.far+path{stroke:none}circle{fill:#a01c1c;stroke:#fff}
text{fill:#15231f;stroke:#eef2ef;stroke-width:3px;paint-order:stroke;font:11px sans-serif;text-anchor:middle}
@media(prefers-color-scheme:dark){rect{fill:#15201d}.road{stroke:#3a4b45}.line{stroke:#5f756c}
.far{stroke:#5f756c}circle{fill:#ffaba0;stroke:#15201d}text{fill:#e9efec;stroke:#15201d}}"""


class View(msgspec.Struct, frozen=True):
    """What a plan shows: so many metres of the town, as wide as it is high, around this point."""

    latitude: float
    longitude: float
    metres: float

    def pixel(self, latitude: float, longitude: float) -> tuple[float, float]:
        east = (longitude - self.longitude) * METRES_A_DEGREE * cos(radians(self.latitude))
        north = (latitude - self.latitude) * METRES_A_DEGREE
        scale = SIZE / self.metres
        return SIZE / 2 + east * scale, SIZE / 2 - north * scale

    def point(self, x: int, y: int) -> tuple[float, float]:
        """The latitude and longitude under this pixel."""
        scale = self.metres / SIZE
        east, north = (x - SIZE / 2) * scale, (SIZE / 2 - y) * scale
        degree = METRES_A_DEGREE * cos(radians(self.latitude))
        return self.latitude + north / METRES_A_DEGREE, self.longitude + east / degree


def around(spot: Spot) -> View:
    return View(spot.latitude, spot.longitude, METRES)


def whole(streets: Sequence[Street]) -> View:
    """All streets of the file."""
    ends = [end for street in streets for end in _ends(street)]
    south, north = min(lat for lat, _ in ends), max(lat for lat, _ in ends)
    west, east = min(lon for _, lon in ends), max(lon for _, lon in ends)
    high = (north - south) * METRES_A_DEGREE
    wide = (east - west) * METRES_A_DEGREE * cos(radians(south))
    return View((south + north) / 2, (west + east) / 2, max(high, wide, SMALLEST) * MARGIN)


def close(streets: Sequence[Street], spot: Spot) -> str:
    """An SVG with the place in its middle, and the names of the streets around it."""
    view = around(spot)
    near = [street for street in streets if any(_is_near(*view.pixel(*end)) for end in (*_ends(street), street.at(0)))]
    return _drawn(view, near, "road", _names(_seen(view, near)), spot)


def far(streets: Sequence[Street], districts: Iterable[District], spot: Spot | None) -> str:
    """An SVG of the whole town, with the names of its districts."""
    view, known = whole(streets), {one.code: one.name for one in districts}
    middles: dict[str, list[tuple[float, float]]] = {}
    for street in streets:
        middles.setdefault(street.district, []).append(view.pixel(*street.at(0)))
    named = (
        (known[code], [(sum(x for x, _ in all) / len(all), sum(y for _, y in all) / len(all))])
        for code, all in middles.items()
        if code in known
    )
    return _drawn(view, streets, "far", _names(named), spot)


def _drawn(view: View, streets: Sequence[Street], kind: str, names: Iterable[str], spot: Spot | None) -> str:
    at = view.pixel(spot.latitude, spot.longitude) if spot else None
    mark = f'<circle cx="{at[0]:.0f}" cy="{at[1]:.0f}" r="8" stroke-width="3"/>' if at else ""
    lines = "".join(_line(view, street) for street in streets)
    return _PLAN.format(size=SIZE, colours=_COLOURS, kind=kind, streets=lines, names="".join(names), mark=mark)


def _ends(street: Street) -> tuple[tuple[float, float], tuple[float, float]]:
    return (street.latitude, street.longitude), (street.latitude_end, street.longitude_end)


def _is_near(x: float, y: float) -> bool:
    return -SIZE < x < 2 * SIZE and -SIZE < y < 2 * SIZE


def _line(view: View, street: Street) -> str:
    (x1, y1), (x2, y2) = (view.pixel(*end) for end in _ends(street))
    return f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"


Named = tuple[str, list[tuple[float, float]]]
"""A name, and where it may stand."""


def _seen(view: View, streets: Sequence[Street]) -> Iterator[Named]:
    """Where a piece of each street can be seen."""
    for street in streets:
        (x1, y1), (x2, y2) = (view.pixel(*end) for end in _ends(street))
        yield street.name, [(x1 + (x2 - x1) * n / 8, y1 + (y2 - y1) * n / 8) for n in range(9)]


def _names(named: Iterable[Named]) -> Iterator[str]:
    """Each in the middle of where it may stand, unless it would leave the plan or another name stands there."""
    taken: list[tuple[float, float]] = []
    for name, places in named:
        inside = [(x, y) for x, y in places if 55 < x < SIZE - 55 and 16 < y < SIZE - 10]
        free = [(x, y) for x, y in inside if all(abs(x - a) > 110 or abs(y - b) > 15 for a, b in taken)]
        if free:
            x, y = free[len(free) // 2]
            taken.append((x, y))
            yield f'<text x="{x:.0f}" y="{y:.0f}">{escape(name)}</text>'
