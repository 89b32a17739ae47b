"""Is everything right, is it sent once, and what does he get in return?"""

from dataclasses import replace

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.channels.webform import Answer, SentFile, Submission
from gru.domain.case import Case
from gru.domain.references import link_token, tracking_code
from gru.domain.town import RequestType, Town
from gru.web import at_kiosk, current
from gru.web.forms import Field, FieldError
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.residents import second_code, thread
from gru.web.residents.filing import around, draft, questions, receipt, steps
from gru.web.residents.filing.catalogue import OPEN_TO_ALL
from gru.web.residents.filing.draft import Contact, Draft, Held
from gru.web.residents.filing.filing_page import Answered, ReviewPage, ThanksPage
from gru.web.residents.filing.views import progress
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking import SECRET_LINK, find

pages = Blueprint("sending", __name__)

TRAP = "site_web"
"""A field no person sees; what fills it in is a machine, or a browser that should be told to leave it empty."""


# --- he reads it again -------------------------------------------------------------------------------------------


@pages.get("/deposer/<slug>/verifier")
@public(OPEN_TO_ALL)
def review(slug: str) -> ResponseReturnValue:
    ready = _ready(slug)
    if not isinstance(ready, Held):
        return ready
    return render_template("residents/filing/review.html", page=review_page(around.kind_of(slug), ready.draft))


def _ready(slug: str) -> Held | ResponseReturnValue:
    """The draft when every page is answered, else the way to what is missing."""
    kind = around.kind_of(slug)
    held = draft.in_hand(kind)
    if held is None or not around.can_be_filed(kind):
        return redirect(at_kiosk.path(f"/demarches/{slug}"), 303)
    if held.draft.sent:
        return _sent_before(held)
    all_steps = steps.steps(current.town(), kind, held.draft)
    missing = steps.next_open(all_steps, held.draft)
    return held if missing == steps.REVIEW else redirect(at_kiosk.path(f"/deposer/{slug}/{missing}"), 303)


def _sent_before(held: Held) -> ResponseReturnValue:
    """Two clicks, or the way back: he is told that it was sent, and under which number."""
    case = current.office().filing.case_of(held.draft.sent)
    if case is not None:
        flash(t("erreur.deja_envoyee", ref=case.number), "info")
    return _to_receipt(held)


def _to_receipt(held: Held) -> ResponseReturnValue:
    return draft.hand_over(make_response(redirect(at_kiosk.path("/deposer/envoyee"), 303)), held.token)


def review_page(kind: RequestType, filled: Draft, errors: tuple[FieldError, ...] = ()) -> ReviewPage:
    town = current.town()
    all_steps = steps.steps(town, kind, filled)
    base = at_kiosk.path(f"/deposer/{kind.slug}")
    trap = Field(TRAP, t("depot.piege"), value=request.form.get(TRAP, ""), error=errors[0].text if errors else "",
                 autocomplete="off")  # fmt: skip
    return ReviewPage(
        request=kind.label,
        action=f"{base}/verifier",
        back=f"{base}/{steps.before(all_steps, steps.REVIEW)}",
        rows=tuple(_row(town, kind, filled, step, base) for step in all_steps),
        progress=progress(all_steps, steps.REVIEW),
        warning=t("depot.danger_appel") if is_danger(kind, filled) else "",
        mail=t("depot.verifier_email", email=filled.contact.email) if filled.contact.email else "",
        trap=trap,
        errors=errors,
        restart=base,
        help=around.help_line(kind),
    )


def is_danger(kind: RequestType, filled: Draft) -> bool:
    return kind.is_urgent(filled.answers)


def _row(town: Town, kind: RequestType, filled: Draft, step: steps.Step, base: str) -> Answered:
    label, value = _told(kind, filled, step)
    return Answered(label, value or t("depot.sans_reponse"), f"{base}/{step.slug}", t("depot.changer", champ=label))


