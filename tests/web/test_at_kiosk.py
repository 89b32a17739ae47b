"""Does a resident file and follow a request on the kiosk of a town hall, and is nothing of it left for the next one?"""

import re

import pytest

from gru.domain import events as e
from gru.domain.case import QualifyCase, WriteReply
from gru.domain.references import tracking_code
from gru.web import at_kiosk
from gru.web.pages import FileLink
from gru.web.residents import kiosk_following
from gru.web.residents.tracking_page import Message
from tests.web.conftest import CLAIRE, Town, Visitor
from tests.web.filing import Resident, said
from tests.web.test_waiting import PAGE, act, call, kiosk_of, take


def at_the_kiosk(town: Town, slug: str = "trou-chaussee-trottoir") -> Resident:
    """Somebody who begins on the kiosk of the town hall."""
    base = kiosk_of(town)
    resident = Resident(town, slug, base=base)
    resident.visitor.get(base)
    return resident.begins()


def pothole_here(town: Town) -> Resident:
    resident = at_the_kiosk(town)
    resident.answers(lieu="14 rue des Acacias")
    resident.answers(description="Un trou dans la chaussée, devant le 14.")
    resident.answers(danger="non")
    return resident.answers(email="claire.lefevre@exemple.fr", prenom="Claire", nom="Lefèvre")


def sent_here(town: Town) -> str:
    """The number of a request filed on the kiosk."""
    [number] = set(re.findall(r"20\d\d-\d{6}", pothole_here(town).answers().page))
    return number


def follow(town: Town, number: str, visitor: Visitor | None = None) -> Visitor:
    visitor, base, case = visitor or town.visitor(), kiosk_of(town), town.case(number)
    code = tracking_code(town.office.settings.secret, case.id, case.link_generation)
    answer = visitor.fill(f"{base}/suivre", f"{base}/suivre", reference=number, code=code)
    assert (answer.status_code, answer.location) == (303, f"{base}/suivre/demande"), said(answer)
    return visitor


def drawer(town: Town, visitor: Visitor) -> str:
    found = visitor.client.get_cookie(town.app.config["KIOSK_COOKIE"])
    return found.value if found else ""


def test_the_first_page_offers_a_number_a_request_and_news(town: Town) -> None:
    base, page = kiosk_of(town), town.visitor().get(kiosk_of(town))
    assert "Prendre un numéro" in page
    assert f'href="{base}/deposer"' in page and f'href="{base}/suivre"' in page


def test_a_request_filed_here_is_the_same_case_and_says_where_it_was_received(town: Town) -> None:
    resident = pothole_here(town).answers()
    assert resident.at.endswith("/deposer/envoyee")
    [number] = set(re.findall(r"20\d\d-\d{6}", resident.page))
    case = town.case(number)
    assert (case.type, case.channel, case.site, case.department) == ("VOI-CHAUSSEE", "web", "HDV", "VOI")
    opened = town.office.log.history(case.id)[0].event
    assert isinstance(opened, e.CaseOpened) and not opened.assisted


def test_every_link_of_every_page_stays_on_the_kiosk(town: Town) -> None:
    base, resident = kiosk_of(town), pothole_here(town)
    seen = [resident.page, resident.answers().page]
    visitor = follow(town, town.open_case())
    seen += [visitor.get(base + path) for path in ("/suivre/demande", "/suivre", "/deposer",
                                                   "/demarches/trou-chaussee-trottoir", "")]  # fmt: skip
    seen.append(visitor.get(f"{base}/deposer/rien-de-tel/lieu", status=404))
    for page in seen:
        inside = re.sub(r"<head>.*?</head>", "", page, flags=re.S)
        leads = re.findall(r'(?:href|action|src)="([^"#][^"]*)"', inside)
        assert [lead for lead in leads if not lead.startswith(base)] == [], leads
        assert not re.search(r"[0-9a-f]{32}/?(?:recepisse|\"|$)", "".join(leads).replace(base, ""))


