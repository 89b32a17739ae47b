"""Does axe-core find anything on the made-up pages, does anything overflow, in a real browser?"""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from tests.examples import FULL
from tests.servers.browser import UNMOVED, launched
from tests.web import samples
from tests.web.axe import LOOKS, Looks, still, too_wide_when_spaced, wrong_in_each_look
from tests.web.test_looks import preview

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the made-up pages are served."""
    server = make_server("127.0.0.1", 0, preview(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def tab(chromium: "Browser") -> Iterator["Page"]:
    """Of a browser in which nothing can be pressed."""
    with launched(chromium.browser_type, UNMOVED) as unmoved:
        yield still(unmoved).new_page()


def looks_of(number: int, name: str) -> Looks:
    """Every look; another state of a page that was looked at is seen in one of them by turns, but for the full run."""
    is_another_state = any(name.startswith(f"{other}-") for other in samples.PAGES)
    return [LOOKS[number % 2]] if is_another_state and not FULL else LOOKS


@pytest.mark.timeout(600)
def test_axe_finds_nothing_and_nothing_overflows_however_wide_the_text_is_spaced(address: str, tab: "Page") -> None:
    wrong = []
    for number, name in enumerate(samples.PAGES):
        tab.goto(f"{address}/apercu/{name}")
        wrong += wrong_in_each_look(tab, name, looks_of(number, name))
        if (wide := too_wide_when_spaced(tab)) > 0:
            wrong.append(f"{name}, spaced: {wide} px too wide")
    assert wrong == []


@pytest.mark.timeout(400)
def test_open_menus_and_folds_are_as_good_as_closed_ones(address: str, tab: "Page") -> None:
    wrong = []
    for name in ("file", "dossier", "pilotage"):
        tab.goto(f"{address}/apercu/{name}")
        tab.evaluate("document.querySelectorAll('details:not([name])').forEach(d => d.open = true)")
        wrong += wrong_in_each_look(tab, name)
        for menu in tab.locator("details[name]").all():
            menu.evaluate("menu => { menu.open = true }")  # closes the one that was open
            wrong += wrong_in_each_look(tab, f"{name}, {menu.locator('summary').inner_text()}")
    assert wrong == []


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(address: str, chromium: "Browser") -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{address}/apercu/action-erreur")
    assert tab.title().startswith("Erreur")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#motif")
    context.close()