def _told(kind: RequestType, filled: Draft, step: steps.Step) -> tuple[str, str]:
    if step.field is not None:
        return questions.label_of(step.field), questions.words_of(step.field, filled.answers.get(step.field.code, ()))
    match step.slug:
        case steps.PLACE:
            return t("depot.lieu_court"), filled.place
        case steps.NEARBY:
            return t("depot.proche_court"), _same_words(filled)
        case steps.CONTACT:
            return t("depot.contact_court"), _contact_words(filled.contact)
    names = [file.name for file in filled.files if file.step == step.slug]
    return t(f"depot.{step.slug}_court"), "\n".join(names)


def _same_words(filled: Draft) -> str:
    """Who leaves a mail address will be told of the other one too."""
    if not filled.same_as:
        return t("depot.proche_different")
    return t("depot.proche_suivi" if filled.contact.email else "depot.proche_meme", ref=filled.same_as)


def _contact_words(given: Contact) -> str:
    return "\n".join(part for part in (given.name, given.address, given.email, given.phone) if part) or t("depot.rien")


# --- it is sent --------------------------------------------------------------------------------------------------


@pages.post("/deposer/<slug>/verifier")
@public(OPEN_TO_ALL)
def send(slug: str) -> ResponseReturnValue:
    """Sent twice, by two clicks or by going back, it is one request."""
    ready = _ready(slug)
    if not isinstance(ready, Held):
        return ready
    kind = around.kind_of(slug)
    if request.form.get(TRAP):
        return _again(kind, ready, t("depot.piege_rempli"), 422)
    if not around.allow("sent", around.SENT):
        return _again(kind, ready, t("etat.trop_requetes", minutes="60"), 429)
    office, filled = current.office(), ready.draft
    contents = [(file, office.drafts.file(ready.token, file.id)) for file in filled.files]
    kept = [(file, content) for file, content in contents if content is not None]
    named = tuple(SentFile(name=file.name, media_type=file.media_type, size=len(body)) for file, body in kept)
    form = submission(current.town(), kind, filled, named)
    key = office.filing.send(form, tuple(body for _, body in kept), draft=ready.token)
    return _to_receipt(draft.close(ready, key))


def _again(kind: RequestType, held: Held, sentence: str, status: int) -> ResponseReturnValue:
    page = review_page(kind, held.draft, (FieldError(TRAP, sentence),))
    return make_response(render_template("residents/filing/review.html", page=page), status)


def submission(town: Town, kind: RequestType, filled: Draft, files: tuple[SentFile, ...]) -> Submission:
    given, kiosk = filled.contact, at_kiosk.here()
    asked = steps.questions(town, kind, filled) if not filled.same_as else ()
    told = {field.code: questions.words_of(field, filled.answers.get(field.code, ())) for field in asked}
    text = t("depot.meme_probleme", ref=filled.same_as) if filled.same_as else told.pop("description", "")
    answers = [
        Answer(code=field.code, question=field.label, words=told[field.code],
               value=" ".join(filled.answers.get(field.code, ())))
        for field in asked if told.get(field.code)
    ]  # fmt: skip
    return Submission(
        title=f"{kind.label}, {filled.place}" if filled.place else kind.label,
        type=kind.code,
        text=text,
        answers=(*answers, *_besides(kind, filled)),
        place=filled.place,
        district=filled.spot.district if filled.spot else "",
        danger=is_danger(kind, filled),
        name=given.name,
        email=given.email,
        phone=given.phone,
        address=given.address,
        same_as=filled.same_as,
        files=files,
        site=kiosk.site.code if kiosk else "",
    )


