"""Can a hole be reported from a telephone 390 pixels wide, without a script, with a photo?"""

import re
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from werkzeug.serving import make_server

from gru.domain import events as e
from tests.office.pictures import HEIC
from tests.office.pictures import photo as jpeg
from tests.web.axe import judged, overflow, still, wrong_with
from tests.web.conftest import Town

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
    tab.locator("input[name=ville]").click(position={"x": 140, "y": 140})
    yield "plan-de-la-ville"
    tab.get_by_label("Où se trouve le problème").fill("accacia")
    go_on(tab)
    yield "lieu-incertain"
    tab.get_by_label("Où se trouve le problème").fill("14 rue des Acacias")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/description")
    yield "description"
    tab.get_by_role("link", name="Retour").click()
    yield "plan"
    tab.locator("input[name=plan]").click(position={"x": 170, "y": 155})
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
    if (button := tab.get_by_role("button", name="Ajouter ces fichiers")).is_visible():
        button.click()
    tab.get_by_role("button", name="Retirer IMG_2041.jpg").wait_for()
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
    town: Town, address: str, chromium: "Browser", photo: Path
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    tab = context.new_page()
    seen = list(report(tab, address, photo))
    assert seen[-1] == "suivi" and "IMG_2041.jpg" in tab.content()
    assert town.case("2026-000001").danger
    context.close()


def test_axe_finds_nothing_on_any_page_of_the_way(address: str, chromium: "Browser", photo: Path) -> None:
    context = still(chromium, viewport={"width": 390, "height": 844}, color_scheme="dark")
    tab = context.new_page()
    wrong = []
    for name in report(tab, address, photo):
        wrong += wrong_with(tab, name)
    context.close()
    assert wrong == []


# --- with the page's own script ----------------------------------------------------------------------------------


def begun(tab: "Page", address: str) -> None:
    tab.goto(f"{address}/demarches/trou-chaussee-trottoir")
    tab.get_by_role("button", name="Commencer").click()
    tab.wait_for_url("**/lieu")


def test_one_button_gives_the_position_and_the_town_says_which_address_that_is(
    town: Town, address: str, chromium: "Browser"
) -> None:
    here = {"latitude": 50.2190, "longitude": 3.0518, "accuracy": 12}
    context = still(chromium, viewport={"width": 390, "height": 844}, geolocation=here, permissions=["geolocation"])
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    begun(tab, address)
    tab.get_by_role("button", name="Utiliser ma position").click()
    tab.get_by_text("Adresse la plus proche du point choisi").wait_for()
    assert tab.get_by_label("Où se trouve le problème").input_value() == "13 rue des Acacias"
    assert judged(tab) == [] and overflow(tab) == 0
    go_on(tab)
    tab.wait_for_url("**/description")
    assert {re.sub(r"^(https?://[^/]+).*", r"\1", url) for url in asked} == {address}
    context.close()


def test_who_keeps_his_position_to_himself_is_told_how_to_go_on(address: str, chromium: "Browser") -> None:
    context = still(chromium, viewport={"width": 390, "height": 844})
    tab = context.new_page()
    begun(tab, address)
    tab.get_by_role("button", name="Utiliser ma position").click()
    tab.get_by_text("Votre appareil n’autorise pas cette page à lire votre position.").wait_for()
    assert judged(tab) == []
    tab.get_by_label("Où se trouve le problème").fill("14 rue des Acacias")
    go_on(tab)
    tab.wait_for_url("**/description")
    context.close()


def test_photos_go_one_by_one_made_smaller_and_again_when_the_line_was_cut(
    town: Town, address: str, chromium: "Browser", tmp_path: Path
) -> None:
    large, other, no_picture = tmp_path / "grande.jpg", tmp_path / "autre.jpg", tmp_path / "page.html"
    large.write_bytes(noisy(2400, 1800))
    other.write_bytes(jpeg())
    no_picture.write_text("<script>alert(1)</script>")
    context = still(chromium, viewport={"width": 390, "height": 844})
    tab = context.new_page()
    begun(tab, address)
    tab.get_by_label("Où se trouve le problème").fill("14 rue des Acacias")
    go_on(tab)
    tab.get_by_label("Que se passe-t-il").fill("Un trou.")
    go_on(tab)
    tab.get_by_label("Non", exact=True).check()
    go_on(tab)
    tab.wait_for_url("**/photo")
    tab.get_by_label("Ajouter une photo").set_input_files([large, no_picture])
    tab.get_by_role("button", name="Retirer grande.jpg").wait_for()
    tab.locator("#erreurs").get_by_text("page.html n’est pas accepté").wait_for()
    context.set_offline(True)
    tab.get_by_label("Ajouter une autre photo").set_input_files(other)
    again = tab.get_by_role("button", name="Réessayer")
    again.wait_for()
    assert judged(tab) == [] and overflow(tab) == 0
    context.set_offline(False)
    again.click()
    tab.get_by_role("button", name="Retirer autre.jpg").wait_for()
    go_on(tab)
    tab.get_by_label("Adresse e-mail").fill("claire.lefevre@exemple.fr")
    go_on(tab)
    tab.get_by_role("button", name="Envoyer ma demande").click()
    tab.get_by_role("link", name="Suivre ma demande").wait_for()
    first, second = kept_files(town)
    assert max(Image.open(BytesIO(first)).size) == 1600 and second
    context.close()


def noisy(width: int, height: int) -> bytes:
    """A photo nobody can make small but by making it smaller."""
    made = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(made, "JPEG", quality=92)
    return made.getvalue()


def kept_files(town: Town) -> list[bytes]:
    opened = town.office.log.history(town.id_of("2026-000001"))[0].event
    assert isinstance(opened, e.CaseOpened)
    files = [town.office.archive.file(one.id) for one in opened.files]
    return [file.content for file in files if file]
