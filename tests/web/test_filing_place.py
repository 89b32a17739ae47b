"""Is the place found in the town's own streets, and is what was reported there shown without its author?"""

import pytest

from tests.web.conftest import Town
from tests.web.filing import Resident, pothole, said

BASE = "/deposer/trou-chaussee-trottoir"


# --- the place ---------------------------------------------------------------------------------------------------


def test_a_place_that_is_not_sure_is_offered_and_chosen(town: Town) -> None:
    resident = Resident(town).begins()
    answer = resident.sends(lieu="accacia")
    assert answer.status_code == 422 and "Choisissez le bon lieu" in said(answer)
    resident.page = answer.text
    assert resident.answers(lieu="accacia", choix="rue des Acacias").step == "description"


def test_a_place_the_file_does_not_know_may_be_kept_as_written(town: Town) -> None:
    resident = Resident(town).begins()
    answer = resident.sends(lieu="derrière le kiosque du parc")
    assert "Nous ne trouvons pas « derrière le kiosque du parc » à Val-des-Tilleuls." in said(answer)
    resident.page = answer.text
    assert resident.answers(choix="tel-quel").step == "description"


def test_a_choice_made_for_other_words_does_not_count(town: Town) -> None:
    resident = Resident(town).begins()
    resident.page = resident.sends(lieu="derrière le kiosque du parc").text
    assert resident.sends(lieu="un tout autre lieu", choix="tel-quel").status_code == 422


def test_another_town_is_named(town: Town) -> None:
    answer = Resident(town).begins().sends(lieu="10 rue du Canal, 59998 Trois-Vallées")
    assert "Cette adresse est à Trois-Vallées. Contactez la mairie de Trois-Vallées." in said(answer)


def test_a_place_must_be_given_where_one_is_needed(town: Town) -> None:
    assert "Indiquez une adresse ou un lieu." in said(Resident(town).begins().sends(lieu=" "))


def test_a_place_may_be_left_out_where_none_is_needed(town: Town) -> None:
    assert Resident(town, "concession-funeraire").begins().answers(lieu="").step == "description"


