"""Does more come in than goes out, week by week, and does the line add up?"""

from gru.office.figures.flow import Flow, Week, flow
from gru.web import current
from gru.web.charts import Line, in_and_out
from gru.web.dates import day_and_month, short_date
from gru.web.i18n import number, t
from gru.web.reports import breakdown, bulk
from gru.web.reports.asking import Asking
from gru.web.reports.leading import all_behind, behind, days_between
from gru.web.reports.report_page import Cell, DataTable, Section, Shown


def show(asking: Asking) -> Shown:
    found = flow(asking.connection, asking.asked)
    fields = (breakdown.field(asking), asking.weeks_field(), asking.service_field())
    if not (found.opened or found.closed or found.before):
        return Shown((Section(t("pilotage.vide")),), fields)
    return Shown((_section(found, asking), *breakdown.sections(asking), *bulk.of_flow(asking, found)), fields)


def _section(found: Flow, asking: Asking) -> Section:
    zone = current.french().zone
    days = [week.start.astimezone(zone).date() for week in found.weeks]
    every = -(-len(days) // 9)
    names = tuple(short_date(day) if place % every == 0 else "" for place, day in enumerate(days))
    title, finding = t("pilotage.flux_titre"), _finding(found)
    chart = in_and_out(
        title,
        finding,
        names,
        Line("l1", tuple(float(week.opened + week.reopened) for week in found.weeks), t("pilotage.entrees")),
        Line("l2", tuple(float(week.closed) for week in found.weeks), t("pilotage.sorties")),
        Line("fig-stockline", tuple(float(week.stock) for week in found.weeks), t("pilotage.ouvertes").lower()),
        (t("pilotage.flux_haut"), t("pilotage.flux_bas")),
    )
    keys = ("semaine", "tete_recues", "tete_rouvertes", "closes", "tete_solde", "tete_fin")
    rows = tuple(_row(week, day_and_month(day), asking.service) for week, day in zip(found.weeks, days, strict=True))
    period = asking.asked.period.days(zone)
    moved = ((found.opened, "entrees"), (found.reopened, "retours"), (found.closed, "sorties"))
    whole = (
        Cell(t("pilotage.total")),
        *(Cell(number(n), behind(counted, period, service=asking.service) if n else "") for n, counted in moved),
        Cell(_signed(found.opened + found.reopened - found.closed)),
        Cell(number(found.now), behind("ouvertes", period, service=asking.service) if found.now else ""),
    )
    return Section(
        title=title,
        finding=finding,
        note=t(
            "pilotage.flux_ligne",
            avant=found.before,
            recues=found.opened,
            rouvertes=found.reopened,
            closes=found.closed,
            apres=found.now,
        ),
        chart=chart,
        table=DataTable(title, tuple(t(f"pilotage.{key}") for key in keys), (*rows, whole)),
        cases=all_behind(found.opened, "entrees", period, service=asking.service),
        open=True,
    )


def _finding(found: Flow) -> str:
    came, gone = found.opened + found.reopened, found.closed
    key = "plus" if came > gone else "moins" if came < gone else "autant"
    return t(f"pilotage.flux_{key}", entrees=came, sorties=gone, ecart=abs(came - gone), stock=found.now)


def _row(week: Week, name: str, service: str) -> tuple[Cell, ...]:
    days = days_between(week.start, week.end, current.french().zone)

    def cell(value: int, counted: str) -> Cell:
        return Cell(number(value), behind(counted, days, service=service) if value else "")

    return (
        Cell(name),
        cell(week.opened, "entrees"),
        cell(week.reopened, "retours"),
        cell(week.closed, "sorties"),
        Cell(_signed(week.opened + week.reopened - week.closed)),
        cell(week.stock, "ouvertes"),
    )


def _signed(value: int) -> str:
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"
