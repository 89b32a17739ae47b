"""How is the page of a secret case opened, when its link alone must not?

The link may stand in a mail that others read, in a browser's history or on a paper. A secret case asks besides for a
code sent to the requester's own address; the browser then holds it open for a while.
"""

from datetime import timedelta

import structlog
from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from gru.channels.base import ChannelError
from gru.domain.case import Case
from gru.web import current
from gru.web.forms import Field, FieldError, Form, FormView, read, refilled, text_field
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import phone
from gru.web.residents import thread
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking_page import LockedPage
from gru.web.security import client_address

pages = Blueprint("second_code", __name__)
logger = structlog.get_logger(__name__)

OPEN_FOR = timedelta(hours=1)
HELD = "suivi"
SECRET_CASE = "the door of a secret case: says nothing of it, and asks for a code sent to its requester"


class CodeForm(Form):
    code = text_field("erreur.requis", champ="code d’ouverture")


def is_closed(link: Tracked) -> bool:
    """A secret case that this browser has not opened with a code, or too long ago, or under an older link."""
    if link.case.confidentiality != "secret":
        return False
    held = session.get(HELD)
    if not isinstance(held, list) or len(held) != 2 or held[0] != _name(link.case):
        return True
    return not isinstance(held[1], int) or held[1] <= current.now().timestamp()


def hold_open(case: Case) -> None:
    """This browser may read the case for a while: of somebody who gave the code, or has just sent the request."""
    session[HELD] = [_name(case), int((current.now() + OPEN_FOR).timestamp())]


def refusal(link: Tracked) -> ResponseReturnValue:
    """Reading is led to the door; what was typed meanwhile is shown there, so that it is not lost."""
    if request.method == "GET":
        return redirect(_door(link), 303)
    return _shown(link, kept=request.form.get("texte", ""), status=403)


def _name(case: Case) -> str:
    return f"{case.id}.{case.link_generation}"


def _door(link: Tracked) -> str:
    return f"{link.base}/code"


def _find(ref: str, token: str) -> Tracked:
    link = thread.tracked(ref, token)
    if link is None:
        abort(404)
    return link


@pages.get("/suivi/<ref>/<token>/code")
@public(SECRET_CASE)
def ask(ref: str, token: str) -> ResponseReturnValue:
    link = _find(ref, token)
    return _shown(link) if is_closed(link) else redirect(link.base, 303)


@pages.post("/suivi/<ref>/<token>/code")
@public(SECRET_CASE)
def send(ref: str, token: str) -> ResponseReturnValue:
    link = _find(ref, token)
    codes = current.office().second_code
    reader = codes.reader(link.case)
    if not is_closed(link) or reader is None:
        return redirect(link.base, 303)
    subject = t("ouverture.objet", ref=link.ref)

    def words(code: str) -> str:
        return t("ouverture.courriel", ref=link.ref, code=code, ville=link.town.name)

    try:
        sent = codes.send(link.case, reader, sender=link.town.name, subject=subject, text=words)
    except ChannelError as error:
        logger.warning("second code not sent", error=type(error).__name__)
        return _shown(link, (FieldError("code", t("ouverture.erreur_envoi")),), status=503)
    if not sent:
        return _shown(link, (FieldError("code", t("ouverture.trop_envois")),), status=429)
    flash(t("ouverture.envoye"), "ok")
    return redirect(f"{_door(link)}#code", 303)


@pages.post("/suivi/<ref>/<token>/ouvrir")
@public(SECRET_CASE)
def enter(ref: str, token: str) -> ResponseReturnValue:
    link = _find(ref, token)
    if not is_closed(link):
        return redirect(link.base, 303)
    values, errors = read(CodeForm(), request.form)
    if errors:
        return _shown(link, errors, status=422)
    fits = current.office().second_code.fits(link.case, values["code"], client_address())
    if fits is None:
        return _shown(link, (FieldError("code", t("etat.trop_requetes", minutes="15")),), status=429)
    if not fits:
        return _shown(link, (FieldError("code", t("ouverture.erreur")),), status=422)
    hold_open(link.case)
    return redirect(link.base, 303)


def _shown(
    link: Tracked, errors: tuple[FieldError, ...] = (), *, kept: str = "", status: int = 200
) -> ResponseReturnValue:
    """Nothing of the case but its number, which stands in the address."""
    reachable = current.office().second_code.reader(link.case) is not None
    field = Field("code", t("ouverture.code"), hint=t("ouverture.code_aide"), short=True, autocomplete="one-time-code")
    number = phone(link.town.phone)
    page = LockedPage(
        ref=link.ref,
        title=t("ouverture.titre"),
        text=t("ouverture.texte" if reachable else "ouverture.sans_adresse", tel=number.shown if number else ""),
        send=FormView(_door(link), t("ouverture.recevoir")) if reachable else None,
        enter=FormView(f"{link.base}/ouvrir", t("ouverture.ouvrir"), refilled((field,), request.form, errors))
        if reachable
        else None,
        kept=kept,
        errors=errors,
    )
    return make_response(render_template("residents/locked.html", page=page), status)