def _besides(kind: RequestType, filled: Draft) -> list[Answer]:
    """What an agent must read even when the archive knows this address under another name: who he says he is."""
    spot, found = filled.spot, []
    if spot is not None and filled.positioned:
        where = f"{spot.latitude:.5f}, {spot.longitude:.5f}"
        found.append(Answer(code="position", question=t("depot.position_court"), words=where))
    if filled.contact.name or filled.contact.address or filled.contact.email or filled.contact.phone:
        found.append(Answer(code="contact", question=t("depot.contact_court"), words=_contact_words(filled.contact)))
    if kind.identification == "verified":
        words = t("depot.identite_a_verifier")
        found.append(Answer(code="identity", question=t("depot.identite"), words=words))
    return found


# --- what he gets ------------------------------------------------------------------------------------------------


@pages.get("/deposer/envoyee")
@public("leads to the receipt of the form this browser has just sent; its own draft is the key")
def sent() -> ResponseReturnValue:
    held = draft.in_hand()
    if held is None or not held.draft.sent:
        return redirect(at_kiosk.path("/deposer"), 303)
    case = current.office().filing.case_of(held.draft.sent)
    if case is None:
        page = ThanksPage(t("depot.merci"), lines=(t("depot.merci_attente"),), again=at_kiosk.path("/deposer/envoyee"),
                          other=at_kiosk.path("/deposer"), help=around.help_line())  # fmt: skip
        return render_template("residents/filing/thanks.html", page=page)
    token = _token_of(case)
    if at_kiosk.here():
        return _handed_out(case, token)
    if current.now() - case.opened_at <= second_code.OPEN_FOR:
        second_code.hold_open(case)
    return redirect(f"/deposer/merci/{case.number}/{token}", 303)


def _handed_out(case: Case, token: str) -> ResponseReturnValue:
    """At a kiosk the secret link stands in no address: the page is the receipt, and is printed."""
    link = thread.tracked(case.number, token)
    if link is None:
        abort(404)
    page = replace(
        thanks_page(link),
        link="",
        pdf=at_kiosk.path("/deposer/envoyee/recepisse.pdf"),
        other=at_kiosk.path("/deposer"),
        paper=receipt.receipt_of(link),
    )
    return render_template("residents/filing/thanks.html", page=page)


@pages.get("/deposer/envoyee/recepisse.pdf")
@public("the receipt of the form this browser has just sent; its own draft is the key")
def print_sent() -> ResponseReturnValue:
    """Where no script prints the page itself."""
    held = draft.in_hand()
    case = current.office().filing.case_of(held.draft.sent) if held and held.draft.sent else None
    link = thread.tracked(case.number, _token_of(case)) if case else None
    if link is None:
        abort(404)
    return receipt.paper_of(link)


def _token_of(case: Case) -> str:
    return link_token(current.office().settings.secret, case.id, case.link_generation)


@pages.get("/deposer/merci/<ref>/<token>")
@public(SECRET_LINK)
def thank(ref: str, token: str) -> ResponseReturnValue:
    return render_template("residents/filing/thanks.html", page=thanks_page(find(ref, token)))


def thanks_page(link: Tracked) -> ThanksPage:
    """The receipt on the screen (CRPA L112-11): when, under which number, by whom, until when."""
    french, case, office = current.french(), link.case, current.office()
    kind = link.town.types.get(case.type)
    lines = [t("depot.merci_recue", date=french.long_day(case.received_at), heure=french.hour(case.received_at),
               service=link.department.name)]  # fmt: skip
    lines.append(t("depot.merci_email") if _is_mailed(case) else t("depot.merci_garder"))
    due = case.commitments.get("first_response") or case.commitments.get("resolve")
    if due is not None:
        lines.append(t("depot.merci_date", date=french.last_day(due.due)))
    return ThanksPage(
        title=t("depot.merci"),
        number=case.number,
        code=tracking_code(office.settings.secret, case.id, case.link_generation),
        link=link.base,
        pdf=f"{link.base}/recepisse.pdf",
        lines=tuple(lines),
        next=kind.steps if kind else (),
        warning=t("depot.danger_appel") if case.danger else "",
        help=around.help_line(kind),
    )


def _is_mailed(case: Case) -> bool:
    return case.reply_channel == "email"
