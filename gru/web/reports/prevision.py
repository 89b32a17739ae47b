"""What may be expected of the next six weeks, and how wrong were we so far?"""

from collections.abc import Sequence
from datetime import date, timedelta

from gru.domain.statistics import Forecast, Week
from gru.domain.statistics.forecasting import AHEAD
from gru.office.figures.outlook import Outlook, outlook
from gru.web import current
from gru.web.charts import Ahead, Line, forecast_band
from gru.web.dates import day_and_month, short_date
from gru.web.i18n import decimal, number, t
from gru.web.reports.asking import Asking
from gru.web.reports.kept import cases_of
from gru.web.reports.leading import behind
from gru.web.reports.report_page import Cell, DataTable, Section, Shown

USUAL = "26"


def show(asking: Asking) -> Shown:
    found = outlook(asking.connection, asking.asked)
    fields = (asking.weeks_field(), asking.service_field())
    if found.coming is None or found.breaking is None:
        return Shown((Section(t("pilotage.prevision_court", n=str(len(found.came)))),), fields)
    service, days = asking.service, _mondays(found)
    came = [(day, n, behind("entrees", _week(day), service=service)) for day, n in zip(days, found.came, strict=False)]
    broken = [
        (day, n, cases_of("resolution", _week(day), service, failed=True))
        for day, n in zip(days, found.broken, strict=False)
    ]
    sections = (_section("arrivees", days, came, found.coming), _section("depassees", days, broken, found.breaking))
    return Shown(sections, fields)


def _mondays(found: Outlook) -> list[date]:
    """Those of the weeks told, and of the weeks to come."""
    zone = current.french().zone
    past = [start.astimezone(zone).date() for start in found.weeks]
    return [*past, *(past[-1] + timedelta(weeks=ahead) for ahead in range(1, AHEAD + 1))]


def _week(monday: date) -> tuple[date, date]:
    return monday, monday + timedelta(days=6)


def _section(what: str, days: Sequence[date], past: Sequence[tuple[date, int, str]], coming: Forecast) -> Section:
    title = t(f"pilotage.prevision_{what}")
    next_week = 1  # the first of those to come is the running one
    finding = foreseen(what, coming.weeks[next_week], days[len(past) + next_week])
    every = -(-len(days) // 9)
    names = [short_date(day) if (len(past) - place) % every == 0 else "" for place, day in enumerate(days)]
    line = Line("l1", tuple(float(n) for _, n, _ in past))
    chart = forecast_band(
        title,
        finding,
        names,
        line,
        [Ahead(week.expected, week.low, week.high) for week in coming.weeks],
        (t("pilotage.prevision_passe"), t("pilotage.prevision_bande")),
    )
    heads = ("semaine", "prevision_compte", "prevision_bas", "prevision_attendu", "prevision_haut")
    told = tuple(
        (Cell(day_and_month(day)), Cell(number(n), href if n else ""), *[Cell("")] * 3) for day, n, href in past
    )
    expected = tuple(
        (Cell(day_and_month(day)), Cell(""), *(Cell(_round(v)) for v in (week.low, week.expected, week.high)))
        for day, week in zip(days[len(past) :], coming.weeks, strict=True)
    )
    return Section(
        title=title,
        finding=finding,
        note=_note(coming),
        chart=chart,
        table=DataTable(title, tuple(t(f"pilotage.{head}") for head in heads), (*expected, *reversed(told))),
    )


def foreseen(what: str, week: Week, monday: date) -> str:
    """What is expected of a week, with its band."""
    return t(f"pilotage.prevision_{what}_trouve", bas=_round(week.low), haut=_round(week.high),
             date=day_and_month(monday))  # fmt: skip


def tried(coming: Forecast) -> str:
    """How wrong it was on the past."""
    if coming.past is None:
        return t("pilotage.prevision_sans_epreuve")
    error = t("pilotage.prevision_erreur", pct=decimal(100 * coming.past.share, 0))
    inside = t("pilotage.prevision_dedans", pct=decimal(100 * coming.past.inside, 0), n=coming.past.tried)
    return f"{error} {inside}"


def _note(coming: Forecast) -> str:
    return f"{tried(coming)} {t('pilotage.prevision_methode')}"


def _round(value: float) -> str:
    return number(round(value))
