"""How does an agent write a reply before it is sent: begin with a template, look at it as it will leave, go back?

Nothing is recorded here and nothing typed is lost: each page carries the words on to the next.
"""

from dataclasses import replace
from email.message import EmailMessage

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from gru.channels.base import Undeliverable
from gru.domain import events as e
from gru.domain.errors import Refused
from gru.domain.references import is_id
from gru.office.letters import split_subject
from gru.web import current, labels, uploads
from gru.web.agents import deeds
from gru.web.agents.actions import action_page
from gru.web.agents.case_page import PreviewPage
from gru.web.agents.cases import hidden
from gru.web.agents.deeds.base import Values
from gru.web.agents.deeds.words import drafted, reply_channel, templates
from gru.web.agents.held import held, hold, sealed
from gru.web.agents.names import names_for
from gru.web.agents.sheet import Sheet, open_sheet
from gru.web.agents.shell import shell
from gru.web.errors import sentence
from gru.web.forms import Field, FieldError, FormView, read, refilled
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Row, file_size

pages = Blueprint("composing", __name__)

REPLY = "repondre"


@pages.post(f"/agent/demandes/<ref>/{REPLY}/modele")
@owned("handle")
def insert(ref: str) -> ResponseReturnValue:
    sheet = open_sheet(ref, "handle")
    given, files, wrong = _given(sheet)
    chosen = next((one for one in templates(sheet) if one.code == given.get("modele")), None)
    if chosen is None:
        return _writing(sheet, given, files, (*wrong, FieldError("modele", t("erreur.choisir"))))
    try:
        words = drafted(sheet, chosen)
    except Refused as refusal:
        return _writing(sheet, given, files, (*wrong, FieldError("modele", sentence(refusal))))
    typed = given.get("texte", "").strip()
    given |= {"texte": f"{words}\n\n{typed}" if typed else words, "nature": chosen.kind, "modele_insere": chosen.code}
    return _writing(sheet, given, files, wrong)


@pages.post(f"/agent/demandes/<ref>/{REPLY}/apercu")
@owned("handle")
def preview(ref: str) -> ResponseReturnValue:
    sheet = open_sheet(ref, "handle")
    given, files, wrong = _given(sheet)
    deed = deeds.BY_SLUG[REPLY]
    values, errors = read(deed.schema(), given)
    errors = (*wrong, *(errors or deed.check(sheet, values)))
    if errors:
        return _writing(sheet, given, files, errors)
    try:
        page = _preview(sheet, values, files)
    except Undeliverable as error:
        return _writing(sheet, given, files, (FieldError("texte", labels.failure(error.reason)),))
    return render_template("agents/preview.html", page=page, shell=shell())


@pages.post(f"/agent/demandes/<ref>/{REPLY}/modifier")
@owned("handle")
def change(ref: str) -> ResponseReturnValue:
    sheet = open_sheet(ref, "handle")
    return _writing(sheet, *_given(sheet))


def _given(sheet: Sheet) -> tuple[dict[str, str], tuple[e.FileRef, ...], tuple[FieldError, ...]]:
    """What was typed, the files so far, and what is wrong with those just sent."""
    given = dict(request.form.items())
    before = held(sheet, given)
    files, wrong = uploads.take(request.files.getlist("pieces"))
    if not wrong and len(before) + len(files) > uploads.MOST:
        files, wrong = (), t("erreur.fichier_nombre")
    kept = hold(sheet, before, files)
    return given, kept, (FieldError("pieces", wrong),) if wrong else ()


# --- the page to write on ----------------------------------------------------------------------------------------


def _writing(
    sheet: Sheet, given: dict[str, str], files: tuple[e.FileRef, ...], errors: tuple[FieldError, ...] = ()
) -> ResponseReturnValue:
    deed = deeds.BY_SLUG[REPLY]
    sent = {**given, "gardees": sealed(sheet, files), "sans_gardees": ""}
    fields = tuple(field for one in deed.fields(sheet) for field in _with_files(sheet, one, files))
    key = given.get("cle", "")
    page = action_page(sheet, deed, refilled(fields, sent, errors), errors, key=key if is_id(key) else "")
    if given.get("version", "").isdecimal():
        form = page.forms[0]
        names = dict(form.hidden) | {"version": given["version"]}
        page = replace(page, forms=(replace(form, hidden=tuple(names.items())),))
    return make_response(render_template("agents/action.html", page=page, shell=shell()), 422 if errors else 200)


