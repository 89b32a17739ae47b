"""What would the residents' pages look like? Made-up ones, as in `samples`."""

from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import FileLink, Row
from gru.web.residents.third_party_page import ThirdPartyPage
from gru.web.residents.tracking_page import (
    AccessPage,
    ConfirmPage,
    LockedPage,
    Message,
    ReceiptPage,
    Service,
    Step,
    TrackingPage,
)


def tracking(**more: object) -> TrackingPage:
    steps = (
        Step("Demande reçue", "done", "Étape terminée", "Jeudi 12 mars à 10 h 42"),
        Step("Vérifiée par le service Voirie et éclairage", "done", "Étape terminée", "Jeudi 12 mars à 11 h 20"),
        Step("Réparation programmée", "here", "Étape en cours", "Une équipe vient jeudi 19 mars, dans la matinée."),
        Step("Réparation terminée", "todo", "Étape à venir", "Au plus tard le jeudi 26 mars."),
    )
    messages = (
        Message("Vous", "mardi 17 mars à 16 h 05", "2026-03-17T16:05:00+01:00",
                "Un cycliste est tombé ce matin. Pouvez-vous au moins poser un cône ?", True,
                (FileLink("/x", "IMG_2041.jpg", "1,2 Mo"),)),
        Message("Nadia Benali, service Relation usagers", "aujourd’hui à 9 h 14", "2026-03-18T09:14:00+01:00",
                "Bonjour Madame Lefèvre, merci pour votre signalement.\nUn cône vient d’être posé."),
    )  # fmt: skip
    write = FormView(
        "/suivi/2026-004817/x/message", "Envoyer à la mairie",
        (Field("texte", "Ajouter une information", "textarea",
               hint="N’écrivez pas de numéro de carte bancaire ni d’information médicale."),
         Field("pieces", "Ajouter des photos ou des documents", "file", optional=True)),
    )  # fmt: skip
    values: dict[str, object] = {
        "ref": "2026-004817",
        "header": "Demande 2026-004817, déposée le jeudi 12 mars 2026",
        "title": "Nid-de-poule devant le 14 rue des Acacias",
        "sentence": "Votre demande est en cours de traitement",
        "lines": (
            "Vous n’avez rien à faire.",
            "Nous nous sommes engagés à répondre au plus tard le jeudi 26 mars 2026.",
        ),
        "updated": "Dernière mise à jour : aujourd’hui à 9 h 12",
        "service": Service("Voirie et éclairage public", "Hôtel de ville, 1 place de la République", "03 53 01 04 20",
                           "+33353010420", "Du lundi au vendredi, 8 h 30 – 12 h et 13 h 30 – 17 h 30"),
        "receipt": "/suivi/2026-004817/x/recepisse",
        "step": "Étape 3 sur 4",
        "steps": steps,
        "messages": messages,
        "write": write,
        "withdraw": "/suivi/2026-004817/x/retirer",
    }  # fmt: skip
    return TrackingPage(**(values | more))


def tracking_your_turn() -> TrackingPage:
    return tracking(
        tone="warn",
        sentence="Nous avons besoin de vous",
        lines=("Il nous manque un justificatif de domicile.", "Répondez avant le lundi 4 avril 2026."),
    )


def tracking_closed() -> TrackingPage:
    return tracking(tone="over", sentence="C’est terminé", lines=("Le trou est rebouché.",), withdraw="",
                    reopen="/suivi/2026-004817/x/rouvrir", messages=())  # fmt: skip


def confirm() -> ConfirmPage:
    choices = (("settled", "Le problème est réglé"), ("mistake", "C’est une erreur de ma part"))
    form = FormView("/x", "Oui, retirer ma demande",
                    (Field("raison", "Pourquoi ?", "radios", optional=True, choices=choices),))  # fmt: skip
    return ConfirmPage("2026-004817", "Retirer votre demande ?", "/y", "Non, la garder",
                       "La mairie arrêtera de la traiter. Vous pourrez la rouvrir pendant 30 jours.", form)  # fmt: skip


