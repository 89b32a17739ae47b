"""How does somebody's request at the counter, on the telephone or on paper get in, on one screen?"""

from dataclasses import replace

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gru.domain.case import Case
from gru.domain.errors import Refused
from gru.domain.references import NUMBER
from gru.domain.rights import may
from gru.web import current, uploads
from gru.web.agents.shell import shell
from gru.web.counter import recording
from gru.web.counter.entry import CONTACTS, Typed, faults, faults_of_addition, read_typed
from gru.web.counter.entry_view import entry_page
from gru.web.counter.receipts import may_hand_over
from gru.web.errors import sentence
from gru.web.forms import FieldError
from gru.web.i18n import t
from gru.web.owners import owned

pages = Blueprint("counter", __name__)

ADD = "ajouter:"
LOOK = "apercu"
APART = "different:"


@pages.get("/guichet")
@owned("register")
def show() -> ResponseReturnValue:
    typed = read_typed(MultiDict({"canal": request.args.get("canal", ""), "site": request.args.get("site", "")}),
                       current.agent())  # fmt: skip
    return _screen(_same_person(typed))


def _same_person(typed: Typed) -> Typed:
    """Another request of who just stood here: what he left of himself is filled in, what he asked is not."""
    case = _case(request.args.get("meme", ""))
    if case is None or not may_hand_over(case):
        return typed
    person = current.office().archive.people([case.requester]).get(case.requester)
    if person is None:
        return replace(typed, site=case.site, anonymous=not case.requester)
    contact = next((word for word, code in CONTACTS.items() if code == case.reply_channel), "")
    return replace(
        typed, site=case.site, phone=person.phone, email=person.email, name=person.name, address=person.address,
        person=person.id, contact=contact,
    )  # fmt: skip


def _case(number: str) -> Case | None:
    desk = current.office().desk
    case_id = desk.case_numbered(number) if NUMBER.fullmatch(number) else ""
    return desk.case(case_id) if case_id else None


@pages.post("/guichet")
@owned("register")
def enter() -> ResponseReturnValue:
    """Look around, add to a case, or record: the same form, and nothing typed is ever lost."""
    typed = read_typed(request.form, current.agent())
    if typed.case_id is None:
        abort(400)
    wish = request.form.get("faire", "")
    if wish == LOOK:
        return _screen(typed, looked=True)
    if wish.startswith(APART):
        return _screen(replace(typed, apart=(*typed.apart, wish.removeprefix(APART))), looked=True)
    files, wrong = uploads.take(request.files.getlist("pieces"))
    errors = (FieldError("pieces", wrong),) if wrong else ()
    if wish.startswith(ADD):
        return _add(wish.removeprefix(ADD), typed, files, errors)
    errors = (*faults(typed), *errors)
    if errors:
        return _screen(typed, errors)
    try:
        case = recording.record(typed, files)
    except Refused as refusal:
        return _screen(typed, (FieldError("mots", sentence(refusal)),))
    flash(t("guichet.enregistree", ref=case.number), "ok")
    return redirect(f"/guichet/recepisse/{case.number}?cle={typed.key}", 303)


def _add(
    number: str, typed: Typed, files: tuple[uploads.Upload, ...], errors: tuple[FieldError, ...]
) -> ResponseReturnValue:
    case = _case(number)
    if case is None or not may(current.agent(), "register", case):
        return _screen(typed, (*errors, FieldError("mots", t("guichet.erreur_ajout"))))
    errors = (*faults_of_addition(typed, case), *errors)
    if errors:
        return _screen(typed, errors)
    recording.add_to(case, typed, files)
    flash(t("guichet.ajoutee", ref=case.number), "ok")
    return redirect(f"/guichet/recepisse/{case.number}?cle={typed.key}", 303)


def _screen(typed: Typed, errors: tuple[FieldError, ...] = (), *, looked: bool = False) -> ResponseReturnValue:
    page = entry_page(typed, errors, looked=looked)
    shown = render_template("counter/entry.html", page=page, shell=shell(space="counter"))
    return make_response(shown, 422 if errors else 200)


@pages.get("/guichet/presence")
@owned("register")
def presence() -> ResponseReturnValue:
    """Is the network there, and is the session still open? Asked before an entry leaves the post."""
    return make_response("", 204)
