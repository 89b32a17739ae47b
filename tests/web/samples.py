"""What would each page look like? Made-up pages, so that templates can be looked at and judged without a town."""

from collections.abc import Callable

from gru.web.agents.case_page import (
    LoginPage,
)
from gru.web.agents.queue_page import Chip, Empty, Header, Pager, QueuePage, QueueRow
from gru.web.badges import Badge
from gru.web.charts import Bar, Line, columns, stacked_bars
from gru.web.forms import Field, FieldError
from gru.web.labels import channel, status
from gru.web.pages import Alarm, Link, LinkGroup, PlainPage, Shell
from gru.web.reports.report_page import Cell, DataTable, ReportPage, Section
from tests.web import samples_committee, samples_difficulties, samples_filing, samples_rules
from tests.web.samples_cases import (
    GOOD,
    action,
    case,
    case_in_the_past,
    case_with_neighbours,
    composer,
    conflict,
    leaving,
    merged_case,
    preview,
    proof,
    to_tell,
)
from tests.web.samples_clocks import explained, explained_nothing, legal_dates, legal_dates_empty
from tests.web.samples_mail import (
    duties,
    duties_empty,
    mail_ledger,
    mail_ledger_empty,
    message,
    message_decided,
    message_handed_on,
    messages,
    messages_empty,
    sendings,
    sendings_empty,
)
from tests.web.samples_residents import (
    access,
    confirm,
    locked,
    receipt,
    stop_following,
    third_party,
    third_party_thanked,
    tracking,
    tracking_closed,
    tracking_your_turn,
)

VIEWS = (
    ("Mes demandes", "user", "14"),
    ("Non attribuées", "inbox", "9"),
    ("En retard", "alert", "3"),
    ("Aujourd’hui", "clock", "6"),
    ("Attente usager", "pause", "11"),
    ("Toutes", "list", "386"),
)


ALARMED = "file-alarme"
"""The page above which an administrator reads that mail has stopped."""


def shell(page: str = "") -> Shell:
    views = tuple(
        Link(f"/agent/demandes?vue={n}", label, icon, count, current=n == 0, late=n == 2)
        for n, (label, icon, count) in enumerate(VIEWS)
    )
    spaces = (Link("/pilotage", "Pilotage", "chart"), Link("/administration", "Administration", "gear"))
    return Shell(
        town="Val-des-Tilleuls",
        home="/agent/demandes",
        search="/agent/demandes",
        logout="/deconnexion",
        agent="Nadia Benali",
        initials="NB",
        department="Relation usagers",
        groups=(LinkGroup("Mes vues", views), LinkGroup("Autres espaces", spaces)),
        fresh="À jour · 10 h 42",
        alarm=alarm() if page == ALARMED else None,
    )


def alarm() -> Alarm:
    box = "imap:demande@mx.val-des-tilleuls.example/INBOX"
    silent = f"La boîte {box} n’est plus lue depuis 40 min : des demandes peuvent y attendre."
    held = "Les courriels ne partent plus. Ils attendent et partiront dès que le serveur les acceptera."
    return Alarm((silent, held), "/administration/etat")


LATE = Badge("late", "alert", "En retard de 2 j", "lun. 16 mars, 17 h")
SOON = Badge("soon", "clock", "Aujourd’hui, 17 h", "mer. 18 mars")
PAUSED = Badge("pause", "pause", "En pause depuis 3 j", "reprend à la réponse")


