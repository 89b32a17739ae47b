"""Which mails did no person write, and what do reports of delivery say?"""

import pytest

from gru.channels.email.mime import Bounce, read

PERSON = b"From: Jeanne <jeanne@courriel.example>\r\nSubject: Lampadaire\r\n"


def with_header(line: bytes) -> bytes:
    return PERSON + line + b"\r\n\r\nBonjour"


@pytest.mark.parametrize(
    ("line", "signal"),
    [
        (b"Auto-Submitted: auto-replied (vacation)", "auto-submitted"),
        (b"Precedence: bulk", "precedence-bulk"),
        (b"Return-Path: <>", "empty-return-path"),
        (b"X-Autoreply: yes", "x-autoreply"),
        (b"X-Autorespond: oui", "x-autorespond"),
    ],
)
def test_a_header_that_says_so_makes_a_mail_automatic(line: bytes, signal: str) -> None:
    mail = read(with_header(line))
    assert (mail.automatic, mail.is_bounce, mail.signals) == (True, False, (signal,))


@pytest.mark.parametrize(
    "subject",
    [
        "Réponse automatique : Nous avons reçu votre message",
        "Absence du bureau",
        "Out of office: Re: lampadaire",
        "Automatic reply: lampadaire",
        "Re: Réponse automatique",
        "Je suis en congés jusqu'au 14 août",
        "Absente du bureau",
        "Absent(e) du bureau",
        "Accusé de réception de votre message",
        "Accusé de lecture : lampadaire",
        "Accusé de lecture",
    ],
)
def test_the_words_of_an_absence_make_a_mail_automatic(subject: str) -> None:
    mail = read(f"From: a@b.example\r\nSubject: {subject}\r\n\r\nJe suis absente.".encode())
    assert (mail.automatic, mail.signals) == (True, ("subject-absence",))


@pytest.mark.parametrize(
    "subject",
    [
        "Absence de réponse du service",
        "Portail automatique en panne",
        "Bureau fermé",
        "Je suis en congé parental : crèche",
        "Accusé de réception de mon recours jamais reçu",
        "Accusé de lecture demandé pour ma lettre",
    ],
)
def test_a_resident_may_write_of_absences_and_automata(subject: str) -> None:
    assert not read(f"From: a@b.example\r\nSubject: {subject}\r\n\r\nBonjour".encode()).automatic


@pytest.mark.parametrize(
    "line", [b"Auto-Submitted: no", b"X-Mailer: Outlook", b"Return-Path: <jeanne@courriel.example>"]
)
def test_a_person_is_a_person(line: bytes) -> None:
    mail = read(with_header(line))
    assert (mail.automatic, mail.is_bounce, mail.is_list, mail.signals) == (False, False, False, ())


def test_the_answer_of_a_calendar_is_automatic() -> None:
    mail = read(
        PERSON + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nAccept\xe9\r\n"
        b"--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--b--\r\n"
    )
    assert (mail.automatic, mail.signals) == (True, ("calendar-reply",))


def test_an_invitation_is_written_by_a_person() -> None:
    assert not read(with_header(b"Content-Type: text/calendar; method=REQUEST")).automatic


def test_asking_for_no_automatic_answer_does_not_make_a_mail_automatic() -> None:
    mail = read(with_header(b"X-Auto-Response-Suppress: DR, OOF, AutoReply"))
    assert (mail.suppress_reply, mail.automatic) == (True, False)


def test_a_mailing_list_is_seen() -> None:
    assert read(with_header(b"List-Id: <quartier.liste.example>")).is_list


def test_a_mail_of_our_own_house_is_recognised() -> None:
    assert read(with_header(b"X-GRU-Instance: val-des-tilleuls")).instance == "val-des-tilleuls"