def test_the_secret_link_stands_in_no_address_and_the_paper_is_on_the_page(town: Town) -> None:
    resident = pothole_here(town).answers()
    [number] = set(re.findall(r"20\d\d-\d{6}", resident.page))
    case = town.case(number)
    code = tracking_code(town.office.settings.secret, case.id, case.link_generation)
    assert code in resident.page and town.link(number) not in resident.page
    assert '<section class="paper"' in resident.page and "<svg" in resident.page.split('class="paper"')[1]
    pdf = resident.visitor.client.get(f"{kiosk_of(town)}/deposer/envoyee/recepisse.pdf")
    assert pdf.data.startswith(b"%PDF-")


def test_coming_back_to_the_beginning_forgets_what_was_typed(town: Town) -> None:
    resident = at_the_kiosk(town).answers(lieu="14 rue des Acacias")
    left, at = drawer(town, resident.visitor), resident.at
    assert left and town.office.drafts.read(left) is not None
    resident.visitor.get(kiosk_of(town))
    assert drawer(town, resident.visitor) == "" and town.office.drafts.read(left) is None
    answer = resident.visitor.client.get(at)
    assert (answer.status_code, answer.location) == (303, f"{kiosk_of(town)}/demarches/trou-chaussee-trottoir")
    resident.visitor.client.set_cookie(town.app.config["KIOSK_COOKIE"], left)
    assert "Acacias" not in resident.visitor.client.get(at).text


def test_the_cookie_ends_with_the_browser_and_answers_are_kept_nowhere(town: Town) -> None:
    base, resident = kiosk_of(town), Resident(town, base=kiosk_of(town))
    sheet = resident.visitor.get(f"{base}/demarches/{resident.slug}")
    answer = resident.visitor.send(sheet, f"{base}/deposer/{resident.slug}")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("borne="))
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Max-Age" not in cookie and "Expires" not in cookie
    assert not any(c.startswith("brouillon=") for c in answer.headers.getlist("Set-Cookie"))
    resident.follows(answer)
    assert resident.visitor.client.get(resident.at).headers["Cache-Control"] == "no-store"
    assert 'autocomplete="off" novalidate' in resident.page and "plus-tard" not in resident.page


def test_the_browser_is_offered_nothing_somebody_else_typed(town: Town) -> None:
    resident = at_the_kiosk(town).answers(lieu="14 rue des Acacias").answers(description="Un trou.").answers()
    assert resident.step == "contact"
    offered = set(re.findall(r'autocomplete="([^"]+)"', resident.page))
    assert offered == {"off"}