def test_the_plan_shows_the_streets_and_a_point_on_it_moves_the_place(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").goes("lieu")
    drawn = resident.visitor.client.get(f"{BASE}/plan.svg")
    assert drawn.content_type == "image/svg+xml" and "rue des Acacias" in drawn.text and "<script" not in drawn.text
    resident.answers(**{"plan.x": "170", "plan.y": "155"})
    assert resident.step == "lieu"
    assert "14 rue des Acacias" not in resident.page and "Adresse la plus proche du point choisi" in said(resident.page)
    resident.answers(**{"plan.x": "0", "plan.y": "0"})
    assert resident.step == "description"


def test_before_any_address_the_whole_town_can_be_pointed_at(town: Town) -> None:
    resident = Resident(town).begins()
    drawn = resident.visitor.client.get(f"{BASE}/plan.svg?ville").text
    assert "Centre" in drawn and drawn.count("M") > 100 and "circle cx" not in drawn
    resident.answers(**{"ville.x": "140", "ville.y": "140"})
    assert resident.step == "lieu" and "Adresse la plus proche du point choisi" in said(resident.page)
    assert 'name="plan"' in resident.page and "circle cx" in resident.visitor.client.get(f"{BASE}/plan.svg?ville").text
    assert 'name="ville"' in resident.goes("lieu?plan=ville").page


def test_a_point_far_from_every_street_is_refused_in_a_sentence(town: Town) -> None:
    answer = Resident(town).begins().sends(**{"ville.x": "1", "ville.y": "1"})
    assert answer.status_code == 422 and "Ce point est loin de toute rue de Val-des-Tilleuls." in said(answer)


@pytest.mark.parametrize("point", [("x", "1"), ("-5", "1"), ("99999999", "1"), ("¹", "1"), ("", "1")])
def test_a_point_that_is_none_is_no_point(town: Town, point: tuple[str, str]) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").goes("lieu")
    resident.answers(**{"plan.x": point[0], "plan.y": point[1]})
    assert resident.step == "description"


def test_a_position_is_proposed_as_the_nearest_address_and_kept_as_it_was(town: Town) -> None:
    """Between two numbers: what stands in the request is where he stood, not where the number begins."""
    resident = Resident(town).begins()
    resident.answers(action="position", position="50.219000, 3.051800", precision="12")
    assert resident.step == "lieu" and "13 rue des Acacias" in said(resident.page)
    resident.answers(lieu="13 rue des Acacias")
    assert resident.step == "description"
    resident.answers(description="Un trou.").answers(danger="non").answers()
    resident.answers(email="claire.lefevre@exemple.fr").answers()
    told = said(town.agent().get(f"/agent/demandes/{resident.number}"))
    assert "13 rue des Acacias" in told and "50.21900, 3.05180" in told


def test_an_address_written_over_a_position_takes_its_place(town: Town) -> None:
    resident = Resident(town).begins()
    resident.answers(action="position", position="50.219000, 3.051800", precision="12")
    resident.answers(lieu="3 rue du Puits").goes("lieu")
    assert "Adresse la plus proche" not in said(resident.page) and 'value="3 rue du Puits"' in resident.page


@pytest.mark.parametrize(
    ("position", "precision", "sentence"),
    [
        ("50.2190, 3.0518", "501", "Votre appareil ne connaît votre position qu’à 501 m près."),
        ("48.8566, 2.3522", "10", "Votre position est loin de toute rue de Val-des-Tilleuls."),
        ("", "10", "Votre appareil ne donne pas votre position."),
        ("91.0000, 3.0518", "10", "Votre appareil ne donne pas votre position."),
        ("50.2190, 3.0518", "-1", "Votre appareil ne donne pas votre position."),
        ("50.2190, 3.0518", "1e9", "Votre appareil ne donne pas votre position."),
        ("NaN, NaN", "10", "Votre appareil ne donne pas votre position."),
    ],
)
def test_a_position_that_says_too_little_is_refused_and_what_was_typed_stays(
    town: Town, position: str, precision: str, sentence: str
) -> None:
    resident = Resident(town).begins()
    answer = resident.sends(action="position", position=position, precision=precision, lieu="devant l’école")
    assert answer.status_code == 422 and sentence in said(answer)
    assert "devant l’école" in answer.text


def test_nobody_else_sees_the_plan_of_a_draft(town: Town) -> None:
    town.visitor().get(f"{BASE}/plan.svg", status=404)


# --- reported already --------------------------------------------------------------------------------------------


def test_what_is_reported_nearby_is_shown_without_a_word_of_its_author(town: Town) -> None:
    first = pothole(town).answers()
    resident = Resident(town).begins().answers(lieu="16 rue des Acacias")
    assert resident.step == "proches"
    page = said(resident.page)
    assert "rue des Acacias, à 10 m environ, signalé le 18 mars" in page
    assert "Un trou dans la chaussée" not in page and "Claire" not in page and "Lefèvre" not in page
    assert resident.sends(meme="").status_code == 422
    assert resident.sends(meme="2026-000999").status_code == 422
    resident.answers(meme=first.number)
    assert resident.step == "contact"
    resident.answers(email="eve@exemple.fr").answers()
    assert resident.case.links == frozenset({town.id_of(first.number)})
    assert "Même problème" not in said(town.visitor().get(town.link(first.number)))


def test_another_problem_goes_on_as_usual(town: Town) -> None:
    pothole(town).answers()
    resident = Resident(town).begins().answers(lieu="16 rue des Acacias").answers(meme="non")
    assert resident.step == "description"


def test_another_place_asks_again_what_is_reported_there(town: Town) -> None:
    first = pothole(town).answers()
    resident = Resident(town).begins().answers(lieu="16 rue des Acacias").answers(meme=first.number)
    resident.goes("lieu").answers(lieu="3 rue du Puits")
    assert resident.step == "description"
