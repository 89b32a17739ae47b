"""How does he go on later, or on another machine?"""

from datetime import timedelta
from secrets import token_hex

import structlog
from flask import Blueprint, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.channels.base import ChannelError, Outgoing
from gru.domain.town import RequestType
from gru.storage.access import Limit
from gru.web import current, errors
from gru.web.forms import Field, FieldError
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.residents.filing import around, draft, steps
from gru.web.residents.filing.catalogue import OPEN_TO_ALL
from gru.web.residents.filing.contact import EMAIL
from gru.web.residents.filing.draft import Held
from gru.web.residents.filing.filing_page import LaterPage
from gru.web.security import client_address

pages = Blueprint("later", __name__)
logger = structlog.get_logger(__name__)

DAY = timedelta(days=1)
MAILS_TO_ONE, MAILS_FROM_HERE = 3, 20
"""Links sent in a day: this page may not become a means to molest somebody by mail."""


@pages.get("/deposer/<slug>/plus-tard")
@public(OPEN_TO_ALL)
def offer(slug: str) -> ResponseReturnValue:
    kind = around.kind_of(slug)
    held = draft.in_hand(kind)
    if held is None or held.draft.sent:
        return redirect(f"/demarches/{slug}", 303)
    return render_template("residents/filing/later.html", page=_page(kind, held))


def _page(kind: RequestType, held: Held, email: str = "", error: str = "", done: str = "") -> LaterPage:
    at = steps.next_open(steps.steps(current.town(), kind, held.draft), held.draft)
    field = Field("email", t("depot.email"), "email", email, error=error, autocomplete="email")
    return LaterPage(
        title=t("depot.plus_tard_titre"),
        action=f"/deposer/{kind.slug}/plus-tard",
        back=f"/deposer/{kind.slug}/{at}",
        link=_link(held),
        fields=(field,),
        errors=(FieldError("email", error),) if error else (),
        text=done or t("depot.plus_tard_texte"),
        button=t("depot.plus_tard"),
        help=around.help_line(kind),
    )


def _link(held: Held) -> str:
    return f"{current.office().settings.public_url}/deposer/reprendre/{held.token}"


@pages.post("/deposer/<slug>/plus-tard")
@public(OPEN_TO_ALL)
def mail_link(slug: str) -> ResponseReturnValue:
    kind = around.kind_of(slug)
    held = draft.in_hand(kind)
    if held is None or held.draft.sent:
        return redirect(f"/demarches/{slug}", 303)
    email = request.form.get("email", "").strip()
    if len(email) > 200 or not EMAIL.match(email):
        return _said(kind, held, email, t("erreur.email"), 422)
    limits = (
        Limit("draft_mail_from", client_address(), MAILS_FROM_HERE),
        Limit("draft_mail_to", email, MAILS_TO_ONE),
    )
    if not current.office().access.allow_all(limits, DAY):
        return _said(kind, held, email, t("depot.plus_tard_trop"), 429)
    try:
        current.office().channels["email"].send(_letter(kind, held, email))
    except ChannelError as error:
        logger.warning("a link to a draft could not be mailed", error=type(error).__name__)
        return _said(kind, held, email, t("depot.plus_tard_echec"), 503)
    page = _page(kind, held, done=t("depot.plus_tard_fait", email=email))
    return render_template("residents/filing/later.html", page=page)


def _said(kind: RequestType, held: Held, email: str, sentence: str, status: int) -> ResponseReturnValue:
    page = _page(kind, held, email, sentence)
    return make_response(render_template("residents/filing/later.html", page=page), status)


def _letter(kind: RequestType, held: Held, email: str) -> Outgoing:
    """It tells nothing of what was written: only that somebody began, and how to go on."""
    town, office = current.town(), current.office()
    return Outgoing(
        external_id=f"brouillon.{token_hex(16)}",
        return_tag=token_hex(16),
        address=email,
        name="",
        sender=town.name,
        reply_to=office.settings.mail_address,
        subject=t("depot.plus_tard_objet", ville=town.name),
        text=t("depot.plus_tard_lettre", demarche=kind.label, lien=_link(held), ville=town.name, tel=town.phone),
        automatic=True,
        awaited=True,
    )


@pages.get("/deposer/reprendre/<token>")
@public("a draft of one's own: the 256 bits of the link are the key")
def ask_resume(token: str) -> ResponseReturnValue:
    """Reading a link changes nothing: what scans mails opens it too."""
    held, kind = _found(token)
    if held.draft.gone:
        return _gone(kind, held)
    page = LaterPage(kind.label, f"/deposer/reprendre/{token}", "/deposer", text=t("depot.reprendre_texte"),
                     button=t("depot.reprendre"), help=around.help_line(kind))  # fmt: skip
    return render_template("residents/filing/later.html", page=page)


@pages.post("/deposer/reprendre/<token>")
@public("a draft of one's own: the 256 bits of the link are the key")
def resume(token: str) -> ResponseReturnValue:
    """Whoever goes on has it alone: somebody else may have begun it, and kept the link."""
    held, kind = _found(token)
    mine = draft.in_hand(kind)
    if held.token == token and not held.draft.gone and (mine is None or mine.token != token):
        held = draft.take_over(held) or held
    if held.draft.gone:
        return _gone(kind, held)
    at = steps.next_open(steps.steps(current.town(), kind, held.draft), held.draft)
    to = "/deposer/envoyee" if held.draft.sent else f"/deposer/{kind.slug}/{at}"
    return draft.hand_over(make_response(redirect(to, 303)), held.token)


def _found(token: str) -> tuple[Held, RequestType]:
    """What this link opens here; where it opens nothing any more, what this browser has of that type."""
    held = draft.opened(token)
    kind = current.town().types.get(held.draft.type) if held else None
    if held is None or kind is None:
        abort(404)
    return (draft.in_hand(kind) or held) if held.draft.gone else held, kind


def _gone(kind: RequestType, held: Held) -> ResponseReturnValue:
    return errors.plain(kind.label, around.where_gone(held.draft.gone), 410)
