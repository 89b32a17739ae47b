"""Which files come in, what is left of them, and what is said of the others?"""

import socket
import struct
import threading
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gru.office.files import LARGEST, FileDoor, FileRefused, no_scanner, plain_name, scanner_at, sniffed
from gru.office.files.pictures import LONGEST_SIDE
from tests.examples import examples
from tests.office.pictures import EICAR, HEIC, photo, png_bomb, with_position

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def door() -> FileDoor:
    return FileDoor(no_scanner())


def reason(door: FileDoor, name: str, content: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        door.let_in(name, content)
    return caught.value.reason


# --- what comes in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [photo("JPEG"), photo("PNG"), photo("WEBP"), photo("GIF"), HEIC])
def test_a_photo_of_any_kind_becomes_a_jpeg(door: FileDoor, content: bytes) -> None:
    file = door.let_in("IMG_2041.HEIC", content)
    assert (file.name, file.media_type) == ("IMG_2041.jpg", "image/jpeg")
    with Image.open(BytesIO(file.content)) as picture:
        assert (picture.format, picture.mode) == ("JPEG", "RGB")


def test_an_iphone_s_picture_keeps_its_size(door: FileDoor) -> None:
    with Image.open(BytesIO(door.let_in("x.heic", HEIC).content)) as picture:
        assert picture.size == (29, 100)


def test_where_a_photo_was_taken_and_by_whom_does_not_come_in_but_it_stands_upright(door: FileDoor) -> None:
    before = with_position()
    assert b"Claire" in before and b"Acacias" in before
    after = door.let_in("x.jpg", before).content
    assert b"Claire" not in after and b"Acacias" not in after and b"Exif" not in after
    with Image.open(BytesIO(after)) as picture:
        assert picture.size == (20, 40)
        assert dict(picture.getexif()) == {} and "comment" not in picture.info and "icc_profile" not in picture.info


def test_what_hides_behind_a_picture_does_not_come_in(door: FileDoor) -> None:
    for hidden in (b"<script>alert(1)</script>", b"PK\x03\x04evil.exe", b"<?php system($_GET['x']);"):
        assert hidden not in door.let_in("x.jpg", photo() + hidden).content


def test_a_large_picture_is_made_as_small_as_a_screen(door: FileDoor) -> None:
    with Image.open(BytesIO(door.let_in("x.jpg", photo(size=(6000, 3000))).content)) as picture:
        assert picture.size == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_what_shines_through_becomes_paper(door: FileDoor) -> None:
    out = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(BytesIO(door.let_in("x.png", out.getvalue()).content)) as picture:
        assert picture.getpixel((10, 10)) == (255, 255, 255)


def test_a_pdf_stays_as_it_is_under_its_own_ending(door: FileDoor) -> None:
    file = door.let_in("facture.html", PDF)
    assert (file.name, file.media_type, file.content) == ("facture.pdf", "application/pdf", PDF)


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\claire\\trou.jpg", "trou.jpg"),
        ("trou\u202egpj.exe", "trougpj.exe"),
        ('a"b<c>\r\nSet-Cookie: x.jpg', "abcSet-Cookie x.jpg"),
        ("...", "fichier"),
        ("", "fichier"),
        ("/", "fichier"),
        (".htaccess", "htaccess"),
        ("a" * 400 + ".jpg", "a" * 116 + ".jpg"),
        ("  nid  de poule .jpg ", "nid de poule .jpg"),
    ],
)
def test_a_name_is_only_ever_a_name(claimed: str, kept: str) -> None:
    assert plain_name(claimed) == kept


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder_or_its_line(claimed: str) -> None:
    kept = plain_name(claimed)
    assert kept and len(kept) <= 120 and not set(kept) & set('/\\\r\n\0"<>') and kept not in (".", "..")


