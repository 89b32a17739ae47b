"""How does a resident reach his case with what stands on his receipt?"""

from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.case import Case
from gru.domain.references import NUMBER, link_token, same_code, tracking_code
from gru.storage.access import Limit
from gru.web import current
from gru.web.forms import Field, FieldError, Form, read, refilled, text_field
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.residents.thread import requester_erased
from gru.web.residents.tracking_page import AccessPage
from gru.web.security import client_address, from_here

pages = Blueprint("access", __name__)

WINDOW = timedelta(minutes=15)
MOST_FOR_NUMBER = 10
MOST_ANYWHERE = 10 * MOST_FOR_NUMBER
MOST_FROM_ADDRESS = 40


class AccessForm(Form):
    reference = text_field("erreur.requis", champ="référence")
    code = text_field("erreur.requis", champ="code de suivi")


@pages.get("/suivi")
@public("the residents' door: asks for a number and a code, shows nothing else")
def ask() -> ResponseReturnValue:
    return render_template("residents/access.html", page=AccessPage(fields()))


@pages.post("/suivi")
@public("the residents' door; tries are counted by number and by address")
def enter() -> ResponseReturnValue:
    case, errors, status = opened()
    if case is None:
        return _again(errors, status)
    token = link_token(current.office().settings.secret, case.id, case.link_generation)
    return redirect(f"/suivi/{case.number}/{token}", 303)


def opened() -> tuple[Case | None, tuple[FieldError, ...], int]:
    """The case whose number and code were sent, or what is wrong with them."""
    values, errors = read(AccessForm(), request.form)
    if errors:
        return None, errors, 422
    access, number = current.office().access, values["reference"]
    limits = (
        Limit("tracking_address", client_address(), MOST_FROM_ADDRESS),
        Limit("tracking_number", from_here(number), MOST_FOR_NUMBER),
        Limit("tracking_anywhere", number, MOST_ANYWHERE),
    )
    if not access.allow_all(limits, WINDOW):
        minutes = str(int(WINDOW.total_seconds() // 60))
        return None, (FieldError("code", t("etat.trop_requetes", minutes=minutes)),), 429
    case = _opened_by(number, values["code"])
    if case is None:
        return None, (FieldError("code", t("suivi.acces_erreur")),), 422
    access.forgive("tracking_number", from_here(number))
    return case, (), 200


def _opened_by(number: str, code: str) -> Case | None:
    """The case, if both belong together; the same work is done whether or not the number was ever given."""
    office = current.office()
    case_id = office.desk.case_numbered(number) if NUMBER.fullmatch(number) else ""
    case = office.desk.case(case_id) if case_id else None
    true = tracking_code(office.settings.secret, case.id if case else number, case.link_generation if case else 1)
    return case if same_code(code, true) and case is not None and not requester_erased(case) else None


def fields() -> tuple[Field, ...]:
    return (
        Field("reference", t("suivi.acces_ref"), hint=t("suivi.acces_ref_aide"), short=True, autocomplete="off"),
        Field("code", t("suivi.acces_code"), hint=t("suivi.acces_code_aide"), short=True, autocomplete="off"),
    )


def _again(errors: tuple[FieldError, ...], status: int) -> ResponseReturnValue:
    page = AccessPage(refilled(fields(), request.form, errors), errors)
    return make_response(render_template("residents/access.html", page=page), status)
