"""Who files a request, is a draft found again, and is what is sent one request with its receipt?"""

import re
from datetime import timedelta

import pytest

from gru.domain import events as e
from gru.web.residents.filing import around
from tests.web.conftest import Town
from tests.web.filing import Resident, pothole, said

BASE = "/deposer/trou-chaussee-trottoir"


# --- who ---------------------------------------------------------------------------------------------------------


def at_contact(town: Town, slug: str) -> Resident:
    return Resident(town, slug).begins().answers_all_questions()


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


def test_who_sends_it_again_is_told_that_it_was_sent_and_under_which_number(town: Town) -> None:
    resident = pothole(town)
    page, at = resident.page, resident.at
    resident.answers()
    number = resident.number
    resident.page, resident.at = page, at
    resident.answers()
    assert resident.number == number
    assert f"Cette demande est déjà envoyée, sous la référence {number}." in said(resident.page)


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
        own = re.findall(r'<script src="/static/filing\.[0-9a-f]{12}\.js" defer></script>', page)
        assert page.count("<script") == len(own) == (step in ("lieu", "photo"))
        assert " style=" not in page and "http://" not in page.replace("127.0.0.1", "")
        assert len(page.encode()) < 30_000


def test_only_the_page_of_the_place_may_ask_for_a_position(town: Town) -> None:
    resident = pothole(town)
    for step in ("lieu", "description", "photo", "contact", "verifier"):
        said = resident.visitor.client.get(f"{BASE}/{step}").headers["Permissions-Policy"]
        assert ("geolocation=(self)" in said) == (step == "lieu") and "camera=()" in said
    assert "geolocation=()" in town.visitor().client.get("/suivi").headers["Permissions-Policy"]


def test_every_page_says_the_counter_and_the_telephone_do_as_well(town: Town) -> None:
    resident = pothole(town)
    for step in ("lieu", "description", "danger", "photo", "contact", "verifier", "plus-tard"):
        assert "au guichet ou par téléphone" in said(resident.goes(step).page)
    resident.goes("verifier").answers()
    assert "au guichet ou par téléphone" in said(resident.page)
