"""How does an agent's wish become history, and what is he shown when it may not be?

One route for all actions: parse, check the right, execute, redirect. Wrong fields give 422 and a stale wish 409, both
with every word that was typed.
"""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain import events as e
from gru.domain.case import Case, replay
from gru.domain.errors import Refused
from gru.office.desk import ChangedMeanwhile, Done
from gru.web import current, uploads
from gru.web.agents import deeds
from gru.web.agents.case_page import ActionPage, ConflictPage
from gru.web.agents.cases import hidden
from gru.web.agents.deeds import Deed, Values, Wish, still_open
from gru.web.agents.facts import actor, title_of
from gru.web.agents.held import held
from gru.web.agents.sheet import Sheet, open_sheet
from gru.web.agents.shell import shell
from gru.web.errors import sentence
from gru.web.forms import Field, FieldError, FormView, read, refilled
from gru.web.i18n import t
from gru.web.owners import owned

pages = Blueprint("actions", __name__)


@pages.get("/agent/demandes/<ref>/<any({slugs}):slug>".format(slugs=", ".join(f'"{d.slug}"' for d in deeds.ALL)))
@owned("handle")
def ask(ref: str, slug: str) -> ResponseReturnValue:
    deed = deeds.BY_SLUG[slug]
    sheet = open_sheet(ref, deed.act)
    if not deed.when(sheet.latest):
        return redirect(sheet.base, 303)
    return render_template("agents/action.html", page=action_page(sheet, deed, deed.fields(sheet)), shell=shell())


@pages.post("/agent/demandes/<ref>/<any({slugs}):slug>".format(slugs=", ".join(f'"{d.slug}"' for d in deeds.ALL)))
@owned("handle")
def act(ref: str, slug: str) -> ResponseReturnValue:
    deed = deeds.BY_SLUG[slug]
    sheet = open_sheet(ref, deed.act)
    values, errors = read(deed.schema(), request.form)
    if not errors and _is_over(sheet, deed, values["version"]):
        errors = (FieldError(deed.focus(sheet), t("refus.not_now")),)
    errors = errors or deed.check(sheet, values)
    files, wrong = uploads.take(request.files.getlist("pieces")) if deed.files else ((), "")
    if len(files) + len(held(sheet, values)) > uploads.MOST:
        wrong = t("erreur.fichier_nombre")
    if wrong:
        errors = (*errors, FieldError("pieces", wrong))
    if errors:
        return wrong_fields(sheet, deed, errors)
    try:
        done = execute(deed, Wish(sheet, values, files))
    except ChangedMeanwhile as changed:
        if _mine(values["cle"], changed.recorded):
            return redirect(sheet.base, 303)
        return conflict(sheet, deed, changed)
    except Refused as refusal:
        return wrong_fields(sheet, deed, (FieldError(deed.focus(sheet), sentence(refusal)),))
    confirm(sheet, deed, values, done)
    return redirect(sheet.base, 303)


def _is_over(sheet: Sheet, deed: Deed, seen: int | None) -> bool:
    """It is no longer offered, and not because he has done it himself since: two clicks are one. On a case that was
    closed meanwhile the desk says what may still be."""
    if deed.when is still_open or deed.when(sheet.latest):
        return False
    since = (recorded for recorded in sheet.history if seen is not None and recorded.version > seen)
    ended = next((recorded for recorded in since if not deed.when(_case_after(sheet, recorded.version))), None)
    return ended is None or ended.by != f"agent:{sheet.agent.id}"


def _case_after(sheet: Sheet, version: int) -> Case:
    return replay(one for one in sheet.history if one.version <= version) or sheet.latest


def _mine(key: str, news: tuple[e.Recorded, ...]) -> bool:
    """The same button was pressed twice: what happened meanwhile is this very wish."""
    ids = ((getattr(recorded.event, name, "") for name in ("reply_id", "wait_id", "answer_id")) for recorded in news)
    return any(key in each for each in ids)


