"""What can an agent write: an answer, a note, files?"""

from marshmallow import fields as m

from gru.domain import events as e
from gru.domain.case import AddNote, CaseCommand, EndWait, ReopenCase, StartWait, WithdrawReply, WriteReply
from gru.web import current, labels
from gru.web.agents.deeds.base import UNDO, Deed, Wish, always, closed, pairs, pieces
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, choice, optional_text, text_field
from gru.web.i18n import t

REPLY_KINDS = {code: labels.REPLY_KINDS[code] for code in ("answer", "refusal", "complement", "delay")}


class ReplyForm(Acting):
    texte = text_field("erreur.requis", champ="votre réponse")
    nature = choice(REPLY_KINDS)
    puis = m.String(load_default="")
    rouvrir = m.String(load_default="")


def reply_channel(sheet: Sheet) -> e.Channel:
    """By mail when the person left an address; else on the tracking page, which everybody has."""
    person = sheet.requester
    return "email" if person is not None and person.email else "tracking"


def reply_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        Field("nature", t("dossier.nature"), "select", "answer", choices=pairs(REPLY_KINDS)),
        Field("texte", t("dossier.votre_reponse"), "textarea"),
        pieces(),
    )


def reply(wish: Wish) -> list[CaseCommand]:
    case, reply = wish.sheet.latest, wish.key
    commands: list[CaseCommand] = []
    if wish.values["rouvrir"] and closed(case):
        commands.append(ReopenCase(case_id=case.id, reason="answer"))
    commands.append(
        WriteReply(
            case_id=case.id,
            reply_id=reply,
            kind=wish.values["nature"],
            channel=reply_channel(wish.sheet),
            text=wish.words(),
            files=wish.files(),
            not_before=current.now() + UNDO,
        )
    )
    if wish.values["puis"] == "attendre":
        commands.append(StartWait(case_id=case.id, wait_id=reply, party="resident", reason="precision"))
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
        files=True,
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
