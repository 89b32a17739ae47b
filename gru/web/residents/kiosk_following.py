"""How does a resident follow his request on the kiosk of a town hall, and leave no trace of it there?

Number and code open a drawer that ends with him: no secret link stands in an address, and no file is handed out on a
machine everybody uses.
"""

from dataclasses import replace

import msgspec
from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.case import Case
from gru.domain.references import link_token
from gru.web import at_kiosk, current
from gru.web.forms import Field, FieldError, FormView, read, refilled
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.residents import access, second_code, thread, tracking
from gru.web.residents.filing import receipt
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking_page import AccessPage, Message, TrackingPage

pages = Blueprint("followed_here", __name__)

DOOR = "the residents' door on a kiosk: asks for a number and a code; tries are counted by number and by address"
OWN_CASE = "a resident's own case on a kiosk: number and code opened it, and it closes when he goes"
SHOWN = "/suivre/demande"


class Followed(msgspec.Struct, frozen=True):
    """What lies in the drawer."""

    number: str
    link: str


@pages.get("/suivre")
@public(DOOR)
def ask() -> ResponseReturnValue:
    return _door()


def _door(errors: tuple[FieldError, ...] = (), status: int = 200) -> ResponseReturnValue:
    shown = refilled(access.fields(), request.form, errors) if errors else access.fields()
    page = AccessPage(at_kiosk.plain(shown), errors, at_kiosk.path("/suivre"))
    return make_response(render_template("residents/access.html", page=page), status)


@pages.post("/suivre")
@public(DOOR)
def enter() -> ResponseReturnValue:
    case, errors, status = access.opened()
    if case is None:
        return _door(errors, status)
    if case.confidentiality == "secret":
        return _door((FieldError("reference", t("borne.secret")),), 403)
    return at_kiosk.hand_over(make_response(redirect(at_kiosk.path(SHOWN), 303)), _drawer(case))


def _drawer(case: Case) -> str:
    office = current.office()
    inside = Followed(case.number, link_token(office.settings.secret, case.id, case.link_generation))
    return office.drafts.begin(msgspec.json.encode(inside), at_kiosk.KEPT)


def _opened() -> Tracked | None:
    """The case in the drawer, as long as its link holds."""
    body = current.office().drafts.read(at_kiosk.cookie())
    try:
        inside = msgspec.json.decode(body or b"", type=Followed)
    except msgspec.DecodeError:
        return None
    link = thread.tracked(inside.number, inside.link)
    return None if link is None or second_code.is_closed(link) else link


@pages.get(SHOWN)
@public(OWN_CASE)
def show() -> ResponseReturnValue:
    link = _opened()
    return _page(link) if link else redirect(at_kiosk.path("/suivre"), 303)


def _page(link: Tracked, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    page = make_response(render_template("residents/tracking.html", page=_tracking_page(link, errors)))
    page.status_code = 422 if errors else 200
    return page


def _tracking_page(link: Tracked, errors: tuple[FieldError, ...]) -> TrackingPage:
    page, action = tracking.tracking_page(link, errors), at_kiosk.path(f"{SHOWN}/message")
    return replace(
        page,
        messages=tuple(_without_link(link, without_files(one)) for one in page.messages),
        write=FormView(action, t("suivi.envoyer"), refilled((_said(),), request.form, errors), page.write.hidden)
        if page.write
        else None,
        receipt=at_kiosk.path(f"{SHOWN}/recepisse.pdf"),
        withdraw="",
        reopen="",
        opinion="",
        paper=receipt.receipt_of(link),
    )


def _said() -> Field:
    return Field("texte", t("suivi.ajouter"), "textarea", hint=t("suivi.ajouter_aide"))


def without_files(one: Message) -> Message:
    """That there are some is said; nobody opens them where others look on."""
    if not one.files:
        return one
    said = t("borne.pieces", n=len(one.files))
    return replace(one, files=(), text=f"{one.text}\n\n{said}" if one.text else said)


def _without_link(link: Tracked, one: Message) -> Message:
    """Letters tell the secret link; whoever looks over a shoulder must not read it."""
    return replace(one, text=one.text.replace(link.base, "/suivi"))


@pages.post(f"{SHOWN}/message")
@public(OWN_CASE)
def add_message() -> ResponseReturnValue:
    link = _opened()
    if link is None:
        return redirect(at_kiosk.path("/suivre"), 303)
    values, errors = read(tracking.MessageForm(), request.form)
    if errors:
        return _page(link, errors)
    tracking.write_down(link, values["cle"], values["texte"])
    flash(t("suivi.envoye", service=link.department.name), "ok")
    return redirect(at_kiosk.path(SHOWN), 303)


@pages.get(f"{SHOWN}/recepisse.pdf")
@public(OWN_CASE)
def print_receipt() -> ResponseReturnValue:
    """Where no script prints the page itself."""
    link = _opened()
    return receipt.paper_of(link) if link else redirect(at_kiosk.path("/suivre"), 303)