def stop_following() -> ConfirmPage:
    form = FormView("/ne-plus-suivre/x", "Ne plus suivre", ())
    said = "Vous avez signalé le même problème et vous deviez être prévenu une fois, à la réponse de la mairie."
    return ConfirmPage("2026-004702", "Ne plus suivre cette demande ?", "/suivi", "Continuer à suivre", said, form)


def receipt() -> ReceiptPage:
    rows = (Row("Référence", "2026-004817", strong=True), Row("Code de suivi", "7HQ4-XM2P", strong=True))
    return ReceiptPage("Récépissé n° 2026-004817", "/x", rows, ("Nous nous engageons à vous répondre avant le…",))


def access() -> AccessPage:
    said = "Cette référence et ce code ne vont pas ensemble. Vérifiez les deux."
    fields = (
        Field("reference", "Référence", hint="Elle ressemble à 2026-004817", value="2026-000001"),
        Field("code", "Code de suivi", hint="8 lettres et chiffres, sur votre récépissé.", error=said),
    )
    return AccessPage(fields, (FieldError("code", said),))


def locked() -> LockedPage:
    said = "Ce code n’est pas le bon, ou il n’est plus valable."
    field = Field("code", "Code reçu par e-mail", hint="8 chiffres, valables 15 minutes.", short=True, error=said,
                  autocomplete="one-time-code")  # fmt: skip
    return LockedPage("2026-004817", "Cette demande est confidentielle", "Pour l’ouvrir, il faut aussi un code.",
                      FormView("/x/code", "Recevoir un code par e-mail"),
                      FormView("/x/ouvrir", "Ouvrir ma demande", (field,)), "Ce que j’avais écrit.",
                      (FieldError("code", said),))  # fmt: skip


def third_party(wrong: bool = False, **more: object) -> ThirdPartyPage:
    said = "Donnez un jour à partir d’aujourd’hui."
    choices = (("done", "C’est fait"), ("planned", "C’est prévu à une date"), ("not_done", "Ce n’est pas possible"))
    fields = (
        Field("reponse", "Où en êtes-vous ?", "radios", value="planned" if wrong else "", choices=choices),
        Field("jour", "Quel jour est-ce prévu ?", "date", hint="Seulement si vous donnez une date.", short=True,
              optional=True, error=said if wrong else ""),
        Field("texte", "Une précision ?", "textarea", optional=True),
        Field("pieces", "Photos ou documents", "file", optional=True),
    )  # fmt: skip
    values: dict[str, object] = {
        "ref": "2026-004817",
        "title": "Val-des-Tilleuls vous pose une question",
        "question": "Pouvez-vous reboucher la tranchée devant le 14 ?\nElle s’est affaissée d’environ 10 cm.",
        "due": "Réponse attendue avant le vendredi 20 mars 2026",
        "service": Service("Voirie et éclairage public", "Hôtel de ville, 1 place de la République", "03 53 01 04 20",
                           "+33353010420"),
        "note": "Cette page n’est ouverte que par votre lien, jusqu’au dimanche 19 avril 2026.",
        "rows": (Row("Objet", "Chaussée ou trottoir abîmé"), Row("Lieu", "14 rue des Acacias")),
        "files": (FileLink("/x", "IMG_2041.jpg", "1,2 Mo"),),
        "form": FormView("/tiers/x", "Envoyer ma réponse", fields),
        "errors": (FieldError("jour", said),) if wrong else (),
    }  # fmt: skip
    return ThirdPartyPage(**(values | more))


def third_party_thanked() -> ThirdPartyPage:
    thanks = ("Merci, votre réponse est enregistrée", "Le service Voirie l’a reçue. Vous pouvez fermer cette page.")
    return third_party(thanks=thanks, form=None)
