"""How does an agent close a case, and open it again?"""

from marshmallow import fields as m

from gru.domain.case import CaseCommand, CloseCase, MergeCases, PairCommand, ReopenCase, WriteReply
from gru.office.desk import ChangedMeanwhile
from gru.web import current, labels
from gru.web.agents.deeds.base import PLEASE, UNDO, Deed, Values, Wish, closed, other_case, pairs
from gru.web.agents.deeds.joining import main_check
from gru.web.agents.deeds.words import reply_channel
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, FieldError, choice, optional_text, text_field
from gru.web.i18n import t


class CloseForm(Acting):
    issue = choice(labels.OUTCOMES)
    principale = m.String(load_default="")
    organisme = m.String(load_default="")
    message = optional_text()


def close_fields(sheet: Sheet) -> tuple[Field, ...]:
    bodies = tuple((one.code, one.name) for one in sheet.town.bodies.values())
    return (
        Field("issue", t("dossier.clore_motif"), "radios", choices=pairs(labels.OUTCOMES)),
        Field("message", t("dossier.clore_message"), "textarea", optional=True, hint=t("dossier.clore_message_aide")),
        Field("principale", t("dossier.clore_principale"), hint=t("suivi.acces_ref_aide"), short=True, optional=True),
        Field("organisme", t("dossier.clore_organisme"), "select", optional=True, choices=(PLEASE, *bodies)),
    )


def close_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    if values["issue"] == "duplicate":
        return main_check(sheet, values["principale"], "principale")
    if values["issue"] == "redirected" and values["organisme"] not in sheet.town.bodies:
        return (FieldError("organisme", t("erreur.choisir")),)
    return ()


def close(wish: Wish) -> list[CaseCommand | PairCommand]:
    """Closed, a duplicate by being merged, and the resident told in the same save when a message was written."""
    sheet, values = wish.sheet, wish.values
    case, outcome = sheet.latest, values["issue"]
    if case.status == "closed" and case.outcome == outcome:
        _look_first(wish)
        return []
    main = other_case(sheet, values["principale"])
    text = wish.text("message")
    body = values["organisme"] if outcome == "redirected" else ""
    commands: list[CaseCommand | PairCommand] = [
        MergeCases(case_id=case.id, main=main.id)
        if main and outcome == "duplicate"
        else CloseCase(case_id=case.id, outcome=outcome, body=body, text=text)
    ]
    if text is not None:
        commands.append(
            WriteReply(
                case_id=case.id,
                reply_id=wish.key,
                kind="closing",
                channel=reply_channel(sheet),
                text=text,
                not_before=current.now() + UNDO,
            )
        )
    return commands


def _look_first(wish: Wish) -> None:
    """It was closed since the form was shown: by another, or with other words than these. Who pressed twice knows."""
    told = not wish.values["message"] or wish.key in wish.sheet.latest.replies
    if (news := wish.endings_since) and not (told and wish.is_his(news)):
        raise ChangedMeanwhile(news)


class ReopenForm(Acting):
    texte = text_field("erreur.requis", champ="la raison")


def reopen_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (Field("texte", t("dossier.rouvrir_raison"), "textarea"),)


def reopen(wish: Wish) -> list[CaseCommand]:
    return [ReopenCase(case_id=wish.sheet.latest.id, reason="agent", text=wish.text())]


DEEDS = (
    Deed(
        "clore",
        "dossier.clore",
        "dossier.clore",
        "fait.dit.close",
        "check",
        CloseForm,
        close,
        close_fields,
        check=close_check,
        menu="status",
    ),
    Deed(
        "rouvrir",
        "dossier.rouvrir",
        "dossier.rouvrir",
        "fait.dit.rouverte",
        "hist",
        ReopenForm,
        reopen,
        reopen_fields,
        lambda case: closed(case) and not case.main,
        menu="status",
    ),
)
