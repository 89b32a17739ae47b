"""Which question is asked now, and what follows from its answer?"""

from dataclasses import dataclass
from dataclasses import replace as refit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from msgspec.structs import replace
from werkzeug.exceptions import RequestEntityTooLarge

from gru.domain.town import RequestType, Town
from gru.web import at_kiosk, current, typed
from gru.web.forms import Field, FieldError, refilled
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import Link
from gru.web.residents.filing import around, contact, draft, files, place, plan, questions, steps
from gru.web.residents.filing.catalogue import OPEN_TO_ALL
from gru.web.residents.filing.draft import Held
from gru.web.residents.filing.filing_page import Plan, StepPage
from gru.web.residents.filing.steps import Step
from gru.web.security import PICTURE_POLICY, WITH_POSITION

pages = Blueprint("filing", __name__)

WHOLE = "ville"
"""As what the plan of the whole town is asked for."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One page of one draft."""

    town: Town
    kind: RequestType
    held: Held
    all: tuple[Step, ...]
    step: Step

    @property
    def base(self) -> str:
        return at_kiosk.path(f"/deposer/{self.kind.slug}")

    def again(self, held: Held) -> "Asking":
        return refit(self, held=held, all=steps.steps(self.town, self.kind, held.draft))


def open_step(slug: str, name: str) -> Asking | ResponseReturnValue:
    """The page asked for, or the way to the one that comes first."""
    kind, town = around.kind_of(slug), current.town()
    held = draft.in_hand(kind)
    if held is None or not around.can_be_filed(kind):
        return redirect(at_kiosk.path(f"/demarches/{slug}"), 303)
    if held.draft.sent:
        return redirect(at_kiosk.path("/deposer/envoyee"), 303)
    all_steps = steps.steps(town, kind, held.draft)
    step = steps.find(all_steps, name)
    if step is None or not steps.is_reached(all_steps, held.draft, name):
        return redirect(at_kiosk.path(f"/deposer/{slug}/{steps.next_open(all_steps, held.draft)}"), 303)
    return Asking(town, kind, held, all_steps, step)


@pages.get("/deposer/<slug>/<step>")
@public(OPEN_TO_ALL)
def ask(slug: str, step: str) -> ResponseReturnValue:
    asking = open_step(slug, step)
    if not isinstance(asking, Asking):
        return asking
    return _page(asking)


@pages.post("/deposer/<slug>/<step>")
@public(OPEN_TO_ALL)
def answer(slug: str, step: str) -> ResponseReturnValue:
    asking = open_step(slug, step)
    if not isinstance(asking, Asking):
        return asking
    match step:
        case steps.PLACE:
            return _placed(asking)
        case steps.NEARBY:
            return _recognised(asking)
        case steps.PHOTO | steps.DOCUMENTS:
            return _files(asking)
        case steps.CONTACT:
            return _contact(asking)
    return _answered(asking)


def _on(asking: Asking, held: Held) -> ResponseReturnValue:
    """To the first page that is not answered yet."""
    after = asking.again(held)
    return redirect(f"{asking.base}/{steps.next_open(after.all, held.draft)}", 303)


def _placed(asking: Asking) -> ResponseReturnValue:
    found = place.answered(asking.town, asking.kind, asking.held.draft, request.form)
    if found.draft is None:
        return _page(asking, found.fields, found.errors)
    near = bool(place.nearby(asking.town, asking.kind, found.draft))
    held = asking.held.keep(replace(found.draft, near=near))
    if found.at is not None:
        return redirect(f"{asking.base}/{steps.PLACE}", 303)
    return _on(asking, held)


def _recognised(asking: Asking) -> ResponseReturnValue:
    said = request.form.get("meme", "")
    found = place.nearby(asking.town, asking.kind, asking.held.draft)
    if said != place.NOT_THE_SAME and said not in [one.number for one in found]:
        error = t("erreur.choisir")
        field = place.same_question(found, asking.held.draft, error)
        return _page(asking, (field,), (FieldError("meme", error),))
    same_as = "" if said == place.NOT_THE_SAME else said
    return _on(asking, asking.held.keep(asking.held.draft.after(steps.NEARBY, same_as=same_as)))


