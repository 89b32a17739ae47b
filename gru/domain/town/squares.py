"""In which square of some 100 m does an address lie, and how far is it from another?

An address is read out of words (« devant le 14 rue des Acacias ») by the town's streets; its place between the ends of
its street follows from its number. A search for what somebody types is another matter: see `streets`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from math import cos, floor, hypot, radians

import msgspec

from gru.domain.town.streets import METRES_A_DEGREE, Street

_HIGH, _WIDE = 0.0009, 0.0014
"""A square is some 100 m high and wide at the latitude of France: fine enough to find neighbours, too coarse to be an
address."""

LONGEST_NAME = 8
_WORD = re.compile(r"\d+|[^\W\d_]+")


class Point(msgspec.Struct, frozen=True):
    latitude: float
    longitude: float


class Address(msgspec.Struct, frozen=True):
    """What was read out of words; `point` is None when no number says where in the street."""

    street: Street
    number: int | None
    point: Point | None


Index = dict[tuple[str, ...], tuple[Street, ...]]


def address_in(streets: tuple[Street, ...], words: str) -> Address | None:
    """The first address these words name; the longest street name counts."""
    index, pieces = _index(streets), _pieces(words)
    for at in range(len(pieces)):
        for length in range(min(LONGEST_NAME, len(pieces) - at), 0, -1):
            if found := index.get(tuple(pieces[at : at + length])):
                return _address(found, _number_before(pieces, at))
    return None


def distance(one: Point, other: Point) -> int:
    """Metres between two points of one town."""
    north = (one.latitude - other.latitude) * METRES_A_DEGREE
    east = (one.longitude - other.longitude) * METRES_A_DEGREE * cos(radians(one.latitude))
    return round(hypot(north, east))


def cell_of(point: Point) -> str:
    """The square a point lies in."""
    return f"{floor(point.latitude / _HIGH)}:{floor(point.longitude / _WIDE)}"


def cells_around(cell: str, rings: int = 1) -> tuple[str, ...]:
    """The square and those around it: with one ring, whatever lies within 100 m of a point of the first is in one."""
    north, east = (int(part) for part in cell.split(":"))
    steps = range(-rings, rings + 1)
    return tuple(f"{north + up}:{east + right}" for up in steps for right in steps)


def _address(streets: tuple[Street, ...], number: int | None) -> Address:
    for street in streets:
        if number is not None and street.first <= number <= street.last:
            return Address(street, number, _between(street, number))
    return Address(streets[0], None, None)


def _between(street: Street, number: int) -> Point:
    share = (number - street.first) / max(1, street.last - street.first)
    return Point(
        round(street.latitude + share * (street.latitude_end - street.latitude), 6),
        round(street.longitude + share * (street.longitude_end - street.longitude), 6),
    )


def _number_before(pieces: list[str], at: int) -> int | None:
    """« 14 », « 14 bis », « 14, »: right before the name, perhaps with a letter between."""
    for back in pieces[max(0, at - 2) : at][::-1]:
        if back.isdigit():
            return int(back) if len(back) < 5 else None
        if back not in ("bis", "ter", "quater") and len(back) > 1:
            return None
    return None


def _pieces(words: str) -> list[str]:
    return list(_spelled(words[:4000]))


def _spelled(words: str) -> Iterator[str]:
    apart = unicodedata.normalize("NFKD", words.lower().replace("œ", "oe").replace("æ", "ae"))
    yield from _WORD.findall("".join(letter for letter in apart if not unicodedata.combining(letter)))


@lru_cache(maxsize=8)
def _index(streets: tuple[Street, ...]) -> Index:
    index: dict[tuple[str, ...], tuple[Street, ...]] = {}
    for street in streets:
        key = tuple(_spelled(street.name))
        index[key] = (*index.get(key, ()), street)
    return index
