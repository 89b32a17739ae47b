"""How is one text or file of a case made unreadable for ever, by whom, and what does the history keep of it?

Its key is destroyed; the fact that it was there stays, and so do who masked it, when and why. A mail lies in the
archive as it came, too: whoever masks a part of it masks that as well.
"""

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain import events as e
from gru.domain.case import RedactText
from gru.web import current, labels
from gru.web.agents.case_page import ActionPage
from gru.web.agents.cases import hidden
from gru.web.agents.deeds import pairs
from gru.web.agents.deeds.base import PLEASE
from gru.web.agents.maskable import parts
from gru.web.agents.sheet import Sheet, open_sheet
from gru.web.agents.shell import shell
from gru.web.forms import Acting, Field, FieldError, FormView, choice, read, refilled, required
from gru.web.i18n import t
from gru.web.owners import owned

pages = Blueprint("redacting", __name__)

EXCERPT = 200


class RedactForm(Acting):
    motif = choice(labels.REDACTIONS)
    compris = m.String(required=True, error_messages=required("masquer.erreur_compris"))


@pages.get("/agent/demandes/<ref>/masquer/<file>")
@owned("erase")
def ask(ref: str, file: str) -> ResponseReturnValue:
    sheet = open_sheet(ref, "erase")
    return _shown(sheet, file, _label(sheet, file))


@pages.post("/agent/demandes/<ref>/masquer/<file>")
@owned("erase")
def redact(ref: str, file: str) -> ResponseReturnValue:
    sheet = open_sheet(ref, "erase")
    case, office = sheet.latest, current.office()
    if file in case.remarks:
        return redirect(sheet.base, 303)
    label = _label(sheet, file)
    values, errors = read(RedactForm(), request.form)
    if errors:
        return _shown(sheet, file, label, errors, status=422)
    ids = [file, *_raw(sheet, file)]
    wishes = [RedactText(case_id=case.id, id=id, reason=values["motif"]) for id in ids]
    done = office.desk.execute(*wishes, by=f"agent:{sheet.agent.id}")
    office.archive.redact(*ids)
    if not office.projector.catch_up("inline", to=done.position):
        flash(t("etat.mise_a_jour"), "info")
    flash(t("masquer.fait"), "ok")
    return redirect(sheet.base, 303)


def _label(sheet: Sheet, id: str) -> str:
    """404 for what is no part of this case, or gone."""
    found = next((label for _, part, label, _ in parts(sheet) if part == id), None)
    if found is None:
        abort(404)
    return found


def _raw(sheet: Sheet, id: str) -> list[str]:
    """The message as it came, in which this part lies once more."""
    event = next(event for _, part, _, event in parts(sheet) if part == id)
    key = _came_in(event)
    kept = current.office().archive.kept(key) if key and key not in sheet.latest.remarks else None
    return [key] if kept is not None else []


def _came_in(event: e.Event) -> str:
    match event:
        case e.CaseOpened(message=key) | e.MessageReceived(message=key) | e.MessageEdited(edit=key):
            return key
    return ""


def _shown(
    sheet: Sheet, id: str, label: str, errors: tuple[FieldError, ...] = (), *, status: int = 200
) -> ResponseReturnValue:
    fields = (
        Field("motif", t("champ.motif"), "select", choices=(PLEASE, *pairs(labels.REDACTIONS))),
        Field("compris", t("masquer.compris"), "checkbox"),
    )
    action = f"{sheet.base}/masquer/{id}"
    words = sheet.names.texts.get(id) or ""
    excerpt = words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"
    text = f"{t('masquer.aide')} {t('masquer.extrait', texte=excerpt)}" if words else t("masquer.aide")
    form = FormView(action, t("masquer.bouton"), refilled(fields, request.form, errors), hidden(sheet))
    crumb = f"{sheet.ref} · {sheet.title}"
    page = ActionPage(sheet.ref, crumb, label, sheet.base, (form,), text, errors)
    return make_response(render_template("agents/action.html", page=page, shell=shell()), status)
