"""What do the pages of mail show, in made-up examples: messages nobody took, the ledger, the duties to acknowledge?"""

from gru.web.admin.mail_page import LedgerPage
from gru.web.agents.duties_page import DutiesPage, DutyRow
from gru.web.agents.messages_page import MessagePage, MessageRow, MessagesPage
from gru.web.agents.queue_page import Empty, Pager
from gru.web.agents.sendings_page import SendingRow, SendingsPage
from gru.web.forms import Field, FieldError, FormView
from gru.web.labels import channel
from gru.web.pages import Link, Row
from gru.web.reports.report_page import Cell, DataTable


def messages() -> MessagesPage:
    tabs = (Link("/m", "À décider", count="2", current=True), Link("/m?voir=automatiques", "Envoyés par des machines"),
            Link("/m?voir=ecartes", "Laissés de côté"))  # fmt: skip
    row = MessageRow(
        "a" * 32, "/m/a", "Re: [#2026-004817] Le trou s’est encore agrandi depuis la semaine dernière",
        "Karim Haddad <karim.haddad@exemple.fr>", "Cite un dossier, mais rien ne le prouve",
        channel("email"), "hier, 16 h 05", "Dossier suggéré : 2026-004817",
    )  # fmt: skip
    gone = MessageRow("b" * 32, "/m/b", "Contenu effacé", "", "Message vide", channel("facebook"), "12 mars", gone=True)
    return MessagesPage("À rattacher", "2 messages à décider", tabs, (row, gone), Pager("Page 2", "/m", "/m?page=3"),
                        order=Link("/m?tri=recents", "Commencer par les plus récents"))  # fmt: skip


def messages_empty() -> MessagesPage:
    empty = Empty("Aucun message ici", "Tous les messages reçus sont dans un dossier, ou ont été laissés de côté.")
    return MessagesPage("À rattacher", "0 message à décider", messages().tabs, empty=empty)


def message(errors: bool = False) -> MessagePage:
    said = "Donnez le numéro d’un dossier que vous pouvez voir. Exemple : 2026-004817"
    number = Field("reference", "Dossier n°", value="2026-004817", hint="Exemple : 2026-004817", short=True,
                   error=said if errors else "")  # fmt: skip
    reason = Field("motif", "Motif", "select", choices=(("", "Choisir…"), ("advertising", "Publicité")))
    rows = (
        Row("De", "Karim Haddad <karim.haddad@exemple.fr>"), Row("Reçue", "mardi 17 mars 2026 à 16 h 05"),
        Row("Canal", "E-mail"), Row("Boîte de réception", "demande@val-des-tilleuls.example"),
        Row("Pourquoi il est ici", "Cite un dossier, mais rien ne prouve que l’expéditeur en fait partie"),
        Row("Lecture", "Le message est peut-être arrivé incomplet."),
        Row("Dossier suggéré", "2026-004817", "/agent/demandes/2026-004817"),
    )  # fmt: skip
    forms = (
        FormView("/m/a/rattacher", "Rattacher au dossier", (number,), title="Rattacher à un dossier"),
        FormView("/m/a/ouvrir", "Ouvrir un dossier", title="C’est une nouvelle demande"),
        FormView("/m/a/ecarter", "Laisser de côté", (reason,), title="Ce n’est pas une demande"),
    )
    return MessagePage("Re: Le trou", "/m", rows, "Bonjour,\nle trou s’est encore agrandi.", "> Votre demande",
                       files=(Row("trou.jpg", "1,2 Mo"),), forms=forms,
                       errors=(FieldError("reference", said),) if errors else ())  # fmt: skip


def message_handed_on() -> MessagePage:
    shown = message()
    fields = (
        Field("nom", "Nom de l’usager", value="Paul Renard"),
        Field("courriel", "Adresse électronique de l’usager", "email", value="paul@exemple.fr", optional=True,
              hint="Lue dans le message transféré : vérifiez-la, les réponses partiront à cette adresse."),
        Field("telephone", "Téléphone de l’usager", "tel", optional=True),
        Field("dossier", "Dossier n°", optional=True, short=True),
    )  # fmt: skip
    form = FormView("/m/a/transfere", "Enregistrer au nom de l’usager", fields, title="C’est le message d’un usager")
    return MessagePage(shown.title, shown.back, shown.rows, "Pour vous.", forms=(form, *shown.forms),
                       handed_on="Bonjour,\nle lampadaire est éteint.",
                       whose="Message transféré, de Paul Renard <paul@exemple.fr>")  # fmt: skip


def message_decided() -> MessagePage:
    return MessagePage("Contenu effacé", "/m", (Row("De", "Contenu effacé"),), "", decided="Rattaché au dossier.",
                       gone="Contenu effacé : ce message ne peut plus être lu.",
                       case=Link("/agent/demandes/2026-004817", "Voir le dossier 2026-004817", "link"))  # fmt: skip


