"""Where are the reports to the committee listed, begun, read, frozen, corrected and downloaded?"""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields as m

from gru.domain.errors import Refused
from gru.domain.report import Frozen, Report
from gru.domain.report.drafting import LONGEST
from gru.domain.rights import may
from gru.office.committee import Part, digest_of
from gru.office.papers import Document, PaperJam
from gru.storage.databases import reading
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.committee import frozen as kept
from gru.web.committee.decisions import standing
from gru.web.committee.document import Told, composed, period_words
from gru.web.committee.live import Live, live
from gru.web.committee.pages import CommitteeReport, ListedReport, ReportsPage
from gru.web.committee.writing import flags_of, save, screen
from gru.web.counter.entry_view import new_key
from gru.web.errors import sentence
from gru.web.forms import ID, Field, FieldError, Form, FormView, LocalDay, choice, read, refilled, whole_number
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link, Row
from gru.web.reports.exports import TYPES
from projections import reports
from projections.reports import ReportRow

pages = Blueprint("committee", __name__)
BASE = "/rapports"
OTHER = "autre"
MONTHS = 13


class BeginForm(Form):
    cle = m.String(required=True, validate=ID)
    periode = choice()
    du = LocalDay(load_default=None)
    au = LocalDay(load_default=None)


# --- the list ----------------------------------------------------------------------------------------------------


@pages.get(BASE)
@owned("figures")
def show() -> ResponseReturnValue:
    return _list()


def _list(errors: tuple[FieldError, ...] = ()) -> ResponseReturnValue:
    writes = may(current.agent(), "report")
    with reading(current.office().databases.views) as connection:
        found = reports.all_of(connection, frozen_only=not writes)
    titles = current.office().committee.titles([one.title for one in found])
    page = ReportsPage(
        title=t("rapport.titre"),
        decisions=Link(f"{BASE}/decisions", t("rapport.voir_decisions")),
        rows=tuple(_listed(one, titles.get(one.title, ""), writes) for one in found),
        empty=t("rapport.vide") if writes else t("rapport.vide_lecteur"),
        form=_begin_form(errors) if writes else None,
        errors=errors,
    )
    shown = render_template("committee/list.html", page=page, shell=shell(space="committee"))
    return make_response(shown, 422 if errors else 200)


def _listed(one: ReportRow, title: str, writes: bool) -> ListedReport:
    french = current.french()
    draft = one.draft and writes
    state = t("rapport.brouillon") if draft else t("rapport.version_figee", n=str(one.frozen))
    at = one.frozen_at if one.frozen_at and not draft else one.written_at
    kinds = ("pdf", "xlsx") if one.frozen else ()
    return ListedReport(
        href=f"{BASE}/{one.report}",
        period=period_words(one.first, one.last),
        title="" if "{{" in title else title,
        state=state,
        detail=t("rapport.fige", date=french.short_day(at), n=str(one.cut)) if not draft
        else t("rapport.ecrit_le", date=french.short_day(at)),
        files=tuple(Link(f"{BASE}/{one.report}.{kind}?version={one.frozen}", kind.upper()) for kind in kinds),
    )  # fmt: skip


def _begin_form(errors: tuple[FieldError, ...]) -> FormView:
    fields = (
        Field("periode", t("rapport.periode"), "select", choices=(*_months(), (OTHER, t("rapport.autre_periode")))),
        Field("du", t("rapport.du"), "date", hint=t("rapport.autre_aide"), optional=True, short=True),
        Field("au", t("rapport.au"), "date", optional=True, short=True),
    )
    return FormView(
        action=BASE,
        button=t("rapport.creer"),
        fields=refilled(fields, request.form, errors) if errors else fields,
        hidden=(("cle", request.form.get("cle", "") if errors else new_key()),),
        title=t("rapport.nouveau"),
    )


def _months() -> tuple[tuple[str, str], ...]:
    """The last months that are over, the latest first."""
    day = current.french().local(current.now()).date().replace(day=1)
    found = []
    for _ in range(MONTHS):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append((f"{day:%Y-%m}", period_words(*_month(day))))
    return tuple(found)


def _month(first: date) -> tuple[date, date]:
    after = (first + timedelta(days=31)).replace(day=1)
    return first, after - timedelta(days=1)


@pages.post(BASE)
@owned("report")
def begin() -> ResponseReturnValue:
    values, errors = read(BeginForm(), request.form)
    period, wrong = _period(values) if not errors else (None, ())
    if period is None:
        return _list(errors or wrong)
    report_id = current.office().committee.begin(*period, by=f"agent:{current.agent().id}", key=values["cle"])
    return redirect(f"{BASE}/{report_id}/rediger", 303)


