"""Which days are public holidays in a French zone?

The eleven national days (Code du travail L3133-1) and those of Alsace-Moselle (L3134-13) come from the
library. The commemoration of the abolition of slavery (law 83-550, decree 83-1003) is our own list: for the
overseas zones the library adds local customs, Mi-Carême, Good Friday and Victor Schœlcher, which the law does
not make public holidays. A town that keeps them closes its services on those days; they extend no legal
limit.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from holidays import country_holidays

Zone = Literal[
    "metropole",
    "alsace-moselle",
    "guadeloupe",
    "martinique",
    "guyane",
    "reunion",
    "mayotte",
    "saint-martin",
    "saint-barthelemy",
]

ABOLITION: dict[Zone, tuple[int, int]] = {
    "mayotte": (4, 27),
    "martinique": (5, 22),
    "guadeloupe": (5, 27),
    "saint-martin": (5, 28),
    "guyane": (6, 10),
    "saint-barthelemy": (10, 9),
    "reunion": (12, 20),
}
"""Month and day of the commemoration, by zone."""

_ABOLITION_NAME = "Abolition de l'esclavage"
_MOSELLE = "57"


class Holiday(NamedTuple):
    day: date
    name: str


def public_holidays(zone: Zone, years: Iterable[int]) -> list[Holiday]:
    """The public holidays of a zone in the given years, by date; two that fall together share one line."""
    years = sorted(set(years))
    subdivision = _MOSELLE if zone == "alsace-moselle" else None
    names = dict(country_holidays("FR", subdiv=subdivision, years=years, language="fr").items())
    if zone in ABOLITION:
        for day in (date(year, *ABOLITION[zone]) for year in years):
            names[day] = f"{names[day]}; {_ABOLITION_NAME}" if day in names else _ABOLITION_NAME
    return [Holiday(day, name) for day, name in sorted(names.items())]
