"""What does a resident see and do on the page his secret link opens?"""

from secrets import token_hex

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.case import AddMessage, CaseCommand, CloseCase, ReopenCase
from gru.domain.events import CaseRated
from gru.domain.references import new_id, tracking_code
from gru.web import current, uploads
from gru.web.agents.cases import download
from gru.web.forms import Acting, Field, FieldError, FormView, choice, read, refilled, text_field
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import Row, phone
from gru.web.residents import second_code, status, thread
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking_page import ConfirmPage, ReceiptPage, Service, TrackingPage

pages = Blueprint("tracking", __name__)

SECRET_LINK = "a resident's own case: the 128 bits of the link are the key"
REASONS = {"reglee": "retirer.raison_reglee", "erreur": "retirer.raison_erreur", "autre": "retirer.raison_autre"}


class MessageForm(Acting):
    texte = text_field("erreur.description")


class ReopenForm(Acting):
    texte = text_field("erreur.description")


class WithdrawForm(Acting):
    raison = choice(REASONS, optional=True)


def find(ref: str, token: str) -> Tracked:
    """404 for a wrong link, the same whether or not the case exists; a secret case asks for a code besides."""
    link = thread.tracked(ref, token)
    if link is None:
        abort(404)
    if second_code.is_closed(link):
        abort(make_response(second_code.refusal(link)))
    return link


@pages.get("/suivi/<ref>/<token>")
@public(SECRET_LINK)
def show(ref: str, token: str) -> ResponseReturnValue:
    return render_template("residents/tracking.html", page=tracking_page(find(ref, token)))


def tracking_page(link: Tracked, errors: tuple[FieldError, ...] = (), fields: tuple[Field, ...] = ()) -> TrackingPage:
    french, case = current.french(), link.case
    shown = status.steps(link)
    return TrackingPage(
        ref=link.ref,
        header=t("suivi.entete", ref=link.ref, date=french.long_day(case.received_at)),
        title=link.title,
        sentence=status.sentence(link),
        lines=tuple(status.lines(link)),
        updated=status.last_change(link),
        service=_service(link),
        receipt=f"{link.base}/recepisse",
        tone=status.tone(link),
        step=status.step_text(shown),
        steps=shown,
        messages=tuple(thread.messages(link)),
        write=FormView(f"{link.base}/message", t("suivi.envoyer"), fields or _message_fields(), _hidden()),
        withdraw="" if case.status == "closed" else f"{link.base}/retirer",
        reopen=f"{link.base}/rouvrir" if status.may_reopen(link) else "",
        opinion=f"{link.base}/avis" if case.status == "closed" and CaseRated.NAME not in case.remarks else "",
        errors=errors,
    )


def _service(link: Tracked) -> Service:
    department = link.department
    number = phone(department.phone)
    return Service(
        name=department.name,
        address=department.address,
        phone=number.shown if number else "",
        dial=number.dial if number else "",
    )


def _message_fields() -> tuple[Field, ...]:
    return (
        Field("texte", t("suivi.ajouter"), "textarea", hint=t("suivi.ajouter_aide")),
        Field("pieces", t("depot.photo_ajouter"), "file", hint=t("depot.photo_aide"), optional=True),
    )


def _hidden() -> tuple[tuple[str, str], ...]:
    return (("cle", new_id(current.now(), bytes.fromhex(token_hex(10)))),)


