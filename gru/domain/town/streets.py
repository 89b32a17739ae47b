"""Where in the town is the place a resident speaks of, as the town's own address file has it?

Nobody else is asked: what residents type about where they live goes to no third party.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from math import cos, hypot, radians

import msgspec

METRES_A_DEGREE = 111_320
MOST_FOUND = 8
NEAR_A_STREET = 400
"""Metres: whoever stands farther from every street of the file is not in the town."""

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?<!\d)(\d{1,4})\s*(?:bis|ter|quater|[a-d])?(?![\d\w])", re.IGNORECASE)
_POSTCODE = re.compile(r"(?<!\d)(\d{5})(?!\d)[ ,]*([^,\d]*)")
_COORDINATES = re.compile(r"^\s*(-?\d{1,2}[.,]\d{2,})\s*[,;\s]\s*(-?\d{1,3}[.,]\d{2,})\s*$")
_SMALL = frozenset(
    [
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "sur",
        "angle",
        "devant",
        "croisement",
    ]
)
_KINDS = {
    "allee": "allee", "all": "allee", "avenue": "avenue", "av": "avenue", "ave": "avenue", "boulevard": "boulevard",
    "bd": "boulevard", "bld": "boulevard", "bvd": "boulevard", "chemin": "chemin", "che": "chemin", "ch": "chemin",
    "cite": "cite", "cour": "cour", "esplanade": "esplanade", "impasse": "impasse", "imp": "impasse",
    "passage": "passage", "place": "place", "pl": "place", "placette": "placette", "promenade": "promenade",
    "quai": "quai", "residence": "residence", "rond": "rond", "route": "route", "rte": "route", "rue": "rue",
    "r": "rue", "ruelle": "ruelle", "sentier": "sentier", "square": "square", "sq": "square", "venelle": "venelle",
    "villa": "villa",
}  # fmt: skip
_KIND_WORDS = frozenset(_KINDS.values())
_ALIKE = 0.82


class Street(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of street: the numbers `first` to `last` lie along the line between its ends, in one district."""

    name: str
    district: str
    first: int
    last: int
    latitude: float
    longitude: float
    latitude_end: float
    longitude_end: float

    def at(self, number: int) -> tuple[float, float]:
        """Where this number is about; 0: the middle."""
        share = (number - self.first) / max(1, self.last - self.first) if number else 0.5
        share = min(1.0, max(0.0, share))
        return (
            round(self.latitude + share * (self.latitude_end - self.latitude), 5),
            round(self.longitude + share * (self.longitude_end - self.longitude), 5),
        )


class Spot(msgspec.Struct, frozen=True):
    """A place of the town; `number` 0: somewhere in the street."""

    street: str
    number: int
    district: str
    latitude: float
    longitude: float

    @property
    def label(self) -> str:
        return f"{self.number} {self.street}" if self.number else self.street


class Found(msgspec.Struct, frozen=True):
    """The likeliest first; `sure` when the first is what was said, and nothing else is."""

    spots: tuple[Spot, ...]
    sure: bool = False


def find(streets: Sequence[Street], words: str) -> Found:
    """The places of the town that these words may mean."""
    if here := coordinates(words):
        spot = nearest(streets, *here)
        return Found((spot,) if spot else (), sure=spot is not None)
    said = _POSTCODE.sub("", words[:200])
    number = int(match[1]) if (match := _NUMBER.search(said)) else 0
    asked = _words(said)
    wanted = {word for word in asked if not word.isdigit()}
    if not wanted:
        return Found(())
    scored = [(score, street) for street in streets if (score := _said(street.name, wanted))]
    scored = scored or [(score, street) for street in streets if (score := _alike(street.name, wanted))]
    best: dict[str, tuple[float, list[Street]]] = {}
    for score, street in scored:
        best.setdefault(street.name, (score, []))[1].append(street)
    ranked = sorted(best.values(), key=lambda one: (-one[0], one[1][0].name))[:MOST_FOUND]
    spots = tuple(_spot(stretches, number) for _, stretches in ranked)
    return Found(spots, sure=_is_sure([score for score, _ in ranked], spots, number))


