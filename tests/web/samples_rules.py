"""What would the pages about rules look like: the delays, a draft, a simulation half done and done, a publication?"""

from collections.abc import Callable

from gru.web.admin.publish_page import PublishPage
from gru.web.admin.rules_page import CalendarsPage, DraftView, FlipsPage, RulesPage, RunPage, YearView
from gru.web.agents.case_page import ActionPage
from gru.web.charts import Line, columns
from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import Link, Row
from gru.web.reports.report_page import Cell, DataTable, Section

NAV = (Link("/admin/engagements", "Engagements de délai", current=True), Link("/admin/calendriers", "Calendriers"))
HEADS = ("Ce qui change", "Version actuelle", "Proposé")
KINDS = Field("engagement", "Engagement", "select", "r", choices=(("a", "Accusé de réception"), ("r", "Résolution")))


def table(caption: str, heads: tuple[str, ...], *rows: tuple[str, ...], link: str = "") -> DataTable:
    """The last cell of each row leads on, if there is a link."""
    made = tuple(tuple(Cell(text, link if text == row[-1] else "") for text in row) for row in rows)
    return DataTable(caption, heads, made)


CHANGES = table(
    "Ce qui change",
    HEADS,
    ("Trou ou déformation sur la chaussée ou le trottoir : Résolution", "10 jours ouvrés", "5 jours ouvrés"),
    ("Voirie et éclairage public : Calendrier", "Équipes techniques", "Services administratifs"),
)
RULES = table(
    "Par type de demande",
    ("Type de demande", "Accusé de réception", "Première réponse", "Résolution", "Mise en sécurité", "Action"),
    ("Éclairage public en panne", "aucun", "2 jours ouvrés", "5 jours ouvrés → 1 jour ouvré", "", "Modifier"),
    ("Éclairage public en panne, en cas de danger", "", "2 heures d’ouverture", "", "8 heures d’ouverture", "Modifier"),
    link="/admin/engagements/modifier?pour=type/VOI-ECLAIR",
)


def simulate() -> FormView:
    choices = (("i", "L’attente d’une pièce indispensable (règle actuelle)"), ("n", "Rien (pour voir seulement)"))
    fields = (Field("pauses", "Ce qui arrête le délai", "select", "i", choices=choices),)
    return FormView("/admin/simulations", "Simuler sur 12 mois", fields)


def draft(warned: bool = False) -> DraftView:
    meanwhile = table(
        "Ce qui a été publié entre-temps", HEADS, ("CCAS : Calendrier", "CCAS", "Services administratifs")
    )
    return DraftView(CHANGES, simulate(), "/admin/publier", "/admin/engagements/abandonner?vers=/admin/engagements",
                     meanwhile if warned else None, "La version 4 a été publiée." if warned else "")  # fmt: skip


def rules(drafted: bool = True) -> RulesPage:
    runs = (Row("hier, 16 h 05", "terminée", "/admin/simulations/a", "Pauline Noiret"),)
    return RulesPage("Engagements de délai", "Version 3, en vigueur depuis le lundi 2 mars 2026.", NAV, (RULES,),
                     simulate(), draft(warned=True) if drafted else None, runs if drafted else ())  # fmt: skip


def calendars(wrong: bool = False) -> CalendarsPage:
    said = "C’est un jour férié : la loi le ferme, le calendrier n’y peut rien."
    fields = (
        Field(
            "calendrier",
            "Calendrier",
            "select",
            "b",
            choices=(("b", "Services administratifs"), ("t", "Équipes techniques")),
        ),
        Field("jour", "Jour", "date", "2026-12-25", error=said if wrong else "", short=True),
        Field("acte", "Ce jour-là", "radios", "f", choices=(("f", "le service est fermé"), ("o", "il est ouvert"))),
    )
    years = (
        YearView("Calendrier « Services administratifs »", "lundi au vendredi, 8 h 30 - 12 h et 13 h 30 - 17 h 30",
                 (("mai", "1er mai (férié), 15 mai"), ("décembre", "24 décembre, 25 décembre (férié)")),
                 "/admin/calendriers/bureaux"),
        YearView("Calendrier « Équipes techniques »", "lundi au jeudi, 8 h - 12 h et 13 h - 17 h", (),
                 "/admin/calendriers/technique"),
    )  # fmt: skip
    year = Field("annee", "Année", "select", "2026", choices=(("2026", "2026"), ("2027", "2027")))
    return CalendarsPage("Calendriers", "Les jours fermés ne comptent pas.", NAV, years, "/admin/calendriers", (year,),
                         FormView("/admin/calendriers", "Garder dans le brouillon", fields), draft(),
                         (FieldError("jour", said),) if wrong else ())  # fmt: skip


