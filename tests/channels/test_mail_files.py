"""Which files come out of a mail, and under which names?"""

import base64
import struct

import pytest

from gru.channels.email.mime import Attachment, read

HEAD = b"From: a@b.example\r\nSubject: photo\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def with_part(headers: bytes, body: bytes = b"contenu") -> tuple[Attachment, ...]:
    return read(HEAD + b"--b\r\n\r\nBonjour\r\n--b\r\n" + headers + b"\r\n\r\n" + body + b"\r\n--b--\r\n").attachments


def name_in(disposition: bytes) -> str:
    (file,) = with_part(b"Content-Type: image/jpeg\r\nContent-Disposition: attachment; " + disposition)
    return file.filename


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b'filename="trou.jpg"', "trou.jpg"),
        (b"filename=trou.jpg", "trou.jpg"),
        (b'filename="=?utf-8?Q?trou_rue_des_=C3=89rables.jpg?="', "trou rue des Érables.jpg"),
        (b"filename*=utf-8''trou%20rue%20des%20%C3%89rables.jpg", "trou rue des Érables.jpg"),
        (
            b"filename*0*=utf-8''trou%20rue; filename*1*=%20des%20%C3%89; filename*2=rables.jpg",
            "trou rue des Érables.jpg",
        ),
        ('filename="trou rue des Érables.jpg"'.encode(), "trou rue des Érables.jpg"),
        ('filename="trou rue des Érables.jpg"'.encode("cp1252"), "trou rue des Érables.jpg"),
        (b'filename="Plan 10;2;3.jpg"', "Plan 10;2;3.jpg"),
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="C:\\\\Users\\\\moi\\\\trou.jpg"', "trou.jpg"),
        (b'filename="trou\0.jpg"', "trou.jpg"),
        (b'filename=".."', "piece-jointe.jpg"),
        (b'filename=""', "piece-jointe.jpg"),
        (b"x=y", "piece-jointe.jpg"),
        (b"filename=" + b"a" * 5000 + b".jpg", "a" * 196 + ".jpg"),
    ],
)
def test_a_file_gets_the_name_that_was_meant_and_that_is_safe(written: bytes, meant: str) -> None:
    assert name_in(written) == meant


def test_a_file_is_kept_with_its_type_and_its_bytes() -> None:
    files = with_part(
        b"Content-Type: application/pdf; name=acte.pdf\r\nContent-Transfer-Encoding: base64", base64.b64encode(b"%PDF")
    )
    assert files == (Attachment("acte.pdf", "application/pdf", b"%PDF", inline=False, content_id=""),)


def test_a_logo_inside_the_text_is_told_from_a_document() -> None:
    (logo,) = with_part(
        b"Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline"
    )
    assert (logo.inline, logo.content_id) == (True, "logo@x")


def test_a_mail_inside_a_mail_is_one_file_and_not_part_of_the_text() -> None:
    mail = read(
        HEAD + b"--b\r\n\r\nVoyez ceci.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        b"From: c@d.example\r\nSubject: =?utf-8?q?Arbre_tomb=C3=A9?=\r\n\r\nUn arbre est tomb\xc3\xa9.\r\n--b--\r\n"
    )
    assert mail.text == "Voyez ceci."
    assert [(file.filename, file.content_type) for file in mail.attachments] == [("Arbre tombé.eml", "message/rfc822")]
    assert b"Un arbre" in mail.attachments[0].content


def test_a_calendar_invitation_among_the_forms_of_the_body_is_a_file() -> None:
    mail = read(
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nRendez-vous lundi.\r\n"
        b"--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n"
    )
    assert (mail.text, [file.filename for file in mail.attachments]) == ("Rendez-vous lundi.", ["piece-jointe.ics"])


def test_a_signed_mail_is_read_and_its_signature_kept() -> None:
    mail = read(
        b'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"\r\n\r\n'
        b"--b\r\n\r\nBonjour\r\n--b\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\n"
        b"xyz\r\n--b--\r\n"
    )
    assert (mail.text, [file.filename for file in mail.attachments]) == ("Bonjour", ["signature.asc"])


def test_a_uuencoded_file_leaves_the_text() -> None:
    mail = read(b"From: a@b.example\n\nVoici.\n\nbegin 644 note.txt\n'2F5A;FYE\"@``\n`\nend\n\nJeanne\n")
    (file,) = mail.attachments
    assert (file.filename, file.content_type, file.content[:6]) == ("note.txt", "text/plain", b"Jeanne")
    assert mail.text.split() == ["Voici.", "Jeanne"]


def test_an_empty_file_is_kept_and_noted() -> None:
    mail = read(HEAD + b"--b\r\nContent-Type: image/jpeg; name=trou.jpg\r\n\r\n--b--\r\n")
    assert ([file.content for file in mail.attachments], mail.defects) == ([b""], ("empty-attachment",))


def attribute(level: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, tag, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def unicode_property(number: int, text: str) -> bytes:
    value = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HHII", 0x1F, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)


WINMAIL = (
    struct.pack("<IH", 0x223E9F78, 1)
    + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    + attribute(1, 0x0002800C, "Voilà la photo.\0".encode("cp1252"))
    + attribute(2, 0x00069002, b"\0" * 14)
    + attribute(2, 0x00018010, b"PHOTO_~1.JPG\0")
    + attribute(2, 0x0006800F, b"jpeg")
    + attribute(2, 0x00069005, struct.pack("<I", 1) + unicode_property(0x3707, "photo_été.jpg"))
)


def test_winmail_dat_is_unpacked_and_kept_itself() -> None:
    mail = read(b"From: a@b.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n" + WINMAIL)
    assert mail.text == "Voilà la photo."
    assert [(file.filename, file.content_type, file.content) for file in mail.attachments] == [
        ("winmail.dat", "application/ms-tnef", WINMAIL),
        ("photo_été.jpg", "image/jpeg", b"jpeg"),
    ]


@pytest.mark.parametrize("length", range(0, len(WINMAIL), 7))
def test_a_winmail_dat_cut_anywhere_gives_what_is_left(length: int) -> None:
    mail = read(b"Content-Type: application/ms-tnef\r\n\r\n" + WINMAIL[:length])
    assert all(file.filename for file in mail.attachments)
