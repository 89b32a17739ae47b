"""Does the kiosk forget by itself in a real browser, also for who goes back, and does axe agree?"""

from typing import TYPE_CHECKING

import pytest

from gru.domain.references import tracking_code
from tests.web.axe import each_look, still, wrong_with
from tests.web.conftest import Town
from tests.web.test_counter_browser import address as address
from tests.web.test_waiting import kiosk_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WORDS = "Des mots que la personne suivante ne lit pas."


def press(page: "Page", label: str) -> None:
    page.get_by_role("main").get_by_text(label, exact=True).click()


def contact_page(page: "Page", kiosk: str) -> None:
    """As far as the page that asks who he is."""
    page.goto(f"{kiosk}/demarches/trou-chaussee-trottoir")
    press(page, "Commencer")
    page.fill("#lieu", "14 rue des Acacias")
    press(page, "Continuer")
    page.fill("#description", WORDS)
    press(page, "Continuer")
    page.check("input[value=non]")
    press(page, "Continuer")
    page.wait_for_selector("#email")


def sent(page: "Page", kiosk: str) -> None:
    contact_page(page, kiosk)
    page.fill("#email", "odette@exemple.fr")
    press(page, "Continuer")
    press(page, "Envoyer ma demande")
    page.wait_for_selector(".receipt")


def followed(town: Town, page: "Page", kiosk: str, number: str) -> None:
    case = town.case(number)
    page.goto(f"{kiosk}/suivre")
    page.fill("#reference", number)
    page.fill("#code", tracking_code(town.office.settings.secret, case.id, case.link_generation))
    page.keyboard.press("Enter")
    page.wait_for_url("**/suivre/demande")


def test_a_minute_without_a_touch_ends_it_after_a_warning_and_going_back_shows_nothing(
    town: Town, address: str, chromium: "Browser"
) -> None:
    kiosk, opened = address + kiosk_of(town), chromium.new_context()
    page = opened.new_page()
    page.clock.install()
    page.goto(kiosk)
    contact_page(page, kiosk)
    page.fill("#prenom", "Odette")
    page.clock.run_for(41_000)
    assert page.locator("dialog[open]").inner_text().startswith("Êtes-vous toujours là")
    press_yes = page.get_by_role("button", name="Oui, je continue")
    press_yes.click()
    assert page.locator("#prenom").input_value() == "Odette"
    page.clock.run_for(41_000)
    assert page.locator("dialog[open]").count() == 1
    page.clock.run_for(21_000)
    page.wait_for_url(kiosk)
    for _ in range(5):
        page.go_back()
        assert page.url.startswith(kiosk)
        assert WORDS not in page.content() and "Acacias" not in page.content() and "Odette" not in page.content()
        values = page.evaluate("[...document.querySelectorAll('input:not([type=hidden]),textarea')].map(f => f.value)")
        assert not any("Odette" in value or WORDS in value for value in values)
    assert [cookie["name"] for cookie in opened.cookies() if cookie["name"] == "borne"] == []
    page.goto(kiosk)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    opened.close()


def test_who_types_for_long_is_not_interrupted(town: Town, address: str, chromium: "Browser") -> None:
    kiosk, opened = address + kiosk_of(town), chromium.new_context()
    page = opened.new_page()
    page.clock.install()
    contact_page(page, kiosk)
    for letter in "Odette":
        page.locator("#prenom").press_sequentially(letter)
        page.clock.run_for(30_000)
        assert page.locator("dialog[open]").count() == 0
    assert page.locator("#prenom").input_value() == "Odette"
    opened.close()


def test_who_followed_a_request_leaves_nothing_behind(town: Town, address: str, chromium: "Browser") -> None:
    number, kiosk, opened = town.open_case(), address + kiosk_of(town), chromium.new_context()
    page = opened.new_page()
    page.goto(kiosk)
    followed(town, page, kiosk, number)
    assert "Un trou dans la chaussée" in page.content()
    page.get_by_text("Terminer et effacer").click()
    page.wait_for_url(kiosk)
    for _ in range(3):
        page.go_back()
        assert "Un trou dans la chaussée" not in page.content() and number not in page.content()
    opened.close()


def test_the_receipt_is_printed_from_the_page_and_no_other_window_opens(
    town: Town, address: str, chromium: "Browser"
) -> None:
    kiosk, opened = address + kiosk_of(town), chromium.new_context()
    page = opened.new_page()
    page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1 }")
    sent(page, kiosk)
    assert not page.locator(".paper").is_visible()
    press(page, "Imprimer le récépissé")
    assert page.evaluate("window.printed") == 1 and len(opened.pages) == 1
    page.emulate_media(media="print")
    paper = page.locator(".paper")
    assert paper.is_visible() and "Récépissé n°" in paper.inner_text()
    assert paper.locator("svg").bounding_box()["width"] > 94  # 25 mm
    assert not page.get_by_role("heading", level=1).is_visible()
    opened.close()


def test_an_agent_is_called_and_what_was_typed_stays(town: Town, address: str, chromium: "Browser") -> None:
    kiosk, opened = address + kiosk_of(town), chromium.new_context()
    page = opened.new_page()
    contact_page(page, kiosk)
    page.fill("#prenom", "Odette")
    page.get_by_text("Appeler un agent").click()
    page.wait_for_selector("header [role=status]")
    assert page.locator("#prenom").input_value() == "Odette"
    assert "Aide demandée à la borne" in town.agent("camille.rousselet").get("/guichet/file")
    opened.close()


def test_without_a_script_it_is_filed_and_followed_all_the_same(town: Town, address: str, chromium: "Browser") -> None:
    kiosk, opened = address + kiosk_of(town), chromium.new_context(java_script_enabled=False)
    page = opened.new_page()
    page.goto(kiosk)
    sent(page, kiosk)
    number = page.locator(".receipt .no").first.inner_text()
    page.get_by_text("Terminer et effacer").click()
    followed(town, page, kiosk, number)
    assert WORDS in page.content()
    opened.close()


TARGETS = """[...document.querySelectorAll('a,button,input:not([type=hidden]),textarea,select,.pick')]
 .filter(one => one.offsetParent && !one.closest('.skip,.trap,.pick *') && !one.matches('.skip,.pick input'))
 .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect().height]).filter(([, high]) => high < 48)"""


@pytest.mark.timeout(400)
def test_axe_finds_nothing_targets_are_large_and_nothing_overflows(
    town: Town, address: str, chromium: "Browser"
) -> None:
    number, kiosk = town.open_case(), address + kiosk_of(town)
    opened = still(chromium)
    page = opened.new_page()
    wrong: list[str] = []

    def judge(what: str) -> None:
        for look in each_look(page):
            wrong.extend(wrong_with(page, f"{what}, {look}"))
            wrong.extend(f"{what}, {look}: {high:.0f} px high: {html}" for html, high in page.evaluate(TARGETS))

    for path in ("", "/deposer", "/demarches/trou-chaussee-trottoir", "/suivre"):
        page.goto(kiosk + path)
        judge(path)
    page.keyboard.press("Enter")
    page.click("main button")
    page.wait_for_selector("#erreurs")
    judge("errors")
    contact_page(page, kiosk)
    judge("contact")
    page.evaluate("document.querySelector('[data-still]').showModal()")
    judge("still there?")
    page.goto(kiosk)
    sent(page, kiosk)
    judge("sent")
    followed(town, page, kiosk, number)
    judge("followed")
    page.get_by_text("Appeler un agent").click()
    page.wait_for_selector("header [role=status]")
    judge("called")
    opened.close()
    assert wrong == []