def test_what_nobody_touches_is_over_after_minutes_even_without_a_script(town: Town) -> None:
    resident = at_the_kiosk(town).answers(lieu="14 rue des Acacias")
    town.clock.pass_(minutes=at_kiosk.KEPT.seconds // 60 + 1)
    assert resident.visitor.client.get(resident.at).status_code == 303
    follower = follow(town, town.open_case())
    town.clock.pass_(minutes=at_kiosk.KEPT.seconds // 60 + 1)
    assert follower.client.get(f"{kiosk_of(town)}/suivre/demande").location == f"{kiosk_of(town)}/suivre"


def test_no_file_is_asked_for_and_documents_are_shown_at_the_counter(town: Town) -> None:
    resident = at_the_kiosk(town).answers(lieu="14 rue des Acacias").answers(description="Un trou.").answers()
    assert resident.step == "contact"
    kinds = town.office.town.in_force(town.clock.at)
    papers = next(k for k in kinds.types.values() if k.electronic == "open" and "web" in k.channels
                  and any(not kinds.documents[code].keep for code in k.documents))  # fmt: skip
    held = Resident(town, papers.slug, base=kiosk_of(town)).begins()
    for _ in range(15):
        if held.step == "documents":
            break
        held.answers(**_anything(held.page))
    assert held.step == "documents" and 'type="file"' not in held.page
    assert "montrez ces documents à l’accueil" in said(held.page)
    assert held.answers().step == "contact"


def _anything(page: str) -> dict[str, str]:
    """An answer to the one question of this page."""
    form = page.split("<main", 1)[1]
    if found := re.search(r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]+)"', form):
        return {found[1]: found[2]}
    found = re.search(r'<(?:textarea|input type="(?:text|email|tel)"[^>]*?) name="([^"]+)"', form)
    if found is None:
        return {}
    dated = "12 mars" in form
    return {found[1]: "14 rue des Acacias" if found[1] == "lieu" else "12 mai 2026" if dated else "3"}


def test_words_looked_for_stand_in_no_address(town: Town) -> None:
    base, visitor = kiosk_of(town), town.visitor()
    answer = visitor.fill(f"{base}/deposer", f"{base}/deposer", q="nid de poule")
    assert answer.status_code == 200 and f"{base}/demarches/trou-chaussee-trottoir" in answer.text


def test_a_request_is_followed_with_number_and_code_and_closes_at_the_beginning(town: Town) -> None:
    number = town.open_case()
    visitor, base = follow(town, number), kiosk_of(town)
    page = visitor.get(f"{base}/suivre/demande")
    assert number in page and "Un trou dans la chaussée" in page and town.link(number) not in page
    left = drawer(town, visitor)
    answer = visitor.client.get(base)
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert visitor.client.get(f"{base}/suivre/demande").location == f"{base}/suivre"
    visitor.client.set_cookie(town.app.config["KIOSK_COOKIE"], left)
    assert visitor.client.get(f"{base}/suivre/demande").location == f"{base}/suivre"


def test_a_wrong_code_opens_nothing_and_says_what_is_wrong(town: Town) -> None:
    number, base = town.open_case(), kiosk_of(town)
    answer = town.visitor().fill(f"{base}/suivre", f"{base}/suivre", reference=number, code="AAAA-AAAA")
    assert answer.status_code == 422 and "ne vont pas ensemble" in said(answer)
    assert "borne=" not in str(answer.headers.getlist("Set-Cookie"))


def test_what_the_drawer_holds_is_read_as_nothing_else(town: Town) -> None:
    """A draft opens no case, and the words of nobody open none either."""
    base, resident = kiosk_of(town), at_the_kiosk(town)
    assert resident.visitor.client.get(f"{base}/suivre/demande").location == f"{base}/suivre"
    visitor = follow(town, town.open_case())
    assert visitor.client.get(f"{base}/deposer/trou-chaussee-trottoir/lieu").status_code == 303
    for cookie in ("", "x" * 500, "é", "../../etc"):
        visitor.client.set_cookie(town.app.config["KIOSK_COOKIE"], cookie)
        assert visitor.client.get(f"{base}/suivre/demande").status_code == 303


def test_who_follows_adds_words_once_and_opens_no_file(town: Town) -> None:
    number, base = town.open_case(), kiosk_of(town)
    visitor = follow(town, number)
    page = visitor.get(f"{base}/suivre/demande")
    for _ in range(2):
        answer = visitor.send(page, f"{base}/suivre/demande/message", texte="Le trou s’agrandit.")
        assert answer.location == f"{base}/suivre/demande"
    assert town.names_of(number).count("case.message_received") == 1
    page = visitor.get(f"{base}/suivre/demande")
    assert "Le trou s’agrandit." in page and "/pieces/" not in page and 'type="file"' not in page
    empty = visitor.send(page, f"{base}/suivre/demande/message", texte=" ")
    assert empty.status_code == 422
    assert visitor.client.get(f"{base}/suivre/demande/recepisse.pdf").data.startswith(b"%PDF-")


def test_letters_that_tell_the_secret_link_do_not_tell_it_here(town: Town) -> None:
    number = town.open_case()
    case = town.case(number)
    secret = f"{town.office.settings.public_url}{town.link(number)}"
    text = town.office.archive.write_text(f"Suivez votre demande : {secret}.", person=case.requester, case=case.id)
    town.do(WriteReply(case_id=case.id, reply_id="a" * 32, kind="answer", channel="email", text=text), by="agent:1")
    page = follow(town, number).get(f"{kiosk_of(town)}/suivre/demande")
    assert "Suivez votre demande" in page and town.link(number).rsplit("/", 1)[1] not in page


def test_files_of_the_exchange_are_named_and_not_handed_out(town: Town) -> None:
    one = Message("Vous", "hier", "", "Voici.", files=(FileLink("/x", "photo.jpg", "3 Ko"),))
    with town.app.test_request_context():
        shown = kiosk_following.without_files(one)
    assert shown.files == () and "1 pièce jointe" in shown.text


def test_a_secret_case_is_not_shown_on_a_kiosk(town: Town) -> None:
    number, base = town.open_case(), kiosk_of(town)
    case = town.case(number)
    town.do(QualifyCase(case_id=case.id, type=case.type, confidentiality="secret"), by=town.by("julien.moreau"))
    code = tracking_code(town.office.settings.secret, case.id, case.link_generation)
    answer = town.visitor().fill(f"{base}/suivre", f"{base}/suivre", reference=number, code=code)
    assert answer.status_code == 403 and "ne se consulte pas sur une borne" in said(answer)
    assert CLAIRE not in answer.text


def test_the_kiosk_of_another_site_or_without_its_key_shows_nothing(town: Town) -> None:
    base, visitor = kiosk_of(town), town.visitor()
    for path in ("/deposer", "/suivre", "/demarches/trou-chaussee-trottoir", "/suivre/demande"):
        for wrong in (base[:-1] + ("0" if base[-1] != "0" else "1"), base.replace("HDV", "MQN"), "/borne/x/y"):
            visitor.get(wrong + path, status=404)


def test_outside_a_kiosk_nothing_of_it_is_served(town: Town) -> None:
    page = town.visitor().get("/deposer")
    assert "kiosk" not in page and "device.js" not in page
    assert town.visitor().client.get("/suivre").status_code == 404


# --- help --------------------------------------------------------------------------------------------------------


def test_help_is_called_from_any_page_and_an_agent_goes(town: Town) -> None:
    resident, base = at_the_kiosk(town), kiosk_of(town)
    take(town)
    answer = resident.visitor.send(resident.page, f"{base}/aide")
    assert answer.location == resident.at
    assert "Un agent est prévenu." in resident.visitor.get(resident.at)
    camille = town.agent("camille.rousselet")
    page = camille.get(PAGE)
    assert "Aide demandée à la borne" in page and "Aide demandée à la borne" in camille.get("/guichet")
    found = re.search(r'aider" name="visite" value="([0-9a-f]{32})"', page)
    assert found and act(town, "aider", found[1]) == 303
    assert "Aide demandée" not in camille.get(PAGE) and act(town, "aider", found[1]) == 422
    assert [r.event.NAME for r in town.office.log.history(found[1])] == [
        "visit.arrived", "visit.called", "visit.served",
    ]  # fmt: skip


def test_whoever_needs_help_is_neither_in_the_line_nor_on_the_screen(town: Town) -> None:
    base, visitor = kiosk_of(town), town.visitor()
    visitor.send(visitor.get(base), f"{base}/aide")
    _, ticket = take(town)
    assert "Vous êtes le prochain." in visitor.get(ticket)
    assert "A002 appelé au poste 2." in call(town)
    assert "B001" not in town.visitor().get(kiosk_of(town, "salle"))


def test_help_never_leads_elsewhere(town: Town) -> None:
    base, visitor = kiosk_of(town), town.visitor()
    for elsewhere in ("https://mechant.example", "//mechant.example", f"{base}/\\x", f"{base}/a\nb", "/deposer"):
        answer = visitor.send(visitor.get(base), f"{base}/aide", vers=elsewhere)
        assert answer.location == base


def test_help_pressed_without_end_is_one_call_until_somebody_came(town: Town) -> None:
    base, visitor, camille = kiosk_of(town), town.visitor(), town.agent("camille.rousselet")
    for _ in range(4):
        assert visitor.send(visitor.get(base), f"{base}/aide").status_code == 303
    found = re.findall(r'aider" name="visite" value="([0-9a-f]{32})"', camille.get(PAGE))
    assert len(found) == 1 and act(town, "aider", found[0]) == 303
    visitor.send(visitor.get(base), f"{base}/aide")
    assert camille.get(PAGE).count('aider" name="visite"') == 1


@pytest.mark.parametrize("wrong", ["", "pas une clé"])
def test_a_call_for_help_that_no_page_made_is_refused(town: Town, wrong: str) -> None:
    base, visitor = kiosk_of(town), town.visitor()
    assert visitor.send(visitor.get(base), f"{base}/aide", cle=wrong).status_code == 400
