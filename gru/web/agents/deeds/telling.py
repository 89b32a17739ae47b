"""What can an agent do about a reply that a person carries, or that did not arrive?"""

from flask import request
from marshmallow import fields as m

from gru.domain import events as e
from gru.domain.case import (
    Case,
    CaseCommand,
    ChooseReplyWay,
    GiveUpTelling,
    SettleFailure,
    TellReply,
    TryToTell,
    WriteReply,
)
from gru.domain.case.answering import AFTER_CLOSING
from gru.domain.case.telling import IN_PERSON, WAYS
from gru.web import current, labels
from gru.web.agents.deeds.base import PLEASE, UNDO, Deed, Values, Wish, always, closed, pairs, pieces
from gru.web.agents.deeds.words import reply_errors, way_field, ways
from gru.web.agents.facebook import fit_for_messenger
from gru.web.agents.held import held, sealed
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, FieldError, choice, local_instant, text_field
from gru.web.i18n import t

CHOICES: dict[str, str] = {way: labels.REPLY_WAYS[way] for way in WAYS}


class Naming(Acting):
    reponse = m.String(required=True)


def _named() -> Field:
    """The reply a link of the page has named already."""
    return Field("reponse", "", "hidden", request.args.get("reponse", "")[:32])


def written(sheet: Sheet, reply_id: str) -> e.ReplyWritten | None:
    """The reply of this case that a form names."""
    replies = (recorded.event for recorded in sheet.history if isinstance(recorded.event, e.ReplyWritten))
    return next((reply for reply in replies if reply.reply_id == reply_id), None)


# --- said, tried, given up ---------------------------------------------------------------------------------------


class ToldForm(Naming):
    quand = m.String(load_default="")


def told_fields(sheet: Sheet) -> tuple[Field, ...]:
    hint = t("envois.quand_aide")
    return _named(), Field("quand", t("envois.quand"), "datetime-local", hint=hint, optional=True, short=True)


def told_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    """When it was said lies between the request and now."""
    if not values["quand"]:
        return ()
    at = local_instant(values["quand"], sheet.french.zone)
    if at is None:
        return (FieldError("quand", t("erreur.date")),)
    if not sheet.latest.received_at <= at <= current.now():
        return (FieldError("quand", t("envois.erreur_quand")),)
    return ()


def told(wish: Wish) -> list[CaseCommand]:
    at = local_instant(wish.values["quand"], wish.sheet.french.zone) if wish.values["quand"] else None
    reply = wish.values["reponse"]
    return [TellReply(case_id=wish.sheet.latest.id, reply_id=reply, told_at=at or current.now())]


def tried(wish: Wish) -> list[CaseCommand]:
    case, reply = wish.sheet.latest, wish.values["reponse"]
    return [TryToTell(case_id=case.id, reply_id=reply, try_id=wish.key, tried_at=current.now())]


class NotToldForm(Naming):
    motif = choice(labels.NOT_TOLD)


def not_told_fields(sheet: Sheet) -> tuple[Field, ...]:
    return _named(), Field("motif", t("champ.motif"), "select", choices=(PLEASE, *pairs(labels.NOT_TOLD)))


def not_told(wish: Wish) -> list[CaseCommand]:
    values = wish.values
    return [GiveUpTelling(case_id=wish.sheet.latest.id, reply_id=values["reponse"], reason=values["motif"])]


def waits_for_a_person(case: Case) -> bool:
    return any(one.state == "written" and one.channel in IN_PERSON for one in case.replies.values())


# --- what did not arrive -----------------------------------------------------------------------------------------


class AgainForm(Naming):
    texte = text_field("erreur.requis", champ="votre réponse")
    voie = m.String(load_default="")
    gardees = m.String(load_default="")
    sans_gardees = m.String(load_default="")


def again_fields(sheet: Sheet) -> tuple[Field, ...]:
    """The words and files that did not arrive, to be sent as they are or put otherwise."""
    named = _named()
    lost = written(sheet, named.value)
    text = sheet.names.text(lost.text) if lost else ""
    files = lost.files if lost else ()
    kept = ", ".join(known.name for one in files if (known := sheet.names.files.get(one.id)) and known.name)
    return (
        named,
        way_field(sheet),
        Field("texte", t("dossier.votre_reponse"), "textarea", text, hint=t("dossier.objet_aide")),
        pieces() if not kept else _pieces_with(kept),
        Field("gardees", "", "hidden", sealed(sheet, files)),
    )


