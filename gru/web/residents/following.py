"""How does somebody stop following another's case? By the link in his mail, or by the button of his mail program.

Reading the link changes nothing; a mail program's one click (RFC 8058) is a POST without a form of ours.
"""

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.case import Case, UnfollowCase
from gru.domain.references import follower_token, read_follower_token
from gru.storage.access import Limit
from gru.web import current
from gru.web.errors import plain
from gru.web.forms import FormView
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.residents.thread import same
from gru.web.residents.tracking_page import ConfirmPage
from gru.web.security import client_address

pages = Blueprint("following", __name__)

LINK = "the signed link of one who follows a case: it can only stop that"
WINDOW = timedelta(minutes=15)
MOST_WRONG = 40
BY = "system:follower"


def find(token: str) -> tuple[Case, str] | None:
    """The case and the one who follows it, or once did; `None` for a link that is not ours."""
    office, named = current.office(), read_follower_token(token)
    case = office.desk.case(named[0]) if named else None
    true = follower_token(office.settings.secret, *(named or ("0" * 32, "0" * 32)))
    return (case, named[1]) if named and case is not None and same(token, true) else None


@pages.get("/ne-plus-suivre/<token>")
@public(LINK)
def ask(token: str) -> ResponseReturnValue:
    found = find(token)
    return _page(token, *found) if found else _unknown()


@pages.post("/ne-plus-suivre/<token>")
@public(LINK)
def stop(token: str) -> ResponseReturnValue:
    """However often it is asked."""
    found = find(token)
    if found is None:
        return _unknown()
    case, person = found
    office = current.office()
    done = office.desk.execute(UnfollowCase(case_id=case.id, person=person), by=BY)
    office.projector.catch_up("inline", to=done.position)
    return one_click() or plain(t("suivre.fini_titre"), t("suivre.fini", ref=case.number), 200)


def one_click() -> Response | None:
    """What a mail program is told that stops letters for its reader; `None` for who pressed our own button."""
    if request.form.get("List-Unsubscribe") != "One-Click":
        return None
    return Response("ok\n", content_type="text/plain; charset=utf-8")


def _page(token: str, case: Case, person: str) -> ResponseReturnValue:
    if person not in case.followers:
        return plain(t("suivre.fini_titre"), t("suivre.fini", ref=case.number), 200)
    form = FormView(f"/ne-plus-suivre/{token}", t("suivre.oui"), ())
    page = ConfirmPage(case.number, t("suivre.titre"), "/suivi", t("suivre.non"), t("suivre.texte"), form)
    return render_template("residents/confirm.html", page=page)


def _unknown() -> ResponseReturnValue:
    """Counted by address: a link is not to be found by trying."""
    if not current.office().access.allow_all((Limit("follower_link", client_address(), MOST_WRONG),), WINDOW):
        abort(429)
    return plain(t("suivre.inconnu_titre"), t("suivre.inconnu"), 404)
