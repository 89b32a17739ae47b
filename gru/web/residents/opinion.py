"""What does a resident think of how it was dealt with, and does he want to be asked again?

Asked by letter or not, whoever holds the link may say it, once. « Ce n’est pas réglé » leads on to the reopening.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain import events as e
from gru.domain.case import CaseCommand, RateCase, RefuseSurveys
from gru.domain.case.surveying import HIGHEST
from gru.web import current
from gru.web.agents.cases import new_key
from gru.web.forms import Acting, Choices, Field, FieldError, FormView, choice, optional_text, read, refilled
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.residents import status
from gru.web.residents.following import one_click
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking import SECRET_LINK, find
from gru.web.residents.tracking_page import ConfirmPage

pages = Blueprint("opinion", __name__)

SCORES: Choices = tuple((str(score), str(score)) for score in range(HIGHEST + 1))
DELAYS = {"yes": "avis.oui", "no": "avis.non", "": "avis.sans_avis"}
CLARITIES = {"yes": "avis.oui", "partly": "avis.partie", "no": "avis.non"}


class OpinionForm(Acting):
    note = choice(dict(SCORES))
    delai = choice(DELAYS, optional=True)
    clarte = choice(CLARITIES, optional=True)
    texte = optional_text()
    pas_regle = m.String(load_default="")


@dataclass(frozen=True, slots=True)
class OpinionPage:
    """`score` is drawn as a row from 0 to 10; without a form only `text` is said."""

    ref: str
    title: str
    back: str
    text: str
    score: Field | None = None
    form: FormView | None = None
    refuse: str = ""
    errors: tuple[FieldError, ...] = ()


@pages.get("/suivi/<ref>/<token>/avis")
@public(SECRET_LINK)
def ask_opinion(ref: str, token: str) -> ResponseReturnValue:
    return _shown(find(ref, token))


@pages.post("/suivi/<ref>/<token>/avis")
@public(SECRET_LINK)
def give_opinion(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    values, errors = read(OpinionForm(), request.form)
    if link.case.status != "closed" or _rated(link.history):
        return _shown(link)
    if errors:
        return _shown(link, errors)
    case, archive = link.case, current.office().archive
    words = values["texte"]
    _execute(
        RateCase(
            case_id=case.id,
            score=int(values["note"]),
            delay=values["delai"],
            clarity=values["clarte"],
            text=archive.write_text(words, person=case.requester, case=case.id) if words else None,
        )
    )
    flash(t("avis.merci"), "ok")
    unsolved = values["pas_regle"] and status.may_reopen(link)
    return redirect(f"{link.base}/rouvrir" if unsolved else link.base, 303)


def _execute(*commands: CaseCommand) -> None:
    office = current.office()
    done = office.desk.execute(*commands, by="resident")
    office.projector.catch_up("inline", to=done.position)


def _rated(history: Iterable[e.Recorded]) -> e.Recorded | None:
    return next((recorded for recorded in history if isinstance(recorded.event, e.CaseRated)), None)


def _shown(link: Tracked, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    body = render_template("residents/opinion.html", page=opinion_page(link, errors))
    return make_response(body, 422 if errors else 200)


def opinion_page(link: Tracked, errors: tuple[FieldError, ...] = ()) -> OpinionPage:
    given = _rated(link.history)
    if given is not None:
        said = t("avis.deja", date=current.french().long_day(given.at))
        return OpinionPage(link.ref, t("avis.titre"), link.base, said)
    if link.case.status != "closed":
        return OpinionPage(link.ref, t("avis.titre"), link.base, t("avis.pas_close"))
    score, *others = refilled(_fields(link), request.form, errors)
    key = request.form.get("cle", "") if errors else ""
    form = FormView(f"{link.base}/avis", t("avis.envoyer"), tuple(others), (("cle", key or new_key()),))
    refuse = "" if _has_refused(link) else f"{link.base}/avis/refus"
    return OpinionPage(link.ref, t("avis.titre"), link.base, t("avis.libre_de"), score, form, refuse, errors)


def _fields(link: Tracked) -> tuple[Field, ...]:
    fields = [
        Field("note", t("avis.q1"), "radios", choices=SCORES),
        Field("delai", t("avis.q2"), "radios", optional=True, choices=_choices(DELAYS)),
        Field("clarte", t("avis.q3"), "radios", optional=True, choices=_choices(CLARITIES)),
        Field("texte", t("avis.libre_question"), "textarea", hint=t("avis.libre_aide"), optional=True),
    ]
    if status.may_reopen(link):
        fields.append(Field("pas_regle", t("avis.pas_regle"), "checkbox", hint=t("avis.pas_regle_aide")))
    return tuple(fields)


def _choices(table: dict[str, str]) -> Choices:
    return tuple((code, t(key)) for code, key in table.items())


# --- asked no more -----------------------------------------------------------------------------------------------


@pages.get("/suivi/<ref>/<token>/avis/refus")
@public(SECRET_LINK)
def ask_refusal(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    if _has_refused(link):
        page = ConfirmPage(link.ref, t("avis.refus"), link.base, t("commun.retour"), t("avis.refus_fait"))
    else:
        form = FormView(f"{link.base}/avis/refus", t("avis.refus_oui"), hidden=(("cle", new_key()),))
        page = ConfirmPage(link.ref, t("avis.refus"), link.base, t("commun.retour"), t("avis.refus_texte"), form)
    return render_template("residents/confirm.html", page=page)


@pages.post("/suivi/<ref>/<token>/avis/refus")
@public(SECRET_LINK)
def refuse(ref: str, token: str) -> ResponseReturnValue:
    """By our button, or by that of his mail program (RFC 8058), which has no form of ours."""
    link = find(ref, token)
    _execute(RefuseSurveys(case_id=link.case.id))
    if done := one_click():
        return done
    flash(t("avis.refus_fait"), "ok")
    return redirect(link.base, 303)


def _has_refused(link: Tracked) -> bool:
    return e.SurveysRefused.NAME in link.case.remarks
