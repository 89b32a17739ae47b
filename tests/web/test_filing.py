"""Does the residents' form ask one question a page, refuse in a sentence, and lose nothing that was typed?"""

import re
from datetime import timedelta

import pytest

from gru.domain import events as e
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
    resident.at = f"{BASE}/lieu"
    resident.answers(**{"plan.x": "190", "plan.y": "175"})
    assert resident.step == "lieu"
    assert "14 rue des Acacias" not in resident.page and "rue" in resident.page
    resident.answers(**{"plan.x": "0", "plan.y": "0"})
    assert resident.step == "description"


@pytest.mark.parametrize("point", [("x", "1"), ("-5", "1"), ("99999999", "1"), ("¹", "1"), ("", "1")])
def test_a_point_that_is_none_is_no_point(town: Town, point: tuple[str, str]) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").goes("lieu")
    resident.at = f"{BASE}/lieu"
    resident.answers(**{"plan.x": point[0], "plan.y": point[1]})
    assert resident.step == "description"


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


# --- who ---------------------------------------------------------------------------------------------------------


def at_contact(town: Town, slug: str) -> Resident:
    resident = Resident(town, slug).begins()
    version = town.office.town.in_force(town.clock.at)
    while resident.step != "contact":
        question = version.fields.get(resident.step.replace("-", "_"))
        answer = question.values[0].key if question and question.values else "2026-04-12"
        answer = "3" if question and question.datatype == "number" else answer
        resident.answers(**({"lieu": "14 rue des Acacias"} if question is None else {resident.step: answer}))
    return resident


@pytest.mark.parametrize(
    ("slug", "values", "sentence"),
    [
        ("trou-chaussee-trottoir", {}, "Donnez un e-mail ou un téléphone, ou cochez"),
        ("trou-chaussee-trottoir", {"email": "claire"}, "Écrivez une adresse e-mail complète."),
        ("trou-chaussee-trottoir", {"email": "a@b.example\nBcc: x@y.example"}, "Écrivez une adresse e-mail complète."),
        ("trou-chaussee-trottoir", {"tel": "12"}, "Écrivez un numéro de téléphone à 10 chiffres."),
        ("vehicule-epave", {"nom": "Lefèvre"}, "Donnez un e-mail ou un téléphone."),
        ("cantine-periscolaire", {"email": "a@b.example"}, "Remplissez ce champ : votre adresse postale."),
        ("cantine-periscolaire", {"prenom": "C", "nom": "L", "adresse": "3 rue"}, "Écrivez une adresse e-mail"),
        ("trou-chaussee-trottoir", {"email": "a@b.example", "nom": "x" * 201}, "Ce texte est trop long."),
    ],
)
def test_who_must_name_himself_is_told_so(town: Town, slug: str, values: dict[str, str], sentence: str) -> None:
    answer = at_contact(town, slug).sends(**values)
    assert answer.status_code == 422 and sentence in said(answer)
    for typed in values.values():
        assert typed in answer.text or "\n" in typed


def test_nobody_must_say_who_he_is_to_report_a_hole(town: Town) -> None:
    resident = at_contact(town, "trou-chaussee-trottoir").answers(rien="oui", nom="Personne").answers()
    case = resident.case
    assert case.requester == ""
    assert "Gardez la référence et le code." in said(resident.page)


def test_an_identity_to_be_verified_is_asked_for_at_the_counter_and_the_request_counts(town: Town) -> None:
    resident = at_contact(town, "liste-electorale")
    assert "montrez une pièce d’identité dans l’un de nos accueils" in said(resident.page)
    resident.answers(prenom="Claire", nom="Lefèvre", adresse="3 rue du Puits", email="c@exemple.fr").answers()
    opened = town.office.log.history(town.id_of(resident.number))[0].event
    assert isinstance(opened, e.CaseOpened) and opened.text
    text = town.office.archive.texts([opened.text.id])[opened.text.id] or ""
    assert "À vérifier : pièce d’identité" in text.replace("\u00a0", " ") and "3 rue du Puits" in text


# --- drafts ------------------------------------------------------------------------------------------------------


