"""What would the page of a case look like, and those of what is done in it?"""

from gru.web.agents.case_page import (
    ActionPage,
    AgentView,
    CasePage,
    Change,
    CommitmentView,
    Composer,
    ConflictPage,
    FactView,
    Likely,
    LinkedCase,
    Menu,
    Merged,
    Past,
    PreviewPage,
    ProofPage,
    ResidentView,
    Task,
    ThirdPartyView,
    TimeTravel,
)
from gru.web.badges import Badge
from gru.web.forms import Field, FieldError, FormView
from gru.web.labels import Label, status
from gru.web.pages import FileLink, Link, Row
from tests.web import samples_difficulties

GOOD = Badge("ok", "check", "Dans 6 j", "jeu. 26 mars, 17 h 30")


def facts() -> tuple[FactView, ...]:
    def fact(number: int, title: str, icon: str, time: str, **more: object) -> FactView:
        href = f"/agent/demandes/2026-004817/faits/{number}"
        return FactView(
            number, title, icon, time=time, iso="2026-03-18T10:31:00+01:00", href=href,
            proof=f"Voir le fait n° {number}", **more,
        )  # fmt: skip

    photo = FileLink("/agent/demandes/2026-004817/pieces/1", "IMG_2041.jpg", "1,2 Mo")
    quiet = tuple(fact(n, f"Échéance {n} calculée", "clock", "jeu. 12 mars", source="Système") for n in range(5, 9))
    return (
        fact(18, "Note interne", "note", "aujourd’hui, 10 h 31", dot="note", who="Julien Moreau",
             source=", Voirie · Application agents · visible des agents seulement", card="note",
             text="Enrobé à froid disponible au dépôt. L’équipe 2 passe jeudi matin, cône posé en attendant."),
        fact(17, "Intervention planifiée", "cal", "aujourd’hui, 9 h 12", who="Nadia Benali",
             source=", Relation usagers · Application agents",
             changes=(Change("Date d’intervention", "jeudi 19 mars 2026, matin", "non fixée"),
                      Change("Statut", "En instruction", "Qualifiée"))),
        fact(16, "Message de l’usager", "mail", "hier, 16 h 05", dot="in", who="Claire Lefèvre",
             source=", usager · Page de suivi", card="in", files=(photo,),
             text="Un cycliste est tombé ce matin. Pouvez-vous au moins poser un cône ?"),
        fact(15, "Message de l’usager", "mail", "hier, 15 h", dot="in", who="", source="Page de suivi",
             gone="Contenu masqué le 3 avril 2026 (données personnelles). L’existence du fait est conservée."),
        fact(12, "Réponse envoyée à l’usager", "reply", "jeu. 12 mars, 11 h 20", dot="out", who="Nadia Benali",
             source=", Relation usagers · E-mail, remis à 11 h 20", card="",
             text="Bonjour Madame Lefèvre,\nnous avons bien situé le nid-de-poule."),
        FactView(0, folded=quiet, summary="Faits n° 5 à 8 : accusé de réception envoyé, échéances calculées"),
        fact(1, "Demande reçue", "web", "jeu. 12 mars, 10 h 42", dot="in", who="Claire Lefèvre",
             source=", usager · Formulaire web"),
    )  # fmt: skip


def composer(kind: str = "reply", **more: object) -> Composer:
    base = "/agent/demandes/2026-004817"
    return Composer(
        kind, f"{base}/{'repondre' if kind == 'reply' else 'note'}", f"{base}?composer=reponse#ecrire",
        f"{base}?composer=note#ecrire",
        "Votre réponse à Claire Lefèvre" if kind == "reply" else "Votre note",
        "Envoyer par e-mail à Mme Lefèvre" if kind == "reply" else "Ajouter la note",
        text="Bonjour Madame Lefèvre,\nUn cône est posé." if kind == "reply" else "",
        kinds=(("answer", "Réponse"), ("complement", "Demande de complément")),
        wait="Envoyer et attendre la réponse de l’usager" if kind == "reply" else "",
        models=(("intervention", "Une équipe va passer"), ("fait", "C’est fait")) if kind == "reply" else (),
        insert=f"{base}/repondre/modele",
        preview=f"{base}/repondre/apercu" if kind == "reply" else "",
        hidden=(("version", "18"), ("cle", "0" * 32)), **more,
    )  # fmt: skip


