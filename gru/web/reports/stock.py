"""How old are the open cases, department by department, and how many of each age are late?"""

from collections.abc import Sequence
from urllib.parse import urlencode

from gru.domain.town import Town
from gru.web.agents.filters import AGES, age_band
from gru.web.agents.shell import BASE
from gru.web.charts import Bar, stacked_bars
from gru.web.i18n import alphabetical, number, t
from gru.web.pages import Link
from gru.web.reports.asking import Asking
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections import queue
from projections.queue import BANDS, AgeBand

CLASSES = ("s1", "s2", "s4", "s3", "s5", "s6", "s7")
"""A hue for each band."""
LATE = "fig-late"
PARTS = tuple(css for hue in CLASSES for css in (hue, f"{hue} {LATE}"))
_Bands = dict[int, AgeBand]


def show(asking: Asking) -> Shown:
    bands = queue.ages(asking.connection, asking.reach.scope, asking.asked.cut.at)
    return Shown((by_age(bands, asking.town, asking.service),), (asking.service_field(),))


def by_age(bands: Sequence[AgeBand], town: Town, service: str = "") -> Section:
    table: dict[str, _Bands] = {}
    for band in bands:
        table.setdefault(band.department, {})[band.days] = band
    known = [(town.departments[code].name, code) for code in table if code in town.departments]
    named = sorted(known, key=lambda pair: alphabetical(pair[0]))
    total = sum(band.open for band in bands)
    old = sum(band.open for band in bands if band.days >= 30)
    late = sum(band.late for band in bands)
    finding = t("pilotage.stock_trouve", n=total, vieilles=old, retard=late) if total else t("pilotage.stock_vide")
    bars = tuple(Bar(name, tuple(_parts(table[code])), _label(table[code])) for name, code in named)
    rows = tuple(_row(name, code, table[code]) for name, code in named)
    heads = (
        t("champ.service"),
        *(age_band(*AGES[str(days)]) for days in BANDS),
        t("pilotage.ouvertes"),
        t("pilotage.dont_retard"),
    )
    title = t("pilotage.q_stock")
    return Section(
        finding=finding,
        note=t("pilotage.stock_note"),
        chart=stacked_bars(title, finding, bars, PARTS) if bars else None,
        key=_key(bands) if bars else (),
        table=DataTable(t("pilotage.stock_tableau"), heads, rows) if rows else None,
        cases=Link(_behind(echeance="retard", service=service), t("pilotage.cas", n=late)) if late else None,
        open=True,
    )


def _key(bands: Sequence[AgeBand]) -> tuple[tuple[str, str], ...]:
    """Of what is in the picture."""
    there = {band.days for band in bands if band.open}
    ages = ((css, age_band(*AGES[str(days)])) for css, days in zip(CLASSES, BANDS, strict=True) if days in there)
    late = ((f"s1 {LATE}", t("pilotage.hachure_retard")),) if any(band.late for band in bands) else ()
    return (*ages, *late)


def _parts(bands: _Bands) -> list[float]:
    """Of each band those in time, then those that are late."""
    return [float(part) for days in BANDS for part in _split(bands, days)]


def _split(bands: _Bands, days: int) -> tuple[int, int]:
    band = bands.get(days)
    return (band.open - band.late, band.late) if band else (0, 0)


def _label(bands: _Bands) -> str:
    late = sum(band.late for band in bands.values())
    total = number(_sum(bands))
    return t("pilotage.stock_dont", n=total, retard=late) if late else total


def _row(name: str, code: str, bands: _Bands) -> tuple[Cell, ...]:
    late = sum(band.late for band in bands.values())
    return (
        Cell(name),
        *(_cell(sum(_split(bands, days)), service=code, age=str(days)) for days in BANDS),
        _cell(_sum(bands), service=code, tri="recue"),
        _cell(late, service=code, echeance="retard"),
    )


def _cell(value: int, **asked: str) -> Cell:
    return Cell(number(value), _behind(**asked) if value else "")


def _behind(**asked: str) -> str:
    return f"{BASE}?{urlencode({name: value for name, value in asked.items() if value})}"


def _sum(bands: _Bands) -> int:
    return sum(band.open for band in bands.values())