def queue() -> QueuePage:
    rows = (
        ("2026-004702", "Dépôt sauvage de gravats, chemin de halage", "M. Karim Haddad · Propreté › Dépôt sauvage",
         LATE, status("in_progress"), channel("phone"), "9 mars"),
        ("2026-004719", "Lampadaire éteint devant l’école Jules-Ferry", "Mme Anne Le Goff · Éclairage public",
         LATE, status("waiting", "third_party"), channel("email"), "10 mars"),
        ("2026-004761", "Carte de stationnement résident — véhicule de remplacement", "Mme Odile Perrin",
         SOON, status("qualified"), channel("counter"), "16 mars"),
        ("2026-004817", "Nid-de-poule devant le 14 rue des Acacias", "Mme Claire Lefèvre · Voirie › Trou",
         GOOD, status("in_progress"), channel("web"), "12 mars"),
        ("2026-004844", "Passage piéton effacé, angle Pasteur / Gambetta", "Conseil de quartier Nord · Voirie",
         GOOD, status("reopened"), channel("facebook"), "18 mars"),
        ("2026-004788", "Acte de naissance — justificatif à compléter", "Mme Inès Robert · État civil › Acte",
         PAUSED, status("waiting", "resident"), channel("counter"), "13 mars"),
    ) * 3  # fmt: skip
    return QueuePage(
        title="Mes demandes",
        total="14",
        summary="14 demandes, dont 2 en retard",
        caption="Mes demandes, triées par échéance",
        action="/agent/demandes",
        sorted_by="échéance la plus proche",
        rows=tuple(
            QueueRow(ref if n < 6 else f"{ref}{n}", f"/agent/demandes/{ref}", title, f"{ref} · {sub}", badge, state,
                     via, received, "1 message" if n == 3 else "", "Non remis" if n == 1 else "")
            for n, (ref, title, sub, badge, state, via, received) in enumerate(rows)
        ),
        chips=(
            Chip("Statut", "ouvertes", "?a", "Retirer le filtre Statut : ouvertes"),
            Chip("Agent", "moi", "?b", "Retirer le filtre Agent : moi"),
        ),
        filters=(
            Field("statut", "Statut", "select", choices=(("", "Toutes les ouvertes"), ("recue", "Reçue"))),
            Field("service", "Service", "select", choices=(("", "Tous"), ("VOI", "Voirie"))),
        ),
        sorts=(Link("?tri=echeance", "échéance la plus proche", current=True), Link("?tri=recue", "reçue")),
        headers=(
            Header("Échéance", "?tri=-echeance", "ascending", "↑"),
            Header("Demande"),
            Header("Statut"),
            Header("Canal"),
            Header("Reçue", "?tri=recue"),
        ),
        pager=Pager("Page 2 sur 8", "?page=1", "?page=3"),
    )  # fmt: skip


def empty_queue() -> QueuePage:
    page = queue()
    empty = Empty("Rien à traiter ici", "Aucune demande ouverte ne vous est attribuée.", "/x", "Voir les autres")
    return QueuePage(
        title=page.title, total="0", summary="0 demande, dont 0 en retard", caption="", action=page.action,
        sorted_by=page.sorted_by, chips=page.chips, filters=page.filters, empty=empty,
        unknown="Filtre ignoré, il n’existe plus : couleur",
    )  # fmt: skip


def login() -> LoginPage:
    said = "Adresse ou mot de passe incorrect."
    fields = (
        Field("identifiant", "Adresse e-mail professionnelle", "email", "n.benali@ville.example",
              autocomplete="username"),
        Field("mot_de_passe", "Mot de passe", "password", error=said, autocomplete="current-password"),
    )  # fmt: skip
    return LoginPage("/connexion", fields, (FieldError("mot_de_passe", said),))


def report() -> ReportPage:
    weeks = ("16 févr.", "23 févr.", "2 mars", "9 mars", "16 mars")
    kept = columns("Part tenue par semaine", "La part tenue monte.", weeks,
                   (Line("l1", (78.0, 81.0, 74.0, 88.0, 91.0)),), tuple(f"n = {n}" for n in (41, 38, 52, 47, 12)),
                   target=90, top=100)  # fmt: skip
    stock = stacked_bars(
        "Âge des demandes ouvertes", "La voirie en a le plus.",
        (Bar("Voirie", (12, 8, 3, 4), "27"), Bar("Propreté", (6, 2, 0, 1), "9"), Bar("État civil", (3, 1, 1, 0), "5")),
        ("s1", "s2", "s4", "bad"),
    )  # fmt: skip
    rows = tuple((Cell(w), Cell(str(n * 10), f"?n={n}"), Cell(f"{70 + n} %")) for n, w in enumerate(weeks))
    table = DataTable("Engagements tenus, par semaine d’échéance", ("Semaine", "Échéances", "Tenues"), rows)
    ages = DataTable("Demandes ouvertes par âge", ("Service", "Ouvertes", "En retard"), rows)
    return ReportPage(
        "Répondons-nous à temps ?", "Données arrêtées au 18 mars 2026 à 10 h 42", "fait n° 48 212",
        "/pilotage/respect",
        (
            Section("83 % des engagements ont été tenus.", table, kept, title="Par semaine d’échéance",
                    note="Demandes dont l’échéance tombait dans la période.", cases=Link("/x", "Voir les 43 demandes")),
            Section("La voirie a les plus anciennes.", ages, stock, (("s1", "moins de 5 j"), ("bad", "en retard"))),
        ),
        (Link("/pilotage/respect", "Répondons-nous à temps ?", current=True), Link("/pilotage/stock", "Quel âge ?")),
        (Field("service", "Service", "select", choices=(("", "Tous"), ("VOI", "Voirie"))),),
    )  # fmt: skip


