"""Does every French zone have its public holidays, and no others?"""

from datetime import date
from typing import get_args

import pytest
from holidays import country_holidays

from gru.office.holidays import ABOLITION, Zone, public_holidays

NATIONAL_2027 = [
    (date(2027, 1, 1), "Jour de l'an"),
    (date(2027, 3, 29), "Lundi de Pâques"),
    (date(2027, 5, 1), "Fête du Travail"),
    (date(2027, 5, 6), "Ascension"),
    (date(2027, 5, 8), "Fête de la Victoire"),
    (date(2027, 5, 17), "Lundi de Pentecôte"),
    (date(2027, 7, 14), "Fête nationale"),
    (date(2027, 8, 15), "Assomption"),
    (date(2027, 11, 1), "Toussaint"),
    (date(2027, 11, 11), "Armistice"),
    (date(2027, 12, 25), "Noël"),
]
SUBDIVISIONS: dict[Zone, str] = {
    "guadeloupe": "971",
    "martinique": "972",
    "guyane": "973",
    "reunion": "974",
    "mayotte": "976",
    "saint-martin": "MF",
    "saint-barthelemy": "BL",
}


def added(zone: Zone) -> list[tuple[date, str]]:
    """What a zone has beside the national days of 2027, none of which it lacks."""
    days = [(day, name) for day, name in public_holidays(zone, [2027])]
    assert [day for day in days if day in NATIONAL_2027] == NATIONAL_2027
    return [day for day in days if day not in NATIONAL_2027]


def test_metropolitan_france_has_the_eleven_national_days() -> None:
    assert added("metropole") == []


def test_alsace_and_moselle_add_good_friday_and_saint_stephen() -> None:
    assert added("alsace-moselle") == [
        (date(2027, 3, 26), "Vendredi saint"),
        (date(2027, 12, 26), "Saint-Étienne"),
    ]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("mayotte", date(2027, 4, 27)),
        ("martinique", date(2027, 5, 22)),
        ("guadeloupe", date(2027, 5, 27)),
        ("saint-martin", date(2027, 5, 28)),
        ("guyane", date(2027, 6, 10)),
        ("saint-barthelemy", date(2027, 10, 9)),
        ("reunion", date(2027, 12, 20)),
    ],
)
def test_overseas_zones_add_the_abolition_of_slavery_and_no_local_custom(zone: Zone, day: date) -> None:
    assert added(zone) == [(day, "Abolition de l'esclavage")]


def test_every_zone_is_known_and_in_order_over_several_years() -> None:
    for zone in get_args(Zone):
        days = [day for day, _ in public_holidays(zone, [2028, 2027, 2027])]
        assert days == sorted(set(days))
        assert {day.year for day in days} == {2027, 2028}


def test_two_holidays_on_one_day_share_a_line() -> None:
    whit_monday = [holiday for holiday in public_holidays("martinique", [2051]) if holiday.day == date(2051, 5, 22)]

    assert whit_monday == [(date(2051, 5, 22), "Lundi de Pentecôte; Abolition de l'esclavage")]


def test_our_list_of_commemorations_agrees_with_the_library() -> None:
    for zone, subdivision in SUBDIVISIONS.items():
        theirs = country_holidays("FR", subdiv=subdivision, years=range(2024, 2036), language="fr")
        for year in range(2024, 2036):
            assert "Abolition de l'esclavage" in theirs[date(year, *ABOLITION[zone])]
