"""What do the pages of clocks show, in made-up examples: one clock explained, the legal dates?"""

from gru.web.agents.explaining_page import CauseRow, ExplainedPage, MoveRow, PartView, StretchRow, WaitRow
from gru.web.agents.legal_dates_page import LegalPage, LegalRow, Rate
from gru.web.agents.queue_page import Empty, Pager
from gru.web.badges import Badge
from gru.web.pages import Link, LinkGroup, Row

BASE = "/agent/demandes/2026-004817"


def explained() -> ExplainedPage:
    used = (
        StretchRow("jeudi 12 mars 2026, 10:42:00", "jeudi 12 mars 2026, 12:00:00", "1 h 18 min", True,
                   "Service ouvert", "La ville"),
        StretchRow("jeudi 12 mars 2026, 12:00:00", "jeudi 12 mars 2026, 13:30:00", "1 h 30 min", False,
                   "Service fermé (nuit, pause, week-end)", "La ville"),
        StretchRow("jeudi 12 mars 2026, 13:30:00", "lundi 16 mars 2026, 09:05:12", "91 h 35 min 12 s", False,
                   "En attente, usager : pièces à fournir", "Usager"),
    )  # fmt: skip
    left = (StretchRow("lundi 16 mars 2026, 09:05:12", "lundi 16 mars 2026, 12:00:00", "2 h 54 min 48 s", True,
                       "Service ouvert", "La ville"),)  # fmt: skip
    return ExplainedPage(
        ref="2026-004817",
        back=BASE,
        title="Calcul : Résolution",
        note="Prolonger l’engagement de la ville ne change pas la date légale.",
        clocks=(
            LinkGroup("Engagements de la ville", (Link("/c/r", "Première réponse"),
                                                  Link("/c/s", "Résolution", current=True))),
            LinkGroup("Délais de la loi", (Link("/c/a", "Accusé d’enregistrement (AEE)"),)),
            LinkGroup("Durées constatées", (Link("/c/b", "Durée brute"), Link("/c/n", "Durée nette"))),
        ),
        badge=Badge("ok", "check", "Dans 6 j", "jeu. 26 mars, 17 h 30"),
        sum="jeudi 12 mars 2026 à 10 h 42 + 10 jours ouvrés (technique) + 91 h 35 min 12 s de pause = "
            "jeu. 26 mars, 17 h 30",
        rows=(
            Row("Début", "jeudi 12 mars 2026 à 10 h 42", src="réception de la demande"),
            Row("Durée", "10 jours ouvrés", src="type/VOI-CHAUSSEE/resolve"),
            Row("Calendrier", "technique", src="Europe/Paris · version 1 de la ville"),
            Row("Retard", "2 h 30 min", strong=True),
        ),
        causes=(CauseRow("Service ouvert", True, "4 h 12 min 48 s"),
                CauseRow("En attente, usager : pièces à fournir", False, "91 h 35 min 12 s")),
        parts=(PartView("Utilisé", used, "1 h 18 min", "93 h 05 min 12 s"),
               PartView("Reste jusqu’à l’échéance", left, "2 h 54 min 48 s", "0 s")),
        total="Total compté jusqu’à l’échéance : 4 h 12 min 48 s",
        moves=(MoveRow(Link("/f/3", "n° 3"), "12 mars, 10 h 42", "Promesse à la réception", "", "jeu. 26 mars, 12 h"),
               MoveRow(Link("/f/9", "n° 9"), "16 mars, 9 h 05", "Attente rendue", "jeu. 26 mars, 12 h",
                       "jeu. 26 mars, 17 h 30")),
        waits=(WaitRow(Link("/f/7", "n° 7"), "Usager", "Pièces à fournir", "12 mars, 13 h 30", "16 mars, 9 h 05",
                       "arrête l’horloge · saisie après coup"),),
        csv="/c/s/csv",
        more="La liste a 612 lignes : le fichier les contient toutes.",
    )  # fmt: skip


def explained_nothing() -> ExplainedPage:
    empty = Empty("Cette demande n’a pas cette horloge", "Aucune échéance de ce genre n’a été fixée.")
    return ExplainedPage("2026-004817", BASE, "Calcul : Mise en sécurité", "", explained().clocks, empty=empty)


def legal_dates() -> LegalPage:
    tabs = (
        Link("/e", "Silence sous 30 jours", count="2"),
        Link("/e?voir=s", "Silence passé", count="1"),
        Link("/e?voir=accuses", "Accusés dans les délais", current=True),
        Link("/e?voir=i", "Dossiers incomplets", count="3"),
        Link("/e?voir=r", "Autre administration", count="0"),
    )
    rows = (
        LegalRow(
            BASE,
            "Occuper le trottoir pour un déménagement",
            "2026-004818 · Voirie › Occupation",
            "lundi 18 mai 2026",
            "late",
            "Jamais envoyé",
            "Accusé d’enregistrement (AEE)",
            "CRPA, art. L112-11",
        ),
        LegalRow(
            BASE,
            "Inscription scolaire",
            "2026-004820 · Éducation › Inscription",
            "vendredi 29 mai 2026",
            "soon",
            "Dans 12 jours",
            "Silence vaut accord",
            "CRPA, art. L231-1",
        ),
        LegalRow(
            BASE,
            "Branchement aux égouts",
            "2026-004821 · Eau › Branchement",
            "jeudi 4 juin 2026",
            "",
            "Pièce demandée le 4 mai",
            "Pièces à fournir",
        ),
    )
    return LegalPage(
        title="Échéances légales",
        note="AEE sous 1 jour ouvré, ARE sous 10 jours ouvrés.",
        tabs=tabs,
        day="Dû avant la fin du",
        rates=(Rate("AEE sous 1 jour ouvré", "98,4 %", "1 182 sur 1 201 à temps, 12 en retard, 7 jamais envoyés"),
               Rate("ARE sous 10 jours ouvrés", "91,7 %", "11 sur 12 à temps, 1 en retard, 0 jamais envoyés",
                    "Peu de cas (12) : un seul change beaucoup le taux.")),
        weeks=(Link("/e?4", "4 dernières semaines"), Link("/e?13", "13 dernières semaines", current=True)),
        duties=(Link("/e?a", "Accusé d’enregistrement (AEE)", current=True), Link("/e?r", "Accusé de réception")),
        rows=rows,
        pager=Pager("Page 1", "", "/e?page=2"),
    )  # fmt: skip


def legal_dates_empty() -> LegalPage:
    empty = Empty("Rien ici", "Aucune demande que vous pouvez voir n’est dans cette liste.")
    return LegalPage("Échéances légales", "Le silence décide à cette date.", legal_dates().tabs, "Silence", empty=empty)