def _answered(asking: Asking) -> ResponseReturnValue:
    question, before = asking.step.field, asking.held.draft
    if question is None:
        abort(404)
    values, wrong = questions.read(asking.kind, question, request.form.getlist(asking.step.slug))
    wrong = wrong or questions.order_error(asking.town, asking.kind, before, question, values)
    if wrong:
        field = questions.shown(asking.kind, question, values, wrong)
        return _page(asking, (field,), (FieldError(asking.step.slug, wrong),))
    answers = {**before.answers, question.code: values}
    return _on(asking, asking.held.keep(before.after(asking.step.slug, answers=answers)))


def _files(asking: Asking) -> ResponseReturnValue:
    """Files may be added and taken away as often as he likes; « Continuer » leads on."""
    step, held = asking.step.slug, asking.held
    if at_kiosk.here():
        return _on(asking, held.keep(held.draft.after(step)))
    if gone := request.form.get("retirer", ""):
        held = files.remove(held, gone)
        return redirect(f"{asking.base}/{step}", 303)
    if request.form.get("action") == "sans":
        return _on(asking, held.keep(held.draft.after(step)))
    held, errors = files.add(held, step, request.files.getlist("fichiers"), files.most(asking.town, asking.kind, step))
    if errors:
        return _page(asking.again(held), errors=errors)
    if request.form.get("action") == "ajouter":
        return redirect(f"{asking.base}/{step}", 303)
    return _on(asking, held.keep(held.draft.after(step)))


def _contact(asking: Asking) -> ResponseReturnValue:
    given, shown, errors = contact.answered(asking.kind, request.form)
    if errors:
        return _page(asking, shown, errors)
    return _on(asking, asking.held.keep(asking.held.draft.after(steps.CONTACT, contact=given)))


# --- the page ----------------------------------------------------------------------------------------------------