def _period(values: dict[str, Any]) -> tuple[tuple[date, date] | None, tuple[FieldError, ...]]:
    if values["periode"] != OTHER:
        known = dict(_months())
        if values["periode"] not in known:
            return None, (FieldError("periode", t("erreur.choisir")),)
        return _month(date.fromisoformat(f"{values['periode']}-01")), ()
    missing = tuple(FieldError(name, t("erreur.date")) for name in ("du", "au") if values[name] is None)
    if missing:
        return None, missing
    if values["au"] < values["du"]:
        return None, (FieldError("au", t("rapport.fin_avant_debut")),)
    if values["au"] - values["du"] >= LONGEST:
        return None, (FieldError("au", t("rapport.trop_long")),)
    return (values["du"], values["au"]), ()


# --- one report --------------------------------------------------------------------------------------------------


@pages.get(f"{BASE}/<report>")
@owned("figures")
def show_one(report: str) -> ResponseReturnValue:
    found = known(report)
    version = _version(found, request.args.get("version", ""))
    page = _frozen_page(report, found, version) if version else _draft_page(report, found)
    return render_template("committee/report.html", page=page, shell=shell(space="committee"))


@pages.get(f"{BASE}/<report>.<any(pdf, xlsx):format>")
@owned("figures")
def download(report: str, format: str) -> ResponseReturnValue:
    """A frozen version as it was frozen, to the byte; a draft as it would be now."""
    found = known(report)
    version = _version(found, request.args.get("version", ""))
    office = current.office()
    if version:
        part: Part = "pdf" if format == "pdf" else "xlsx"
        if part in office.committee.unfit(version):
            return redirect(f"{BASE}/{report}?version={version.number}", 303)
        content, name = office.committee.frozen(version, part), f"v{version.number}"
    else:
        counted = live(found.first, found.last)
        document = composed(found, found.number, counted, told(found))
        cut = counted.summary.cut
        try:
            content, name = kept.as_file(document, format, cut.at, cut.position), "brouillon"
        except PaperJam:
            flash(t("pilotage.export_echec"), "error")
            return redirect(f"{BASE}/{report}", 303)
    response = make_response(content)
    response.headers["Content-Type"] = TYPES[format]
    shown = "inline" if format == "pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{shown}; filename="rapport-{found.last:%Y-%m}-{name}.{format}"'
    return response


def known(report_id: str) -> Report:
    return current.office().committee.report(report_id) or abort(404)


def told(report: Report) -> Told:
    return Told(current.office().committee.texts(report), standing(report.last))


def _version(report: Report, wanted: str) -> Frozen | None:
    """The frozen version that is asked for; without one the draft for who writes it, else the last one."""
    if wanted:
        number = whole_number(wanted)
        return next((one for one in report.versions if one.number == number), None) or abort(404)
    if report.open and may(current.agent(), "report"):
        return None
    return report.versions[-1] if report.versions else abort(403)


def _draft_page(report_id: str, report: Report) -> CommitteeReport:
    counted = live(report.first, report.last)
    return CommitteeReport(
        document=composed(report, report.number, counted, told(report)),
        state=t("rapport.brouillon"),
        draft=True,
        back=Link(BASE, t("rapport.tous")),
        actions=(
            Link(f"{BASE}/{report_id}/rediger", t("rapport.rediger"), "note"),
            Link(f"{BASE}/{report_id}.pdf", t("rapport.apercu_pdf"), "print"),
            Link(f"{BASE}/{report_id}/figer", t("rapport.figer"), "lock"),
        ),
        versions=_versions(report_id, report, None),
        flags=flags_of(report, counted.named),
    )


def _frozen_page(report_id: str, report: Report, version: Frozen) -> CommitteeReport:
    committee, french = current.office().committee, current.french()
    unfit = committee.unfit(version)
    asked = f"?version={version.number}"
    last = version is report.versions[-1]
    return CommitteeReport(
        document=_lost(report) if "content" in unfit else kept.read(committee.frozen(version, "content")).document,
        state=t("rapport.fige", date=french.short_day(version.at), n=str(version.position)),
        draft=False,
        back=Link(BASE, t("rapport.tous")),
        proof=(
            Row(t("rapport.version"), str(version.number)),
            Row(t("rapport.fige_par"), f"{_who(version.by)}, {french.prose(version.at)}"),
            Row(t("rapport.empreinte"), version.digest),
            *(() if unfit else (Row(t("rapport.verification"), t("rapport.verifiee")),)),
        ),
        actions=tuple(
            Link(f"{BASE}/{report_id}.{kind}{asked}", kind.upper(), "dl")
            for kind in ("pdf", "xlsx")
            if kind not in unfit
        ),
        fault=" ".join(_altered(version, part) for part in unfit),
        correct=_correct_form(report_id, report) if last and not report.open else None,
        versions=_versions(report_id, report, version),
    )