def test_a_draft_is_found_again_in_the_same_browser(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="Un trou.")
    visitor = resident.visitor
    assert "Vous avez commencé une demande" in said(visitor.get("/deposer"))
    sheet = visitor.get("/demarches/trou-chaussee-trottoir")
    assert "Reprendre ma demande" in sheet
    assert visitor.send(sheet, BASE).location == f"{BASE}/danger"
    assert visitor.send(sheet, BASE, debut="neuf").location == f"{BASE}/lieu"
    assert "Un trou." not in visitor.get(f"{BASE}/lieu")


def test_a_draft_is_found_again_elsewhere_by_its_link(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="Un trou.")
    page = resident.visitor.get(f"{BASE}/plus-tard")
    path = re.search(r"http://127.0.0.1:8000(/deposer/reprendre/[\w-]{43})", page)
    assert path
    elsewhere = town.visitor()
    asked = elsewhere.get(path[1])
    assert "Un trou." not in asked
    assert elsewhere.client.get(f"{BASE}/danger").status_code == 303
    assert elsewhere.send(asked, path[1]).location == f"{BASE}/danger"
    assert "Un trou." in elsewhere.get(f"{BASE}/description")
    town.visitor().get(path[1][:-1] + ("A" if path[1][-1] != "A" else "B"), status=404)


def test_the_link_goes_by_mail_and_tells_nothing_of_what_was_written(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="Un secret.")
    visitor = resident.visitor
    page = visitor.get(f"{BASE}/plus-tard")
    assert visitor.send(page, f"{BASE}/plus-tard", email="pas une adresse").status_code == 422
    answer = visitor.send(page, f"{BASE}/plus-tard", email="claire@exemple.fr")
    assert "Le lien est parti à claire@exemple.fr." in said(answer)
    [letter] = (town.office.settings.data / "outbox" / "new").glob("*")
    sent = letter.read_text("utf-8")
    assert "/deposer/reprendre/" in sent.replace("=\n", "") and "Un secret" not in sent and "Acacias" not in sent
    for _ in range(2):
        visitor.send(page, f"{BASE}/plus-tard", email="claire@exemple.fr")
    assert visitor.send(page, f"{BASE}/plus-tard", email="claire@exemple.fr").status_code == 429