def case(**more: object) -> CasePage:
    base = "/agent/demandes/2026-004817"
    status_links = (
        Link(f"{base}/attendre", "Mettre en attente", "pause"),
        Link(f"{base}/qualifier", "Qualifier", "flag"),
        Link(f"{base}/clore", "Clore la demande", "check"),
    )
    menus = (
        Menu("Attribuer", (Link(f"{base}/attribuer", "À un agent", "user"),)),
        Menu("Changer le statut", status_links),
        Menu("Autres actions", (Link(f"{base}/difficulte", "Signaler une difficulté", "alert"),), short=True),
    )
    values: dict[str, object] = {
        "ref": "2026-004817",
        "href": base,
        "title": "Nid-de-poule devant le 14 rue des Acacias",
        "crumb": "2026-004817 · Voirie et éclairage public › Trou ou déformation sur la chaussée",
        "status": status("in_progress"),
        "back": Link("/agent/demandes", "Mes demandes"),
        "badge": GOOD,
        "marks": (Label("Priorité haute", "flag"),),
        "agent": AgentView("Nadia Benali", "NB"),
        "take": FormView(f"{base}/attribuer", "Me l’attribuer", hidden=(("cle", "0" * 32),)),
        "menus": menus,
        "difficulty": samples_difficulties.declaring(f"{base}/difficulte"),
        "time": TimeTravel(18, 18, "fait 18 sur 18, aujourd’hui à 10 h 31", "Aujourd’hui", "18 faits"),
        "composer": composer(),
        "tabs": tuple(
            Link(f"{base}?fil={n}", label, count=str(count), current=n == 0)
            for n, (label, count) in enumerate(
                (("Tout", 18), ("Échanges", 5), ("Notes", 2), ("Modifications", 11))
            )
        ),
        "facts": facts(),
        "masks": {16: (Link(f"{base}/masquer/1", "Masquer ce texte"), Link(f"{base}/masquer/2", "Masquer IMG.jpg"))},
        "older": f"{base}?avant=5",
        "commitments": (
            CommitmentView("Accusé de réception", "en 1 min", "délai : immédiat", "", "check"),
            CommitmentView("Première réponse", "en 38 min", "délai : 2 jours ouvrés", "", "check"),
            CommitmentView("Mise en sécurité", "Dépassée de 2 h", "délai : 8 heures", "late", "alert", 100),
            CommitmentView("Résolution", "reste 6 j", "délai : 10 jours ouvrés · jeu. 26 mars, 17 h 30", "run",
                           "clock", 40, calc=Link(f"{base}/calcul/resolution", "Calcul : Résolution")),
        ),
        "legal": ("Sans objet (signalement)",),
        "calc": (Link(f"{base}/calcul/duree-brute", "Calcul : Durée brute"),),
        "badge_calc": Link(f"{base}/calcul/resolution", "Calcul : Résolution"),
        "resident": ResidentView(
            (
                Row("Nom", "Claire Lefèvre"),
                Row("Tél.", "06 39 98 17 42", "tel:+33639981742"),
                Row("E-mail", "claire.lefevre@exemple.fr", "mailto:claire.lefevre@exemple.fr"),
                Row("Préfère", "E-mail", src="n° 1"),
            ),
            dial="+33639981742",
        ),
        "place": (Row("Adresse", "14 rue des Acacias"), Row("Secteur", "Centre")),
        "linked": (LinkedCase("/x", "2026-004790 — Affaissement du trottoir", "reçue le 11 mars · En instruction"),),
        "files": (FileLink(f"{base}/pieces/1", "IMG_2041.jpg", "1,2 Mo"),),
    }  # fmt: skip
    return CasePage(**(values | more))


def case_in_the_past() -> CasePage:
    past = Past(
        "Vous consultez la demande telle qu’elle était le jeudi 12 mars 2026 à 11 h 20.",
        "Lecture seule. 6 faits sont arrivés depuis.",
    )
    time = TimeTravel(18, 12, "fait 12 sur 18, jeudi 12 mars à 11 h 20", "12 mars, 11 h 20", "12 sur 18")
    return case(past=past, time=time, composer=None, menus=(), take=None, facts=facts()[4:])


def preview() -> PreviewPage:
    base = "/agent/demandes/2026-004817"
    rows = (
        Row("De", "Ville de Val-des-Tilleuls <demande@val-des-tilleuls.example>"),
        Row("À", "Claire Lefèvre <claire.lefevre@exemple.fr>"),
        Row("Répondre à", "demande+2026-004817.k7mwq2xzab@val-des-tilleuls.example"),
        Row("Objet", "Votre demande 2026-004817 : une équipe va passer"),
    )
    form = FormView(f"{base}/repondre", "Envoyer", hidden=(("cle", "0" * 32),),
                    beside=((f"{base}/repondre/modifier", "Modifier"),))  # fmt: skip
    return PreviewPage("2026-004817", base, "Aperçu de votre réponse", "Rien n’est encore envoyé.", rows,
                       "Bonjour Madame Lefèvre,\n\nUn cône est posé.\n", form,
                       "Envoyer et attendre la réponse de l’usager", (Row("plan.png", "84 Ko"),))  # fmt: skip


def leaving() -> CasePage:
    form = FormView("/agent/demandes/2026-004817/annuler-envoi", "Annuler l’envoi", hidden=(("cle", "0" * 32),))
    return case(leaving=(("La réponse part dans 8 secondes.", form),))


