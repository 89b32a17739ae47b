"""Do requests come back: reopened after they were closed, or asked for again by the same person?"""

from collections.abc import Callable, Mapping
from datetime import date

from gru.office.figures.returns import Returns, Share, reopenings, repeats
from gru.office.figures.stages import FEW
from gru.web import current
from gru.web.charts import Line, Span, columns, spans
from gru.web.dates import day_and_month, short_date
from gru.web.i18n import THIN, decimal, number, t
from gru.web.reports.asking import Asking
from gru.web.reports.leading import NONE, TOO_FEW, all_behind, behind, days_between, flagged, percent
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from gru.web.reports.sides import name_of
from projections.durations import WITHIN_DAYS

USUAL = "26"
SMALL = 0.1
_DRAWN = 15
"""So many groups, those of most cases, are drawn; the table has all."""


def show(asking: Asking) -> Shown:
    fields = (asking.weeks_field(), asking.service_field())
    back, again = reopenings(asking.connection, asking.asked), repeats(asking.connection, asking.asked)
    if not (back and back.whole.total) and not again.whole.total:
        return Shown((Section(t("pilotage.vide" if back else "pilotage.retours_recul", jours=WITHIN_DAYS)),), fields)
    return Shown((*_reopened(asking, back), *_again(asking, again)), fields)


def _reopened(asking: Asking, found: Returns | None) -> tuple[Section, ...]:
    if found is None:
        return (Section(t("pilotage.retours_recul", jours=WITHIN_DAYS), open=True),)
    if found.whole.total < TOO_FEW:
        return (Section(t("pilotage.petit" if found.whole.total else "pilotage.parcours_vide"), open=True),)
    return (_weeks(asking, found, "rouvertes", "revenues"), *_groups(asking, found, "rouvertes", "revenues"))


def _again(asking: Asking, found: Returns) -> tuple[Section, ...]:
    if found.whole.total < TOO_FEW:
        return (Section(t("pilotage.petit" if found.whole.total else "pilotage.redemandes_vide"), open=True),)
    return (_weeks(asking, found, "redemandes", "redemandees"), *_groups(asking, found, "redemandes", "redemandees"))


def _of(total: int) -> str:
    return f"n = {total}" if total >= TOO_FEW or not total else f"n < {TOO_FEW}"


