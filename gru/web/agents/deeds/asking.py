"""How does an agent ask somebody outside the town, remind him, note his answer, and let him go?"""

import re

from marshmallow import fields as m
from marshmallow import validate

from gru.domain.case import (
    AnswerThirdParty,
    AskThirdParty,
    Case,
    CaseCommand,
    PairCommand,
    RemindThirdParty,
    RevokeThirdParty,
)
from gru.storage.people import Person
from gru.web import current, labels
from gru.web.agents.deeds.base import Deed, Values, Wish, pairs, pieces, still_open
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Choices, Field, FieldError, LocalDay, choice, optional_text, required, text_field
from gru.web.i18n import t

ADDRESS = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;.]+")
Commands = list[CaseCommand | PairCommand]


class AskForm(Acting):
    nom = text_field("erreur.requis", champ="le nom du tiers")
    courriel = m.String(
        required=True,
        error_messages=required("erreur.email"),
        validate=lambda said: validate.Regexp(ADDRESS, error=t("erreur.email"))(said[:254]),
    )
    texte = text_field("erreur.requis", champ="votre question")
    motif = choice(labels.WAIT_REASONS)
    avant = LocalDay(required=True)
    identite = m.String(load_default="")


def ask_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        Field("nom", t("tiers.nom"), hint=t("tiers.nom_aide")),
        Field("courriel", t("tiers.courriel"), "email", autocomplete="off"),
        Field("texte", t("tiers.question"), "textarea", hint=t("tiers.question_aide")),
        Field("motif", t("champ.motif"), "select", "works", choices=pairs(labels.WAIT_REASONS)),
        Field("avant", t("tiers.avant"), "date", short=True),
        Field("identite", t("tiers.identite"), "checkbox", hint=t("tiers.identite_aide")),
        pieces(),
    )


def ask_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    now = sheet.french.local(sheet.french.now).date()
    ahead = 0 <= (values["avant"] - now).days < 366
    return () if ahead else (FieldError("avant", t("tiers.avant_erreur")),)


def ask(wish: Wish) -> Commands:
    values, archive = wish.values, current.office().archive
    due = wish.day_end("avant")
    if due is None:
        raise LookupError("the form needs a day")
    return [
        AskThirdParty(
            case_id=wish.sheet.latest.id,
            request_id=wish.key,
            to=archive.meet_person(Person(name=values["nom"], email=values["courriel"])),
            text=wish.words(),
            reason=values["motif"],
            due=due,
            named=bool(values["identite"]),
            files=wish.files(),
        )
    ]


class RequestForm(Acting):
    demande = choice()


def waiting_for_somebody(case: Case) -> bool:
    return still_open(case) and bool(case.open_requests)


def _requests(sheet: Sheet) -> Choices:
    french = sheet.french
    return tuple(
        (id, t("tiers.ligne", nom=sheet.names.person(one.to) or t("tiers.sans_nom"), date=french.last_day(one.due)))
        for id, one in sheet.latest.open_requests.items()
    )


def request_fields(sheet: Sheet) -> tuple[Field, ...]:
    choices = _requests(sheet)
    return (Field("demande", t("tiers.laquelle"), "radios", choices[0][0] if choices else "", choices=choices),)


def request_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    return () if values["demande"] in sheet.latest.requests else (FieldError("demande", t("erreur.choisir")),)


def remind(wish: Wish) -> Commands:
    case, request_id = wish.sheet.latest, wish.values["demande"]
    before = wish.case_seen.requests.get(request_id, case.requests[request_id])
    return [RemindThirdParty(case_id=case.id, request_id=request_id, number=before.reminders + 1)]


def revoke(wish: Wish) -> Commands:
    return [RevokeThirdParty(case_id=wish.sheet.latest.id, request_id=wish.values["demande"])]


class HeardForm(RequestForm):
    reponse = choice(labels.THIRD_PARTY_ANSWERS)
    jour = LocalDay(load_default=None)
    texte = optional_text()


def heard_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        *request_fields(sheet),
        Field("reponse", t("tiers.reponse"), "radios", choices=pairs(labels.THIRD_PARTY_ANSWERS)),
        Field("jour", t("tiers.jour"), "date", short=True, optional=True),
        Field("texte", t("tiers.precisions"), "textarea", optional=True),
        pieces(),
    )


def heard_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    if wrong := request_check(sheet, values):
        return wrong
    now = sheet.french.local(sheet.french.now).date()
    if values["reponse"] == "planned" and (values["jour"] is None or values["jour"] < now):
        return (FieldError("jour", t("tiers.jour_erreur")),)
    return ()


def heard(wish: Wish) -> Commands:
    values = wish.values
    return [
        AnswerThirdParty(
            case_id=wish.sheet.latest.id,
            request_id=values["demande"],
            answer_id=wish.key,
            answer=values["reponse"],
            channel="agent",
            day=values["jour"],
            day_end=wish.day_end("jour"),
            text=wish.text(),
            files=wish.files(),
        )
    ]


DEEDS = (
    Deed(
        "demander-tiers",
        "tiers.demander",
        "tiers.envoyer",
        "fait.dit.tiers_demande",
        "users",
        AskForm,
        ask,
        ask_fields,
        check=ask_check,
        text="tiers.demander_aide",
        files=True,
        menu="status",
    ),
    Deed(
        "relancer-tiers",
        "tiers.relancer",
        "tiers.relancer",
        "fait.dit.tiers_relance",
        "clock",
        RequestForm,
        remind,
        request_fields,
        waiting_for_somebody,
        check=request_check,
        text="tiers.relancer_aide",
    ),
    Deed(
        "reponse-tiers",
        "tiers.noter",
        "commun.enregistrer",
        "fait.dit.tiers_reponse",
        "check",
        HeardForm,
        heard,
        heard_fields,
        lambda case: bool(case.open_requests),
        check=heard_check,
        files=True,
    ),
    Deed(
        "retirer-tiers",
        "tiers.retirer",
        "tiers.retirer",
        "fait.dit.tiers_retire",
        "lock",
        RequestForm,
        revoke,
        request_fields,
        lambda case: bool(case.open_requests),
        check=request_check,
        text="tiers.retirer_aide",
    ),
)
