"""Do we keep our word, and how old is what is still open? Each figure leads to its cases."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.storage.databases import reading
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.forms import Field
from gru.web.i18n import t
from gru.web.owners import owned
from gru.web.pages import Link
from gru.web.reports import kept, stock
from gru.web.reports.reach import Reach, reach
from gru.web.reports.report_page import ReportPage, Section
from projections import commitments, queue

pages = Blueprint("reports", __name__)

REPORTS = (("/pilotage/respect", "pilotage.q_temps"), ("/pilotage/stock", "pilotage.q_stock"))


@pages.get("/pilotage")
@owned("figures")
def start() -> ResponseReturnValue:
    return redirect("/pilotage/respect", 303)


@pages.get("/pilotage/respect")
@owned("figures")
def show_kept() -> ResponseReturnValue:
    asked = kept.asked_for(request.args)
    seen = reach(asked.service)
    now = current.now()
    start_, end = asked.edges[0], asked.edges[-1]
    with reading(current.office().databases.views) as connection:
        bounds = (asked.kind, start_, end, now)
        weeks = commitments.cohort(connection, *bounds, "period", edges=asked.edges, departments=seen.departments)
        services = commitments.cohort(connection, *bounds, "department", departments=seen.departments)
    sections: tuple[Section, ...] = (kept.by_week(asked, weeks),)
    if len(services) > 1:
        sections = (*sections, kept.by_department(asked, services, seen.town))
    fields = (*kept.fields(asked), _service_field(asked.service, seen))
    return _shown("/pilotage/respect", "pilotage.q_temps", sections, fields)


@pages.get("/pilotage/stock")
@owned("figures")
def show_stock() -> ResponseReturnValue:
    service = request.args.get("service", "")
    seen = reach(service)
    with reading(current.office().databases.views) as connection:
        bands = queue.ages(connection, seen.scope, current.now())
    return _shown("/pilotage/stock", "pilotage.q_stock", (stock.by_age(bands, seen.town),),
                  (_service_field(service, seen),))  # fmt: skip


def _service_field(chosen: str, seen: Reach) -> Field:
    every = (("", t("file.tous")),)
    return Field("service", t("champ.service"), "select", chosen, choices=(*every, *seen.choices))


def _shown(path: str, question: str, sections: tuple[Section, ...], fields: tuple[Field, ...]) -> str:
    french = current.french()
    page = ReportPage(
        title=t(question),
        cut=t("pilotage.donnees_au", date=french.long_day(french.now), heure=french.hour(french.now)),
        action=path,
        sections=sections,
        nav=tuple(Link(href, t(key), current=href == path) for href, key in REPORTS),
        filters=fields,
    )
    return render_template("reports/report.html", page=page, shell=shell(space="reports"))
