"""What is like what, by which signs and with which figures, and who is told?"""

from math import cos, radians

import pytest

from gru.bench.meter import Meter
from gru.domain.case import RedactText, SetPlace
from gru.domain.events import CaseOpened, PlaceSet
from gru.domain.rights import Scope
from gru.domain.town.squares import Point, address_in, cell_of, cells_around, distance
from gru.office.duplicates import Draft, Likeness, likeness
from gru.office.filing import NEAR, RINGS
from tests.domain.towns import sample_content
from tests.storage.archive_kit import statements
from tests.web.conftest import Town

CATALOGUE = sample_content().catalogue
HOLE = "Un grand trou dans la chaussée devant la boulangerie, un cycliste est tombé"
EVERYTHING = Scope(everywhere=("normal", "restricted"))


def placed(town: Town, number: str, words: str) -> None:
    case = town.case(number)
    place = town.office.archive.write_text(words, person=case.requester, case=case.id)
    cell = town.office.town.in_force(town.clock.at).cell(words)
    town.do(SetPlace(case_id=case.id, place=place, cell=cell))


def reasons(town: Town, draft: Draft, scope: Scope = EVERYTHING) -> dict[str, tuple[Likeness, ...]]:
    return {one.number: one.reasons for one in town.office.likenesses.like(draft, scope)}


@pytest.mark.parametrize(
    ("words", "street", "number"),
    [
        ("14 rue des Acacias", "rue des Acacias", 14),
        ("devant le 14 bis, RUE DES ACACIAS svp", "rue des Acacias", 14),
        ("au 3 place de la Republique", "place de la République", 3),
        ("rue des Acacias", "rue des Acacias", None),
        ("14000 rue des Acacias", "rue des Acacias", None),
    ],
)
def test_an_address_is_read_out_of_words(words: str, street: str, number: int | None) -> None:
    found = address_in(CATALOGUE.streets, words)
    assert found is not None and (found.street.name, found.number) == (street, number)
    assert (found.point is None) is (number is None)


def test_words_without_a_street_of_the_town_have_no_place() -> None:
    assert address_in(CATALOGUE.streets, "avenue de Nulle-Part, " * 500) is None
    assert address_in((), "14 rue des Acacias") is None


def test_whatever_lies_within_100_metres_is_in_a_neighbouring_square() -> None:
    here = Point(50.21927, 3.05270)
    for north in (-0.00089, 0.0, 0.00089):
        for east in (-0.00139, 0.0, 0.00139):
            there = Point(here.latitude + north, here.longitude + east)
            assert cell_of(there) in cells_around(cell_of(here))
            assert distance(here, there) <= 141


def test_whatever_lies_within_250_metres_is_within_three_squares_as_far_south_and_north_as_france_goes() -> None:
    for latitude in (-21.4, 41.3, 51.1):
        here = Point(latitude, 3.05270)
        for north, east in ((0.00224, 0.0), (-0.00224, 0.0), (0.0, 250 / (111_320 * cos(radians(latitude))))):
            there = Point(latitude + north, 3.05270 + east)
            assert 245 <= distance(here, there) <= NEAR
            assert cell_of(there) in cells_around(cell_of(here), RINGS)


def test_a_place_near_by_counts_with_its_metres_and_another_kind_does_not(town: Town) -> None:
    near, far = town.open_case("Trou"), town.open_case("Trou", email="z@exemple.fr", name="Zoé")
    lamp = town.open_case("Lampe", "Elle clignote", type="VOI-ECLAIR", email="z@exemple.fr", name="Zoé")
    for number, words in ((near, "16 rue des Acacias"), (far, "60 rue des Acacias"), (lamp, "14 rue des Acacias")):
        placed(town, number, words)
    found = reasons(town, Draft(type="VOI-CHAUSSEE", place="14 rue des Acacias"))
    assert list(found) == [near]
    (reason,) = found[near]
    assert reason.sign == "place" and 0 < reason.figure <= 100


def test_words_count_with_their_share_and_two_greetings_do_not() -> None:
    one = frozenset({"trou", "chauss", "boulanger", "cyclist"})
    assert likeness(one, one) == 1.0
    assert likeness(one, frozenset({"trou", "chauss"})) == 0.0
    assert likeness(frozenset(), frozenset()) == 0.0


