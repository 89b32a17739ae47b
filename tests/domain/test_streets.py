"""Is a place found as residents write it, in the town's own address file and nowhere else?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.domain.town import Street
from gru.domain.town.squares import Point, distance
from gru.domain.town.streets import NEAR_A_STREET, coordinates, elsewhere, find, nearest

HOME = "1 place de la République, 59999 Val-des-Tilleuls"


def street(name: str, first: int = 1, last: int = 60, *, at: float = 50.2, district: str = "CEN") -> Street:
    return Street(name=name, district=district, first=first, last=last, latitude=at, longitude=3.05,
                  latitude_end=at, longitude_end=3.06)  # fmt: skip


STREETS = (
    street("rue des Acacias"),
    street("rue de la Paix", at=50.21),
    street("rue du Puits", at=50.22),
    street("Grande Rue", at=50.23),
    street("avenue de l'Église", at=50.24),
    street("boulevard des Alliés", 1, 50, at=50.25),
    street("boulevard des Alliés", 51, 120, at=50.26, district="NOR"),
    street("place du Marché", at=50.27),
    street("rue du Marché", at=50.28),
)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("14 rue des Acacias", "14 rue des Acacias"),
        ("14, rue des acacias", "14 rue des Acacias"),
        ("14 bis rue des Acacias, 59999 Val-des-Tilleuls", "14 rue des Acacias"),
        ("RUE DES ACACIAS 14", "14 rue des Acacias"),
        ("devant le 14 rue des Acacias", "14 rue des Acacias"),
        ("r. des Acacias", "rue des Acacias"),
        ("3 av de l’eglise", "3 avenue de l'Église"),
        ("Grande rue", "Grande Rue"),
        ("70 bd des Alliés", "70 boulevard des Alliés"),
        ("place du marché", "place du Marché"),
    ],
)
def test_an_address_is_found_as_people_write_it(words: str, label: str) -> None:
    found = find(STREETS, words)
    assert found.sure and found.spots[0].label == label


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("accacias", ["rue des Acacias"]),
        ("marché", ["place du Marché", "rue du Marché"]),
        ("angle rue de la Paix et rue du Puits", ["rue de la Paix", "rue du Puits"]),
        ("900 rue des Acacias", ["rue des Acacias"]),
        ("le parc", []),
        ("", []),
        ("14", []),
    ],
)
def test_what_is_not_sure_is_offered_and_never_decided(words: str, labels: list[str]) -> None:
    found = find(STREETS, words)
    assert not found.sure
    assert [spot.label for spot in found.spots] == labels


def test_the_stretch_that_has_the_number_says_the_district() -> None:
    assert find(STREETS, "20 boulevard des Alliés").spots[0].district == "CEN"
    assert find(STREETS, "70 boulevard des Alliés").spots[0].district == "NOR"


def test_a_number_lies_along_its_street() -> None:
    low, high = (find(STREETS, f"{number} rue des Acacias").spots[0] for number in (1, 60))
    assert (low.longitude, high.longitude) == (3.05, 3.06)
    assert 700 < distance(Point(low.latitude, low.longitude), Point(high.latitude, high.longitude)) < 725


@pytest.mark.parametrize("words", ["50.2001, 3.055", "50,2001 ; 3,055", " 50.2001 3.055 "])
def test_a_position_copied_from_a_telephone_is_the_nearest_house(words: str) -> None:
    found = find(STREETS, words)
    assert found.sure and found.spots[0].street == "rue des Acacias"
    assert 29 <= found.spots[0].number <= 32


def test_a_position_far_from_every_street_is_not_in_the_town() -> None:
    assert find(STREETS, "48.8566, 2.3522").spots == ()
    assert nearest(STREETS, 50.2 - 2 * NEAR_A_STREET / 111_320, 3.055) is None
    assert coordinates("950.1, 3.05") is None


def test_another_town_is_known_by_its_postcode() -> None:
    assert elsewhere("10 rue du Canal, 59998 Trois-Vallées", HOME) == "Trois-Vallées"
    assert elsewhere("10 rue du Canal 59998", HOME) == "59998"
    assert elsewhere("14 rue des Acacias, 59999 Val-des-Tilleuls", HOME) == ""
    assert elsewhere("14 rue des Acacias", HOME) == ""
    assert elsewhere("50.21403, 3.05497", HOME) == ""


@given(st.text(max_size=300))
def test_no_words_break_the_search(words: str) -> None:
    found = find(STREETS, words)
    assert len(found.spots) <= 8
    elsewhere(words, HOME)


def test_metres_are_metres() -> None:
    assert distance(Point(50.2, 3.05), Point(50.2009, 3.05)) == 100