# --- what does not -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff" + b"x" * LARGEST, "too_large"),
        (EICAR, "virus"),
        (photo() + EICAR, "virus"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type"),
        (b"<!doctype html><script>alert(1)</script>", "type"),
        (b"PK\x03\x04" + b"\0" * 60, "type"),
        (b"MZ\x90\0", "type"),
        (b"GIF8;<script>alert(1)</script>", "type"),
        (b"RIFF\0\0\0\0WAVEfmt ", "type"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "damaged"),
        (photo()[:-200], "damaged"),
        (HEIC[:500], "damaged"),
        (b"GIF89a<script>alert(1)</script>", "damaged"),
        (png_bomb(), "too_many_pixels"),
        (png_bomb(30_000, 10), "too_many_pixels"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_its_reason(door: FileDoor, content: bytes, why: str) -> None:
    assert reason(door, "trou.jpg", content) == why


def test_a_bomb_is_refused_unopened(door: FileDoor) -> None:
    bomb = png_bomb()
    assert len(bomb) < 100_000
    tracemalloc.start()
    assert reason(door, "x.png", bomb) == "too_many_pixels"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


@given(st.binary(max_size=400), st.sampled_from([photo("JPEG"), photo("PNG"), photo("WEBP"), HEIC, photo("GIF")]))
@settings(max_examples=examples(150))
def test_no_damaged_picture_breaks_the_door(noise: bytes, picture: bytes) -> None:
    door = FileDoor(no_scanner())
    for content in (picture[: len(picture) // 2] + noise, picture[:20] + noise + picture[20:], noise):
        try:
            assert door.let_in("x", content).media_type in ("image/jpeg", "application/pdf")
        except FileRefused as refused:
            assert refused.reason in ("type", "damaged", "too_many_pixels", "empty")


def test_a_file_is_what_it_is_whatever_it_is_called() -> None:
    assert sniffed(b"<html>") == ""
    assert sniffed(b" %PDF-1.4") == ""
    assert sniffed(HEIC) == "image/heic"


# --- the scanner -------------------------------------------------------------------------------------------------


class PlayedClamd:
    """Speaks as clamd does (INSTREAM, PING), and finds a virus in whatever says « malade »."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.answers = True
        self.seen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._line.accept()
            except OSError:
                return
            with visitor:
                self._speak(visitor)

    def _speak(self, visitor: socket.socket) -> None:
        stream = visitor.makefile("rb")
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if not self.answers:
            return
        if command == b"zPING\0":
            visitor.sendall(b"PONG\0")
            return
        content = b""
        while size := struct.unpack("!I", stream.read(4))[0]:
            content += stream.read(size)
        self.seen.append(content)
        found = b"malade" in content
        visitor.sendall(b"stream: Played.Virus FOUND\0" if found else b"stream: OK\0")


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[PlayedClamd, str]]:
    if request.param == "unix":
        line, url = socket.socket(socket.AF_UNIX), f"unix://{tmp_path}/clamd.ctl"
        line.bind(f"{tmp_path}/clamd.ctl")
        line.listen()
    else:
        line = socket.create_server(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{line.getsockname()[1]}"
    yield PlayedClamd(line), url
    line.close()


def test_clamd_is_shown_every_file_whole_and_believed(clamd: tuple[PlayedClamd, str]) -> None:
    played, url = clamd
    door = FileDoor(scanner_at(url))
    big = PDF + b"x" * 300_000
    assert door.let_in("a.pdf", big).content == big
    assert played.seen == [big]
    assert reason(door, "b.pdf", PDF + b"malade") == "virus"
    assert door.scanner.state() == "answers"


def test_eicar_is_known_though_clamd_says_nothing_of_it(clamd: tuple[PlayedClamd, str]) -> None:
    played, url = clamd
    assert reason(FileDoor(scanner_at(url)), "x.txt", EICAR) == "virus"
    assert played.seen == []


def test_while_clamd_is_silent_no_file_comes_in(clamd: tuple[PlayedClamd, str]) -> None:
    played, url = clamd
    played.answers = False
    door = FileDoor(scanner_at(url))
    assert reason(door, "x.jpg", photo()) == "not_scanned"
    assert door.scanner.state() == "silent"


def test_a_clamd_that_is_not_there_is_silent(tmp_path: Path) -> None:
    door = FileDoor(scanner_at(f"unix://{tmp_path}/nowhere"))
    assert reason(door, "x.jpg", photo()) == "not_scanned"
    assert door.scanner.state() == "silent"


def test_without_a_scanner_files_come_in_and_the_town_is_told(door: FileDoor) -> None:
    assert door.let_in("x.jpg", photo()).media_type == "image/jpeg"
    assert door.scanner.state() == "none"


@pytest.mark.parametrize("url", ["clamd", "tcp://", "tcp://host", "http://host:3310", "unix:", "unix://host/x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="unix:///"):
        scanner_at(url)
