"""Can a hole be reported from a telephone 390 pixels wide, without a script, with a photo?"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from tests.office.pictures import HEIC
from tests.web.conftest import Town
from tests.web.test_accessibility import judged, overflow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, town.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def go_on(tab: "Page") -> None:
    tab.get_by_role("button", name="Continuer", exact=True).click()


def report(tab: "Page", address: str, photo: Path) -> Iterator[str]:
    """Each page as he comes to it, to be looked at."""
    tab.goto(f"{address}/")
    yield "accueil"
    tab.get_by_label("Écrivez avec vos mots.").fill("trou dans la route")
    tab.get_by_role("button", name="Rechercher").click()
    yield "trouve"
    tab.get_by_role("link", name="Trou ou déformation sur la chaussée ou le trottoir").click()
    yield "fiche"
    tab.get_by_role("button", name="Commencer").click()
    yield "lieu"
    tab.get_by_label("Où se trouve le problème").fill("accacia")
    go_on(tab)
    yield "lieu-incertain"
    tab.get_by_label("Où se trouve le problème").fill("14 rue des Acacias")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/description")
    yield "description"
    tab.get_by_role("link", name="Retour").click()
    yield "plan"
    tab.locator("input[name=plan]").click(position={"x": 190, "y": 175})
    yield "plan-deplace"
    go_on(tab)
    go_on(tab)
    yield "description-erreur"
    tab.get_by_label("Que se passe-t-il").fill("Un trou dans la chaussée, profond d’une main.")
    go_on(tab)
    yield "danger"
    tab.get_by_label("Oui, quelqu’un peut se blesser maintenant").check()
    go_on(tab)
    yield "photo"
    tab.get_by_label("Ajouter une photo").set_input_files(photo)
    tab.get_by_role("button", name="Ajouter ces fichiers").click()
    yield "photo-ajoutee"
    go_on(tab)
    yield "contact"
    tab.get_by_label("Adresse e-mail").fill("claire.lefevre@exemple.fr")
    go_on(tab)
    yield "verifier"
    tab.get_by_role("button", name="Envoyer ma demande").click()
    yield "merci"
    tab.get_by_role("link", name="Suivre ma demande").click()
    yield "suivi"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_2041.HEIC"
    path.write_bytes(HEIC)
    return path


def test_a_report_on_a_small_telephone_without_scripts(
    town: Town, address: str, chromium: "Browser", photo: Path, tmp_path: Path
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    tab = context.new_page()
    seen = []
    for name in report(tab, address, photo):
        tab.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        seen.append(name)
    assert seen[-1] == "suivi" and "IMG_2041.jpg" in tab.content()
    assert town.case("2026-000001").danger
    context.close()


def test_axe_finds_nothing_on_any_page_of_the_way(address: str, chromium: "Browser", photo: Path) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    tab = context.new_page()
    wrong = []
    for name in report(tab, address, photo):
        wrong += [f"{name}: {one}" for one in judged(tab)]
        if overflow(tab) > 0:
            wrong.append(f"{name}: {overflow(tab)} px too wide")
    context.close()
    assert wrong == []