def execute(deed: Deed, wish: Wish) -> Done:
    office, values = current.office(), wish.values
    by = "agent:" if values.get("anonyme") else f"agent:{wish.sheet.agent.id}"
    done = office.desk.execute(*deed.commands(wish), by=by, seen=values["version"])
    if not office.projector.catch_up("inline", to=done.position):
        flash(t("etat.mise_a_jour"), "info")
    return done


def confirm(sheet: Sheet, deed: Deed, values: Values, done: Done) -> None:
    """What was done, and how much happened on the side that he may not have seen."""
    flash(t(deed.done), "ok")
    seen = values["version"]
    if seen is not None and done.recorded:
        fresh = {recorded.version for recorded in done.recorded if recorded.stream_id == sheet.latest.id}
        between = min(fresh, default=seen + 1) - seen - 1
        if between > 0:
            flash(t("conflit.fusion", n=between), "info")


def action_page(
    sheet: Sheet, deed: Deed, fields: tuple[Field, ...], errors: tuple[FieldError, ...] = (), key: str = ""
) -> ActionPage:
    action = f"{sheet.base}/{deed.slug}"
    beside = tuple((f"{action}/{end}", t(words)) for end, words in deed.beside)
    form = FormView(action, t(deed.button), fields, hidden(sheet, key), beside=beside)
    text = t(deed.text) if deed.text else ""
    crumb = f"{sheet.ref} · {sheet.title}"
    return ActionPage(sheet.ref, crumb, t(deed.title), sheet.base, (form,), text, errors)


def wrong_fields(sheet: Sheet, deed: Deed, errors: tuple[FieldError, ...]) -> ResponseReturnValue:
    fields = refilled(deed.fields(sheet), request.form, errors)
    page = action_page(sheet, deed, fields, errors, key=request.form["cle"])
    return make_response(render_template("agents/action.html", page=page, shell=shell()), 422)


# --- somebody was faster -----------------------------------------------------------------------------------------


def conflict(sheet: Sheet, deed: Deed, changed: ChangedMeanwhile) -> ResponseReturnValue:
    fields = refilled(deed.fields(sheet), request.form, ())
    shown = {field.name for field in fields}
    more = [(name, value) for name, value in request.form.items() if name not in {*shown, "version", "csrf_token"}]
    reopens = deed.slug == "repondre" and not still_open(sheet.latest)
    if reopens:
        more.append(("rouvrir", "oui"))
    words = deed.slug in ("repondre", "note")
    button = t("conflit.rouvrir_repondre") if reopens else t("conflit.envoyer") if words else t("conflit.garder_mien")
    page = ConflictPage(
        ref=sheet.ref,
        back=sheet.base,
        action=f"{sheet.base}/{deed.slug}",
        lines=tuple(_lines(sheet, changed.recorded)),
        button=button,
        leave=t("conflit.abandonner") if words else t("conflit.garder_autre"),
        fields=tuple(replace(field, kind="hidden") if field.kind == "file" else field for field in fields),
        hidden=(("version", str(sheet.latest.version)), *more),
        advice=_advice(sheet, deed, changed.recorded[-1]),
    )
    return make_response(render_template("agents/conflict.html", page=page, shell=shell()), 409)


def _lines(sheet: Sheet, news: tuple[e.Recorded, ...]) -> Iterator[str]:
    for recorded in news:
        case = replay(one for one in sheet.history if one.version <= recorded.version)
        if case is not None:
            who, place = actor(recorded, case, sheet.names)
            fact = title_of(recorded.event, case, sheet.names)
            yield t("conflit.ligne", heure=sheet.french.hour(recorded.at), nom=who or place, fait=fact)


def _advice(sheet: Sheet, deed: Deed, last: e.Recorded) -> str:
    who, _ = actor(last, sheet.latest, sheet.names)
    hour = sheet.french.hour(last.at)
    match last.event:
        case e.CaseClosed():
            return t("conflit.close", nom=who, heure=hour)
        case e.ReplyWritten():
            return t("conflit.deja_repondu", nom=who, heure=hour)
        case e.CaseAssigned(agent=agent) if agent and deed.slug == "attribuer":
            return t("conflit.prise_par", nom=sheet.names.agent(agent), heure=hour)
    return ""
