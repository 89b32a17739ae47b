"""Does the residents' form ask one question a page, refuse in a sentence, and lose nothing that was typed?"""

import re
import shutil
from pathlib import Path

import pytest

from gru.office.town_hall import SAMPLE, adopt, read_folder
from gru.web.residents.filing import around
from gru.web.residents.filing.choosing import meant
from gru.web.residents.filing.questions import day
from tests.web.conftest import Town
from tests.web.filing import Resident, pothole, said

BASE = "/deposer/trou-chaussee-trottoir"


# --- choosing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("nid-de-poule", "VOI-CHAUSSEE"),
        ("trou dans la route", "VOI-CHAUSSEE"),
        ("Les lampadaires de ma rue sont éteints", "VOI-ECLAIR"),
        ("papier de naissance", "EC-ACTE"),
        ("voiture ventouse", "TRP-EPAVE"),
        ("cantine", "EDU-CANT"),
        ("un rat mort", "HYG-NUISIBLE"),
        ("PASSEPORT", "EC-RDV-TITRE"),
    ],
)
def test_a_request_is_found_by_residents_own_words(town: Town, words: str, code: str) -> None:
    kinds = town.office.town.in_force(town.clock.at).types
    assert meant(kinds.values(), words)[0].code == code


def test_every_type_is_on_the_home_page_and_has_its_sheet(town: Town) -> None:
    visitor = town.visitor()
    page = visitor.get("/deposer")
    for kind in town.office.town.in_force(town.clock.at).types.values():
        assert f'href="/demarches/{kind.slug}"' in page
        assert kind.steps[0] in said(visitor.get(f"/demarches/{kind.slug}")).replace("&#39;", "'")


def test_what_nothing_matches_leads_to_the_whole_list(town: Town) -> None:
    page = said(town.visitor().get("/deposer?q=xyzzy%3Cscript%3E"))
    assert "Rien ne correspond à « xyzzy<script> »" in page
    assert "Inscription scolaire" in page


def test_a_hostile_search_breaks_nothing(town: Town) -> None:
    for query in ("%00", "%ff", "a" * 5000, "%F0%9F%92%A9", "'\"><b>"):
        assert "<b>" not in town.visitor().get(f"/deposer?q={query}").replace("<body", "")


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("declaration-prealable", "Cette démarche a son propre service en ligne"),
        ("attestation-accueil", "Cette démarche se fait à l’accueil."),
    ],
)
def test_what_cannot_be_filed_here_says_where_it_can(town: Town, slug: str, sentence: str) -> None:
    page = town.visitor().get(f"/demarches/{slug}")
    assert sentence in said(page) and "Hôtel de ville" in said(page) and "Commencer" not in said(page)
    other = town.visitor().get("/demarches/rats-nuisibles")
    token = re.search(r'name="csrf_token" value="([^"]+)"', other)
    assert token
    visitor = town.visitor()
    visitor.get("/demarches/rats-nuisibles")
    assert visitor.fill("/demarches/rats-nuisibles", "/deposer/rats-nuisibles").status_code == 303
    assert visitor.client.get(f"/deposer/{slug}/contact").location == f"/demarches/{slug}"


def test_an_unknown_type_is_no_page(town: Town) -> None:
    for path in ("/demarches/nulle-part", "/deposer/nulle-part/lieu", "/deposer/nulle-part/verifier"):
        town.visitor().get(path, status=404)


# --- one question a page -----------------------------------------------------------------------------------------


def test_a_report_goes_from_place_to_receipt(town: Town) -> None:
    resident = Resident(town).begins()
    walked = [resident.step]
    for values in ({"lieu": "14 rue des Acacias"}, {"description": "Un trou."}, {"danger": "non"}, {},
                   {"email": "claire@exemple.fr"}, {}):  # fmt: skip
        resident.answers(**values)
        walked.append(resident.step)
    assert walked[:6] == ["lieu", "description", "danger", "photo", "contact", "verifier"]
    page = said(resident.page)
    assert "Votre demande est envoyée" in page and resident.number in page
    assert "Nous vous répondrons avant le vendredi 20 mars 2026." in page
    assert town.names_of(resident.number)[:3] == ["case.opened", "case.registered", "case.qualified"]


def test_every_type_that_can_be_filed_here_can_be_filed(town: Town) -> None:
    """Every question of the catalogue once, answered by what its page offers."""
    version = town.office.town.in_force(town.clock.at)
    plain = {"text": "Des mots.", "string": "Un mot", "number": "3", "datetime": "12 avril 2026"}
    contact = {"prenom": "Claire", "nom": "Lefèvre", "email": "claire@exemple.fr", "adresse": "3 rue du Puits"}
    filed = 0
    for kind in version.types.values():
        if not around.can_be_filed(kind):
            continue
        resident = Resident(town, kind.slug).begins()
        for _ in range(15):
            if resident.step == "verifier":
                break
            question = version.fields.get(resident.step.replace("-", "_"))
            if question is not None and question.datatype != "file":
                answer = question.values[0].key if question.values else plain[question.datatype]
                resident.answers(**{resident.step: answer})
            else:
                resident.answers(**({"lieu": "14 rue des Acacias", "meme": "non"} | contact))
        resident.answers()
        assert town.case(resident.number).type == kind.code, kind.slug
        town.office.access.forgive("filing_sent", "127.0.0.1")
        filed += 1
    assert filed == len(version.types) - 3


