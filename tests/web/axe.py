"""What is wrong with a page as a real browser shows it, at every width and in both themes?

A page is loaded once and looked at in each look: it changes its width and its theme as it lies there.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from tests.examples import FULL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_VIOLATIONS = """async tags => {
    const asked = {resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}}
    return (await axe.run(document, asked)).violations
}"""
"""What is in order is not brought over: it is a hundred times as much."""
Looks = list[tuple[int, Literal["light", "dark"]]]
LOOKS: Looks = [(1440, "light"), (390, "dark")]
if FULL:
    LOOKS += [(1440, "dark"), (390, "light"), (320, "light")]
"""Widths and themes; `bin/test --full` looks at all of them."""
WALKED = LOOKS if FULL else LOOKS[1:]
"""Those in which running pages are walked through, whose templates stand among the made-up ones, looked at in all."""
HEIGHT = 900
_SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
"""WCAG 1.4.12, save the space between paragraphs."""
_SPACE = """css => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    document.adoptedStyleSheets = css ? [sheet] : []
}"""


def still(browser: "Browser", **more: Any) -> "BrowserContext":
    """Where axe is at hand, and nothing glides, so that no colour is judged on its way to another."""
    first = {"width": LOOKS[0][0], "height": HEIGHT}
    context = browser.new_context(**{"viewport": first, "reduced_motion": "reduce", **more})
    context.add_init_script(_AXE)
    return context


def wrong_in_each_look(page: "Page", name: str, looks: Looks = WALKED) -> list[str]:
    """What axe finds and what overflows."""
    return [one for look in each_look(page, looks) for one in wrong_with(page, f"{name}, {look}")]


def each_look(page: "Page", looks: Looks = WALKED) -> Iterator[str]:
    """Its name, while the page has it; the page keeps the last one."""
    for width, theme in looks:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=theme)
        yield f"{width} {theme}"


def wrong_with(page: "Page", name: str) -> list[str]:
    """In the look it has."""
    wrong = [f"{name}: {one}" for one in judged(page)]
    return wrong + ([f"{name}: {wide} px too wide"] if (wide := overflow(page)) > 0 else [])


def judged(page: "Page") -> list[str]:
    """What axe finds, where it is at hand."""
    page.wait_for_load_state()  # a press may still be on its way to the next page
    found: list[dict[str, Any]] = page.evaluate(_VIOLATIONS, _TAGS)
    return [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]]


def overflow(page: "Page") -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide


def too_wide_when_spaced(page: "Page") -> int:
    """By how many pixels, on the smallest screen, for who needs letters and lines further apart."""
    page.set_viewport_size({"width": 320, "height": HEIGHT})
    page.evaluate(_SPACE, _SPACED)
    wide = overflow(page)
    page.evaluate(_SPACE, "")
    return wide
