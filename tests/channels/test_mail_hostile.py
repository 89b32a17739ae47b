"""Can any bytes stop the reading, or make it slow?"""

import json
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gru.channels.email.bodies import LONGEST
from gru.channels.email.inspect import inspect
from gru.channels.email.mime import read
from tests.examples import examples

HEAD = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
TEXT = HEAD + b"\r\n"
BITS = [
    b"From: ", b"Subject: ", b"=?utf-8?Q?", b"=?iso-2022-jp?B?GyRC", b"?=", b"Content-Type: ", b"multipart/mixed; ",
    b"multipart/report; report-type=delivery-status; ", b"boundary=b", b"text/plain; charset=", b"utf-7", b"utf-16",
    b"gb2312", b"iso-2022-jp", b"text/html", b"application/ms-tnef", b"\x78\x9f\x3e\x22", b"message/rfc822",
    b"message/delivery-status", b"Final-Recipient: ", b"Action: failed", b"Content-Transfer-Encoding: ", b"base64",
    b"quoted-printable", b"x-uuencode", b"begin 644 a\n", b"\nend\n", b"\r\n", b"\n", b"\r\n\r\n", b"--b", b"--", b";",
    b'"', b"<", b">", b"(", b")", b"@", b",", b":", b"\0", b"\xff\xfe", b"\xe9", b"\xc3\xa9", b"Date: ",
    b"Mon, 1 Jan 2026 00:00:00 +0100", b"99999999999999999999", b"filename*0*=utf-8''%ff", b"<blockquote type=cite>",
    b"<div>", b"</table>", b"&#xd800;", b"+2AA-", b"> ", "Le 3 mars 2026 à 10:12, X a écrit :".encode(), b"De : x\n",
    b"Authentication-Results: ", b"mx; dmarc=pass", b"Received: x; ", b"References: <", b"\x1b$B", b"--b--\r\n",
]  # fmt: skip
MAILS = st.lists(st.one_of(st.sampled_from(BITS), st.binary(max_size=12)), max_size=60).map(b"".join)


@given(st.one_of(st.binary(max_size=2000), MAILS, MAILS.map(lambda rest: HEAD + rest)))
@example(b"Message-ID: <[abc]@x>\r\n\r\n")
@example(HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-")
@example(HTML + b"<?xml version='1.0' encoding='utf-8'?><p>x")
@settings(max_examples=examples(400))
def test_no_bytes_whatever_raise_an_exception(raw: bytes) -> None:
    mail = read(raw, authserv_id="mx")
    json.dumps(inspect("x.eml", raw), ensure_ascii=False).encode("utf-8")
    assert all(not {"/", "\\", "\0"} & set(file.filename) and file.filename for file in mail.attachments)
    assert all(moment is None or moment.tzinfo for moment in (mail.date, mail.received))


NESTED = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(1000))
GROWING = {
    "padding": HTML + b"<div style='padding-left:100000em'>" * 90 + b"a<br>" * 300,
    "padding by another name": HTML + b"<div style='-webkit-padding-start:99999em'>" * 90 + b"a<br>" * 300,
    "margins": HTML + b"<p style='margin-top:99999em;margin-bottom:99999em'>a</p>" * 4_000,
    "a margin without end": HTML + b"<p style='margin-top:" + b"9" * 400 + b"em'>Le lampadaire est en panne.</p>",
    "a wide cell above many": HTML + b"<table><tr><td>" + b"a" * 600_000 + b"</td></tr>" + b"<tr><td>b" * 3_000,
    "a high cell beside a wide one": HTML + b"<table><tr><td>" + b"a" * 400_000 + b"<td>" + b"b<br>" * 9_000,
    "many tables": HTML + (b"<table><tr><td>" + b"a" * 900 + b"<tr><td>" + b"b<br>" * 30 + b"</table>") * 270,
    "tables in tables": HTML + b"<table><tr><td>" * 45 + b"a" * 40_000 + b"<br>b" * 8_000,
    "lines in lists in lists": HTML + b"<ul>" * 95 + b"<pre>" + b"a\n" * 400_000,
}
HOSTILE = {
    **GROWING,
    "multipart nested a thousand deep": HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + NESTED,
    "a hundred thousand parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 100_000,
    "ten thousand headers": b"X-A: b\r\n" * 10_000 + TEXT,
    "a header folded a million times": b"X-A: " + b"x\r\n " * 1_000_000 + TEXT,
    "broken headers": (b"bad line\r\n" * 30 + b"X-a: b\r\n") * 20_000,
    "boundaries that are none": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"x--b" * 1_000_000,
    "twenty thousand nested blocks": HTML + b"<div>" * 20_000 + b"x",
    "unknown tags": HTML + b"<x>" * 9_000,
    "open tags": HTML + b"<" * 900_000,
    "open comments": HTML + b"<!--" * 200_000,
    "a line of blanks": TEXT + b" " * 5_000_000 + b"x",
    "lines of blanks": TEXT + (b" " * 990 + b"x\n") * 900,
    "lines of dashes": TEXT + (b"-" * 990 + b"x\n") * 900,
    "beginnings of quotes": TEXT + (b"Le " + b" a ecrit" * 40 + b"\n") * 2_500,
    "headers of quotes": TEXT + b"De : x\n" * 4_900,
    "unended encoded words": b"Subject: " + b"=?utf-8?q?a" * 30_000 + b"\r\n" + TEXT,
    "an address without end": b"From: " + b"a" * 1_000_000 + b"\r\n" + TEXT,
    "a notice that names two hundred": b"Subject: Undelivered\r\nFrom: mailer-daemon@b.example\r\n\r\n550\r\n"
    + b"".join(b"r%d@b.example\r\n" % number for number in range(200)) + b"\n" * 900_000 + b"x",
    "open quotation marks": b"From: " + b'"\\' * 30_000 + b"\r\n" + TEXT,
    "open brackets": b"To: " + b"(" * 60_000 + b"\r\n" + TEXT,
    "uuencoded beginnings": TEXT + b"begin 644 a\n" * 80_000,
    "soft line ends": HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" + b" " * 900_000,
    "a photo of 30 MB": HEAD + b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b"QUJD" * 7_500_000,
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_mail_costs_little(attack: str) -> None:
    before = time.process_time()
    read(HOSTILE[attack])
    assert time.process_time() - before < 3


@pytest.mark.parametrize("attack", GROWING)
def test_no_mail_becomes_larger_by_being_read(attack: str) -> None:
    tracemalloc.start()
    try:
        mail = read(GROWING[attack])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert mail.from_email == "a@b.example" and "a" in mail.text
    assert len(mail.text) <= LONGEST
    assert most < 150_000_000


def test_what_was_cut_is_noted() -> None:
    assert "too-deep" in read(HOSTILE["multipart nested a thousand deep"]).defects
    assert "too-many-parts" in read(HOSTILE["a hundred thousand parts"]).defects
    assert "too-many-headers" in read(HOSTILE["a header folded a million times"]).defects
    assert "text-cut" in read(HOSTILE["a line of blanks"]).defects


def test_a_part_too_deep_to_be_read_still_shows_its_words() -> None:
    deep = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(30))
    mail = read(HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + deep + b"--b30\r\n\r\nAu secours")
    assert "Au secours" in mail.text
