"""Who is the town to answer, as far as this request needs to know? (CRPA R112-9-1)"""

import re

import phonenumbers
from marshmallow.fields import String
from werkzeug.datastructures import MultiDict

from gru.domain.town import RequestType
from gru.web.forms import Field, FieldError, Form, at_most, optional_text, read, refilled, text_field
from gru.web.i18n import t
from gru.web.residents.filing.draft import Contact

EMAIL = re.compile(r"^[^@\s,;<>()\"\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}$")
LONGEST = 200
NAMED = ("full", "verified")
"""Levels at which the law asks for name, postal and electronic address."""


def _short(key: str, champ: str) -> String:
    field = text_field(key, champ=champ)
    field.validators.append(at_most(LONGEST))
    return field


class ContactForm(Form):
    """Whoever may stay unknown."""

    prenom = optional_text()
    nom = optional_text()
    email = optional_text()
    tel = optional_text()
    adresse = optional_text()
    rien = optional_text()


class NamedForm(ContactForm):
    """Whoever the law asks to name himself."""

    prenom = _short("erreur.requis", "votre prénom")
    nom = _short("erreur.requis", "votre nom")
    adresse = _short("erreur.requis", "votre adresse postale")


def fields(kind: RequestType, known: Contact) -> tuple[Field, ...]:
    named, anonymous = kind.identification in NAMED, kind.identification == "none"
    name = (
        Field("prenom", t("depot.prenom"), value=known.first_name, optional=not named, autocomplete="given-name"),
        Field("nom", t("depot.nom"), value=known.last_name, optional=not named, autocomplete="family-name"),
    )
    reach = (
        Field("email", t("depot.email"), "email", known.email, optional=anonymous, autocomplete="email"),
        Field("tel", t("depot.tel"), "tel", known.phone, optional=named or anonymous, autocomplete="tel",
              short=True),
    )  # fmt: skip
    if named:
        postal = Field("adresse", t("depot.adresse_postale"), "textarea", known.address, autocomplete="street-address")
        return (*name, postal, *reach)
    if kind.identification == "contact":
        return (*reach, *name)
    nothing = Field("rien", t("depot.rien"), "checkbox", "oui" if known.nothing else "")
    return (*reach, *name, nothing)


def notes(kind: RequestType) -> tuple[str, ...]:
    match kind.identification:
        case "none":
            return (t("depot.contact_aide"),)
        case "contact":
            return (t("depot.contact_un"),)
        case "full":
            return (t("depot.sve"),)
        case "verified":
            return (t("depot.verifiee"), t("depot.verifiee_guichet"), t("depot.sve"))


def answered(kind: RequestType, sent: MultiDict[str, str]) -> tuple[Contact, tuple[Field, ...], tuple[FieldError, ...]]:
    """What was given, the fields refilled, and what is wrong with them."""
    named = kind.identification in NAMED
    values, errors = read(NamedForm() if named else ContactForm(), sent.to_dict())
    wrong = {error.field for error in errors}
    errors = (*errors, *(error for error in _wrong(kind, sent) if error.field not in wrong))
    shown = refilled(fields(kind, Contact()), sent, errors)
    if errors:
        return Contact(), shown, errors
    nothing = bool(values["rien"]) and kind.identification == "none"
    contact = Contact(
        first_name="" if nothing else values["prenom"],
        last_name="" if nothing else values["nom"],
        email="" if nothing else values["email"],
        phone="" if nothing else values["tel"],
        address=values["adresse"] if named else "",
        nothing=nothing,
    )
    return contact, shown, ()


def _wrong(kind: RequestType, sent: MultiDict[str, str]) -> list[FieldError]:
    email, number = sent.get("email", "").strip(), sent.get("tel", "").strip()
    found = []
    if len(sent.get("prenom", "")) > LONGEST or len(sent.get("nom", "")) > LONGEST:
        found.append(FieldError("nom", t("erreur.longueur_max", max=LONGEST)))
    if sent.get("rien") and kind.identification == "none":
        return found
    if email and (len(email) > LONGEST or not EMAIL.match(email)):
        found.append(FieldError("email", t("erreur.email")))
    if number and not _is_phone(number):
        found.append(FieldError("tel", t("erreur.tel")))
    if kind.identification in NAMED and not email:
        found.append(FieldError("email", t("erreur.email")))
    elif not email and not number:
        said = "erreur.contact" if kind.identification == "none" else "erreur.contact_un"
        found.append(FieldError("email", t(said)))
    return found


def _is_phone(written: str) -> bool:
    try:
        return len(written) <= 40 and phonenumbers.is_possible_number(phonenumbers.parse(written, "FR"))
    except phonenumbers.NumberParseException:
        return False