def _with_files(sheet: Sheet, field: Field, files: tuple[e.FileRef, ...]) -> tuple[Field, ...]:
    """The files held already stand under the field for more, with a box to let go of them."""
    if field.name != "pieces" or not files:
        return (field,)
    known = current.office().archive.file_names([file.id for file in files])
    names = ", ".join(one.name for one in known.values() if one)
    shown = replace(field, hint=t("dossier.pieces_gardees", noms=names))
    return shown, Field("sans_gardees", t("dossier.sans_gardees"), "checkbox", optional=True)


# --- as it will leave --------------------------------------------------------------------------------------------


def _preview(sheet: Sheet, values: Values, files: tuple[e.FileRef, ...]) -> PreviewPage:
    way = reply_channel(sheet, values["voie"])
    by_mail = way == "email"
    mail = _mail(sheet, values, files) if by_mail else None
    rows, text = _of_mail(mail) if mail else _of_tracking(sheet, values)
    kept = {**{name: str(value) for name, value in values.items() if isinstance(value, str)},
            "gardees": sealed(sheet, files), "puis": ""}  # fmt: skip
    known = current.office().archive.file_names([file.id for file in files])
    action = f"{sheet.base}/{REPLY}"
    return PreviewPage(
        ref=sheet.ref,
        back=sheet.base,
        title=t("dossier.apercu_titre"),
        note=t(NOTES.get(way, "dossier.apercu_suivi")),
        rows=rows,
        text=text,
        files=tuple(Row(one.name, file_size(one.size)) for one in known.values() if one),
        form=FormView(
            action, t("commun.envoyer"), hidden=_carried(sheet, values, kept),
            beside=((f"{action}/modifier", t("dossier.modifier_reponse")),),
        ),
        wait=t("dossier.envoyer_attente"),
    )  # fmt: skip


def _carried(sheet: Sheet, values: Values, kept: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """All of the form, under the version its writer saw."""
    version = values["version"]
    shown = dict(hidden(sheet, kept.pop("cle"))) | ({"version": str(version)} if version is not None else {})
    kept.pop("puis")
    return (*shown.items(), *((name, value) for name, value in kept.items() if value))


def _mail(sheet: Sheet, values: Values, files: tuple[e.FileRef, ...]) -> EmailMessage:
    office, case, person = current.office(), sheet.latest, sheet.requester
    assert person is not None
    reply = e.ReplyWritten(reply_id=values["cle"], kind=values["nature"], channel="email", human=True,
                           to=case.requester, files=files)  # fmt: skip
    outgoing = office.delivery.composed(case, values["cle"], reply, person, sheet.history, values["texte"])
    return office.preview(outgoing)


def _of_mail(mail: EmailMessage) -> tuple[tuple[Row, ...], str]:
    """The headers a person sees, and the text, read from the very mail."""
    body = mail.get_body(("plain",))
    rows = tuple(Row(t(key), str(mail[name])) for name, key in _HEADS.items() if mail[name])
    return rows, str(body.get_content()) if body is not None else ""


NOTES: dict[e.Channel, str] = {
    "email": "dossier.apercu_courriel",
    "post": "envois.apercu_courrier",
    "phone": "envois.apercu_telephone",
    "counter": "envois.apercu_retrait",
}
_HEADS = {
    "From": "apercu.de",
    "To": "apercu.a",
    "Reply-To": "apercu.repondre_a",
    "Subject": "apercu.objet",
}


def _of_tracking(sheet: Sheet, values: Values) -> tuple[tuple[Row, ...], str]:
    names = names_for(sheet.history, sheet.town, current.everybody(), current.office().archive)
    service = names.department_of(sheet.agent.id) or names.department(sheet.latest.department)
    who = t("suivi.agent", nom=names.agent(sheet.agent.id), service=service)
    return (Row(t("apercu.de"), who),), split_subject(values["texte"])[1].strip()