def _altered(version: Frozen, part: Part) -> str:
    return t("rapport.alteree", quoi=t(f"rapport.partie.{part}"), empreinte=digest_of(version, part)[:16])


def _lost(report: Report) -> Document:
    """In the place of one whose words are not those that were frozen: none of them is shown."""
    return Document(current.town_name(), t("rapport.titre"), period_words(report.first, report.last), (), ())


def _who(by: str) -> str:
    agent = current.everybody().get(by.removeprefix("agent:"))
    return agent.name if agent and agent.name else t("fil.agent_inconnu")


def _correct_form(report_id: str, report: Report) -> FormView | None:
    if not may(current.agent(), "report"):
        return None
    number = len(report.versions) + 1
    return FormView(f"{BASE}/{report_id}/corriger", t("rapport.corriger"), hidden=(("version", str(number)),))


def _versions(report_id: str, report: Report, shown: Frozen | None) -> tuple[Link, ...]:
    links = [
        Link(
            f"{BASE}/{report_id}?version={one.number}", t("rapport.version_n", n=str(one.number)), current=one is shown
        )
        for one in report.versions
    ]
    if report.open and may(current.agent(), "report") and links:
        links.append(Link(f"{BASE}/{report_id}", t("rapport.brouillon"), current=shown is None))
    return tuple(links) if len(links) > 1 else ()


# --- writing -----------------------------------------------------------------------------------------------------


@pages.get(f"{BASE}/<report>/rediger")
@owned("report")
def write(report: str) -> ResponseReturnValue:
    found = known(report)
    if not found.open:
        return redirect(f"{BASE}/{report}", 303)
    return screen(report, found)


@pages.post(f"{BASE}/<report>/rediger")
@owned("report")
def write_down(report: str) -> ResponseReturnValue:
    return save(report, known(report))


# --- freezing and correcting -------------------------------------------------------------------------------------


@pages.get(f"{BASE}/<report>/figer")
@owned("report")
def ask_to_freeze(report: str) -> ResponseReturnValue:
    found = known(report)
    if not found.open:
        return redirect(f"{BASE}/{report}", 303)
    return _freeze_screen(report, found, live(found.first, found.last))


def _freeze_screen(report_id: str, report: Report, counted: Live, refused: str = "") -> ResponseReturnValue:
    page = CommitteeReport(
        document=composed(report, report.number, counted, told(report)),
        state=refused,
        draft=True,
        back=Link(f"{BASE}/{report_id}", t("commun.annuler")),
        correct=FormView(f"{BASE}/{report_id}/figer", t("rapport.figer")),
        flags=flags_of(report, counted.named),
    )
    shown = render_template("committee/freeze.html", page=page, shell=shell(space="committee"))
    return make_response(shown, 422 if refused else 200)


@pages.post(f"{BASE}/<report>/figer")
@owned("report")
def freeze(report: str) -> ResponseReturnValue:
    found = known(report)
    if not found.open:
        return redirect(f"{BASE}/{report}", 303)
    counted = live(found.first, found.last)
    try:
        made = kept.make(report, found, counted, told(found))
        current.office().committee.freeze(report, made, by=f"agent:{current.agent().id}")
    except Refused as refusal:
        return _freeze_screen(report, known(report), counted, sentence(refusal))
    except PaperJam:
        return _freeze_screen(report, found, counted, t("pilotage.export_echec"))
    flash(t("rapport.est_fige", n=str(made.number)), "ok")
    return redirect(f"{BASE}/{report}", 303)


@pages.post(f"{BASE}/<report>/corriger")
@owned("report")
def correct(report: str) -> ResponseReturnValue:
    number = whole_number(request.form.get("version", "")) or abort(400)
    known(report)
    current.office().committee.correct(report, number, by=f"agent:{current.agent().id}")
    return redirect(f"{BASE}/{report}/rediger", 303)
