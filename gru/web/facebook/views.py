"""How does Meta hand over what happens on the town's page, and ask for somebody's data to be deleted?

A webhook is answered once every item of it is kept; reading it is the workers' business. Nothing is believed that is
not signed with the app's secret over the very bytes that came.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from gru.channels.facebook.items import Item, raw_message, raw_messages, split
from gru.channels.facebook.signature import is_signed, read_signed_request, same_token
from gru.domain import events as e
from gru.domain.references import derived_id
from gru.office.mailroom import MESSAGE
from gru.office.page_standing import part
from gru.office.vitals import REFUSED
from gru.web import current
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import PlainPage

pages = Blueprint("facebook", __name__)

MOST_BYTES = 12_000_000
"""A thousand updates of twelve kilobytes."""

WITHIN = timedelta(minutes=15)
OLDEST = timedelta(days=2)
CODE_LETTERS = 20
DONE = "handled_already"
"""The reason with which the data protection officer puts a wish aside that was carried out."""


# --- the webhook ---------------------------------------------------------------------------------------------------


@pages.get("/facebook/webhook")
@public("Meta proves that it was given our word, and gets its challenge back")
def verify() -> ResponseReturnValue:
    ours = current.office().settings.facebook_verify_token
    asked = request.args
    if asked.get("hub.mode") != "subscribe" or not same_token(ours, asked.get("hub.verify_token", "")):
        abort(403)
    return Response(asked.get("hub.challenge", ""), content_type="text/plain; charset=utf-8")


@pages.post("/facebook/webhook")
@public("signed by Meta with the app's secret over the bytes of the body")
def receive() -> ResponseReturnValue:
    """200 once all of it is kept, 403 for what Meta did not sign: of that only a count remains."""
    if (request.content_length or 0) > MOST_BYTES:
        abort(413)
    office = current.office()
    body = request.get_data(cache=False)
    if not is_signed(office.settings.facebook_app_secret, body, request.headers.get("X-Hub-Signature-256", "")):
        _count_refused()
        abort(403)
    items = split(body)
    office.keep_all(raw_messages(items, office.now()))
    for page in {item.page for item in items} & {id for id, _ in office.settings.facebook_pages}:
        office.work.sign(part(page), True, MESSAGE)
    return Response("", content_type="text/plain; charset=utf-8")


def _count_refused() -> None:
    """One count in all: whoever floods us fills no table."""
    current.office().access.record_attempt(REFUSED, "")


# --- data deletion -------------------------------------------------------------------------------------------------


@pages.post("/facebook/suppression")
@public("signed by Meta with the app's secret")
def ask_deletion() -> ResponseReturnValue:
    """The wish is kept for the data protection officer; its state can be read under the code."""
    office = current.office()
    if (request.content_length or 0) > MOST_BYTES:
        abort(413)
    wish = read_signed_request(office.settings.facebook_app_secret, request.form.get("signed_request", ""))
    user = str(wish.get("user_id", ""))[:100] if wish else ""
    if wish is None or not user:
        _count_refused()
        abort(403)
    code = code_of(user)
    value = {"code": code, "user_id": user, "issued_at": _issued(wish)}
    office.keep(raw_message(Item(page="", at=0, field="deletion", value=value), office.now()))
    url = f"{office.settings.public_url}/facebook/suppression/{code}"
    return jsonify(url=url, confirmation_code=code)


def code_of(user: str) -> str:
    """The same person has one code, which says nothing of him and which nobody can guess."""
    return derived_id(current.office().settings.secret, "facebook deletion", user)[:CODE_LETTERS]


def _issued(wish: dict[str, Any]) -> str:
    issued = wish.get("issued_at")
    if not isinstance(issued, int) or not 0 < issued < 10**11:
        return ""
    return datetime.fromtimestamp(issued, UTC).isoformat()


@pages.get("/facebook/suppression/<code>")
@public("the code is the key: it was given to Meta, which shows it to the person who asked")
def show_deletion(code: str) -> ResponseReturnValue:
    state = _state(code)
    if not state:
        abort(404)
    title, text = t("facebook.suppression_titre"), t(f"facebook.suppression_{state}")
    return render_template("plain.html", page=PlainPage(title, text, "/suivi", t("facebook.suppression_suivi")))


def _state(code: str) -> str:
    """`recue`, `effectuee`, `examinee` (nothing was deleted for it); `""` for a code nobody was given."""
    office = current.office()
    keys = office.archive.message_key_for("facebook", f"deletion:{code}")
    if not keys:
        return ""
    decided = [r.event.reason for r in office.log.history(keys[0]) if isinstance(r.event, e.MessagePutAside)]
    if not decided:
        return "recue"
    return "effectuee" if decided[-1] == DONE else "examinee"
