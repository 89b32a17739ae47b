"""What is handed over the counter to somebody who comes for his answer?"""

from flask import Blueprint, abort, flash, redirect
from flask.typing import ResponseReturnValue

from gru.domain import events as e
from gru.office.papers import PaperJam
from gru.web import current
from gru.web.agents.sheet import open_sheet
from gru.web.counter.mailing import letter_sheet
from gru.web.counter.receipts import pdf
from gru.web.i18n import t
from gru.web.owners import owned

pages = Blueprint("handing", __name__)


@pages.get("/guichet/a-remettre/<ref>/<file>.pdf")
@owned("register")
def show_paper(ref: str, file: str) -> ResponseReturnValue:
    """The reply as it is printed; nothing is noted by looking at it."""
    sheet = open_sheet(ref, "register")
    written = (one for one in sheet.history if isinstance(one.event, e.ReplyWritten) and one.event.reply_id == file)
    recorded = next(written, None)
    reply = recorded.event if recorded else None
    if recorded is None or not isinstance(reply, e.ReplyWritten) or reply.channel != "counter":
        abort(404)
    if sheet.names.is_gone(reply.text) or sheet.latest.replies[file].state == "withdrawn":
        abort(404)
    reader = (sheet.names.person(reply.to) or t("dossier.anonyme"),)
    paper = letter_sheet(
        sheet.ref, sheet.town, sheet.latest.department, reader, sheet.names.text(reply.text), recorded.at
    )
    try:
        return pdf(current.office().press.letters(t("lettres.titre_lot", n=1), (paper,)), f"reponse-{sheet.ref}.pdf")
    except PaperJam:
        flash(t("lettres.papier_impossible"), "late")
        return redirect(sheet.base, 303)