def _page(asking: Asking, fields: tuple[Field, ...] = (), errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    return _shown(step_page(asking, fields, errors), 422 if errors else 200)


def _shown(page: StepPage, status: int) -> ResponseReturnValue:
    page = refit(page, fields=at_kiosk.plain(page.fields))
    answer = make_response(render_template("residents/filing/step.html", page=page), status)
    if page.position:
        answer.headers["Permissions-Policy"] = WITH_POSITION
    return answer


def step_page(asking: Asking, fields: tuple[Field, ...] = (), errors: tuple[FieldError, ...] = ()) -> StepPage:
    step, kind = asking.step.slug, asking.kind
    back = steps.before(asking.all, step)
    page = StepPage(
        title="",
        action=f"{asking.base}/{step}",
        back=f"{asking.base}/{back}" if back else at_kiosk.path(f"/demarches/{kind.slug}"),
        progress=progress(asking.all, step),
        request=kind.label,
        fields=fields,
        errors=errors,
        help=around.help_line(kind),
        later="" if at_kiosk.here() else f"{asking.base}/plus-tard",
        kept="" if at_kiosk.here() else t("depot.brouillon"),
    )
    match step:
        case steps.PLACE:
            return _place_page(asking, page)
        case steps.NEARBY:
            found = place.nearby(asking.town, kind, asking.held.draft)
            shown = fields or (place.same_question(found, asking.held.draft),)
            return refit(page, title=t("depot.proche_titre"), fields=shown, notes=(t("depot.proche_aide"),))
        case steps.PHOTO | steps.DOCUMENTS:
            return _file_page(asking, page)
        case steps.CONTACT:
            shown = fields or contact.fields(kind, asking.held.draft.contact)
            return refit(page, title=t("depot.contact"), fields=shown, notes=contact.notes(kind))
    return _question_page(asking, page)


def _place_page(asking: Asking, page: StepPage) -> StepPage:
    filled = asking.held.draft
    known = place.first(asking.kind, filled)
    found = filled.spot if filled.positioned and not page.errors else None
    return refit(
        page,
        title=t("depot.lieu"),
        fields=page.fields or known.fields,
        plan=_plan(asking) if asking.town.streets else None,
        notes=(t("depot.lieu_trouve", lieu=found.label),) if found else (t("depot.lieu_position"),),
        position=bool(asking.town.streets) and at_kiosk.here() is None,
        script=True,
    )


def _plan(asking: Asking) -> Plan:
    """Around the place, once there is one; else, or when he wants to look elsewhere, of the whole town."""
    source, spot = f"{asking.base}/plan.svg", asking.held.draft.spot
    if spot is None or request.args.get("plan") == WHOLE:
        town = asking.town.name
        return Plan(
            WHOLE, f"{source}?{WHOLE}", plan.SIZE, t("depot.plan_ville", ville=town), t("depot.plan_ville_aide")
        )
    other = Link(f"{asking.base}/{steps.PLACE}?plan={WHOLE}", t("depot.plan_toute", ville=asking.town.name))
    return Plan("plan", source, plan.SIZE, t("depot.lieu_plan", lieu=spot.label), t("depot.lieu_plan_aide"), other)


def _question_page(asking: Asking, page: StepPage) -> StepPage:
    question = asking.step.field
    if question is None:
        abort(404)
    values = asking.held.draft.answers.get(question.code, ())
    danger = asking.kind.urgent is not None and asking.kind.urgent.field == question.code
    return refit(
        page,
        title=questions.label_of(question),
        fields=page.fields or (questions.shown(asking.kind, question, values),),
        warning=t("depot.danger_appel") if danger else "",
    )


def _file_page(asking: Asking, page: StepPage) -> StepPage:
    step, kind = asking.step.slug, asking.kind
    added = files.added(asking.held.draft, step)
    documents = step == steps.DOCUMENTS
    wanted = steps.wanted(asking.town, kind) if documents else ()
    hint = t("depot.documents_aide") if documents else t("depot.photo_aide")
    notes = tuple(f"{one.label} ({t('depot.aussi_par', qui=one.elsewhere)})" if one.elsewhere else one.label
                  for one in wanted)  # fmt: skip
    if at_kiosk.here():
        return refit(page, title=t("borne.documents"), notes=(*notes, t("borne.documents_aide")))
    label = t("depot.photo_autre") if added and not documents else t(f"depot.{step}_ajouter")
    return refit(
        page,
        title=t(f"depot.{step}"),
        fields=(Field("fichiers", label, "file", hint=hint, error=page.errors[0].text if page.errors else ""),),
        files=added,
        upload=True,
        notes=notes,
        button=t(f"depot.{step}_sans"),
        script=True,
    )


def progress(all_steps: tuple[Step, ...], slug: str) -> str:
    names = [step.slug for step in all_steps] + [steps.REVIEW]
    return t("depot.etape", i=names.index(slug) + 1, n=len(names))


@pages.get("/deposer/<slug>/plan.svg")
@public(OPEN_TO_ALL)
def show_plan(slug: str) -> ResponseReturnValue:
    """The streets around the place of this browser's draft, or all of them."""
    held, town = draft.in_hand(around.kind_of(slug)), current.town()
    if held is None or not town.streets:
        abort(404)
    spot = held.draft.spot
    if spot is None or WHOLE in request.args:
        drawn = plan.far(town.streets, town.districts.values(), spot)
    else:
        drawn = plan.close(town.streets, spot)
    return Response(drawn, content_type="image/svg+xml", headers={"Content-Security-Policy": PICTURE_POLICY})


# --- what could not be taken -------------------------------------------------------------------------------------


@pages.errorhandler(CSRFError)
def too_late(error: CSRFError) -> ResponseReturnValue:
    """The question stands there again with its answer, and what was answered before is kept."""
    asking = _asked()
    if not isinstance(asking, Asking):
        return asking
    page = step_page(asking)
    sent = {name: "\n".join(values) for name, values in request.form.lists()}
    errors = (FieldError(page.fields[0].name if page.fields else "contenu", t("erreur.formulaire_expire")),)
    return _shown(refit(page, fields=refilled(page.fields, sent, errors), errors=errors), 400)


@pages.errorhandler(RequestEntityTooLarge)
def too_much(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The sentence on the page where the files were chosen; nothing that was answered before is lost."""
    typed.words_before_files()
    asking = _asked()
    if not isinstance(asking, Asking):
        return asking
    return _shown(step_page(asking, errors=(FieldError("fichiers", t("erreur.fichiers_trop_lourds")),)), 413)


def _asked() -> Asking | ResponseReturnValue:
    values = request.view_args or {}
    return open_step(values.get("slug", ""), values.get("step", ""))