def run(done: bool = True) -> RunPage:
    heads = ("Engagement", "Officiel", "Simulé", "Écart", "Ne seraient plus à temps")
    figures = table("Par engagement", heads, ("Résolution", "75,7 % de 2 295", "70,1 % de 2 296", "−5,6 pts", "130"),
                    link="/admin/simulations/a/demandes")  # fmt: skip
    lines = (Line("l1", (82.0, 75.0, None, 78.0)), Line("l3", (70.0, 72.0, None, 61.0)))
    chart = columns("Par semaine", "Officiel : 75,7 %.", ("2 mars", "9 mars", "16 mars", "23 mars"), lines, top=100.0)
    sections = (
        Section("2 500 demandes jugées deux fois.", figures, title="Par engagement", open=True),
        Section("Officiel : 75,7 %. Simulé : 70,1 %.", table("Semaines", ("Semaine", "Officiel"), ("2 mars", "82 %")),
                chart, (("s1", "Officiel"), ("s3", "Simulé")), "Par semaine de réception : Résolution"),
    )  # fmt: skip
    return RunPage(
        title="Simulation des 12 derniers mois", nav=NAV,
        facts=(Row("Données arrêtées", "au fait n° 50 875 du journal"), Row("Simulé", "version 3, modifiée")),
        changes=CHANGES, done=2500 if done else 1000, total=2500, progress="1 000 demandes jugées sur 2 500",
        running=not done, again="/admin/simulations/a",
        form=None if done else FormView("/admin/simulations/a/arreter", "Arrêter"),
        finding="Résolution : 70,1 % tenus à temps au lieu de 75,7 %.", notes=("Un tiret : moins de 5.",),
        sections=sections, action="/admin/simulations/a", filters=(KINDS,), publish="/admin/publier" if done else "",
    )  # fmt: skip


def flips(found: bool = True) -> FlipsPage:
    heads = ("Demande", "Type de demande", "Service", "Engagement", "Échéance officielle", "Simulée", "Tenu le")
    row = (
        "2026-004817",
        "Éclairage public",
        "Voirie",
        "Résolution",
        "jeu. 26 mars, 17 h",
        "lun. 23 mars",
        "pas encore",
    )
    listed = DataTable("Engagements qui changent de côté", heads, (tuple(map(Cell, row)),))
    here = "/admin/simulations/a/demandes"
    return FlipsPage("Ne seraient plus à temps", "130 engagements.", "/admin/simulations/a", here, (KINDS,),
                     listed if found else None, "Leur date simulée est plus tardive." if found else "", "",
                     f"{here}?page=2" if found else "", "Page 1 sur 3" if found else "")  # fmt: skip


def publication(wrong: bool = False) -> PublishPage:
    said = "Choisissez aujourd’hui ou un jour à venir."
    field = Field("jour", "À partir du", "date", "2026-03-17", "Rien de ce qui est déjà reçu ne change.",
                  said if wrong else "", short=True)  # fmt: skip
    return PublishPage("Publier le brouillon", "/admin/engagements", CHANGES,
                       FormView("/admin/publier", "Voir ce qui va se passer", (field,)),
                       "" if wrong else "84 demandes ouvertes gardent leurs engagements.",
                       (FieldError("jour", said),) if wrong else ())  # fmt: skip


def hours(wrong: bool = False) -> ActionPage:
    said = "« le matin » ne se lit pas comme des heures d’ouverture. Écrivez par exemple 8:30–12:00, 13:30–17:30."
    days = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
    typed = "le matin" if wrong else "8:30–12:00, 13:30–17:30"
    fields = tuple(
        Field(day.lower(), day, value=typed if day < "Q" else "", error=said if wrong and day == "Lundi" else "")
        for day in days
    )
    return ActionPage("Calendriers", "Brouillon non publié",
                      "Calendrier « Services administratifs » : horaires de la semaine",
                      "/admin/calendriers",
                      (FormView("/admin/calendriers/bureaux", "Garder dans le brouillon", fields),),
                      "Pour chaque jour, écrivez les heures d’ouverture.",
                      (FieldError("lundi", said),) if wrong else ())  # fmt: skip


def pauses() -> ActionPage:
    rules_ = (("i", "L’attente d’une pièce indispensable demandée à l’usager"), ("n", "Aucune attente"))
    field = Field("pauses", "Attentes qui arrêtent le délai", "radios", "i", choices=rules_)
    return ActionPage("Engagements de délai", "Brouillon non publié", "Ce qui arrête le délai", "/admin/engagements",
                      (FormView("/admin/engagements/modifier", "Garder dans le brouillon", (field,)),),
                      "Les dates de la loi n’en dépendent pas.")  # fmt: skip


PAGES: dict[str, tuple[str, Callable[[], object]]] = {
    "engagements": ("admin/engagements.html", rules),
    "engagements-sans": ("admin/engagements.html", lambda: rules(drafted=False)),
    "calendriers": ("admin/calendars.html", calendars),
    "calendriers-erreur": ("admin/calendars.html", lambda: calendars(wrong=True)),
    "semaine": ("admin/rule.html", hours),
    "semaine-erreur": ("admin/rule.html", lambda: hours(wrong=True)),
    "attentes": ("admin/rule.html", pauses),
    "simulation": ("admin/simulation.html", run),
    "simulation-en-cours": ("admin/simulation.html", lambda: run(done=False)),
    "simulation-liste": ("admin/flips.html", flips),
    "simulation-liste-vide": ("admin/flips.html", lambda: flips(found=False)),
    "publier": ("admin/publish.html", publication),
    "publier-erreur": ("admin/publish.html", lambda: publication(wrong=True)),
}