REPORT = (
    b"From: MAILER-DAEMON@relais.example\r\nReturn-Path: <>\r\nSubject: Non remis\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\nVotre message n'a pas pu \xc3\xaatre remis.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relais.example\r\n\r\n"
    b"Final-Recipient: rfc822; jeanne@courriel.example\r\nAction: %s\r\nStatus: %s\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 inconnue\r\n dans nos livres\r\n\r\n"
    b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <reponse-1@ville.example>\r\n\r\n--b--\r\n"
)


def test_a_delivery_report_says_whom_our_message_did_not_reach() -> None:
    mail = read(REPORT % (b"failed", b"5.1.1"))
    assert (mail.is_bounce, mail.automatic) == (True, True)
    assert mail.text == "Votre message n'a pas pu être remis."
    assert mail.bounces == (
        Bounce(
            "jeanne@courriel.example",
            "failed",
            "5.1.1",
            "smtp; 550 5.1.1 inconnue dans nos livres",
            "reponse-1@ville.example",
        ),
    )


def test_a_delay_is_a_bounce_and_a_delivery_is_none() -> None:
    assert read(REPORT % (b"delayed", b"4.4.1")).is_bounce
    delivered = read(REPORT % (b"delivered", b"2.0.0"))
    assert (delivered.is_bounce, delivered.automatic) == (False, True)


def test_a_read_receipt_is_no_bounce() -> None:
    mail = read(
        PERSON + b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
        b"--b\r\n\r\nLu.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Disposition: displayed\r\n--b--"
    )
    assert (mail.is_bounce, mail.automatic) == (False, True)


def test_a_bounce_in_plain_words_tells_the_same() -> None:
    mail = read(
        b"From: Mail Delivery System <Mailer-Daemon@relais.example>\r\nTo: mairie@ville.example\r\n"
        b"Subject: Mail delivery failed: returning message to sender\r\n\r\n"
        b"This message was created automatically by mail delivery software.\r\n\r\n"
        b"  jeanne@courriel.example\r\n    SMTP error: 550 5.1.1 unknown user\r\n\r\n"
        b"------ This is a copy of the message, including all the headers. ------\r\n\r\n"
        b"To: autre@courriel.example\r\nMessage-ID: <reponse-1@ville.example>\r\n\r\nBonjour\r\n"
    )
    assert mail.is_bounce
    assert mail.bounces == (
        Bounce(
            "jeanne@courriel.example",
            "failed",
            "5.1.1",
            "SMTP error: 550 5.1.1 unknown user",
            "reponse-1@ville.example",
        ),
    )


def test_a_person_who_speaks_of_undelivered_mail_is_no_bounce() -> None:
    mail = read(b"From: jeanne@courriel.example\r\nSubject: courrier undelivered ?\r\n\r\nRien dans ma bo\xc3\xaete.")
    assert (mail.is_bounce, mail.automatic) == (False, False)


OURS = b"Authentication-Results: mx.ville.example; spf=pass; dmarc=%s header.from=courriel.example\r\n"
THEIRS = b"Authentication-Results: ailleurs.example; dmarc=pass header.from=courriel.example\r\n"


@pytest.mark.parametrize(
    ("results", "proven"),
    [
        (OURS % b"pass", True),
        (OURS % b"pass (p=NONE)" + THEIRS, True),
        (OURS % b"fail", False),
        (OURS % b"fail (dmarc=pass)", False),
        (OURS % b"none; dmarc=pass", False),
        (THEIRS + OURS % b"pass", False),
        (THEIRS, False),
        (OURS.replace(b"courriel.example", b"autre.example") % b"pass", False),
        (OURS.replace(b" header.from=courriel.example", b"") % b"pass", False),
        (OURS % b"pass" + b"From: agent@ville.example\r\n", False),
        (b"", False),
    ],
)
def test_only_our_own_server_proves_a_sender(results: bytes, proven: bool) -> None:
    assert read(results + PERSON + b"\r\nBonjour", authserv_id="mx.ville.example").dmarc_pass is proven


def test_without_the_name_of_our_server_nobody_is_proven() -> None:
    assert not read(OURS % b"pass" + PERSON + b"\r\nBonjour").dmarc_pass
