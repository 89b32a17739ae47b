"""What would the pages of the residents' form look like? Made-up ones, as in `samples`."""

from collections.abc import Callable

from gru.web.forms import Field, FieldError
from gru.web.pages import Link, LinkGroup, Row
from gru.web.residents.filing.filing_page import (
    AddedFile,
    Answered,
    HomePage,
    LaterPage,
    Plan,
    ReviewPage,
    SheetPage,
    StepPage,
    ThanksPage,
)

HELP = "Vous pouvez aussi faire cette démarche au guichet ou par téléphone : 03 53 01 00 16."


def home(query: str = "") -> HomePage:
    links = (Link("/demarches/a", "Trou ou déformation sur la chaussée ou le trottoir"), Link("/demarches/b", "Rats"))
    groups = (LinkGroup("Voirie et éclairage public", links), LinkGroup("Population, état civil", links))
    return HomePage(query, groups, links if query == "trou" else (), Link("/demarches/a", "Rats"), HELP)


def sheet(instead: bool = False) -> SheetPage:
    facts = (Row("Service", "Voirie, 03 53 01 00 16"), Row("Première réponse", "en deux jours ouvrés au plus"))
    return SheetPage(
        "Déclaration préalable de travaux", "" if instead else "/deposer/x", "Environ 2 minutes. Pas besoin de compte.",
        facts, ("Nous recevons votre demande", "Un agent vérifie"), ("Plan de situation",), ("Pièce d’identité",),
        ("Cette démarche a son propre service en ligne.",) if instead else (),
        (Row("Hôtel de ville", "1 place de la République. lundi, 9 h - 12 h"),) if instead else (),
        "" if instead else "/deposer/x", not instead, HELP,
    )  # fmt: skip


def step(fields: tuple[Field, ...], title: str, errors: tuple[FieldError, ...] = (), **more: object) -> StepPage:
    values: dict[str, object] = {
        "title": title, "action": "/deposer/x/y", "back": "/deposer/x/z", "progress": "Étape 3 sur 6",
        "request": "Trou ou déformation sur la chaussée ou le trottoir", "fields": fields, "errors": errors,
        "help": HELP, "later": "/deposer/x/plus-tard", "kept": "Vos réponses sont gardées 30 jours.",
    }  # fmt: skip
    return StepPage(**(values | more))


def place() -> StepPage:
    said = "Choisissez le bon lieu, ou précisez l’adresse."
    choices = (("a", "rue des Acacias"), ("tel-quel", "Non, garder « accacia » comme je l’ai écrit"))
    fields = (
        Field("lieu", "Où se trouve le problème ?", value="accacia", hint="Une adresse.", error=said),
        Field("choix", "Est-ce l’un de ces lieux ?", "radios", choices=choices),
        Field("pour", "", "hidden", "accacia"),
    )
    return step(fields, "Où se trouve le problème ?", (FieldError("choix", said),), notes=("Exemple : 50.2, 3.05",))


def plan() -> StepPage:
    field = Field("lieu", "Où se trouve le problème ?", value="14 rue des Acacias", hint="Une adresse.")
    other = Link("/deposer/x/lieu?plan=ville", "Voir toute la ville de Val-des-Tilleuls")
    plan = Plan("plan", "/static/icon.svg", 280, "Plan de la ville", "Facultatif : touchez le plan.", other)
    return step((field,), "Où se trouve le problème ?", plan=plan, position=True)


def danger() -> StepPage:
    field = Field("danger", "Y a-t-il un danger immédiat ?", "radios", optional=True,
                  choices=(("oui", "Oui"), ("non", "Non")))  # fmt: skip
    return step((field,), "Y a-t-il un danger immédiat ?", warning="En cas d’urgence, appelez le 18 ou le 112.")


def days() -> StepPage:
    field = Field("jours", "Jours souhaités", "checkboxes", "lu\nma", error="Choisissez une réponse.",
                  choices=(("lu", "Lundi"), ("ma", "Mardi"), ("me", "Mercredi")))  # fmt: skip
    return step((field,), "Jours souhaités", (FieldError("jours", "Choisissez une réponse."),))


