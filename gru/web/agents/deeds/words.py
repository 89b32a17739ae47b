"""What can an agent write: an answer, a note, files?"""

from datetime import timedelta

from marshmallow import fields as m

from gru.domain import events as e
from gru.domain.case import AddNote, CaseCommand, EndWait, ReopenCase, StartWait, WithdrawReply, WriteReply
from gru.domain.case.telling import WAYS
from gru.domain.errors import Refused
from gru.domain.policies import READS_ON_SCREEN
from gru.domain.town import ReplyTemplate
from gru.office.letters import Item, Supplement, draft, first_hole, words_kept
from gru.storage.people import Person
from gru.web import current, labels
from gru.web.agents.deeds.base import UNDO, Deed, Values, Wish, always, closed, pairs, pieces
from gru.web.agents.facebook import fit_for_messenger, private_channel
from gru.web.agents.held import held
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, FieldError, choice, optional_text, text_field
from gru.web.i18n import t

WRITTEN: tuple[e.ReplyKind, ...] = ("answer", "refusal", "complement", "delay")
TO_COMPLETE = timedelta(days=21)
"""The date a draft proposes for what is asked of the resident."""
REPLY_KINDS: dict[str, str] = {code: labels.REPLY_KINDS[code] for code in WRITTEN}


class ReplyForm(Acting):
    texte = text_field("erreur.requis", champ="votre réponse")
    nature = choice(REPLY_KINDS)
    voie = m.String(load_default="")
    puis = m.String(load_default="")
    rouvrir = m.String(load_default="")
    modele_insere = m.String(load_default="")
    gardees = m.String(load_default="")
    sans_gardees = m.String(load_default="")


def ways(sheet: Sheet) -> dict[str, e.Channel]:
    """All ways that lead to this person now: over the counter and on the tracking page to everybody."""
    person = sheet.requester or Person()
    open_now: dict[e.Channel, bool] = {
        "facebook": private_channel(sheet),
        "email": bool(person.email),
        "post": bool(person.address),
        "phone": bool(person.phone),
        "counter": True,
        "tracking": True,
    }
    return {str(way): way for way, is_open in open_now.items() if is_open}


def reply_channel(sheet: Sheet, chosen: str = "") -> e.Channel:
    """As the agent chose for this reply; else as the person wishes, where that leads to him; else where he wrote on
    the page, while Facebook lets us; by mail when he left an address; else on the tracking page, which everybody
    has. Who filled in the form without an address is mailed to once one is known."""
    leading, wished = ways(sheet), sheet.latest.reply_channel
    if wished == "tracking" and sheet.latest.channel in READS_ON_SCREEN:
        wished = "email"
    order = (chosen, *((wished,) if wished in WAYS and wished != "email" else ()), "facebook", "email", "tracking")
    return next(leading[way] for way in order if way in leading)


def way_field(sheet: Sheet) -> Field:
    choices = tuple((way, labels.reply_way(way)) for way in ways(sheet))
    return Field("voie", t("envois.voie"), "select", reply_channel(sheet), choices=choices)


def reply_fields(sheet: Sheet) -> tuple[Field, ...]:
    models = templates(sheet)
    choices = (("", t("dossier.sans_modele")), *((one.code, one.label) for one in models))
    return (
        Field("nature", t("dossier.nature"), "select", "answer", choices=pairs(REPLY_KINDS)),
        way_field(sheet),
        *((Field("modele", t("dossier.modeles"), "select", choices=choices, optional=True),) if models else ()),
        Field("texte", t("dossier.votre_reponse"), "textarea", hint=t("dossier.objet_aide")),
        pieces(),
        Field("modele_insere", "", "hidden"),
        Field("gardees", "", "hidden"),
    )


def templates(sheet: Sheet) -> tuple[ReplyTemplate, ...]:
    """The town's ready replies for this case, and its letters for each kind of reply."""
    town = sheet.town
    named = {kind: t("dossier.lettre", nature=t(REPLY_KINDS[kind])) for kind in WRITTEN if town.letters.get(kind)}
    letters = (
        ReplyTemplate(code=f"lettre-{kind}", label=label, template=town.letters[kind], kind=kind)
        for kind, label in named.items()
    )
    return (*town.replies_for(sheet.latest.type, reply_channel(sheet)), *letters)