def mail_ledger(balanced: bool = True) -> LedgerPage:
    heads = ("Jour et boîte", "Relevés", "Nouvelles", "Suites", "Non-remises", "Automatiques", "À rattacher", "De côté",
             "Inexpliqués")  # fmt: skip
    figures = (
        ("Total, toutes les boîtes", 61, 40, 12, 2, 3, 3, 1, 0),
        ("mercredi 18 mars 2026, demande@val-des-tilleuls.example", 34, 20, 8, 1, 2, 2, 1, 0),
        ("mercredi 18 mars 2026, voirie@val-des-tilleuls.example", 27, 20, 4, 1, 1, 1, 0, 0),
    )
    rows = tuple(tuple(Cell(str(one), "/agent/messages" if one == 3 else "") for one in row) for row in figures)
    return LedgerPage(
        "Registre du courrier électronique", "Données arrêtées au mercredi 18 mars 2026 à 10 h 42",
        "61 messages relevés, et chacun a sa suite." if balanced else "1 message reste sans explication.", balanced,
        (Link("/administration/etat", "État du service"), Link("/c", "Registre du courrier", current=True)),
        "/c", (Field("jours", "Période", "select", "30", choices=(("7", "7 jours"), ("30", "30 derniers jours"))),),
        DataTable("Messages relevés et suite donnée, par jour et par boîte", heads, rows),
        astray=() if balanced else ("a" * 32,),
    )  # fmt: skip


def mail_ledger_empty() -> LedgerPage:
    full = mail_ledger()
    empty = Empty("Aucun message relevé sur cette période", "Choisissez une période plus longue.")
    return LedgerPage(full.title, full.cut, "", True, full.nav, full.action, full.filters, empty=empty)


def duties() -> DutiesPage:
    tabs = (Link("/a", "En retard", count="2", current=True), Link("/a?voir=a", "À écrire par un agent", count="1"),
            Link("/a?voir=n", "Non remis", count="0"), Link("/a?voir=s", "Décisions implicites", count="4"),
            Link("/a?voir=envoyes", "Envoyés"))  # fmt: skip
    receipt = DutyRow(
        "/agent/demandes/2026-004817", "Nid-de-poule devant le 14 rue des Acacias", "2026-004817 · Voirie › Chaussée",
        "jeudi 19 mars 2026", True, "Accusé d’enregistrement (AEE)", "CRPA, art. L112-11 ; décret n° 2016-1411",
        "L’adresse de l’usager est inconnue", channel("email"),
    )  # fmt: skip
    silence = DutyRow(
        "/agent/demandes/2026-004818", "Occuper le trottoir pour un déménagement", "2026-004818 · Voirie › Occupation",
        "lundi 18 mai 2026", False, "Décision implicite", "Silence vaut accord · CRPA, art. L231-1",
        "Pas encore acquise", channel("web"),
    )  # fmt: skip
    note = "La date limite est passée et l’usager n’a rien reçu."
    return DutiesPage("Accusés à envoyer", note, tabs, (receipt, silence), Pager("Page 1", "", "/a?page=2"))


def duties_empty() -> DutiesPage:
    empty = Empty("Aucun accusé ici", "Rien n’est dû dans cette liste pour les demandes que vous pouvez voir.")
    return DutiesPage("Accusés à envoyer", "Pas encore partis, dans les délais.", duties().tabs, empty=empty)


def sendings() -> SendingsPage:
    tabs = (Link("/e", "Non remis", count="1", current=True), Link("/e?voir=a-dire", "À dire au téléphone", count="1"),
            Link("/e?voir=a-remettre", "À remettre à l’accueil", count="0"),
            Link("/e?voir=pas-partis", "Pas encore partis", count="0"))  # fmt: skip
    rows = (
        SendingRow("/agent/demandes/2026-004817", "Nid-de-poule devant le 14 rue des Acacias",
                   "2026-004817 · Karim Haddad", "hier, 16 h 05", "Réponse",
                   "le serveur de l’usager a renvoyé le message", channel("email")),
        SendingRow("/agent/demandes/2026-004818", "Occuper le trottoir pour un déménagement",
                   "2026-004818 · Claire Martin", "lun. 9 mars, 8 h 12", "Clôture",
                   "2 appels sans réponse, le dernier hier, 17 h 40.", channel("phone")),
    )  # fmt: skip
    note = "Ces réponses ne sont pas arrivées, et rien d’autre n’est arrivé depuis à la personne."
    return SendingsPage("Envois", note, tabs, rows, Pager("Page 2", "/e", "/e?page=3"))


def sendings_empty() -> SendingsPage:
    empty = Empty("Rien n’attend ici", "Les réponses qui demandent quelqu’un arrivent dans cette page.")
    return SendingsPage("Envois", "", sendings().tabs, empty=empty)