def test_a_draft_is_gone_after_a_month(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias")
    town.clock.at += timedelta(days=30)
    assert resident.visitor.client.get(f"{BASE}/description").location == "/demarches/trou-chaussee-trottoir"


def test_the_cookie_of_a_draft_is_closed_to_scripts_and_other_sites(town: Town) -> None:
    visitor = town.visitor()
    answer = visitor.fill("/demarches/trou-chaussee-trottoir", BASE)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("brouillon="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


# --- sent --------------------------------------------------------------------------------------------------------


def test_sent_twice_it_is_one_request_with_one_number(town: Town) -> None:
    resident = pothole(town)
    review = resident.page
    first = resident.answers().number
    resident.page, resident.at = review, f"{BASE}/verifier"
    assert resident.answers().number == first
    assert resident.goes("verifier").number == first
    assert town.names_of(first).count("case.opened") == 1


def test_once_sent_nothing_is_left_in_the_draft(town: Town) -> None:
    resident = pothole(town)
    cookie = resident.visitor.client.get_cookie("brouillon")
    assert cookie
    resident.answers()
    left = town.office.drafts.read(cookie.value)
    assert left is not None and b"Acacias" not in left and b"claire" not in left


def test_after_sending_another_request_can_be_begun(town: Town) -> None:
    resident = pothole(town).answers()
    first = resident.number
    resident.begins()
    assert resident.step == "lieu" and first not in resident.page


def test_the_receipt_page_and_its_paper_open_with_the_link_alone(town: Town) -> None:
    resident = pothole(town).answers()
    assert resident.number in town.visitor().get(resident.at)
    town.visitor().get(resident.at[:-1] + ("0" if resident.at[-1] != "0" else "1"), status=404)
    link = town.link(resident.number)
    paper = town.visitor().client.get(f"{link}/recepisse.pdf")
    assert paper.content_type == "application/pdf" and paper.data.startswith(b"%PDF-")
    town.visitor().get(f"/suivi/{resident.number}/{'0' * 32}/recepisse.pdf", status=404)


def test_a_decision_that_silence_makes_stands_on_the_receipt(town: Town) -> None:
    from gru.web.residents.filing.receipt import receipt_of
    from gru.web.residents.thread import tracked

    resident = at_contact(town, "cantine-periscolaire")
    resident.answers(prenom="Claire", nom="Lefèvre", adresse="3 rue du Puits", email="c@exemple.fr").answers()
    with town.app.test_request_context():
        link = tracked(resident.number, town.link(resident.number).rsplit("/", 1)[-1])
        assert link
        receipt = receipt_of(link)
    lines = " ".join(receipt.lines).replace("\u00a0", " ")
    assert "Sans réponse de notre part le lundi 18 mai 2026, votre demande sera considérée comme refusée." in lines
    assert "tribunal administratif de Chef-Lieu" in lines and "deux mois" in lines
    rows = dict(receipt.rows)
    assert "Éducation et restauration scolaire" in rows["Service chargé de votre demande"]
    assert "14 rue des Écoliers" in rows["Adresse et téléphone"]
    assert "Lefèvre" not in str(receipt) and "Puits" not in str(receipt)


def test_danger_is_warned_of_and_does_not_stop_the_form(town: Town) -> None:
    resident = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="x")
    assert "appelez le 18 ou le 112" in said(resident.page)
    resident.answers(danger="oui").answers().answers(rien="oui")
    assert "appelez le 18 ou le 112" in said(resident.page)
    assert "appelez le 18 ou le 112" in said(resident.answers().page)
    assert resident.case.danger and resident.case.priority == "urgent"


def test_a_form_that_waits_says_so_and_leads_on_when_it_is_registered(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = pothole(town)

    def away(*_: object, **__: object) -> None:
        raise OSError("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(town.office.work, "next_numbers", away)
        resident.answers()
    assert resident.at == "/deposer/envoyee"
    assert "Nous avons bien reçu votre demande. Son numéro n’est pas encore attribué" in said(resident.page)
    [key] = town.office.archive.pending()
    town.office.intake.attempt(key)
    assert resident.follows(resident.visitor.client.get("/deposer/envoyee")).number == "2026-000001"


# --- machines and doors ------------------------------------------------------------------------------------------


def test_what_fills_in_the_field_no_person_sees_is_told_to_empty_it(town: Town) -> None:
    resident = pothole(town)
    answer = resident.sends(site_web="https://spam.example")
    assert answer.status_code == 422 and "Videz le champ « Site web »" in said(answer)
    assert 'aria-hidden="true"><div class="field">' not in answer.text
    resident.page = answer.text
    assert resident.answers(site_web="").number


@pytest.mark.parametrize(("what", "most"), [("sent", around.SENT), ("begun", around.BEGUN)])
def test_too_much_from_one_address_is_held_up_and_nothing_is_lost(town: Town, what: str, most: int) -> None:
    resident = pothole(town)
    for _ in range(most):
        town.office.access.record_attempt(f"filing_{what}", "127.0.0.1")
    if what == "sent":
        answer = resident.sends()
    else:
        visitor = town.visitor()
        answer = visitor.fill("/demarches/trou-chaussee-trottoir", BASE)
    assert answer.status_code == 429
    town.clock.pass_(hours=2)
    assert (resident.sends() if what == "sent" else visitor.fill("/demarches/rats-nuisibles",
            "/deposer/rats-nuisibles")).status_code == 303  # fmt: skip


def test_no_form_is_taken_without_its_token(town: Town) -> None:
    resident = pothole(town)
    for path in (BASE, f"{BASE}/lieu", f"{BASE}/verifier", f"{BASE}/plus-tard"):
        assert resident.visitor.client.post(path, data={"lieu": "x"}).status_code == 400
    assert resident.goes("verifier").step == "verifier"


def test_pages_need_no_script_and_load_nothing_from_elsewhere(town: Town) -> None:
    resident = pothole(town)
    for step in ("lieu", "description", "danger", "photo", "contact", "verifier"):
        page = resident.goes(step).page
        assert "<script" not in page and " style=" not in page and "http://" not in page.replace("127.0.0.1", "")
        assert len(page.encode()) < 30_000