def _pieces_with(names: str) -> Field:
    return Field("pieces", t("dossier.joindre"), "file", hint=t("dossier.pieces_gardees", noms=names), optional=True)


def again_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    if values["voie"] not in ways(sheet):
        return (FieldError("voie", t("erreur.choisir")),)
    return reply_errors(sheet, values)


def again(wish: Wish) -> list[CaseCommand]:
    """Of the same nature; a closed case takes only what follows its closing."""
    case, values = wish.sheet.latest, wish.values
    lost, way = written(wish.sheet, values["reponse"]), ways(wish.sheet)[values["voie"]]
    kind: e.ReplyKind = lost.kind if lost else "answer"
    files = (*held(wish.sheet, values), *wish.files())
    if way == "facebook":
        fit_for_messenger(values["texte"], files)
    return [
        WriteReply(
            case_id=case.id,
            reply_id=wish.key,
            kind="closing" if closed(case) and kind not in AFTER_CLOSING else kind,
            channel=way,
            text=wish.words(),
            files=files,
            template=lost.template if lost else "",
            not_before=current.now() + UNDO,
        )
    ]


class SettleForm(Naming):
    motif = choice(labels.SETTLED)


def settle_fields(sheet: Sheet) -> tuple[Field, ...]:
    return _named(), Field("motif", t("champ.motif"), "select", choices=(PLEASE, *pairs(labels.SETTLED)))


def settle(wish: Wish) -> list[CaseCommand]:
    values = wish.values
    return [SettleFailure(case_id=wish.sheet.latest.id, reply_id=values["reponse"], reason=values["motif"])]


def has_failed(case: Case) -> bool:
    return any(one.state == "failed" for one in case.replies.values())


# --- how he wishes to be answered --------------------------------------------------------------------------------


class WayForm(Acting):
    voie = choice(CHOICES)


def wish_fields(sheet: Sheet) -> tuple[Field, ...]:
    """Only what reaches him: the others would be a promise nobody can keep."""
    reachable = ways(sheet)
    choices = tuple((way, t(key)) for way, key in CHOICES.items() if way in reachable)
    return (Field("voie", t("envois.voie"), "select", sheet.latest.reply_channel, choices=choices),)


def wish_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    return () if values["voie"] in ways(sheet) else (FieldError("voie", t("erreur.choisir")),)


def choose(wish: Wish) -> list[CaseCommand]:
    return [ChooseReplyWay(case_id=wish.sheet.latest.id, channel=wish.values["voie"])]


DEEDS = (
    Deed(
        "dite",
        "envois.dite",
        "envois.dite",
        "fait.dit.dite",
        "phone",
        ToldForm,
        told,
        told_fields,
        waits_for_a_person,
        told_check,
        act="register",
        text="envois.dite_aide",
    ),
    Deed(
        "pas-joint",
        "envois.pas_joint",
        "envois.pas_joint",
        "fait.dit.pas_joint",
        "phone",
        Naming,
        tried,
        lambda sheet: (_named(),),
        waits_for_a_person,
        act="register",
    ),
    Deed(
        "injoignable",
        "envois.injoignable",
        "commun.enregistrer",
        "fait.dit.injoignable",
        "x",
        NotToldForm,
        not_told,
        not_told_fields,
        waits_for_a_person,
        act="register",
        text="envois.injoignable_aide",
    ),
    Deed(
        "renvoyer",
        "envois.renvoyer",
        "commun.envoyer",
        "fait.dit.reponse",
        "reply",
        AgainForm,
        again,
        again_fields,
        has_failed,
        again_check,
        files=True,
    ),
    Deed(
        "classer-echec",
        "envois.classer",
        "commun.enregistrer",
        "fait.dit.echec_classe",
        "check",
        SettleForm,
        settle,
        settle_fields,
        has_failed,
    ),
    Deed(
        "voie",
        "envois.changer_voie",
        "commun.enregistrer",
        "fait.dit.voie",
        "reply",
        WayForm,
        choose,
        wish_fields,
        always,
        wish_check,
        text="envois.changer_voie_aide",
        menu="more",
    ),
)
