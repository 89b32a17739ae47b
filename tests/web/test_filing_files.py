"""Are hostile files refused or made harmless, each with its sentence, and does nothing else get lost?"""

import io
import re
import resource
import threading
import zipfile
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from gru.domain import events as e
from gru.web.residents.filing import files
from tests.office.pictures import EICAR, HEIC, png_bomb, with_position
from tests.web.conftest import Town
from tests.web.filing import Resident, photo, said

BASE = "/deposer/trou-chaussee-trottoir"


@pytest.fixture
def resident(town: Town) -> Resident:
    """At the page that asks for a photo."""
    begun = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="Un trou.")
    return begun.answers(danger="non")


def zip_bomb() -> bytes:
    """A hundred kilobytes that unpack to a hundred megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("photo.jpg", b"\0" * 100_000_000)
    return out.getvalue()


def kept(resident: Resident) -> list[tuple[str, str, bytes]]:
    """The files of the request, once it is sent."""
    resident.answers().answers(rien="oui").answers()
    town = resident.town
    opened = town.office.log.history(town.id_of(resident.number))[0].event
    assert isinstance(opened, e.CaseOpened)
    stored = [town.office.archive.file(file.id) for file in opened.files]
    return [(one.name, one.media_type, one.content) for one in stored if one]


def test_a_photo_from_a_telephone_is_added_and_comes_with_the_request(resident: Resident) -> None:
    resident.follows(resident.adds(("IMG_2041.HEIC", HEIC)))
    assert resident.step == "photo" and "IMG_2041.jpg est ajoutée" in said(resident.page)
    [(name, media_type, content)] = kept(resident)
    assert (name, media_type) == ("IMG_2041.jpg", "image/jpeg")
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (29, 100)


def test_where_it_was_taken_stays_on_the_telephone(resident: Resident) -> None:
    resident.follows(resident.adds(("x.jpg", with_position())))
    [(_, _, content)] = kept(resident)
    assert b"Exif" not in content and b"Claire" not in content


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photos.zip", zip_bomb(), "photos.zip n’est pas accepté."),
        ("plan.png", png_bomb(), "plan.png est une image trop grande."),
        ("facture.txt", EICAR, "facture.txt contient un virus."),
        ("photo.jpg", EICAR, "photo.jpg contient un virus."),
        ("page.html", b"<script>alert(1)</script>", "page.html n’est pas accepté."),
        ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "dessin.svg n’est pas accepté."),
        ("photo.jpg", b"<script>alert(1)</script>", "photo.jpg n’est pas accepté."),
        ("vide.jpg", b"", "vide.jpg est vide."),
        ("grand.jpg", b"\xff\xd8\xff" + b"\0" * 15_000_000, "grand.jpg fait plus de 15 Mo."),
        ("abime.jpg", photo()[:300], "abime.jpg est abîmé"),
        ("../../etc/cron.d/x.sh", b"#!/bin/sh", "x.sh n’est pas accepté."),
        ("<script>x.exe", b"MZ", "scriptx.exe n’est pas accepté."),
    ],
)
def test_a_hostile_file_gets_its_sentence_and_is_not_kept(
    resident: Resident, name: str, content: bytes, sentence: str
) -> None:
    answer = resident.adds((name, content))
    assert answer.status_code == 422
    assert sentence in said(answer)
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert len(scripts) == 1 and 'src="/static/filing.' in scripts[0], "what he called his file is a script"
    assert "est ajoutée" not in said(answer)
    resident.page = answer.text
    assert kept(resident) == []


def test_beside_a_bad_file_the_good_ones_are_kept(resident: Resident) -> None:
    answer = resident.adds(("a.jpg", photo()), ("b.svg", b"<svg/>"), ("../c.png", photo("PNG")))
    page = said(answer)
    assert "a.jpg est ajoutée" in page and "c.jpg est ajoutée" in page and "b.svg n’est pas accepté" in page
    resident.page = answer.text
    assert [name for name, _, _ in kept(resident)] == ["a.jpg", "c.jpg"]


def test_a_file_may_be_taken_away_again(resident: Resident) -> None:
    resident.follows(resident.adds(("a.jpg", photo()), ("b.jpg", photo())))
    ids = re.findall(r'name="retirer" value="([0-9a-f]{32})"', resident.page)
    assert len(ids) == 2
    resident.follows(resident.sends(retirer=ids[0], action=""))
    assert "a.jpg est ajoutée" not in said(resident.page)
    resident.follows(resident.sends(retirer="f" * 32, action=""))
    assert [name for name, _, _ in kept(resident)] == ["b.jpg"]


def test_five_photos_and_no_more(resident: Resident) -> None:
    answer = resident.adds(*((f"{n}.jpg", photo()) for n in range(6)))
    assert answer.status_code == 422 and "5 fichiers au maximum." in said(answer)
    resident.page = answer.text
    assert len(kept(resident)) == 5


def test_all_files_together_have_a_limit(resident: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    resident.follows(resident.adds(("a.jpg", photo())))
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    answer = resident.adds(("b.jpg", photo()))
    assert "Avec b.jpg, vos fichiers dépassent 30 Mo." in said(answer)


def test_a_file_chosen_and_continued_is_added_on_the_way(resident: Resident) -> None:
    resident.follows(resident.sends(fichiers=(io.BytesIO(photo()), "a.jpg")))
    assert resident.step == "contact"
    assert "a.jpg" in resident.answers(rien="oui").page


def test_without_a_photo_one_goes_on(resident: Resident) -> None:
    resident.follows(resident.sends(action="sans", fichiers=(io.BytesIO(photo()), "a.jpg")))
    assert resident.step == "contact"
    assert "a.jpg" not in resident.answers(rien="oui").page


def too_much(resident: Resident) -> TestResponse:
    return resident.adds(("a.jpg", b"\xff\xd8\xff" + b"\0" * 100_000_000))


def test_a_hundred_megabytes_are_refused_on_the_page_where_they_were_chosen(resident: Resident) -> None:
    answer = too_much(resident)
    assert answer.status_code == 413
    assert "Vos fichiers sont trop lourds ensemble. Envoyez-les en plusieurs fois." in said(answer)
    assert "Avez-vous une photo ?" in said(answer)
    resident.page = answer.text
    assert resident.answers().step == "contact"
    assert "Un trou." in resident.goes("description").page


def test_memory_stays_bounded_whatever_is_sent(town: Town) -> None:
    """Over a real line: a hundred megabytes, bombs and large pictures, several at once."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        resident = Resident(town).begins().answers(lieu="14 rue des Acacias").answers(description="x").answers()
        cookies = "; ".join(f"{name}={resident.visitor.client.get_cookie(name).value}"
                            for name in ("brouillon", "page"))  # fmt: skip
        token = re.search(r'name="csrf_token" value="([^"]+)"', resident.page)
        assert token
        address = f"http://127.0.0.1:{server.server_port}{BASE}/photo"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = at_once(address, cookies, token[1], [png_bomb(), b"\0" * 100_000_000, png_bomb(), zip_bomb()] * 2)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert sorted(set(found)) == [413, 422]
        assert (after - before) < 150_000, "KB more than before"
    finally:
        server.shutdown()
        thread.join()


def at_once(address: str, cookies: str, token: str, contents: list[bytes]) -> list[int]:
    """The answers to these files, sent four at a time."""
    found: list[int] = []
    room = threading.BoundedSemaphore(4)

    def one(content: bytes) -> None:
        with room:
            found.append(posted(address, cookies, token, content))

    threads = [threading.Thread(target=one, args=(content,)) for content in contents]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def posted(address: str, cookies: str, token: str, content: bytes) -> int:
    head = (f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--b\r\nContent-Disposition:'
            ' form-data; name="fichiers"; filename="x.png"\r\nContent-Type: image/png\r\n\r\n')  # fmt: skip
    parts = [head.encode(), content, b"\r\n--b--\r\n"]
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookies,
               "Content-Length": str(sum(map(len, parts)))}  # fmt: skip
    try:
        with urlopen(Request(address, data=iter(parts), headers=headers, method="POST"), timeout=60) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
