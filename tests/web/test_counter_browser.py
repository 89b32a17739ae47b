"""Is the counter worked by keyboard alone in a real browser, does it lose nothing without a network, does axe agree?"""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from gru.domain.case import WriteReply
from gru.domain.events import CaseOpened
from gru.web.auth import IDLE, LONGEST
from tests.office.pictures import photo
from tests.web.axe import still, wrong_in_each_look
from tests.web.conftest import Town
from tests.web.counters import at_the_counter, enter, number_of
from tests.web.test_waiting import call, kiosk_of, take

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.browser


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """What is asked for stands in no test report."""


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    """Where the town's pages are served."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def context(town: Town, address: str, chromium: "Browser", **more: bool) -> "BrowserContext":
    """A browser in which Camille is logged in."""
    return logged_in(town, address, chromium.new_context(viewport={"width": 1440, "height": 900}, **more))


def logged_in(town: Town, address: str, opened: "BrowserContext") -> "BrowserContext":
    token = town.office.access.open_session(town.by_name["camille.rousselet"].id, idle=IDLE, longest=LONGEST)
    opened.add_cookies([{"name": "agent", "value": token, "url": address}])
    return opened


def focused(page: "Page") -> str:
    name: str = page.evaluate(
        "document.activeElement.name || document.activeElement.id || document.activeElement.tagName"
    )
    return name


def tab_to(page: "Page", name: str) -> None:
    for _ in range(30):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by the keyboard; the focus is on {focused(page)}")


def typed(page: "Page", name: str, words: str) -> None:
    tab_to(page, name)
    page.keyboard.type(words)


def test_a_request_is_taken_down_by_keyboard_alone(town: Town, address: str, chromium: "Browser") -> None:
    before = town.open_case()
    opened = context(town, address, chromium)
    page = opened.new_page()
    page.goto(f"{address}/guichet")
    assert focused(page) == "mots"
    page.keyboard.type("trou dans la route")
    page.wait_for_selector("#motifs input[value=VOI-CHAUSSEE]:checked")
    assert page.locator("#annonce .say").inner_text().startswith("À annoncer")
    typed(page, "lieu", "14 rue des Acacias")
    typed(page, "texte", "Un trou devant le 14.")
    typed(page, "tel", "06 39 98 17 42")
    page.wait_for_selector("#connue :checked")
    assert "Claire Lefèvre" in page.locator("#connue").inner_text()
    page.wait_for_selector(f"#semblables >> text={before}")
    assert focused(page) == "tel"
    page.locator(f"button[value='different:{before}']").press("Enter")
    page.wait_for_selector(f"#semblables >> text={before}", state="detached")
    assert focused(page) == "texte"
    tab_to(page, "contact")
    page.keyboard.press("ArrowDown")
    tab_to(page, "consentement")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/guichet/recepisse/**")
    assert page.locator("h1").inner_text().startswith("Récépissé")
    assert "Imprimer (A6)" in page.evaluate("document.activeElement.textContent")
    number = page.url.split("/recepisse/")[1].split("?")[0]
    case = town.case(number)
    assert (case.type, case.reply_channel, case.requester) == ("VOI-CHAUSSEE", "phone", town.case(before).requester)
    for _ in range(12):
        page.keyboard.press("Tab")
        if "Personne suivante" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/guichet")
    assert page.locator("#tel").input_value() == "" and focused(page) == "mots"
    opened.close()


def test_what_is_wrong_is_reached_by_keyboard_and_the_words_are_there(
    town: Town, address: str, chromium: "Browser"
) -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    page.goto(f"{address}/guichet")
    page.keyboard.type("trou dans la route")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#erreurs")
    assert page.title().startswith("Erreur") and focused(page) == "erreurs"
    assert page.locator("#mots").input_value() == "trou dans la route"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#lieu")
    opened.close()


def test_without_a_script_the_same_screen_works_by_its_buttons(town: Town, address: str, chromium: "Browser") -> None:
    town.open_case()
    opened = context(town, address, chromium, java_script_enabled=False)
    page = opened.new_page()
    page.goto(f"{address}/guichet")
    page.fill("#mots", "trou dans la route")
    page.fill("#tel", "06 39 98 17 42")
    page.click("button[value=apercu]")
    assert page.locator("#motifs input[value=VOI-CHAUSSEE]").is_checked()
    assert "Claire Lefèvre" in page.locator("#connue").inner_text()
    page.fill("#lieu", "14 rue des Acacias")
    page.fill("#texte", "Un trou.")
    page.check("input[name=contact][value=aucun]")
    page.check("#consentement")
    page.click("button[value=enregistrer]")
    assert "/guichet/recepisse/" in page.url
    opened.close()


KEPT = """new Promise((done) => { const asked = indexedDB.open("guichet", 1);
 asked.onsuccess = () => { const all = asked.result.transaction("saisies").objectStore("saisies").getAllKeys();
 all.onsuccess = () => { asked.result.close(); done(all.result.length); } } })"""
"""How many entries this post keeps."""


def filled(page: "Page", address: str, words: str = "Un trou vu pendant la coupure.") -> None:
    page.goto(f"{address}/guichet")
    page.fill("#mots", "trou dans la route")
    page.wait_for_selector("#motifs input[value=VOI-CHAUSSEE]:checked")
    page.fill("#lieu", "14 rue des Acacias")
    page.fill("#texte", words)
    page.fill("#tel", "06 39 98 45 67")
    page.check("input[name=contact][value=telephone]")
    page.check("#consentement")


def scanned(page: "Page") -> None:
    page.set_input_files("#pieces", {"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": photo()})


def names_of(town: Town, opening: CaseOpened) -> list[str]:
    found = town.office.archive.file_names([file.id for file in opening.files])
    return [name.name for name in found.values() if name]


def number_of_cases(town: Town) -> int:
    town.office.projector.catch_up("inline")
    return sum(bool(town.office.desk.case_numbered(f"2026-{n:06d}")) for n in range(1, 9))


def test_an_entry_made_without_a_network_is_kept_and_sent_once_when_it_is_back(
    town: Town, address: str, chromium: "Browser"
) -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    filled(page, address)
    scanned(page)
    opened.set_offline(True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-unsent] .notice.soon")
    assert "enregistrée sur ce poste" in page.locator("[data-unsent]").inner_text()
    assert page.locator("#texte").input_value() == "" and number_of_cases(town) == 0
    assert not page.locator("#motifs input").count() and page.evaluate(KEPT) == 1
    opened.set_offline(False)
    page.wait_for_selector("[data-unsent] .notice.ok a")
    town.office.projector.catch_up("inline")
    case = town.case("2026-000001")
    opening = town.office.log.history(case.id)[0].event
    assert isinstance(opening, CaseOpened)
    assert (case.type, names_of(town, opening)) == ("VOI-CHAUSSEE", ["scan.jpg"])
    assert page.evaluate(KEPT) == 0
    page.click("[data-unsent] a")
    assert "/guichet/recepisse/2026-000001" in page.url
    page.goto(f"{address}/guichet")
    page.wait_for_timeout(500)
    assert number_of_cases(town) == 1
    opened.close()


def test_an_answer_lost_on_its_way_back_makes_neither_a_loss_nor_a_double(
    town: Town, address: str, chromium: "Browser"
) -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    filled(page, address)

    def swallow(route: "Route") -> None:
        if route.request.method == "POST" and b"enregistrer" in (route.request.post_data_buffer or b""):
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/guichet", swallow)
    with page.expect_event("requestfailed"):
        page.keyboard.press("Control+Enter")
    assert number_of_cases(town) == 1
    page.unroute("**/guichet")
    page.goto(f"{address}/guichet")
    page.wait_for_selector("[data-unsent] .notice.ok a")
    assert number_of_cases(town) == 1 and page.evaluate(KEPT) == 0
    opened.close()


def test_files_stay_when_something_else_was_wrong(town: Town, address: str, chromium: "Browser") -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    filled(page, address)
    scanned(page)
    page.fill("#lieu", "")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#erreurs")
    for _ in range(50):  # the page's policy lets no string be waited for
        if page.evaluate("document.querySelector('#pieces').files.length") == 1:
            break
        page.wait_for_timeout(100)
    page.fill("#lieu", "14 rue des Acacias")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/guichet/recepisse/**")
    page.wait_for_timeout(200)
    opening = town.office.log.history(town.id_of("2026-000001"))[0].event
    assert isinstance(opening, CaseOpened) and names_of(town, opening) == ["scan.jpg"]
    assert page.evaluate(KEPT) == 0
    opened.close()


def takes_over(town: Town, opened: "BrowserContext", address: str, name: str) -> None:
    token = town.office.access.open_session(town.by_name[name].id, idle=IDLE, longest=LONGEST)
    opened.add_cookies([{"name": "agent", "value": token, "url": address}])


def test_what_a_colleague_kept_waits_for_him_or_is_sent_in_ones_own_name(
    town: Town, address: str, chromium: "Browser"
) -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    filled(page, address)
    opened.set_offline(True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-unsent] .notice.soon")
    page.close()  # a page that is left may hear that the network is back before it is gone, and send in its own name
    takes_over(town, opened, address, "nadia.benali")
    opened.set_offline(False)
    page = opened.new_page()
    page.goto(f"{address}/guichet")
    page.wait_for_selector("[data-unsent] >> text=Une saisie de Camille Rousselet est gardée")
    assert number_of_cases(town) == 0
    page.click("text=L’envoyer en mon nom")
    page.wait_for_selector("[data-unsent] .notice.ok a")
    assert number_of_cases(town) == 1 and page.evaluate(KEPT) == 0
    assert town.office.log.history(town.id_of("2026-000001"))[0].by == town.by("nadia.benali")
    opened.close()


def test_an_entry_of_a_session_that_has_ended_leaves_after_the_next_login(
    town: Town, address: str, chromium: "Browser"
) -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    filled(page, address)
    scanned(page)
    opened.clear_cookies(name="agent")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-unsent] >> text=Se reconnecter")
    assert number_of_cases(town) == 0
    takes_over(town, opened, address, "camille.rousselet")
    page.goto(f"{address}/guichet")
    page.wait_for_selector("[data-unsent] .notice.ok a")
    assert number_of_cases(town) == 1
    opened.close()


def test_the_screen_is_hidden_by_one_button_and_comes_back_with_any_key(
    town: Town, address: str, chromium: "Browser"
) -> None:
    opened = context(town, address, chromium)
    page = opened.new_page()
    page.goto(f"{address}/guichet")
    page.fill("#texte", "Des mots que personne d’autre ne lit.")
    page.click("[data-hide]")
    assert page.locator("dialog[open]").is_visible()
    page.keyboard.press("a")
    assert not page.locator("dialog[open]").count()
    assert page.locator("#texte").input_value() == "Des mots que personne d’autre ne lit."
    opened.close()


@pytest.mark.timeout(400)
def test_axe_finds_nothing_and_nothing_overflows(town: Town, address: str, chromium: "Browser") -> None:
    opened = logged_in(town, address, still(chromium))
    page = opened.new_page()
    wrong: list[str] = []

    def judge(what: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        wrong.extend(wrong_in_each_look(page, what))

    empty = ("/guichet", "/guichet?canal=courrier", "/guichet/file", "/guichet/courriers", "/guichet/sur-place",
             "/guichet/relais", kiosk_of(town), kiosk_of(town, "salle"))  # fmt: skip
    for path in empty:
        page.goto(address + path)
        judge(path)
    number, ticket = _busy_day(town)
    for path in ("/guichet/file", "/guichet/courriers", "/guichet/sur-place", f"/guichet/recepisse/{number}", ticket,
                 kiosk_of(town, "salle"), f"/guichet?meme={number}"):  # fmt: skip
        page.goto(address + path)
        judge(f"{path}, busy")
    page.goto(f"{address}/guichet")
    page.fill("#mots", "trou dans la route")
    page.fill("#tel", "06 39 98 45 67")
    page.wait_for_selector("#connue input")
    page.click("button[value=apercu]")
    judge("something found")
    page.click("button[value=enregistrer]")
    page.wait_for_selector("#erreurs")
    judge("errors")
    page.goto(f"{address}/guichet/courriers")
    for box in page.locator("input[name=lettre]").all():
        box.uncheck()
    page.click("text=Imprimer le lot")
    page.wait_for_selector("#erreurs")
    judge("no letter ticked")
    opened.close()
    assert wrong == []


def _busy_day(town: Town) -> tuple[str, str]:
    """A case with a letter to print, three people waiting and one called, an answer counted."""
    visitor = at_the_counter(town)
    number = number_of(enter(visitor, contact="courrier", adresse="3 rue des Lilas, 59999 Val-des-Tilleuls"))
    case = town.case(number)
    text = town.office.archive.write_text("Oui.", person=case.requester, case=case.id)
    town.do(WriteReply(case_id=case.id, reply_id="a" * 32, kind="answer", channel="post", text=text), by="agent:1")
    for kind in ("walk_in", "appointment", "priority"):
        _, ticket = take(town, kind)
    call(town)
    visitor.fill("/guichet/sur-place", "/guichet/sur-place", sujet="POP")
    return number, ticket