def _weeks(asking: Asking, found: Returns, slug: str, counted: str) -> Section:
    zone, whole = current.french().zone, found.whole
    days = [edge.astimezone(zone).date() for edge in found.edges[:-1]]
    every = max(1, -(-len(days) // 13))
    names = tuple(short_date(day) if place % every == 0 else "" for place, day in enumerate(days))
    rates = tuple(100 * one.rate if one.rate is not None and one.total >= TOO_FEW else None for one in found.weeks)
    title, finding = t(f"pilotage.{slug}_titre"), flagged(_finding(whole, slug), whole.total)
    notes = tuple(_of(one.total) if place % every == 0 else "" for place, one in enumerate(found.weeks))
    rows = [
        _row(day_and_month(day), one, behind(counted, _between(found, place), service=asking.service))
        for place, (day, one) in enumerate(zip(days, found.weeks, strict=True))
        if one.total
    ]
    period = days_between(found.edges[0], found.edges[-1], zone)
    return Section(
        title=title,
        finding=finding,
        note=t(f"pilotage.{slug}_note", jours=WITHIN_DAYS),
        chart=columns(title, finding, names, (Line("l1", rates),), notes),
        table=DataTable(title, _heads("semaine", slug), (*rows, _row(t("pilotage.total"), whole, ""))),
        cases=all_behind(whole.back, counted, period, service=asking.service),
        open=slug == "rouvertes",
    )


def _groups(asking: Asking, found: Returns, slug: str, counted: str) -> tuple[Section, ...]:
    """By department, and by type."""
    town, zone = asking.town, current.french().zone
    period = days_between(found.edges[0], found.edges[-1], zone)

    def department(code: str) -> str:
        return town.departments[code].name if code in town.departments else code

    def of_department(code: str) -> str:
        return behind(counted, period, service=code)

    def of_type(code: str) -> str:
        return behind(counted, period, service=asking.service, type=code) if code else ""

    return (
        _by(found.departments, department, of_department, slug, "service"),
        _by(found.types, lambda code: name_of(town, "type", code), of_type, slug, "type"),
    )


def _by(
    groups: Mapping[str, Share], name: Callable[[str], str], link: Callable[[str], str], slug: str, kind: str
) -> Section:
    shown = sorted(
        ((name(code), code, one) for code, one in groups.items() if one.total >= TOO_FEW),
        key=lambda group: (-(group[2].rate or 0), group[0]),
    )
    hidden = len(groups) - len(shown)
    title = t(f"pilotage.{slug}_{kind}")
    judged = [(one.rate or 0, said) for said, _, one in shown if one.total >= FEW]
    finding = t("pilotage.equite_trop_peu")
    if judged and judged[0][0]:
        finding = t(f"pilotage.{slug}_plus", nom=judged[0][1], pct=_percent(judged[0][0]))
    elif not any(one.back for one in groups.values()):
        finding = t(f"pilotage.{slug}_aucune")
    note = t("pilotage.retours_bornes")
    return Section(
        title=title,
        finding=finding,
        note=f"{note} {t('pilotage.equite_caches', n=hidden)}" if hidden else note,
        chart=spans(title, finding, _spans(shown), f"{THIN}%") if shown else None,
        table=DataTable(title, _heads(kind, slug), tuple(_row(said, one, link(code)) for said, code, one in shown))
        if shown
        else None,
    )


def _spans(shown: list[tuple[str, str, Share]]) -> list[Span]:
    most = {code for _, code, _ in sorted(shown, key=lambda group: -group[2].total)[:_DRAWN]}
    drawn = []
    for said, code, one in shown:
        if code in most and one.rate is not None and (bounds := one.between):
            few = f" {t('pilotage.peu')}" if one.total < FEW else ""
            label = f"{_percent(one.rate)} · n = {number(one.total)}{few}"
            drawn.append(Span(said, 100 * one.rate, 100 * bounds.low, 100 * bounds.high, label))
    return drawn


def _finding(whole: Share, slug: str) -> str:
    return t(f"pilotage.{slug}_trouve", pct=_percent(whole.rate), n=whole.back, total=whole.total)


def _percent(share: float | None) -> str:
    """A share of few in a hundred to the tenth: « 0,4 % » is not nothing."""
    return f"{decimal(100 * share)}{THIN}%" if share is not None and 0 < share < SMALL else percent(share)


def _heads(first: str, slug: str) -> tuple[str, ...]:
    heads = {"semaine": "pilotage.semaine", "service": "champ.service", "type": "champ.type"}
    keys = (f"{slug}_de", f"{slug}_dont", "tete_taux", "tete_entre")
    return (t(heads[first]), *(t(f"pilotage.{key}") for key in keys))


def _row(name: str, one: Share, href: str) -> tuple[Cell, ...]:
    if one.total < TOO_FEW:
        return (Cell(name), Cell(t("pilotage.moins_de_5")), *[Cell(NONE)] * 3)
    few = f" {t('pilotage.peu')}" if one.total < FEW else ""
    bounds = one.between
    between = t("pilotage.entre", bas=_percent(bounds.low), haut=_percent(bounds.high)) if bounds else NONE
    return (
        Cell(name),
        Cell(f"{number(one.total)}{few}"),
        Cell(number(one.back), href if one.back else ""),
        Cell(_percent(one.rate)),
        Cell(between),
    )


def _between(found: Returns, place: int) -> tuple[date, date]:
    return days_between(found.edges[place], found.edges[place + 1], current.french().zone)
