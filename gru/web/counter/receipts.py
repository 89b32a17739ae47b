"""What is handed to the person, and how does he get another paper, or another code when his own is lost?"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.case import Case, RenewLinks
from gru.domain.references import NUMBER, is_id, link_token, tracking_code
from gru.domain.rights import may
from gru.office.letters import UnfilledField
from gru.office.papers import PaperJam, ReceiptSheet, qr_svg
from gru.web import current, labels
from gru.web.agents.sheet import OutOfScope
from gru.web.agents.shell import shell
from gru.web.forms import Field, FieldError, Form, FormView, choice, read, refilled, required
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link, Row, initials

pages = Blueprint("counter_receipts", __name__)

MINE_FOR = timedelta(hours=12)
"""So long whoever took a request down may print its receipt, also when he does not see the case any more."""

OVERLEAF = "--- VERSO ---"


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    title: str
    rows: tuple[Row, ...]
    papers: tuple[Link, ...]
    case: Link | None
    again: str
    next: str
    key: str
    lines: tuple[str, ...]
    renew: FormView | None = None
    errors: tuple[FieldError, ...] = ()


class RenewForm(Form):
    piece = choice(labels.IDENTITIES)
    vue = m.String(required=True, error_messages=required("guichet.erreur_identite"))
    generation = m.Integer(required=True)


def find(ref: str) -> Case:
    """404 when there is none, `OutOfScope` when this agent may not hand over its paper."""
    desk = current.office().desk
    case_id = desk.case_numbered(ref) if NUMBER.fullmatch(ref) else ""
    case = desk.case(case_id) if case_id else None
    if case is None:
        abort(404)
    if not may_hand_over(case):
        raise OutOfScope(ref, case.department)
    return case


def may_hand_over(case: Case) -> bool:
    agent = current.agent()
    if may(agent, "register", case):
        return True
    opened = current.office().log.history(case.id)[0]
    return opened.by == f"agent:{agent.id}" and current.now() - opened.at <= MINE_FOR


@pages.get("/guichet/recepisse/<ref>")
@owned("register")
def show_receipt(ref: str) -> ResponseReturnValue:
    return _screen(find(ref))


def _screen(case: Case, errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    shown = render_template("counter/receipt.html", page=_page(case, errors), shell=shell(space="counter"))
    return make_response(shown, 422 if errors else 200)


def _page(case: Case, errors: tuple[FieldError, ...]) -> ReceiptPage:
    agent, base = current.agent(), f"/guichet/recepisse/{case.number}"
    seen, key = may(agent, "see", case), request.args.get("cle", "")
    return ReceiptPage(
        title=t("recepisse.titre", ref=case.number),
        rows=tuple(_rows(case)),
        papers=(
            Link(f"{base}/pdf/a6", t("guichet.imprimer_a6"), "print"),
            Link(f"{base}/pdf/80mm", t("guichet.imprimer_80"), "print"),
        ),
        case=Link(f"/agent/demandes/{case.number}", t("guichet.voir_demande"), "right") if seen else None,
        again=f"/guichet?meme={case.number}",
        next="/guichet",
        key=key if is_id(key) else "",
        lines=_lines(case)[0],
        renew=_renew_form(case, errors) if may(agent, "register", case) else None,
        errors=errors,
    )


def _rows(case: Case) -> list[Row]:
    town = current.office().town.counting(case.town_version, case.days_of)
    person = current.office().archive.people([case.requester]).get(case.requester)
    department = town.departments.get(case.department)
    kind = town.types.get(case.type)
    return [
        Row(t("recepisse.reference"), case.number, strong=True),
        Row(t("recepisse.code"), code_of(case), strong=True),
        Row(t("recepisse.objet"), kind.label if kind else t("guichet.motif_autre")),
        Row(t("recepisse.service"), department.name if department else case.department),
        Row(t("guichet.pour"), initials(person.name) if person and person.name else t("dossier.anonyme")),
    ]


def code_of(case: Case) -> str:
    return tracking_code(current.office().settings.secret, case.id, case.link_generation)


def _link_of(case: Case) -> str:
    settings = current.office().settings
    return f"{settings.public_url}/suivi/{case.number}/{link_token(settings.secret, case.id, case.link_generation)}"


def _renew_form(case: Case, errors: tuple[FieldError, ...]) -> FormView:
    pieces = tuple((code, t(key)) for code, key in labels.IDENTITIES.items())
    shown = (
        Field("piece", t("guichet.piece_vue"), "radios", choices=pieces),
        Field("vue", t("guichet.identite_vue"), "checkbox"),
    )
    return FormView(
        f"/guichet/recepisse/{case.number}/nouveau-code",
        t("guichet.nouveau_code"),
        refilled(shown, request.form, errors) if errors else shown,
        (("generation", str(case.link_generation)),),
        t("guichet.nouveau_code_titre"),
    )


@pages.post("/guichet/recepisse/<ref>/nouveau-code")
@owned("register")
def renew_code(ref: str) -> ResponseReturnValue:
    """A lost code is never told again: another one takes its place, once somebody has shown who he is."""
    case = find(ref)
    if not may(current.agent(), "register", case):
        raise OutOfScope(ref, case.department)
    values, errors = read(RenewForm(), request.form)
    if any(error.field == "generation" for error in errors):
        abort(400)
    if errors:
        return _screen(case, errors)
    wish = RenewLinks(case_id=case.id, generation=values["generation"], identity=values["piece"])
    office = current.office()
    done = office.desk.execute(wish, by=f"agent:{current.agent().id}")
    office.projector.catch_up("inline", to=done.position)
    flash(t("guichet.code_renouvele"), "ok")
    return redirect(f"/guichet/recepisse/{case.number}", 303)


# --- the paper -------------------------------------------------------------------------------------------------------


@pages.get("/guichet/recepisse/<ref>/pdf/<any('a6', '80mm'):format>")
@owned("register")
def print_receipt(ref: str, format: str) -> ResponseReturnValue:
    case = find(ref)
    try:
        paper = current.office().press.receipt(receipt_sheet(case), format)
    except PaperJam:
        flash(t("guichet.papier_impossible"), "late")
        return redirect(f"/guichet/recepisse/{case.number}", 303)
    return pdf(paper, f"recepisse-{case.number}.pdf")


def receipt_sheet(case: Case) -> ReceiptSheet:
    front, back = _lines(case)
    link = _link_of(case)
    title = t("recepisse.titre", ref=case.number)
    return ReceiptSheet(
        title=title,
        town=current.office().town.counting(case.town_version, case.days_of).name,
        number_label=t("recepisse.reference"),
        number=case.number,
        code_label=t("recepisse.code"),
        code=code_of(case),
        lines=front,
        back=back,
        qr=qr_svg(link),
        qr_alt=t("guichet.qr", ref=case.number),
        keep=t("recepisse.garder"),
    )


def _lines(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the town's template under the code in force now: front and back."""
    office = current.office()
    person = office.archive.people([case.requester]).get(case.requester)
    try:
        written = office.letters.counter_receipt(
            office.town.counting(case.town_version, case.days_of), case, person
        ).text
    except UnfilledField as missing:
        return (t("guichet.recepisse_incomplet", champ=missing.values["field"]),), ()
    front, _, back = written.partition(OVERLEAF)
    return tuple(line.rstrip() for line in front.strip().split("\n")), tuple(
        line.rstrip() for line in back.strip().split("\n") if back.strip()
    )


def pdf(content: bytes, name: str) -> ResponseReturnValue:
    """Shown by the browser's own reader, from where it is printed."""
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
