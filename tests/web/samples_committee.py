"""What would the pages of the committee look like? Made-up ones, each in its states."""

from collections.abc import Callable
from datetime import date

from gru.office.papers import Cell, Chapter, Document, Grid, KeyFigure, Part, Picture
from gru.web.charts import Bar, Line, columns, stacked_bars
from gru.web.committee.pages import (
    CommitteeReport,
    DecisionPage,
    DecisionsPage,
    FigureRow,
    Flag,
    ListedDecision,
    ListedReport,
    ReportsPage,
    SectionForm,
    WritePage,
)
from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import Link, Row
from gru.web.reports import report_page as page

BACK = Link("/rapports", "Tous les rapports")
FLAG = Flag("stock.ville.ouvertes", "Ce chiffre a changé depuis la rédaction : 41 → 44")


def document() -> Document:
    ages = str(
        stacked_bars("Âge", "Trois sur dix.", (Bar("Voirie", (12, 8, 4), "24"),), ("s1", "s2", "bad"))
    )  # fmt: skip
    grid = Grid(
        "Les dix plus anciennes",
        ("Référence", "Type", "Reçue le", "Âge (jours)"),
        tuple(
            (
                Cell(f"2026-00{n}", href=f"/agent/demandes/2026-00{n}"),
                Cell("Trou ou déformation sur la chaussée ou le trottoir"),
                Cell("12/01/2026", day=date(2026, 1, 12)),
                Cell(str(60 - n), float(60 - n), unit="count"),
            )
            for n in range(3)
        ),
    )
    figures = tuple(
        KeyFigure(name, Cell(value, 87.0, unit="percent"), "cible : 90 %", "−3 points", "sur 214 demandes",
                  "186 demandes sur 214 arrivées à échéance ont été résolues à temps.", mood)
        for name, value, mood in (("Engagements tenus", "87 %", "bad"), ("Premières réponses", "94 %", "good"))
    )  # fmt: skip
    return Document(
        town="Val-des-Tilleuls",
        title="Rapport au comité",
        subtitle="février 2026",
        facts=(("Données", "arrêtées au 2 mars 2026 à 9 h 10, fait n° 48212"), ("Version", "version 1 du rapport")),
        chapters=(
            Chapter("keep", "Ce qu’il faut retenir", comment=("Le stock baisse.\nLa voirie reste en retard.",)),
            Chapter("key", "L’essentiel en cinq chiffres", figures=figures),
            Chapter(
                "backlog", "Ce qui est ouvert", new_page=True,
                parts=(
                    Part("Par âge", "Trois sur dix ont plus de 30 jours.", "Âge en jours.",
                         Picture(ages, "Trois sur dix", (("s1", "moins de 7 j"), ("bad", "365 j et plus")))),
                    Part("Les dix plus anciennes", grid=grid),
                ),
            ),
            Chapter("method", "Méthode et limites", parts=(Part(paragraphs=("Un jour ouvré compte 7,5 heures.",)),)),
        ),
    )  # fmt: skip


def draft() -> CommitteeReport:
    actions = (
        Link("/r/rediger", "Rédiger", "note"),
        Link("/r.pdf", "Aperçu PDF", "print"),
        Link("/r/figer", "Figer", "lock"),
    )
    return CommitteeReport(document(), "Brouillon", True, BACK, actions=actions, flags=(FLAG,))


def frozen() -> CommitteeReport:
    return CommitteeReport(
        document(), "Figé le 2 mars, fait n° 48230", False, BACK,
        proof=(Row("Figé par", "Isabelle Fournier"), Row("Empreinte SHA-256", "0f" * 32)),
        actions=(Link("/r.pdf?version=1", "PDF", "dl"), Link("/r.xlsx?version=1", "XLSX", "dl")),
        correct=FormView("/r/corriger", "Corriger dans une nouvelle version", hidden=(("version", "2"),)),
        versions=(Link("/r?version=1", "Version 1", current=True), Link("/r?version=2", "Version 2")),
    )  # fmt: skip


def freezing(refused: str = "") -> CommitteeReport:
    form = FormView("/r/figer", "Figer le rapport")
    return CommitteeReport(document(), refused, True, Link("/r", "Annuler"), correct=form, flags=(FLAG,))