def photo() -> StepPage:
    said = "page.svg n’est pas accepté. Choisissez une photo (JPG, PNG, HEIC, WEBP) ou un PDF."
    field = Field("fichiers", "Ajouter une autre photo", "file", hint="Jusqu’à 5 fichiers de 15 Mo.", error=said)
    added = (AddedFile("1" * 32, "IMG_2041.jpg", "84 Ko"), AddedFile("2" * 32, "x" * 116 + ".jpg", "1,2 Mo"))
    return step((field,), "Avez-vous une photo ?", (FieldError("fichiers", said),), files=added, upload=True)


def no_photo() -> StepPage:
    field = Field("fichiers", "Ajouter une photo", "file", hint="Jusqu’à 5 fichiers de 15 Mo.")
    return step((field,), "Avez-vous une photo ?", upload=True, button="Continuer sans photo", notes=("Plan",))


def contact() -> StepPage:
    fields = (
        Field("email", "Adresse e-mail", "email", optional=True, autocomplete="email"),
        Field("adresse", "Votre adresse postale", "textarea", autocomplete="street-address"),
        Field("rien", "Je ne laisse pas de coordonnées", "checkbox"),
    )
    return step(fields, "Comment vous prévenir ?", notes=("Facultatif.",))


def review(errors: bool = False) -> ReviewPage:
    said = "Videz le champ « Site web », puis envoyez à nouveau."
    rows = (
        Answered("Lieu", "14 rue des Acacias", "/deposer/x/lieu", "Modifier Lieu"),
        Answered("Que se passe-t-il ?", "Un trou.\nProfond.", "/deposer/x/description", "Modifier Que se passe-t-il"),
    )
    return ReviewPage(
        "Trou ou déformation", "/deposer/x/verifier", "/deposer/x/contact", rows, "Étape 6 sur 6",
        "En cas d’urgence, appelez le 18 ou le 112.", "Un accusé de réception partira à c@exemple.fr.",
        Field("site_web", "Site web (laissez ce champ vide)", value="x" if errors else ""),
        (FieldError("site_web", said),) if errors else (), "/deposer/x", HELP,
    )  # fmt: skip


def thanks() -> ThanksPage:
    return ThanksPage("Votre demande est envoyée", "2026-004817", "7HQ4-XM2P", "/suivi/2026-004817/x", "/x.pdf",
                      ("Reçue le mercredi 18 mars 2026 à 10 h 42.",), ("Un agent vérifie", "C’est réparé"),
                      "En cas d’urgence, appelez le 18 ou le 112.", help=HELP)  # fmt: skip


def waiting() -> ThanksPage:
    return ThanksPage("Votre demande est envoyée", lines=("Son numéro n’est pas encore attribué.",), again="/x")


def later() -> LaterPage:
    field = Field("email", "Adresse e-mail", "email", error="Écrivez une adresse e-mail complète.")
    return LaterPage("Finir plus tard", "/x", "/y", "http://127.0.0.1:8000/deposer/reprendre/" + "a" * 43, (field,),
                     (FieldError("email", "Écrivez une adresse e-mail complète."),), "Notez ce lien.",
                     "Recevoir", HELP)  # fmt: skip


PAGES: dict[str, tuple[str, Callable[[], object]]] = {
    "deposer": ("residents/filing/home.html", home),
    "deposer-trouve": ("residents/filing/home.html", lambda: home("trou")),
    "deposer-rien": ("residents/filing/home.html", lambda: home("xyz")),
    "fiche": ("residents/filing/sheet.html", sheet),
    "fiche-ailleurs": ("residents/filing/sheet.html", lambda: sheet(instead=True)),
    "etape-lieu": ("residents/filing/step.html", place),
    "etape-plan": ("residents/filing/step.html", plan),
    "etape-danger": ("residents/filing/step.html", danger),
    "etape-jours": ("residents/filing/step.html", days),
    "etape-photo": ("residents/filing/step.html", photo),
    "etape-sans-photo": ("residents/filing/step.html", no_photo),
    "etape-contact": ("residents/filing/step.html", contact),
    "etape-verifier": ("residents/filing/review.html", review),
    "etape-piege": ("residents/filing/review.html", lambda: review(errors=True)),
    "merci": ("residents/filing/thanks.html", thanks),
    "merci-attente": ("residents/filing/thanks.html", waiting),
    "plus-tard": ("residents/filing/later.html", later),
}
