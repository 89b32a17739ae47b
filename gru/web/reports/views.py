"""Do we keep our word, and where does delay arise? Each figure leads to its cases."""

from collections.abc import Mapping
from datetime import UTC
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.rights import scope_of
from gru.office.papers import PaperJam
from gru.storage.work import Effect
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.forms import whole_number
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link
from gru.web.reports import exports
from gru.web.reports.asking import Asking, OtherCut, asking
from gru.web.reports.registry import BY_SLUG, REPORTS, Report
from gru.web.reports.report_page import CutPage, Question, ReportPage

pages = Blueprint("reports", __name__)
BASE = "/pilotage"
AGAIN_SECONDS = "10"
"""After which a browser looks whether the figures of an earlier fact are there."""


@pages.get(BASE)
@owned("figures")
def start() -> ResponseReturnValue:
    """Every question, each with a page of its own."""
    questions = tuple(Question(f"{BASE}/{one.slug}", t(one.question), t(f"pilotage.dit_{one.slug}")) for one in REPORTS)
    return render_template("reports/questions.html", questions=questions, shell=shell(space="reports"))


@pages.get(f"{BASE}/<slug>")
@owned("figures")
def show(slug: str) -> ResponseReturnValue:
    report = BY_SLUG.get(slug) or abort(404)
    try:
        with asking(request.args, report.weeks) as asked:
            page = page_of(report, asked)
    except OtherCut as other:
        return _not_made(report, other.position)
    return render_template("reports/report.html", page=page, shell=shell(space="reports"))


@pages.post(f"{BASE}/<slug>/arret")
@owned("figures")
def make_cut(slug: str) -> ResponseReturnValue:
    """The worker reads the history again up to this fact."""
    report, office = BY_SLUG.get(slug) or abort(404), current.office()
    position = whole_number(request.form.get("arret", "")) or abort(404)
    if not office.cuts.is_fact(position):
        abort(404)
    asked_at = current.now()
    key = f"cut:{position}:{asked_at:%Y%m%d%H%M}"
    payload = {"case": "", "reply": str(position)}
    office.work.add_effects([Effect(key=key, kind="make_cut", payload=payload, next_at=asked_at)])
    return redirect(f"{BASE}/{report.slug}?{request.query_string.decode()}&recalcul=oui", 303)


def _not_made(report: Report, position: int) -> ResponseReturnValue:
    """These figures are not at hand: ask for them, or wait for them."""
    if not current.office().cuts.is_fact(position):
        abort(404)
    wanted = {name: value for name, value in request.args.items() if name != "recalcul"}
    begun = "recalcul" in request.args
    page = CutPage(
        title=t(report.question),
        said=t("pilotage.recalcul_encours" if begun else "pilotage.recalcul", position=position),
        action="" if begun else f"{BASE}/{report.slug}/arret?{urlencode(wanted)}",
        button=t("pilotage.recalculer"),
        position=str(position),
        back=Link(f"{BASE}/{report.slug}", t("pilotage.aujourdhui")),
    )
    shown = render_template("reports/cut.html", page=page, shell=shell(space="reports"))
    headers = {"Refresh": AGAIN_SECONDS} if begun else {}
    return shown, 202, headers


@pages.get(f"{BASE}/<slug>.<any(csv, xlsx, pdf):format>")
@owned("figures")
def export(slug: str, format: str) -> ResponseReturnValue:
    """The same page as a file: whoever quotes a figure can find it again."""
    report = BY_SLUG.get(slug) or abort(404)
    page = f"{BASE}/{slug}?{request.query_string.decode('ascii', 'replace')}"
    try:
        with asking(request.args, report.weeks) as asked:
            document = exports.document_of(page_of(report, asked), asked.town)
            cut = asked.asked.cut
        content = exports.made(document, format, cut.at, current.office().press)
    except PaperJam:
        flash(t("pilotage.export_echec"), "error")
        return redirect(page, 303)
    except OtherCut:
        return redirect(page, 303)
    response = make_response(content)
    response.headers["Content-Type"] = exports.TYPES[format]
    day = current.french().local(cut.at).date()
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{day.isoformat()}.{format}"'
    return response


def page_of(report: Report, asking: Asking) -> ReportPage:
    """What the page shows and every export says."""
    shown, french, cut = report.show(asking), current.french(), asking.asked.cut
    path, seen = f"{BASE}/{report.slug}", scope_of(current.agent())
    return ReportPage(
        title=t(report.question),
        cut=t("pilotage.donnees_au", date=french.long_day(cut.at), heure=french.hour(cut.at)),
        policy=t("pilotage.arret", position=cut.position, version=asking.town.number),
        action=path,
        sections=shown.sections,
        nav=tuple(Link(f"{BASE}/{one.slug}", t(one.question), current=one is report) for one in REPORTS),
        filters=shown.fields,
        may_miss="" if seen.holds_all(asking.reach.departments) else t("pilotage.perimetre_liens"),
        same=Link(f"{path}?{_as_of(asking)}", t("pilotage.lien_arret")),
        exports=tuple(Link(f"{path}.{format}?{_as_of(asking)}", format.upper()) for format in exports.TYPES),
    )


def _as_of(asking: Asking) -> str:
    """The address under which the same figures are found again."""
    filters: Mapping[str, str] = {name: value for name, value in asking.args.items() if value and name != "recalcul"}
    cut = asking.asked.cut
    return urlencode({**filters, "arret": cut.position, "au": cut.at.astimezone(UTC).isoformat(timespec="seconds")})