@pages.post("/suivi/<ref>/<token>/message")
@public(SECRET_LINK)
def add_message(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    values, errors = read(MessageForm(), request.form)
    files, wrong = uploads.take(request.files.getlist("pieces"))
    if wrong:
        errors = (*errors, FieldError("pieces", wrong))
    if errors:
        page = tracking_page(link, errors, refilled(_message_fields(), request.form, errors))
        return make_response(render_template("residents/tracking.html", page=page), 422)
    write_down(link, values["cle"], values["texte"], files)
    flash(t("suivi.envoye", service=link.department.name), "ok")
    return redirect(f"{link.base}#echanges", 303)


def write_down(link: Tracked, key: str, words: str, files: tuple[uploads.Upload, ...] = ()) -> None:
    """What the resident adds joins his case, or the one it is merged into."""
    archive, case = current.office().archive, link.case
    followed_in = case.main or case.id
    _execute(
        AddMessage(
            case_id=followed_in,
            via=case.id if case.main else "",
            message=key,
            channel="tracking",
            received_at=current.now(),
            proof="tracking_link",
            author=case.requester,
            text=archive.write_text(words, person=case.requester, case=followed_in),
            files=tuple(
                archive.put_file(one.name, one.media_type, one.content, person=case.requester, case=followed_in)
                for one in files
            ),
        )
    )


def _execute(*commands: CaseCommand) -> None:
    office = current.office()
    done = office.desk.execute(*commands, by="resident")
    office.projector.catch_up("inline", to=done.position)


# --- withdraw, reopen: each on a page of its own ------------------------------------------------------------------


@pages.get("/suivi/<ref>/<token>/retirer")
@public(SECRET_LINK)
def ask_withdraw(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    if link.case.status == "closed":
        return redirect(link.base, 303)
    return render_template("residents/confirm.html", page=_withdraw_page(link))


def _withdraw_page(link: Tracked, errors: tuple[FieldError, ...] = ()) -> ConfirmPage:
    choices = tuple((code, t(key)) for code, key in REASONS.items())
    reason = Field("raison", t("retirer.pourquoi"), "radios", optional=True, choices=choices)
    form = FormView(f"{link.base}/retirer", t("retirer.oui"), refilled((reason,), request.form, errors), _hidden())
    return ConfirmPage(link.ref, t("retirer.titre"), link.base, t("retirer.non"), t("retirer.texte"), form, errors)


@pages.post("/suivi/<ref>/<token>/retirer")
@public(SECRET_LINK)
def withdraw(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    values, errors = read(WithdrawForm(), request.form)
    if errors:
        return make_response(render_template("residents/confirm.html", page=_withdraw_page(link, errors)), 422)
    case, archive = link.case, current.office().archive
    reason = t(REASONS[values["raison"]]) if values["raison"] else ""
    text = archive.write_text(reason, person=case.requester, case=case.id) if reason else None
    if case.status != "closed":
        _execute(CloseCase(case_id=case.id, outcome="withdrawn", text=text))
    flash(t("retirer.fait"), "ok")
    return redirect(link.base, 303)


@pages.get("/suivi/<ref>/<token>/rouvrir")
@public(SECRET_LINK)
def ask_reopen(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    if link.case.status != "closed":
        return redirect(link.base, 303)
    return render_template("residents/confirm.html", page=_reopen_page(link))


def _reopen_page(link: Tracked, errors: tuple[FieldError, ...] = ()) -> ConfirmPage:
    if not status.may_reopen(link):
        return ConfirmPage(link.ref, t("rouvrir.lien"), link.base, t("commun.retour"), t("rouvrir.trop_tard"))
    said = Field("texte", t("rouvrir.titre"), "textarea")
    form = FormView(f"{link.base}/rouvrir", t("rouvrir.bouton"), refilled((said,), request.form, errors), _hidden())
    return ConfirmPage(link.ref, t("rouvrir.lien"), link.base, t("commun.annuler"), "", form, errors)


@pages.post("/suivi/<ref>/<token>/rouvrir")
@public(SECRET_LINK)
def reopen(ref: str, token: str) -> ResponseReturnValue:
    link = find(ref, token)
    values, errors = read(ReopenForm(), request.form)
    if errors or not status.may_reopen(link):
        return make_response(render_template("residents/confirm.html", page=_reopen_page(link, errors)), 422)
    case = link.case
    text = current.office().archive.write_text(values["texte"], person=case.requester, case=case.id)
    _execute(ReopenCase(case_id=case.id, reason="resident", text=text, by_resident=True))
    flash(t("rouvrir.fait_simple"), "ok")
    return redirect(link.base, 303)


# --- what can be kept --------------------------------------------------------------------------------------------


@pages.get("/suivi/<ref>/<token>/recepisse")
@public(SECRET_LINK)
def show_receipt(ref: str, token: str) -> ResponseReturnValue:
    return render_template("residents/receipt.html", page=receipt_page(find(ref, token)))


def receipt_page(link: Tracked) -> ReceiptPage:
    office, french, case = current.office(), current.french(), link.case
    number = phone(link.department.phone)
    site = link.town.sites[case.site].name if case.site in link.town.sites else case.site
    received = t(
        "recepisse.recue", date=french.long_day(case.received_at), heure=french.hour(case.received_at), site=site
    )
    rows = (
        Row(t("recepisse.reference"), case.number, strong=True),
        Row(t("recepisse.code"), tracking_code(office.settings.secret, case.id, case.link_generation), strong=True),
        Row(t("recepisse.service"), link.department.name),
        Row(t("recepisse.objet"), link.names.type(case.type)),
    )
    lines = [received]
    resolve = case.commitments.get("resolve")
    if resolve is not None:
        lines.append(t("recepisse.promesse", date=french.last_day(resolve.due)))
    lines.append(t("recepisse.suivre", url=f"{office.settings.public_url}/suivi"))
    if number:
        lines.append(t("recepisse.sans_internet", tel=number.shown))
    return ReceiptPage(t("recepisse.titre", ref=case.number), link.base, rows, tuple(lines))


@pages.get("/suivi/<ref>/<token>/pieces/<file>")
@public(SECRET_LINK)
def show_file(ref: str, token: str, file: str) -> ResponseReturnValue:
    link = find(ref, token)
    return download(file, thread.files(link))