def drafted(sheet: Sheet, chosen: ReplyTemplate) -> str:
    """The words a reply to this case begins with."""
    now, case = current.now(), sheet.latest
    asked = Supplement(indispensable=False, before=now + TO_COMPLETE, items=(Item(label=t("dossier.a_completer")),))
    facts = current.office().letters.facts(
        sheet.town, case, sheet.requester, now, agent=sheet.names.agent(sheet.agent.id), summary=sheet.title,
        supplement=asked if chosen.kind == "complement" else None,
    )  # fmt: skip
    return draft(sheet.town, chosen.template, facts).whole.strip()


def how_much_is_left(sheet: Sheet, chosen: ReplyTemplate | None, sent: str) -> int | None:
    """Of the template it began with, in percent; `None` without one, or when it cannot be filled any more."""
    if chosen is None:
        return None
    try:
        return words_kept(drafted(sheet, chosen), sent)
    except Refused:
        return None


def reply_errors(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    """A hole of a template is not sent, nor anything on a way that leads nowhere."""
    if values["voie"] and values["voie"] not in ways(sheet):
        return (FieldError("voie", t("erreur.choisir")),)
    if hole := first_hole(values["texte"]):
        return (FieldError("texte", t("dossier.champ_vide", champ=hole)),)
    return ()


def reply(wish: Wish) -> list[CaseCommand]:
    case, values = wish.sheet.latest, wish.values
    commands: list[CaseCommand] = []
    if values["rouvrir"] and closed(case):
        commands.append(ReopenCase(case_id=case.id, reason="answer"))
    channel, files = reply_channel(wish.sheet, values["voie"]), (*held(wish.sheet, values), *wish.files())
    if channel == "facebook":
        fit_for_messenger(values["texte"], files)
    began = next((one for one in templates(wish.sheet) if one.code == values["modele_insere"]), None)
    commands.append(
        WriteReply(
            case_id=case.id,
            reply_id=wish.key,
            kind=values["nature"],
            channel=channel,
            text=wish.words(),
            files=files,
            template=began.template if began else "",
            words_kept=how_much_is_left(wish.sheet, began, values["texte"]),
            not_before=current.now() + UNDO,
        )
    )
    if values["puis"] == "attendre":
        commands.append(StartWait(case_id=case.id, wait_id=wish.key, party="resident", reason="precision"))
    return commands


class NoteForm(Acting):
    texte = text_field("erreur.requis", champ="votre note")


def note_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (Field("texte", t("dossier.note"), "textarea", hint=t("dossier.note_aide")), pieces())


def note(wish: Wish) -> list[CaseCommand]:
    return [AddNote(case_id=wish.sheet.latest.id, note_id=wish.key, text=wish.words(), files=wish.files())]


class FilesForm(Acting):
    texte = optional_text()


def files_fields(sheet: Sheet) -> tuple[Field, ...]:
    comment = Field("texte", t("dossier.piece_commentaire"), "textarea", optional=True)
    return pieces(), comment


def files(wish: Wish) -> list[CaseCommand]:
    wish.values["texte"] = wish.values["texte"] or t("dossier.pieces_ajoutees", n=len(wish.uploads))
    return note(wish)


class ReplyNamed(Acting):
    reponse = m.String(required=True)


def take_back(wish: Wish) -> list[CaseCommand]:
    """The reply, and the wait that was begun with it."""
    case, reply = wish.sheet.latest, wish.values["reponse"]
    commands: list[CaseCommand] = [WithdrawReply(case_id=case.id, reply_id=reply)]
    if reply in case.open_waits:
        commands.append(EndWait(case_id=case.id, wait_id=reply, reason="cancelled"))
    return commands


DEEDS = (
    Deed(
        "repondre",
        "dossier.repondre",
        "commun.envoyer",
        "fait.dit.reponse",
        "reply",
        ReplyForm,
        reply,
        reply_fields,
        check=reply_errors,
        files=True,
        beside=(("modele", "dossier.inserer_modele"), ("apercu", "dossier.apercu")),
    ),
    Deed(
        "note",
        "dossier.note",
        "dossier.ajouter_note",
        "fait.dit.note",
        "note",
        NoteForm,
        note,
        note_fields,
        always,
        files=True,
    ),
    Deed(
        "pieces",
        "dossier.pieces",
        "commun.ajouter",
        "fait.dit.pieces",
        "clip",
        FilesForm,
        files,
        files_fields,
        always,
        files=True,
        menu="more",
    ),
    Deed(
        "annuler-envoi",
        "fil.annuler_envoi",
        "fil.annuler_envoi",
        "fait.dit.annulee",
        "x",
        ReplyNamed,
        take_back,
        when=always,
    ),
)
