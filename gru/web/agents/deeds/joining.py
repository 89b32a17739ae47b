"""How does an agent say that two cases are the same, and take it back?"""

from flask import request

from gru.domain.case import CaseCommand, MergeCases, PairCommand, UndoMerge
from gru.domain.rights import may
from gru.office.desk import ChangedMeanwhile
from gru.web import current
from gru.web.agents.deeds.base import Deed, Values, Wish, closed, other_case, still_open
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Field, FieldError, text_field
from gru.web.i18n import t


class JoinForm(Acting):
    reference = text_field("erreur.reference")
    texte = text_field("erreur.requis", champ="la raison")


def named() -> str:
    """The case a link of the page has named already."""
    return request.args.get("reference", "")[:20]


def join_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (
        Field("reference", t("doublon.principale"), value=named(), hint=t("doublon.principale_aide"), short=True),
        Field("texte", t("doublon.raison"), "textarea", hint=t("dossier.note_aide")),
    )


def join_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    return main_check(sheet, values["reference"], "reference")


def main_check(sheet: Sheet, ref: str, field: str) -> tuple[FieldError, ...]:
    """Joining changes both cases: he must be allowed to handle both."""
    main = other_case(sheet, ref)
    if main is None:
        return (FieldError(field, t("erreur.reference")),)
    if not may(sheet.agent, "handle", main):
        return (FieldError(field, t("doublon.autre_service", service=sheet.names.department(main.department))),)
    return ()


def join(wish: Wish) -> list[CaseCommand | PairCommand]:
    """Who joins what a colleague has joined meanwhile is told so: his reason would be lost."""
    case, main = wish.sheet.latest, other_case(wish.sheet, wish.values["reference"])
    if main is None:
        return []
    if case.main == main.id and (news := wish.endings_since) and not wish.is_his(news):
        raise ChangedMeanwhile(news)
    return [MergeCases(case_id=case.id, main=main.id, text=wish.text())]


class ReleaseForm(Acting):
    texte = text_field("erreur.requis", champ="la raison")


def release_fields(sheet: Sheet) -> tuple[Field, ...]:
    return (Field("texte", t("doublon.raison_detacher"), "textarea", hint=t("dossier.note_aide")),)


def release_check(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    main = current.office().desk.case(sheet.latest.main) if sheet.latest.main else None
    if main is None or may(sheet.agent, "handle", main):
        return ()
    return (FieldError("texte", t("doublon.autre_service", service=sheet.names.department(main.department))),)


def release(wish: Wish) -> list[CaseCommand | PairCommand]:
    case = wish.sheet.latest
    return [UndoMerge(case_id=case.id, main=case.main, text=wish.text())] if case.main else []


DEEDS = (
    Deed(
        "joindre",
        "doublon.joindre",
        "doublon.joindre_oui",
        "fait.dit.jointe",
        "link",
        JoinForm,
        join,
        join_fields,
        still_open,
        check=join_check,
        text="doublon.joindre_aide",
        menu="more",
    ),
    Deed(
        "detacher",
        "doublon.detacher",
        "doublon.detacher_oui",
        "fait.dit.detachee",
        "link",
        ReleaseForm,
        release,
        release_fields,
        lambda case: closed(case) and bool(case.main),
        check=release_check,
        text="doublon.detacher_aide",
        menu="more",
    ),
)