def _is_sure(scores: list[float], spots: tuple[Spot, ...], number: int) -> bool:
    """The name was said whole, no other street has it, and the number, if any, lies in it."""
    alone = len(scores) == 1 or (len(scores) > 1 and scores[1] < scores[0])
    return bool(scores) and scores[0] >= 2 and alone and spots[0].number == number


def _spot(stretches: list[Street], number: int) -> Spot:
    """The stretch that has this number; without it, the first stretch."""
    holds = [one for one in stretches if number and one.first <= number <= one.last]
    street = holds[0] if holds else stretches[0]
    known = number if holds else 0
    latitude, longitude = street.at(known)
    return Spot(street.name, known, street.district, latitude, longitude)


def _said(name: str, wanted: set[str]) -> float:
    """2 when every telling word of the name was said, 3 with its kind, 0 when not; a word too many counts against."""
    kind, telling = _parts(name)
    if not telling <= wanted:
        return 0.0
    return (3.0 if kind in wanted else 2.0) - 0.01 * len(wanted - telling - _KIND_WORDS)


def _alike(name: str, wanted: set[str]) -> float:
    """Less, when what was said only begins or sounds like the name."""
    kind, telling = _parts(name)
    rest = (wanted - _KIND_WORDS) or wanted
    if all(any(_sounds_like(word, other) for other in telling) for word in rest):
        return 1.5 if kind in wanted else 1.0
    return 0.0


def _sounds_like(said: str, true: str) -> bool:
    if len(said) >= 3 and true.startswith(said):
        return True
    return len(said) >= 4 and SequenceMatcher(None, said, true).ratio() >= _ALIKE


@lru_cache(maxsize=20_000)
def _parts(name: str) -> tuple[str, frozenset[str]]:
    """The kind of a street, and the words that tell it from others."""
    words = _words(name)
    kind = words[0] if words and words[0] in _KIND_WORDS else ""
    return kind, frozenset(word for word in words if word != kind and not word.isdigit()) or frozenset({kind})


def _words(text: str) -> list[str]:
    """The words that count, without accents, each kind of street under one name."""
    small = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    plain = "".join(letter for letter in small if not unicodedata.combining(letter))
    found = [word for word in _WORD.findall(plain) if word not in _SMALL]
    return [_KINDS.get(word, word) if n == 0 or found[n - 1].isdigit() else word for n, word in enumerate(found)]


def elsewhere(words: str, own_address: str) -> str:
    """The other town these words name with its postcode, `""` when they name none or our own."""
    said, ours = _POSTCODE.search(words[:200]), _POSTCODE.search(own_address)
    if coordinates(words) or said is None or ours is None or said[1] == ours[1]:
        return ""
    return " ".join(said[2].split())[:60] or said[1]


def coordinates(words: str) -> tuple[float, float] | None:
    """A position as telephones copy it: « 50.21403, 3.05497 »."""
    match = _COORDINATES.match(words[:80])
    if match is None:
        return None
    latitude, longitude = (float(part.replace(",", ".")) for part in match.groups())
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def nearest(streets: Iterable[Street], latitude: float, longitude: float) -> Spot | None:
    """The number of the street that is nearest; `None` when every street is far."""
    closest: tuple[float, Spot] | None = None
    for street in streets:
        away, number = _away(street, latitude, longitude)
        if away <= NEAR_A_STREET and (closest is None or away < closest[0]):
            closest = away, Spot(street.name, number, street.district, round(latitude, 5), round(longitude, 5))
    return closest[1] if closest else None


def _away(street: Street, latitude: float, longitude: float) -> tuple[float, int]:
    """How far the point is from this stretch, and beside which number."""
    x, y = _metres(street, latitude, longitude)
    along_x, along_y = _metres(street, street.latitude_end, street.longitude_end)
    length = along_x**2 + along_y**2
    share = min(1.0, max(0.0, (x * along_x + y * along_y) / length)) if length else 0.0
    number = round(street.first + share * (street.last - street.first))
    return hypot(x - share * along_x, y - share * along_y), number


def _metres(street: Street, latitude: float, longitude: float) -> tuple[float, float]:
    scale = METRES_A_DEGREE * cos(radians(street.latitude))
    return (longitude - street.longitude) * scale, (latitude - street.latitude) * METRES_A_DEGREE
