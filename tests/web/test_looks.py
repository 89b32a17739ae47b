"""Do the templates show every page, and can its colours be read?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask_wtf.csrf import CSRFProtect

from gru.web import security, templating
from tests.web import samples

CSS = (Path(templating.__file__).parent / "static" / "app.css").read_text("utf-8")


@pytest.fixture(scope="module")
def shown() -> Flask:
    """Every made-up page at `/apercu/<name>`, without a town."""
    return preview()


def preview() -> Flask:
    app = templating.Pages("gru.web", static_folder=None)
    app.config["SECRET_KEY"] = "x" * 32
    CSRFProtect(app)
    templating.install(app)
    security.install(app, https=False)
    app.jinja_env.globals["town_name"] = lambda: "Val-des-Tilleuls"

    @app.get("/apercu/<name>")
    def show(name: str) -> str:
        template, make = samples.PAGES[name]
        return render_template(template, page=make(), shell=samples.shell(name))

    return app


@pytest.mark.parametrize("name", samples.PAGES)
def test_a_page_has_one_title_one_main_heading_and_unique_names(shown: Flask, name: str) -> None:
    page = shown.test_client().get(f"/apercu/{name}").text
    assert page.count("<title>") - page.count('role="img"><title>') == 1
    assert page.count("<h1") == 1
    ids = re.findall(r'\bid="([^"]+)"', page.split("</svg>", 1)[1])
    assert [one for one in set(ids) if ids.count(one) > 1] in ([], ["hatch"])


@pytest.mark.parametrize("name", samples.PAGES)
def test_no_page_needs_a_style_or_a_script_of_its_own(shown: Flask, name: str) -> None:
    page = shown.test_client().get(f"/apercu/{name}").text
    assert " style=" not in page and "<script" not in page and not re.search(r"\son\w+=", page)


@pytest.mark.parametrize("name", samples.PAGES)
def test_every_icon_a_page_names_is_there(shown: Flask, name: str) -> None:
    page = shown.test_client().get(f"/apercu/{name}").text
    assert set(re.findall(r'href="#(i-[a-z]+)"', page)) <= set(re.findall(r'<symbol id="(i-[a-z]+)"', page))


# --- colours -----------------------------------------------------------------------------------------------------

TEXT = 4.5
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink2", "ink3") for ground in ("surface", "bg")),
    ("brand", "surface"), ("brand", "bg"), ("brand", "brand-soft"), ("on-brand", "brand"),
    *((state, f"{state}-bg") for state in ("late", "soon", "ok", "pause", "info", "note")),
    *((state, "surface") for state in ("late", "soon", "ok")),
    ("ink", "info-bg"), ("ink", "note-bg"), ("ink", "pause-bg"), ("ink2", "brand-soft"), ("note-bg", "note"),
]  # fmt: skip


def themes() -> Iterator[tuple[str, dict[str, str]]]:
    blocks = re.findall(r":root\{(.*?)\}", CSS, re.S)
    light = dict(re.findall(r"--([\w-]+):(#[0-9A-Fa-f]{3,6})\b", blocks[0]))
    yield "light", light
    yield "dark", light | dict(re.findall(r"--([\w-]+):(#[0-9A-Fa-f]{3,6})\b", blocks[1]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_text_colour_can_be_read_on_its_ground(ink: str, ground: str) -> None:
    for theme, colours in themes():
        assert contrast(colours[ink], colours[ground]) >= TEXT, theme


def test_borders_of_controls_and_the_focus_ring_can_be_seen() -> None:
    for theme, colours in themes():
        for line in ("control", "focus"):
            assert contrast(colours[line], colours["surface"]) >= 3, theme
            assert contrast(colours[line], colours["bg"]) >= 3, theme


def test_the_stylesheet_stays_small() -> None:
    assert len(CSS.encode()) <= 40_000
