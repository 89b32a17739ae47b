"""Is a draft in the hands of one browser alone, and the receipt with whoever sent it?"""

from gru.storage.databases import reading
from gru.storage.schema import draft_files
from tests.web.conftest import Town
from tests.web.filing import Resident, photo, pothole, said

BASE = "/deposer/trou-chaussee-trottoir"
ELSEWHERE = "Cette demande a été reprise sur un autre appareil."
ALREADY = "Cette demande a déjà été envoyée."
EVE = {"prenom": "Ève", "nom": "Nadal", "adresse": "3 rue du Puits", "email": "eve.nadal@exemple.fr"}


def link_of(resident: Resident) -> str:
    cookie = resident.visitor.client.get_cookie("brouillon")
    assert cookie
    return f"/deposer/reprendre/{cookie.value}"


def resumed(town: Town, link: str, slug: str = "trou-chaussee-trottoir") -> Resident:
    """Somebody opens this link in a browser of his own and goes on."""
    other = Resident(town, slug)
    return other.follows(other.visitor.fill(link, link))


def files_kept(town: Town) -> int:
    with reading(town.office.databases.work) as connection:
        return len(connection.execute(draft_files.select()).all())


def test_who_began_a_draft_reads_nothing_of_what_its_next_holder_writes(town: Town) -> None:
    first = Resident(town).begins().answers(lieu="14 rue des Acacias")
    second = resumed(town, link_of(first)).answers(description="Ma voisine est tombée.")
    for step in ("description", "lieu", "contact", "verifier", "plus-tard"):
        answer = first.visitor.client.get(f"{BASE}/{step}")
        assert (answer.status_code, answer.location) == (303, "/demarches/trou-chaussee-trottoir"), step
    assert "Ma voisine" in second.goes("description").page


def test_who_lost_a_draft_is_told_that_it_goes_on_elsewhere_and_may_begin_anew(town: Town) -> None:
    first = Resident(town).begins().answers(lieu="14 rue des Acacias")
    sheet = first.visitor.get("/demarches/trou-chaussee-trottoir")
    assert ELSEWHERE not in said(sheet)
    resumed(town, link_of(first))
    assert ELSEWHERE in said(first.answers(description="Un trou.").page)
    assert "Reprendre ma demande" not in first.page and "Vous avez commencé" not in first.visitor.get("/deposer")
    assert first.begins().step == "lieu"
    assert ELSEWHERE not in said(first.visitor.get("/demarches/trou-chaussee-trottoir"))


def test_an_old_link_says_that_the_draft_goes_on_elsewhere(town: Town) -> None:
    first, third = Resident(town).begins().answers(lieu="14 rue des Acacias"), town.visitor()
    link = link_of(first)
    page = third.get(link)
    assert "Reprendre ma demande" in page
    resumed(town, link)
    assert ELSEWHERE in said(third.get(link, status=410))
    answer = third.send(page, link)
    assert answer.status_code == 410 and ELSEWHERE in said(answer)


def test_going_on_twice_by_the_same_link_leads_to_the_same_draft(town: Town) -> None:
    first = Resident(town).begins().answers(lieu="14 rue des Acacias")
    link, second = link_of(first), Resident(town)
    page = second.visitor.get(link)
    for _ in range(2):
        second.follows(second.visitor.send(page, link))
        assert second.step == "description"
    second.answers(description="Un trou.")
    second.follows(second.visitor.fill(link, link))
    assert second.step == "danger" and "Un trou." in second.goes("description").page


def test_a_button_pressed_twice_before_the_first_answer_came_loses_nothing(town: Town) -> None:
    """The browser threw the first answer away, and its cookies with it."""
    first = Resident(town).begins().answers(lieu="14 rue des Acacias")
    link, second = link_of(first), Resident(town)
    page = second.visitor.get(link)
    second.visitor.send(page, link)
    second.visitor.client.delete_cookie("brouillon")
    second.follows(second.visitor.send(page, link)).answers(description="Un trou.").answers(danger="non").answers()
    second.answers(**EVE)
    before, review = second.visitor.client.get_cookie("brouillon"), second.page
    assert before
    second.sends()
    second.visitor.client.set_cookie("brouillon", before.value)
    second.page, second.at = review, f"{BASE}/verifier"
    number = second.answers().number
    assert f"déjà envoyée, sous la référence {number}" in said(second.page)


def test_going_on_in_the_same_browser_leaves_the_link_for_another_device(town: Town) -> None:
    first = Resident(town).begins().answers(lieu="14 rue des Acacias")
    link = link_of(first)
    first.follows(first.visitor.fill(link, link)).answers(description="Un trou.")
    assert "Un trou." in resumed(town, link).goes("description").page


def test_the_device_it_goes_on_with_hands_out_a_link_of_its_own(town: Town) -> None:
    """From the desk to the telephone, and back."""
    desk = Resident(town).begins().answers(lieu="14 rue des Acacias")
    phone = resumed(town, link_of(desk)).answers(description="Un trou.")
    assert link_of(phone) != link_of(desk)
    back = link_of(phone)
    assert desk.follows(desk.visitor.fill(back, back)).step == "danger"
    assert ELSEWHERE in said(phone.visitor.get("/demarches/trou-chaussee-trottoir"))


def test_what_was_added_goes_along_and_is_sent(town: Town) -> None:
    first = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="x").answers(danger="non")
    first.follows(first.adds(("trou.jpg", photo())))
    second = resumed(town, link_of(first))
    assert "trou.jpg" in second.goes("photo").page and files_kept(town) == 1
    second.answers().answers(**EVE).answers()
    assert files_kept(town) == 0
    assert "trou.jpg" in said(town.visitor().get(town.link(second.number)))


def test_the_receipt_opens_in_the_browser_that_sent_and_in_no_other_that_had_the_draft(town: Town) -> None:
    sender = pothole(town)
    link = link_of(sender)
    number = sender.answers().number
    other = town.visitor()
    refused = said(other.get(link, status=410))
    assert ALREADY in refused and number not in refused
    other.client.set_cookie("brouillon", link.rsplit("/", 1)[-1])
    assert other.client.get("/deposer/envoyee").location == "/deposer"
    assert ALREADY in said(other.get("/demarches/trou-chaussee-trottoir"))
    assert sender.follows(sender.visitor.client.get("/deposer/envoyee")).number == number
    assert sender.follows(sender.visitor.fill(link, link)).number == number


def test_who_sent_a_link_to_somebody_does_not_come_to_read_his_secret_case(town: Town) -> None:
    """He had the town's own mail sent to her, and kept his cookie."""
    first = Resident(town, "logement-indigne").begins()
    link = link_of(first)
    eve = resumed(town, link, "logement-indigne")
    eve.answers_all_questions().answers(**EVE)
    assert "Nadal" in eve.page
    assert first.visitor.client.get("/deposer/logement-indigne/verifier").location == "/demarches/logement-indigne"
    number = eve.answers().number
    assert eve.case.confidentiality == "secret"
    assert "2026-04-12" in eve.visitor.get(town.link(number))
    assert first.visitor.client.get("/deposer/envoyee").location == "/deposer"
    assert first.visitor.client.get(town.link(number)).location == f"{town.link(number)}/code"
