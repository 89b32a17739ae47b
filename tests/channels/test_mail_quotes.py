"""What is folded away of a mail, and what must stay?"""

import pytest

from gru.channels.email.quotes import fold

SAID = "C'est bien rue Pasteur.\nJean"
ASKED = "Bonjour,\nDans quelle rue ?"
MARKED = "> Bonjour,\n> Dans quelle rue ?"

HISTORIES = {
    "gmail": f"Le mar. 3 mars 2026 à 10:12, Mairie de Val-des-Tilleuls <\nmairie@ville.example> a écrit :\n\n{MARKED}",
    "thunderbird": f"Le 03/03/2026 à 10:12, Mairie a écrit :\n{MARKED}",
    "iphone": f"Envoyé de mon iPhone\n\n> Le 3 mars 2026 à 10:12, Mairie <m@ville.example> a écrit :\n> \n{MARKED}",
    "yahoo": f"    Le mardi 3 mars 2026 à 10:12:33 UTC+1, Mairie <m@ville.example> a écrit :  \n \n{ASKED}",
    "orange, marked": f"> Message du 03/03/26 10:12\n> De : Mairie <m@v>\n> A : Jean\n> Objet : rue\n> \n{MARKED}",
    "orange": f"envoyé : 3 mars 2026 à 10:12\nde : Mairie <m@v>\nà : j@o.example\nobjet : rue\n\n{ASKED}",
    "free": f"----- Mail original -----\nDe: Mairie <m@v>\nÀ: Jean\nEnvoyé: 3 Mars 2026 10:12\nObjet: x\n\n{ASKED}",
    "proton": (
        "Envoyé avec la messagerie sécurisée Proton Mail.\n\n"
        f"Le mardi 3 mars 2026 à 10:12, Mairie <m@v> a écrit :\n\n{MARKED}"
    ),
    "samsung": (
        "Envoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\nDe : Mairie <m@v>\n"
        f"Date : 03/03/2026 10:12 (GMT+01:00)\nÀ : j@o.example\nObjet : rue\n\n{ASKED}"
    ),
    "outlook": f"De : Mairie <m@v>\nEnvoyé : mardi 3 mars 2026 10:12\nÀ : Jean\nObjet : rue\n\n{ASKED}",
    "outlook, bold": f"*De :* Mairie\n*Envoyé :* mardi 3 mars 2026 10:12\n*À :* Jean\n*Objet :* rue\n\n{ASKED}",
    "outlook for phones": (
        "Télécharger Outlook pour Android<https://aka.example/x>\n________________________________\n"
        f"De : Mairie <m@v>\nEnvoyé : mardi 3 mars 2026 10:12\nÀ : Jean\nObjet : rue\n\n{ASKED}"
    ),
    "notes": f"Mairie <m@ville.example>\n03/03/2026 10:12\n\nPour\nJean <j@o.example>\ncc\n\nObjet\nrue\n\n{ASKED}",
    "english": f"On Tue, Mar 3, 2026 at 10:12 AM Mairie <m@v.example> wrote:\n\n{MARKED}",
    "unannounced": MARKED,
}


@pytest.mark.parametrize("program", HISTORIES)
def test_the_history_below_an_answer_is_folded(program: str) -> None:
    folded = fold(f"{SAID}\n\n{HISTORIES[program]}", "Re: rue")
    assert folded.text == SAID
    assert "Dans quelle rue ?" in folded.quoted


@pytest.mark.parametrize("program", HISTORIES)
def test_folding_deletes_no_word(program: str) -> None:
    whole = f"{SAID}\n\n{HISTORIES[program]}"
    folded = fold(whole)
    assert sorted(f"{folded.text} {folded.quoted}".split()) == sorted(whole.split())


def test_an_answer_below_the_quote_stays() -> None:
    folded = fold(f"Le 03/03/2026 à 10:12, Mairie a écrit :\n{MARKED}\n\n{SAID}")
    assert (folded.text, folded.quoted) == (SAID, f"Le 03/03/2026 à 10:12, Mairie a écrit :\n{MARKED}")


