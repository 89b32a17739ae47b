"""Do we keep our word, and where does delay arise? Each figure leads to its cases."""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.web import current
from gru.web.agents.shell import shell
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link
from gru.web.reports.asking import Asking, asking
from gru.web.reports.registry import BY_SLUG, REPORTS, Report
from gru.web.reports.report_page import ReportPage

pages = Blueprint("reports", __name__)
BASE = "/pilotage"


@pages.get(BASE)
@owned("figures")
def start() -> ResponseReturnValue:
    return redirect(f"{BASE}/{REPORTS[0].slug}", 303)


@pages.get(f"{BASE}/<slug>")
@owned("figures")
def show(slug: str) -> ResponseReturnValue:
    report = BY_SLUG.get(slug) or abort(404)
    with asking(request.args, report.weeks) as asked:
        page = page_of(report, asked)
    return render_template("reports/report.html", page=page, shell=shell(space="reports"))


def page_of(report: Report, asking: Asking) -> ReportPage:
    """What the page shows and every export says."""
    shown, french, cut = report.show(asking), current.french(), asking.asked.cut
    town = asking.town
    return ReportPage(
        title=t(report.question),
        cut=t("pilotage.donnees_au", date=french.long_day(cut.at), heure=french.hour(cut.at)),
        policy=t("pilotage.arret", position=cut.position, version=town.number),
        action=f"{BASE}/{report.slug}",
        sections=shown.sections,
        nav=tuple(Link(f"{BASE}/{one.slug}", t(one.question), current=one is report) for one in REPORTS),
        filters=shown.fields,
    )
