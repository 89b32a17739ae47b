"""What is read in a mail, however it was written?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gru.channels.email.mime import read

HEAD = b"From: Jeanne <jeanne@courriel.example>\r\nSubject: Voirie\r\nMIME-Version: 1.0\r\n"


def with_body(content_type: str, body: bytes, encoding: str = "8bit") -> bytes:
    return HEAD + f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def from_line(value: bytes) -> tuple[str, str]:
    mail = read(b"From: " + value + b"\r\n\r\nBonjour")
    return mail.from_name, mail.from_email


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain; charset=utf-8", "été à l’œuvre".encode()),
        ("text/plain; charset=iso-8859-1", "été à l’œuvre".encode()),
        ("text/plain; charset=iso-8859-1", "été à l’œuvre".encode("cp1252")),
        ("text/plain; charset=utf-8", "été à l’œuvre".encode("cp1252")),
        ("text/plain", "été à l’œuvre".encode("cp1252")),
        ("text/plain", "été à l’œuvre".encode()),
        ("text/plain; charset=us-ascii", "été à l’œuvre".encode()),
        ("text/plain; charset=cela-n-existe-pas", "été à l’œuvre".encode()),
        ("text/plain; charset=utf-7", "été à l’œuvre".encode("utf-7")),
        ("text/plain; charset=utf-16", b"\xc3\xa9t\xc3\xa9 \xc3\xa0 l\xe2\x80\x99\xc5\x93uvre"),
        ("text/plain; charset=punycode", "été à l’œuvre".encode()),
    ],
)
def test_a_declared_lying_or_missing_charset_gives_the_words_that_were_written(content_type: str, body: bytes) -> None:
    assert read(with_body(content_type, body)).text == "été à l’œuvre"


@pytest.mark.parametrize(
    ("charset", "word"), [("iso-2022-jp", "日本語"), ("ks_c_5601-1987", "한국어"), ("gb2312", "中文")]
)
def test_charsets_of_the_east_are_read(charset: str, word: str) -> None:
    codec = {"ks_c_5601-1987": "cp949"}.get(charset, charset)
    assert read(with_body(f"text/plain; charset={charset}", word.encode(codec))).text == word


def test_utf_8_with_one_byte_of_another_charset_keeps_all_its_letters() -> None:
    assert read(with_body("text/plain; charset=utf-8", "déjà ".encode() + b"\xe9t\xe9")).text == "déjà été"


def test_latin_9_keeps_its_euro() -> None:
    assert read(with_body("text/plain; charset=iso-8859-15", "2 400 €".encode("iso-8859-15"))).text == "2 400 €"


def test_raw_utf_8_in_headers_is_read() -> None:
    mail = read("From: Zoé <zoe@courriel.example>\r\nSubject: Éclairage éteint\r\n\r\nx".encode())
    assert (mail.from_name, mail.subject) == ("Zoé", "Éclairage éteint")


def test_raw_latin_1_in_headers_is_read() -> None:
    assert read("From: z@courriel.example\r\nSubject: Éclairage éteint\r\n\r\nx".encode("cp1252")).subject == (
        "Éclairage éteint"
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?utf-8?Q?D=C3=A9p=C3=B4t_sauvage?=", "Dépôt sauvage"),
        ("=?UTF-8?B?RMOpcA==?= =?UTF-8?B?w7R0?=", "Dépôt"),
        ("=?utf-8?Q?D=C3?=\r\n =?utf-8?Q?=A9p=C3=B4t?=", "Dépôt"),
        ("=?iso-8859-1?q?D=E9p=F4t?= place du =?utf-8?q?March=C3=A9?=", "Dépôt place du Marché"),
        ("=?utf-8?Q?Qui r=C3=A9pond ?? Merci?=", "Qui répond ?? Merci"),
        ("=?utf-8*fr?Q?D=C3=A9p=C3=B4t?=", "Dépôt"),
        ("=?utf-8?B?RMOpcMO0dA?=", "Dépôt"),
        ("=?rien?Q?D=C3=A9p=C3=B4t?=", "Dépôt"),
        ("=?utf-8?Q?pas fini", "=?utf-8?Q?pas fini"),
    ],
)
def test_encoded_words_are_read_even_when_they_are_broken(written: str, meant: str) -> None:
    assert read(f"Subject: {written}\r\n\r\nx".encode()).subject == meant


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        (b"jeanne@courriel.example", "", "jeanne@courriel.example"),
        (b"Jeanne Leroy <jeanne@courriel.example>", "Jeanne Leroy", "jeanne@courriel.example"),
        (b'"Leroy, Jeanne" <jeanne@courriel.example>', "Leroy, Jeanne", "jeanne@courriel.example"),
        (b"Leroy, Jeanne <jeanne@courriel.example>", "Leroy, Jeanne", "jeanne@courriel.example"),
        (b"=?utf-8?q?Leroy,_Zo=C3=A9?= <z@courriel.example>", "Leroy, Zoé", "z@courriel.example"),
        (b'"=?utf-8?q?Zo=C3=A9?=" <z@courriel.example>', "Zoé", "z@courriel.example"),
        (b"jeanne@courriel.example (Jeanne Leroy)", "Jeanne Leroy", "jeanne@courriel.example"),
        (b"Test jeanne@courriel.example", "Test", "jeanne@courriel.example"),
        (b'"jeanne@ailleurs.example" <jeanne@courriel.example>', "jeanne@ailleurs.example", "jeanne@courriel.example"),
        (b"MAILER-DAEMON <>", "MAILER-DAEMON", ""),
        (b"", "", ""),
    ],
)
def test_the_sender_is_found_in_every_way_of_writing_him(written: bytes, name: str, address: str) -> None:
    assert from_line(written) == (name, address)


def test_all_the_people_addressed_are_read() -> None:
    mail = read(
        b"To: Mairie <mairie@ville.example>, voirie@ville.example\r\nTo: a@b.example\r\nCc: Amis: c@d.example,"
        b" e@f.example;\r\nReply-To: autre@courriel.example\r\nDelivered-To: mairie@ville.example\r\n\r\nx"
    )
    assert mail.to == ("mairie@ville.example", "voirie@ville.example", "a@b.example")
    assert mail.cc == ("c@d.example", "e@f.example")
    assert mail.reply_to == "autre@courriel.example"
    assert mail.delivered_to == ("mairie@ville.example",)


def test_one_broken_header_line_loses_none_of_the_later_headers() -> None:
    mail = read(b"From: a@b.example\r\nceci n'est pas un champ\r\nSubject: Voirie\r\nMessage-ID: <1@b>\r\n\r\nBonjour")
    assert (mail.subject, mail.message_id, mail.text, mail.defects) == ("Voirie", "1@b", "Bonjour", ("broken-header",))


def test_a_text_that_follows_the_headers_without_a_blank_line_is_text() -> None:
    mail = read(b"From: a@b.example\r\nSubject: Voirie\r\nBonjour, un trou.\r\nMerci.\r\n")
    assert (mail.subject, mail.text, mail.defects) == ("Voirie", "Bonjour, un trou.\nMerci.", ("no-blank-line",))


def test_the_from_line_of_an_mbox_is_no_header() -> None:
    mail = read(b"From a@b.example Mon Jun 01 17:14:44 2009\nFrom: Jeanne <j@b.example>\n\nBonjour\n")
    assert (mail.from_email, mail.text, mail.defects) == ("j@b.example", "Bonjour", ("mbox-from",))


def test_ids_stand_without_brackets_or_folding() -> None:
    mail = read(b"Message-ID:\r\n <[abc]@x>\r\nIn-Reply-To: <1@b>\r\n <2@b>\r\nReferences: <0@b>\r\n\t<1@b>\r\n\r\nx")
    assert (mail.message_id, mail.in_reply_to, mail.references) == ("[abc]@x", "1@b", ("0@b", "1@b"))


def test_the_senders_date_and_our_servers_date_are_told_apart() -> None:
    mail = read(
        b"Received: from relais by mx.ville.example; Sun, 29 Mar 2026 03:30:00 +0200\r\n"
        b"Received: from pc by relais; Sun, 29 Mar 2026 01:00:00 +0000\r\nDate: Fri, 1 Jan 2100 00:00:00 +0000\r\n\r\nx"
    )
    assert mail.received == datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2)))
    assert mail.date == datetime(2100, 1, 1, tzinfo=UTC)
    assert mail.received_count == 2


@pytest.mark.parametrize(
    "date", [b"", b"demain", b"Mon, 99 Foo 2026 99:99:99 +9999", b"Fri, 31 Dec 9999 23:00:00 -2300"]
)
def test_an_impossible_date_is_no_date(date: bytes) -> None:
    assert read(b"Date: " + date + b"\r\n\r\nx").date is None


def test_html_alone_becomes_text_with_its_quotes_folded() -> None:
    mail = read(
        with_body(
            "text/html; charset=utf-8",
            b"<html><head><style>p{margin:0}</style></head><body><p>C&#39;est r&eacute;par&eacute;, merci.</p>"
            b"<div class=gmail_quote>Le mar. 3 mars 2026 \xc3\xa0 10:12, Mairie &lt;m@ville.example&gt; a "
            b"\xc3\xa9crit\xc2\xa0:<br><blockquote type=cite>Est-ce r&eacute;par&eacute; ?</blockquote></div></body>",
        )
    )
    assert mail.text == "C'est réparé, merci."
    assert "> Est-ce réparé ?" in mail.quoted


def test_of_two_forms_of_one_body_the_plain_one_is_kept_unless_it_says_nothing() -> None:
    def alternative(plain: bytes) -> str:
        return read(
            with_body(
                'multipart/alternative; boundary="b"',
                b"--b\r\nContent-Type: text/plain\r\n\r\n" + plain + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n"
                b"<p>Le trou</p>\r\n--b--\r\n",
            )
        ).text

    assert alternative(b"Un trou") == "Un trou"
    assert alternative(b" ") == "Le trou"
    assert alternative(b"Votre messagerie n'affiche pas le HTML.") == "Le trou"


@pytest.mark.parametrize("ending", [b"\r\n--b--\r\n", b"\r\n--b\r\n", b"\r\n", b""])
def test_a_missing_last_boundary_loses_nothing(ending: bytes) -> None:
    mail = read(with_body("multipart/mixed; boundary=b", b"--b\r\n\r\nBonjour\r\n--b\r\n\r\nMerci" + ending))
    assert mail.text == "Bonjour\n\nMerci"


@pytest.mark.parametrize("content_type", ["multipart/mixed", "multipart/mixed; boundary=autre"])
def test_a_missing_or_wrong_boundary_is_found_in_the_body(content_type: str) -> None:
    mail = read(with_body(content_type, b"--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n--b--\r\n"))
    assert mail.text == "Bonjour"
    assert mail.defects


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", b"Qm9uam91\r\ncg=="),
        ("base64", b"Qm9uam91cg"),
        ("quoted-printable", b"Bon=\r\njour"),
        ("quoted-printable", b"Bon= \r\njour"),
        ("inconnu", b"Bonjour"),
    ],
)
def test_transfer_encodings_are_undone_even_when_they_are_broken(encoding: str, body: bytes) -> None:
    assert read(with_body("text/plain", body, encoding)).text == "Bonjour"


def test_old_macintosh_newlines_are_newlines() -> None:
    assert read(b"From: a@b.example\rSubject: Voirie\r\rBonjour").subject == "Voirie"


def test_an_empty_mail_is_an_empty_mail() -> None:
    mail = read(b"")
    assert (mail.from_email, mail.subject, mail.text, mail.attachments, mail.defects) == ("", "", "", (), ())