def test_words_of_courtesy_make_nothing_alike(town: Town) -> None:
    polite = "Bonjour Madame, Monsieur, merci, cordialement. Comment pourriez-vous nous aider ?"
    town.open_case("Lampe", f"{polite} Une lampe éteinte", channel="phone")
    assert reasons(town, Draft(type="VOI-CHAUSSEE", text=f"{polite} Un trou profond")) == {}


def test_the_same_words_by_another_channel_are_found_though_nobody_said_the_place(town: Town) -> None:
    number = town.open_case("Trou", HOLE, channel="phone")
    (reason,) = reasons(town, Draft(type="VOI-CHAUSSEE", text=f"Trou\n{HOLE}"))[number]
    assert reason == Likeness("text", 100)
    assert reasons(town, Draft(type="VOI-CHAUSSEE", text="Bonjour, merci")) == {}


def test_the_same_person_is_a_reason_and_all_reasons_are_told_together(town: Town) -> None:
    number = town.open_case("Trou", HOLE)
    placed(town, number, "14 rue des Acacias")
    person = town.case(number).requester
    found = reasons(town, Draft(person=person, type="VOI-CHAUSSEE", place="14 rue des Acacias", text=HOLE))
    assert {reason.sign for reason in found[number]} == {"person", "place", "text"}


def test_old_closed_and_hidden_cases_are_not_named(town: Town) -> None:
    number = town.open_case("Trou", HOLE)
    placed(town, number, "14 rue des Acacias")
    draft = Draft(type="VOI-CHAUSSEE", place="14 rue des Acacias", text=HOLE)
    assert number in reasons(town, draft)
    assert reasons(town, draft, Scope(departments=("PRO",), within=("normal",))) == {}
    town.clock.pass_(days=31)
    assert reasons(town, draft) == {}


def test_hostile_words_cost_little_and_break_nothing(town: Town) -> None:
    town.open_case("Trou", HOLE)
    for words in ("\x00' OR 1=1 --", "*" * 9000, "é" * 20_000, '"near" AND (', "14 " * 5000):
        assert isinstance(reasons(town, Draft(text=words, place=words)), dict)


def test_a_square_says_less_than_an_address() -> None:
    found = PlaceSet.__struct_fields__
    assert "cell" in found and "latitude" not in found
    points = [Point(50.2100 + step * 0.0001, 3.05) for step in range(9)]
    assert len({cell_of(point) for point in points}) <= 2


def test_words_are_compared_without_opening_any_and_a_place_only_where_it_may_be_near(town: Town) -> None:
    number = town.open_case("Trou", HOLE)
    placed(town, number, "14 rue des Acacias")
    archive, views = town.office.databases.archive, town.office.databases.views
    by_words = Draft(type="VOI-CHAUSSEE", text=f"Trou\n{HOLE}")
    far = Draft(type="VOI-CHAUSSEE", text=HOLE, point=Point(48.0, 2.0))
    near = Draft(type="VOI-CHAUSSEE", place="16 rue des Acacias")
    for draft, signs, opened in ((by_words, {"text"}, 0), (far, {"text"}, 0), (near, {"place"}, 1)):
        with statements(views) as on_views, statements(archive) as on_archive:
            found = reasons(town, draft)
        assert {reason.sign for reason in found[number]} == signs
        assert (len(on_views), len(on_archive)) == (1, opened)


def test_masked_words_are_like_nothing(town: Town) -> None:
    number = town.open_case("Trou", HOLE, channel="phone")
    draft = Draft(type="VOI-CHAUSSEE", text=HOLE)
    assert number in reasons(town, draft)
    case, opened = town.id_of(number), town.office.log.history(town.id_of(number))[0].event
    assert isinstance(opened, CaseOpened) and opened.text is not None
    town.do(RedactText(case_id=case, id=opened.text.id, reason="third_party"), by=town.by("julien.moreau"))
    assert reasons(town, draft) == {}


def test_the_page_of_a_case_takes_its_own_words_from_the_page(town: Town) -> None:
    """However many may be the same: the session, the case, its names, those beside it and their titles, the counts."""
    number = town.open_case("Trou", HOLE)
    for n in range(30):
        town.open_case(f"Trou {n}", HOLE, email=f"usager{n}@exemple.fr", name=f"Usager {n}")
    agent, meter = town.agent(), Meter(town.office)
    path = f"/agent/demandes/{number}"
    assert "texte proche à" in agent.get(path)
    assert meter.cost(lambda: agent.get(path)).statements <= 11