@pytest.mark.parametrize(
    "text",
    [
        "Le 03/03/2026 à 10:12, Mairie a écrit :\n> Quelle rue ?\nRue Pasteur\n> Quel numéro ?\nLe 12",
        f"Bonjour, mes réponses en rouge ci-dessous.\n\n{HISTORIES['outlook']}",
        "Je cite votre règlement :\n> Article 3 : les bacs sont sortis à 19 h.\n\nEst-ce bien cela ?",
        "Le 3 mars 2026 à 10:12, le maire m'a écrit :\n« Nous allons réparer. »\nJe n'ai rien vu depuis.",
        "Le 3 mars 2026 à 10:12, mairie@ville.example a écrit que tout serait réparé.\nRien n'est fait.",
        "Nom : Durand\nDe : 10 h à 12 h\nÀ : la halle\nDate : samedi\nObjet : stationnement\nMerci",
        "Mon recours a été\nEnvoyé par courrier le 3 mars.",
        "Je demande une autorisation :\n\nDe : 8 rue des Lilas\nÀ : 12 avenue Foch\n"
        "Date : samedi 12 décembre 2026 de 8h à 18h\nVéhicule : camion\n\nMerci de me confirmer.",
        "Je demande une autorisation :\n\nDe : 8 rue des Lilas\nÀ : 12 avenue Foch\n"
        "Date : 12/12/2026 de 8h30 à 18h30\nObjet : déménagement\n\nMerci de me confirmer.",
        "Ma demande.\n\nDe : Marie Durand <marie@courriel.example>\nÀ : mairie\nObjet : trou\n\nIl est profond.",
    ],
)
def test_what_only_looks_like_a_history_stays_whole(text: str) -> None:
    assert (fold(text).text, fold(text).quoted) == (text, "")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("TR: arbre tombé", f"Pour vous.\n\n{HISTORIES['outlook']}"),
        ("arbre", "Pour vous.\n\n---------- Forwarded message ---------\nDe : Mme Durand <d@o.example>\n\nUn arbre"),
        ("arbre", "Pour vous.\n\n-------- Message transféré --------\nDe : Mme Durand <d@o.example>\n\nUn arbre"),
    ],
)
def test_what_is_forwarded_is_what_is_to_be_read(subject: str, text: str) -> None:
    assert fold(text, subject).text == text


def test_a_signature_with_an_address_stays_in_the_text() -> None:
    text = "Le lampadaire clignote.\n\n-- \nJean Dupont\n3 rue Pasteur"
    assert fold(text).text == text


def test_the_name_of_the_telephone_is_folded() -> None:
    folded = fold("Le lampadaire clignote.\n\nEnvoyé de mon iPhone")
    assert (folded.text, folded.quoted) == ("Le lampadaire clignote.", "Envoyé de mon iPhone")


def test_a_mail_of_nothing_but_the_name_of_the_telephone_says_nothing() -> None:
    assert (fold("\nEnvoyé de mon iPhone").text, fold("\nEnvoyé de mon iPhone").quoted) == ("", "Envoyé de mon iPhone")


def test_words_that_begin_like_the_name_of_a_telephone_stay() -> None:
    text = "Envoyé de mon téléphone car tout est coupé : un arbre est tombé sur la ligne rue Foch."
    assert fold(text).text == text


@pytest.mark.parametrize("answer", ["Oui, demain", "oui"])
def test_a_short_answer_below_a_long_quoted_line_is_not_its_end(answer: str) -> None:
    question = "> Le lampadaire dont vous parlez est-il celui du numéro douze, ou"
    text = f"{question}\n{answer}\n> Et le banc ?\nCassé."
    assert fold(text).text == text
    text = f"Bonjour,\n\n{question}\n{answer}\n> Et le banc ?"
    assert answer in fold(text).text


@pytest.mark.parametrize("program", HISTORIES)
def test_a_mail_that_would_say_nothing_without_its_history_keeps_it(program: str) -> None:
    folded = fold(HISTORIES[program])
    assert "Dans quelle rue ?" in folded.text


def test_a_form_that_begins_like_a_history_stays_whole() -> None:
    text = "De : Marie Durand <marie@courriel.example>\nÀ : mairie\nObjet : Trou rue des Lilas\n\nIl est profond."
    assert (fold(text).text, fold(text).quoted) == (text, "")