def reports(*, empty: bool = False, errors: bool = False) -> ReportsPage:
    said = "Le dernier jour vient avant le premier. Corrigez l’un des deux."
    fields = (
        Field("periode", "Période", "select", choices=(("2026-02", "février 2026"), ("autre", "Une autre période"))),
        Field("du", "Premier jour", "date", hint="Seulement pour une autre période.", optional=True, short=True),
        Field("au", "Dernier jour", "date", optional=True, short=True, error=said if errors else ""),
    )
    rows = (
        ListedReport("/r", "mars 2026", "", "Brouillon", "Modifié le 2 avril"),
        ListedReport("/s", "février 2026", "Le mois des accusés", "Version 1", "Figé le 2 mars, fait n° 48230",
                     (Link("/s.pdf", "PDF"), Link("/s.xlsx", "XLSX"))),
    )  # fmt: skip
    return ReportsPage(
        "Rapport au comité", Link("/rapports/decisions", "Les décisions du comité et leurs effets"),
        () if empty else rows, "Aucun rapport. Créez le premier.",
        FormView("/rapports", "Créer le brouillon", fields, title="Nouveau rapport"),
        (FieldError("au", said),) if errors else (),
    )  # fmt: skip


def writing(*, wrong: bool = False) -> WritePage:
    said = "Une autre personne vient de modifier ce passage."
    keep = Field("keep", "Ce qu’il faut retenir", "textarea", "Il reste {{stock.ville.ouvertes}} demandes.",
                 hint="Cinq phrases au plus.", error=said if wrong else "", optional=True)  # fmt: skip
    sections = (
        SectionForm(Field("title", "Titre du rapport", optional=True), ""),
        SectionForm(keep, "a" * 32, (FLAG,), theirs="Le texte de l’autre." if wrong else None),
    )
    figures = (FigureRow("{{stock.ville.ouvertes}}", "Demandes ouvertes", "44"),)
    whose = (FigureRow("ville", "Ensemble de la ville", ""), FigureRow("voirie", "Voirie et éclairage public", ""))
    errors = (FieldError("keep", said),) if wrong else ()
    return WritePage("Rédiger le rapport", "février 2026", "/r/rediger", BACK, sections, figures, whose, errors)


def decisions(*, empty: bool = False) -> DecisionsPage:
    rows = (
        ListedDecision("/d", "lundi 2 mars 2026", "Une équipe unique pour les dépôts sauvages", "Propreté", "Décision"),
        ListedDecision(
            "/e", "dimanche 15 mars 2026", "Élections municipales", "toutes les demandes", "Autre événement"
        ),
    )
    form = FormView(
        "/rapports/decisions", "Enregistrer", (Field("titre", "Ce qui a été décidé"),), title="Noter une décision"
    )
    return DecisionsPage("Décisions du comité", BACK, () if empty else rows, "Aucune décision enregistrée.", form)


def decision() -> DecisionPage:
    weeks = tuple(f"{n} mars" for n in range(1, 9))
    lines = (Line("l1", (80.0,) * 4 + (None,) * 4), Line("l2", (None,) * 4 + (90.0,) * 4))
    chart = columns("Part résolue", "Aucune semaine ne sort.", weeks, lines, tuple("n = 8" for _ in weeks), 80.0, 100.0)
    rows = ((page.Cell("Avant"), page.Cell("101")), (page.Cell("Après"), page.Cell("108")))
    table = page.DataTable("Demandes suivies 28 jours", ("Groupe", "Demandes"), rows)
    return DecisionPage(
        "Une équipe unique", "Décision du comité · à partir du lundi 2 mars 2026 · Propreté", "Données arrêtées", BACK,
        (
            page.Section("Aucune différence établie.", table, title="Avant et après", note="28 jours.", open=True),
            page.Section("Aucune ne sort.", table, chart, (("s1", "Avant"), ("s2", "Après")), title="Par semaine"),
        ),
        FormView("/d/retirer", "Retirer, notée par erreur"),
    )  # fmt: skip


PAGES: dict[str, tuple[str, Callable[[], object]]] = {
    "rapports": ("committee/list.html", reports),
    "rapports-vide": ("committee/list.html", lambda: reports(empty=True)),
    "rapports-erreur": ("committee/list.html", lambda: reports(errors=True)),
    "rapport-brouillon": ("committee/report.html", draft),
    "rapport-fige": ("committee/report.html", frozen),
    "rapport-rediger": ("committee/write.html", writing),
    "rapport-conflit": ("committee/write.html", lambda: writing(wrong=True)),
    "rapport-figer": ("committee/freeze.html", freezing),
    "rapport-non-fige": ("committee/freeze.html", lambda: freezing("La période n’est pas terminée.")),
    "decisions": ("committee/decisions.html", decisions),
    "decisions-vide": ("committee/decisions.html", lambda: decisions(empty=True)),
    "decision": ("committee/decision.html", decision),
}
