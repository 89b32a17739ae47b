"""Who waits the most, by district, channel or site of reception, once all have the same mix of requests?"""

from collections.abc import Callable
from datetime import date

from gru.domain.statistics import Adjusted
from gru.domain.town import Town
from gru.office.figures.equity import Equity, Group, equity
from gru.office.figures.stages import FEW
from gru.web import current
from gru.web.charts import Dot, Panel, dot_rows
from gru.web.forms import Field
from gru.web.i18n import THIN, number, t
from gru.web.reports.asking import Asking
from gru.web.reports.kept import cases_of
from gru.web.reports.leading import TOO_FEW, behind, percent, whole_days
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from gru.web.reports.sides import filter_of, name_of
from projections.durations import Side

_SLUGS: dict[str, Side] = {"quartier": "district", "canal": "channel", "lieu": "site"}
Read = Callable[[Group], Adjusted | None]


def show(asking: Asking) -> Shown:
    said = asking.args.get("cote", "")
    slug = said if said in _SLUGS else "quartier"
    choices = tuple((code, t(f"pilotage.equite_{side}")) for code, side in _SLUGS.items())
    field = Field("cote", t("pilotage.equite_cote"), "select", slug, choices=choices)
    fields = (field, asking.weeks_field(), asking.service_field())
    found = equity(asking.connection, asking.asked, asking.town, _SLUGS[slug])
    if found.resolved < TOO_FEW:
        return Shown((Section(t("pilotage.petit" if found.resolved else "pilotage.vide")),), fields)
    days = asking.asked.period.days(current.french().zone)
    return Shown(
        (_lengths(found, asking.town, days, asking.service), _kept(found, asking.town, days, asking.service)), fields
    )


def _lengths(found: Equity, town: Town, days: tuple[date, date], service: str) -> Section:
    def row(group: Group) -> tuple[Cell, ...]:
        href = behind("resolues", days, service=service, **filter_of(found.side, group.value))
        return _row(town, found.side, group, group.length, href if group.value else "", whole_days)

    title = t("pilotage.equite_delais")
    shown = _shown(found, lambda group: group.length)
    finding = _slowest(found, town, shown)
    panels = _panels(town, found.side, shown, lambda group: group.length, 1.0)
    return Section(
        title=title,
        finding=finding,
        note=_note(found, shown),
        chart=dot_rows(
            title,
            finding,
            panels,
            _reference(found.median, whole_days(found.median)),
            f"{THIN}j",
        ),
        key=_key(panels),
        table=DataTable(title, _heads("tete_resolues"), tuple(map(row, shown))),
        open=True,
    )


def _kept(found: Equity, town: Town, days: tuple[date, date], service: str) -> Section:
    def due_behind(value: str) -> str:
        return cases_of("resolution", days, service, failed=False, **filter_of(found.side, value)) if value else ""

    title = t("pilotage.equite_respect")
    shown = _shown(found, lambda group: group.kept)
    finding = t("pilotage.equite_ville", pct=percent(found.kept))
    rows = tuple(
        _row(town, found.side, group, group.kept, due_behind(group.value), percent) for group in shown if group.kept
    )
    panels = _panels(town, found.side, shown, lambda group: group.kept, 100.0)
    hundred = None if found.kept is None else 100 * found.kept
    return Section(
        title=title,
        finding=finding if found.kept is not None else t("pilotage.vide"),
        note=t("pilotage.cohorte"),
        chart=dot_rows(
            title,
            finding,
            panels,
            _reference(hundred, percent(found.kept)),
            f"{THIN}%",
        ) if rows else None,
        key=_key(panels) if rows else (),
        table=DataTable(title, _heads("echues"), rows) if rows else None,
    )  # fmt: skip


def _shown(found: Equity, read: Read) -> list[Group]:
    """The groups that are no longer persons."""
    return [group for group in found.groups if (one := read(group)) is not None and one.n >= TOO_FEW]


def _panels(town: Town, side: Side, shown: list[Group], read: Read, times: float) -> list[Panel]:
    dots = []
    for group in shown:
        if one := read(group):
            few = f" {t('pilotage.peu')}" if one.n < FEW else ""
            dots.append(
                Dot(name_of(town, side, group.value), _times(one.raw, times), _times(one.adjusted, times),
                    f"n = {number(one.n)}{few}")
            )  # fmt: skip
    return [Panel(t(f"pilotage.equite_{side}"), tuple(dots))] if dots else []


def _slowest(found: Equity, town: Town, shown: list[Group]) -> str:
    """The group that waits longest with the same mix, of those that are not few."""
    judged = [
        (group.length.adjusted, name_of(town, found.side, group.value))
        for group in shown
        if group.value and group.length.adjusted is not None and group.length.n >= FEW
    ]
    if not judged or found.median is None:
        return t("pilotage.equite_trop_peu")
    longest, name = max(judged)
    if longest <= found.median:
        return t("pilotage.equite_semblable", ville=whole_days(found.median))
    return t("pilotage.equite_trouve", nom=name, duree=whole_days(longest), ville=whole_days(found.median))


def _note(found: Equity, shown: list[Group]) -> str:
    hidden = len(found.groups) - len(shown)
    note = t("pilotage.equite_note")
    return f"{note} {t('pilotage.equite_caches', n=hidden)}" if hidden else note


def _heads(counted: str) -> tuple[str, ...]:
    keys = ("pilotage.equite_groupe", f"pilotage.{counted}", "pilotage.tete_brut", "pilotage.ajuste",
            "pilotage.tete_couvert")  # fmt: skip
    return tuple(t(key) for key in keys)


def _row(
    town: Town, side: Side, group: Group, one: Adjusted, href: str, said: Callable[[float | None], str]
) -> tuple[Cell, ...]:
    few = f" {t('pilotage.peu')}" if one.n < FEW else ""
    return (
        Cell(t("pilotage.equite_nom", cote=t(f"pilotage.equite_{side}"), nom=name_of(town, side, group.value))),
        Cell(f"{number(one.n)}{few}", href),
        Cell(said(one.raw)),
        Cell(said(one.adjusted)),
        Cell(percent(one.covered)),
    )


def _key(panels: list[Panel]) -> tuple[tuple[str, str], ...]:
    """Of the points that are there."""
    adjusted = any(dot.adjusted is not None for panel in panels for dot in panel.dots)
    return ("fig-raw", t("pilotage.tete_brut")), *((("s1", t("pilotage.ajuste")),) if adjusted else ())


def _reference(value: float | None, said: str) -> tuple[float, str] | None:
    return None if value is None else (value, t("pilotage.equite_reference", valeur=said))


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
