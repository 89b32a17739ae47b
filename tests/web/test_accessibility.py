"""Does axe-core find anything, does anything overflow, in a real browser, at every width and in both themes?"""

import threading
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from tests.web import samples
from tests.web.test_looks import preview

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """async tags => {
    const asked = {resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}}
    return (await axe.run(document, asked)).violations
}"""
"""What is in order is not brought over: it is a hundred times as much."""
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the made-up pages are served."""
    server = make_server("127.0.0.1", 0, preview(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


LOOKS = [
    (1440, "light"),
    (390, "dark"),
    *(pytest.param(look, marks=pytest.mark.full) for look in ((1440, "dark"), (390, "light"), (320, "light"))),
]
"""Widths and themes; `bin/test --full` looks at all of them."""


def look_name(look: tuple[int, str]) -> str:
    return f"{look[0]}-{look[1]}"


@pytest.fixture(params=LOOKS, ids=look_name)
def tab(request: pytest.FixtureRequest, chromium: "Browser") -> Iterator["Page"]:
    width, theme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=True, bypass_csp=False
    )
    yield context.new_page()
    context.close()


def judged(page: "Page") -> list[str]:
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(VIOLATIONS, TAGS)
    return [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]]


def overflow(page: "Page") -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide


@pytest.mark.timeout(400)
def test_axe_finds_nothing_and_nothing_overflows(address: str, tab: "Page") -> None:
    wrong = []
    for name in samples.PAGES:
        tab.goto(f"{address}/apercu/{name}")
        wrong += [f"{name}: {one}" for one in judged(tab)]
        if overflow(tab) > 0:
            wrong.append(f"{name}: {overflow(tab)} px too wide")
    assert wrong == []


def test_open_menus_and_folds_are_as_good_as_closed_ones(address: str, tab: "Page") -> None:
    wrong = []
    for name in ("file", "dossier", "pilotage"):
        tab.goto(f"{address}/apercu/{name}")
        tab.evaluate("document.querySelectorAll('details:not([name])').forEach(d => d.open = true)")
        wrong += [f"{name}: {one}" for one in judged(tab)]
        for menu in tab.locator("details[name]").all():
            menu.evaluate("menu => { menu.open = true }")  # closes the one that was open
            wrong += [f"{name}, {menu.locator('summary').inner_text()}: {one}" for one in judged(tab)]
    assert wrong == []


@pytest.mark.timeout(400)
def test_text_may_be_spaced_wider_without_loss(address: str, chromium: "Browser") -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 900}, bypass_csp=True)
    tab = context.new_page()
    wide = []
    for name in samples.PAGES:
        tab.goto(f"{address}/apercu/{name}")
        tab.add_style_tag(content=SPACED)
        if overflow(tab) > 0:
            wide.append(f"{name}: {overflow(tab)} px")
    context.close()
    assert wide == []


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(address: str, chromium: "Browser") -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{address}/apercu/action-erreur")
    assert tab.title().startswith("Erreur")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#motif")
    context.close()