def test_nobody_skips_a_page(town: Town) -> None:
    resident = Resident(town).begins()
    for step in ("photo", "contact", "verifier", "proches", "nulle-part"):
        assert resident.visitor.client.get(f"{BASE}/{step}").location == f"{BASE}/lieu"


def test_without_a_draft_a_page_leads_to_where_it_begins(town: Town) -> None:
    for step in ("lieu", "verifier", "plus-tard"):
        assert town.visitor().client.get(f"{BASE}/{step}").location == "/demarches/trou-chaussee-trottoir"


def test_a_question_that_depends_on_an_answer_is_asked_only_after_it(town: Town) -> None:
    resident = Resident(town, "acte-etat-civil").begins()
    assert resident.answers(**{"nature-acte": "naissance"}).step == "forme-acte"
    resident.goes("nature-acte")
    assert resident.answers(**{"nature-acte": "deces"}).step == "personne-acte"


def test_a_new_version_of_a_form_asks_anew_and_what_was_received_before_keeps_its_own(
    town: Town, tmp_path: Path
) -> None:
    """Somebody in the middle of the form is asked what he was not asked yet, and loses nothing he wrote."""
    old, begun = pothole(town).answers(), Resident(town).begins().answers(lieu="3 rue du Puits")
    begun.answers(description="Un trou.").answers(danger="non")
    shutil.copytree(SAMPLE, tmp_path / "new")
    catalogue = tmp_path / "new" / "catalogue.yaml"
    words = catalogue.read_text("utf-8").replace("fields: [description, danger, photo]\n  required: [description]",
                                                 "fields: [description, danger, depuis_quand, photo]\n"
                                                 "  required: [description, depuis_quand]")  # fmt: skip
    catalogue.write_text(words, "utf-8")
    office, now = town.office, town.clock()
    adopt(office.log, office.archive, read_folder(tmp_path / "new"), now, by="system:operator", at=now)
    office.town.refresh()
    begun.goes("verifier")
    assert begun.step == "depuis-quand"
    begun.answers(**{"depuis-quand": "12 mars 2026"}).answers().answers(email="eve@exemple.fr")
    assert "Un trou." in begun.page and "12 mars 2026" in begun.page
    begun.answers()
    assert (old.case.town_version, begun.case.town_version) == (1, 2)


def test_an_answer_may_be_changed_from_the_last_page(town: Town) -> None:
    resident = pothole(town)
    assert "Modifier Que se passe-t-il ?" in resident.page.replace("\u202f", " ")
    resident.goes("description")
    assert "Un trou dans la chaussée" in resident.page
    resident.answers(description="Deux trous.")
    assert resident.step == "verifier" and "Deux trous." in resident.page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"description": ""}, "Décrivez ce qui se passe."),
        ({"description": "   \r\n "}, "Décrivez ce qui se passe."),
        ({"description": "a" * 4001}, "Votre texte fait 4 001 caractères. Le maximum est de 4 000."),
    ],
)
def test_a_wrong_answer_is_refused_in_a_sentence_and_kept(town: Town, values: dict[str, str], sentence: str) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias")
    answer = resident.sends(**values)
    assert answer.status_code == 422
    assert sentence in said(answer) and "<title>Erreur" in answer.text
    assert values["description"].strip() in answer.text
    assert 'href="#description"' in answer.text and 'aria-invalid="true"' in answer.text


def test_a_choice_that_was_not_offered_is_refused(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="x")
    assert "Choisissez une réponse." in said(resident.sends(danger="peut-etre"))


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("12 mars 2026", "2026-03-12"),
        ("1er août 2026", "2026-08-01"),
        ("12/03/2026", "2026-03-12"),
        ("12.3.2026", "2026-03-12"),
        ("2026-03-12", "2026-03-12"),
        ("31/02/2026", None),
        ("demain", None),
        ("12 brumaire 2026", None),
        ("1/1/0001", None),
        ("99999", None),
    ],
)
def test_a_date_is_read_as_people_write_it(written: str, iso: str | None) -> None:
    found = day(written)
    assert (found.isoformat() if found else None) == iso


def test_an_end_before_its_beginning_is_refused(town: Town) -> None:
    resident = Resident(town, "places-demenagement-benne").begins().answers(lieu="14 rue des Acacias")
    resident.answers(**{"date-debut": "12 avril 2026"})
    answer = resident.sends(**{"date-fin": "10/04/2026"})
    assert "Choisissez une date à partir du dimanche 12 avril 2026." in said(answer)