def plain() -> PlainPage:
    return PlainPage("Page introuvable", "Vérifiez l’adresse, ou cherchez la demande par sa référence.", "/suivi",
                     "Suivre ma demande")  # fmt: skip


def expired() -> PlainPage:
    title, text = "Le formulaire n’a pas pu être envoyé", "Revenez au formulaire et envoyez-le à nouveau."
    return PlainPage(title, text, "/suivi/2026-004817/x", "Revenir au formulaire", "Le trou s’est agrandi.\n\nEncore.")


PAGES: dict[str, tuple[str, Callable[[], object]]] = {
    "file": ("agents/queue.html", queue),
    ALARMED: ("agents/queue.html", queue),
    "file-vide": ("agents/queue.html", empty_queue),
    "dossier": ("agents/case.html", case),
    "dossier-note": ("agents/case.html", lambda: case(composer=composer("note", asked=True))),
    "dossier-au": ("agents/case.html", case_in_the_past),
    "dossier-envoi": ("agents/case.html", leaving),
    "dossier-a-dire": ("agents/case.html", to_tell),
    "apercu": ("agents/preview.html", preview),
    "dossier-doublons": ("agents/case.html", case_with_neighbours),
    "dossier-joint": ("agents/case.html", merged_case),
    "action": ("agents/action.html", action),
    "action-erreur": ("agents/action.html", lambda: action(errors=True)),
    "conflit": ("agents/conflict.html", conflict),
    "preuve": ("agents/proof.html", proof),
    "connexion": ("agents/login.html", login),
    "suivi": ("residents/tracking.html", tracking),
    "suivi-a-vous": ("residents/tracking.html", tracking_your_turn),
    "suivi-close": ("residents/tracking.html", tracking_closed),
    "retirer": ("residents/confirm.html", confirm),
    "ne-plus-suivre": ("residents/confirm.html", stop_following),
    "recepisse": ("residents/receipt.html", receipt),
    "suivi-ferme": ("residents/locked.html", locked),
    "acces": ("residents/access.html", access),
    "messages": ("agents/messages.html", messages),
    "messages-vide": ("agents/messages.html", messages_empty),
    "message": ("agents/messages_one.html", message),
    "message-erreur": ("agents/messages_one.html", lambda: message(errors=True)),
    "message-transfere": ("agents/messages_one.html", message_handed_on),
    "message-decide": ("agents/messages_one.html", message_decided),
    "tiers": ("residents/third_party.html", third_party),
    "tiers-erreur": ("residents/third_party.html", lambda: third_party(wrong=True)),
    "tiers-merci": ("residents/third_party.html", third_party_thanked),
    "pilotage": ("reports/report.html", report),
    "calcul": ("agents/explained.html", explained),
    "calcul-vide": ("agents/explained.html", explained_nothing),
    "echeances-legales": ("agents/legal_dates.html", legal_dates),
    "echeances-legales-vide": ("agents/legal_dates.html", legal_dates_empty),
    "accuses": ("agents/duties.html", duties),
    "envois": ("agents/sendings.html", sendings),
    "envois-vide": ("agents/sendings.html", sendings_empty),
    "accuses-vide": ("agents/duties.html", duties_empty),
    "courrier": ("admin/mail_ledger.html", mail_ledger),
    "courrier-ecart": ("admin/mail_ledger.html", lambda: mail_ledger(balanced=False)),
    "courrier-vide": ("admin/mail_ledger.html", mail_ledger_empty),
    "introuvable": ("plain.html", plain),
    "trop-tard": ("plain.html", expired),
    **samples_filing.PAGES,
    **samples_committee.PAGES,
    **samples_rules.PAGES,
    **samples_difficulties.PAGES,
}
