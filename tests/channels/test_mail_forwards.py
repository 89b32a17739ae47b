"""Whose mail is handed on, and which words of it, however the mail program writes that down?"""

import pytest

from gru.channels.base import Forwarded
from gru.channels.email.forwards import forwarded
from gru.channels.email.mime import read
from tests.channels.letters import OURS, incoming

HEAD = "From: Nadia <nadia@ville.example>\r\nTo: demande@ville.example\r\nSubject: %s\r\n"
TEXT = HEAD + "Content-Type: text/plain; charset=utf-8\r\n\r\n%s"
WORDS = "Bonjour,\nle trou est profond.\n\nPaul"

GMAIL = f"""À traiter.

---------- Forwarded message ---------
De : Paul Renard <paul@courriel.example>
Date: lun. 2 mars 2026 à 08:12
Subject: Un trou
To: <nadia@ville.example>


{WORDS}
"""
OUTLOOK = f"""À traiter.

________________________________
De : Paul Renard <paul@courriel.example>
Envoyé : lundi 2 mars 2026 08:12
À : Nadia
Objet : Un trou

{WORDS}
"""
OLD_OUTLOOK = OUTLOOK.replace("<paul@courriel.example>", "[mailto:paul@courriel.example]")
THUNDERBIRD = f"""À traiter.

-------- Message transféré --------
Sujet : \tUn trou
Date : \tMon, 2 Mar 2026 08:12:00 +0100
De : \tPaul Renard <paul@courriel.example>
Pour : \tnadia@ville.example

{WORDS}
"""
APPLE = "À traiter.\n\nDébut du message transféré :\n\n" + "\n".join(
    f"> {line}".rstrip()
    for line in f"De: Paul Renard <paul@courriel.example>\nObjet: Un trou\nDate: 2 mars 2026 à 08:12\n\n{WORDS}".split(
        "\n"
    )
)
PROGRAMS = {"gmail": GMAIL, "outlook": OUTLOOK, "old outlook": OLD_OUTLOOK, "thunderbird": THUNDERBIRD, "apple": APPLE}


def found(subject: str, text: str) -> Forwarded | None:
    return forwarded(read((TEXT % (subject, text.replace("\n", "\r\n"))).encode()))


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_each_program_s_way_of_forwarding_is_read(text: str) -> None:
    assert found("TR: Un trou", text) == Forwarded(
        "Paul Renard", "paul@courriel.example", "Un trou", WORDS, "À traiter."
    )


def test_the_mail_enclosed_as_a_file_counts_before_what_is_repeated() -> None:
    inner = "From: Paul Renard <paul@courriel.example>\r\nSubject: Un trou\r\n\r\nIl est profond.\r\n"
    raw = (
        HEAD % "Fwd: Un trou"
        + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nVoir la pièce.\r\n--b\r\n"
        + f"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n{inner}--b--\r\n"
    )
    assert forwarded(read(raw.encode())) == Forwarded(
        "Paul Renard", "paul@courriel.example", "Un trou", "Il est profond.", "Voir la pièce."
    )


def test_a_name_without_an_address_is_proposed_all_the_same() -> None:
    said = found("TR: Un trou", OUTLOOK.replace(" <paul@courriel.example>", ""))
    assert said is not None and (said.name, said.address) == ("Paul Renard", "")


def test_an_answer_with_its_history_hands_nothing_on() -> None:
    assert found("RE: Un trou", OUTLOOK) is None
    assert found("TR: Un trou", WORDS) is None


@pytest.mark.parametrize("subject", ["Trou rue des Lilas - M. Renard", "Transfert : trou", ""])
@pytest.mark.parametrize("cover", ["À traiter.", ""])
def test_a_mail_is_handed_on_though_the_agent_wrote_another_subject(subject: str, cover: str) -> None:
    said = found(subject, OUTLOOK.replace("À traiter.", cover))
    assert said == Forwarded("Paul Renard", "paul@courriel.example", "Un trou", WORDS, cover)


def test_the_town_s_own_mail_repeated_below_an_answer_is_not_handed_on() -> None:
    history = OUTLOOK.replace("paul@courriel.example", f"{OURS.replace('@', '+2026-000123.abc@')}")
    assert incoming((TEXT % ("Un trou, suite", history)).encode()).forwarded is None


@pytest.mark.parametrize(
    "text", ["---------- Forwarded message ---------", "---------- Forwarded message ---------\nDe :\n\n"]
)
def test_what_names_nobody_hands_nothing_on(text: str) -> None:
    assert found("Fwd: Un trou", text) is None


def test_a_bounce_returns_our_own_mail_and_hands_nothing_on() -> None:
    raw = (
        "From: MAILER-DAEMON@courriel.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Final-Recipient: rfc822; paul@courriel.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: demande@ville.example\r\n\r\nBonjour\r\n--b--\r\n"
    )
    assert forwarded(read(raw.encode())) is None


def test_ten_thousand_lines_of_header_blocks_are_read_in_good_time() -> None:
    assert found("TR: x", "De : \n" * 10_000) is None