def to_tell() -> CasePage:
    base = "/agent/demandes/2026-004817"
    missed = FormView(f"{base}/pas-joint", "Pas de réponse", hidden=(("cle", "0" * 32),))
    said = Link(f"{base}/dite", "Dit au téléphone", "check")
    call = Task("À dire par téléphone à Karim Haddad, 06 39 98 45 67. 2 appels sans réponse.", "phone", "", (missed,),
                (Link("tel:+33639984567", "Appeler", "phone"), said))  # fmt: skip
    lost = Task("Non arrivé : réponse (le serveur de l’usager a renvoyé le message).", "alert", "lost",
                links=(Link(f"{base}/renvoyer", "Répondre autrement", "reply"),))  # fmt: skip
    return case(tasks=(call, lost))


def case_with_neighbours() -> CasePage:
    other = FactView(
        number=1,
        title="Demande reçue",
        icon="mail",
        dot="in",
        time="lun. 9 mars, 8 h 12",
        iso="2026-03-09T08:12:00+01:00",
        who="Karim Haddad",
        source=", usager · E-mail",
        href="/agent/demandes/2026-004790/faits/1",
        proof="Preuve du fait n° 1",
        text="Toujours ce trou devant l’école, qui grandit de jour en jour.",
        card="in",
        origin="2026-004790",
    )
    likely = (
        Likely("/x", "2026-004801 — Trou dans la chaussée, rue des Acacias", "reçue le 11 mars · Téléphone",
               ("à 40 m", "texte proche à 72 %", "même personne"),
               Link("/y", "C’est la même : joindre à 2026-004801"), Link("/z", "Lier à 2026-004801")),
        Likely("/x", "2026-004777 — Trottoir affaissé", "reçue le 2 mars · Guichet", ("à moins de 200 m",)),
    )  # fmt: skip
    third_parties = (
        ThirdPartyView("Routes du Nord SARL", "Sans réponse",
                       "demandé le 10 mars · 1 rappel · réponse avant le mardi 17 mars", "late",
                       "alert"),
        ThirdPartyView("Régie des eaux", "En attente", "demandé le 12 mars · 0 rappel", "run", "clock"),
        ThirdPartyView("Gaz de la plaine", "C’est fait", "demandé le 9 mars · 0 rappel", "", "check"),
    )  # fmt: skip
    linked = (LinkedCase("/x", "2026-004790 — Affaissement", "reçue le 11 mars · Close", mark="jointe"),)
    links = (Link("/r", "Relancer le tiers"), Link("/n", "Noter la réponse du tiers"))
    return case(facts=(other, *facts()), likely=likely, third_parties=third_parties, linked=linked,
                third_party_links=links)  # fmt: skip


def merged_case() -> CasePage:
    said = "Cette demande est jointe à la demande 2026-004817. Tout s’y passe désormais."
    merged = Merged(said, Link("/x", "Ouvrir la demande 2026-004817"), Link("/y", "Détacher de la demande principale"))
    return case(merged=merged, badge=None, status=status("closed", "", "duplicate"))


def action(errors: bool = False) -> ActionPage:
    found = (FieldError("motif", "Choisissez une réponse."),) if errors else ()
    fields = (
        Field("motif", "Motif de la clôture", "radios", choices=(("resolved", "Résolue"), ("refused", "Refusée")),
              error=found[0].text if found else ""),
        Field("texte", "Message à l’usager", "textarea", value="Bonjour,", optional=True, hint="Envoyé par e-mail."),
        Field("jour", "Jusqu’au", "date", short=True),
        Field("service", "Service", "select", value="VOI", choices=(("VOI", "Voirie"), ("PRO", "Propreté"))),
        Field("indispensable", "La pièce est indispensable", "checkbox"),
    )  # fmt: skip
    form = FormView("/agent/demandes/2026-004817/clore", "Clore la demande", fields, (("cle", "0" * 32),))
    return ActionPage("2026-004817", "2026-004817 · Nid-de-poule devant le 14 rue des Acacias", "Clore la demande",
                      "/agent/demandes/2026-004817", (form,), errors=found)  # fmt: skip


def conflict() -> ConflictPage:
    return ConflictPage(
        "2026-004817", "/agent/demandes/2026-004817", "/agent/demandes/2026-004817/repondre",
        ("10 h 40 — Julien Moreau : Réponse écrite", "10 h 41 — Claire Lefèvre : Message de l’usager"),
        "Envoyer quand même", "Abandonner ma saisie",
        (Field("texte", "Votre réponse", "textarea", "Bonjour Madame Lefèvre,"),),
        (("version", "20"), ("cle", "0" * 32)), "Julien Moreau a déjà répondu à 10 h 40. Relisez avant d’envoyer.",
    )  # fmt: skip


def proof() -> ProofPage:
    rows = (Row("Qui", "Nadia Benali"), Row("Quand", "mercredi 18 mars 2026 à 9 h 12"), Row("Empreinte", "ab" * 32))
    return ProofPage("2026-004817", "/agent/demandes/2026-004817", "Fait n° 17 de la demande 2026-004817",
                     "Intervention planifiée", rows, '{\n  "day": "2026-03-19"\n}', "/16", "/18")  # fmt: skip
