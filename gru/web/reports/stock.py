"""How old are the open cases, department by department?"""

from collections.abc import Sequence
from urllib.parse import urlencode

from gru.domain.town import Town
from gru.web.agents.shell import BASE
from gru.web.charts import Bar, stacked_bars
from gru.web.i18n import number, t
from gru.web.pages import Link
from gru.web.reports.asking import Asking
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections import queue
from projections.queue import BANDS, AgeBand

CLASSES = ("s1", "s2", "s4", "s3", "thin", "deep", "bad")


def show(asking: Asking) -> Shown:
    bands = queue.ages(asking.connection, asking.reach.scope, asking.asked.cut.at)
    return Shown((by_age(bands, asking.town),), (asking.service_field(),))


def by_age(bands: Sequence[AgeBand], town: Town) -> Section:
    table: dict[str, dict[int, AgeBand]] = {}
    for band in bands:
        table.setdefault(band.department, {})[band.days] = band
    named = sorted((town.departments[code].name, code) for code in table if code in town.departments)
    total = sum(band.open for band in bands)
    old = sum(band.open for band in bands if band.days >= 30)
    late = sum(band.late for band in bands)
    finding = t("pilotage.stock_trouve", n=total, vieilles=old, retard=late) if total else t("pilotage.stock_vide")
    bars = tuple(
        Bar(name, tuple(float(_open(table[code], days)) for days in BANDS), number(_sum(table[code])))
        for name, code in named
    )
    rows = tuple(_row(name, code, table[code]) for name, code in named)
    heads = (t("champ.service"), *(_band(days) for days in BANDS), t("pilotage.ouvertes"), t("pilotage.dont_retard"))
    title = t("pilotage.q_stock")
    return Section(
        finding=finding,
        note=t("pilotage.stock_note"),
        chart=stacked_bars(title, finding, bars, CLASSES) if bars else None,
        key=tuple(zip(CLASSES, (_band(days) for days in BANDS), strict=True)) if bars else (),
        table=DataTable(t("pilotage.stock_tableau"), heads, rows) if rows else None,
        cases=Link(f"{BASE}?echeance=retard", t("pilotage.cas", n=late)) if late else None,
        open=True,
    )


def _row(name: str, code: str, bands: dict[int, AgeBand]) -> tuple[Cell, ...]:
    late = sum(band.late for band in bands.values())
    oldest = f"{BASE}?{urlencode({'service': code, 'tri': 'recue'})}"
    overdue = f"{BASE}?{urlencode({'service': code, 'echeance': 'retard'})}"
    return (
        Cell(name),
        *(Cell(number(_open(bands, days))) for days in BANDS),
        Cell(number(_sum(bands)), oldest),
        Cell(number(late), overdue if late else ""),
    )


def _open(bands: dict[int, AgeBand], days: int) -> int:
    band = bands.get(days)
    return band.open if band else 0


def _sum(bands: dict[int, AgeBand]) -> int:
    return sum(band.open for band in bands.values())


def _band(days: int) -> str:
    """« moins de 7 j », « 7 à 29 j », « 365 j et plus »."""
    following = next((later for later in BANDS if later > days), None)
    if following is None:
        return t("pilotage.age_plus", n=str(days))
    return t("pilotage.age_moins", n=str(following)) if days == 0 else t(
        "pilotage.age_entre", a=str(days), b=str(following - 1)
    )  # fmt: skip
