"""Was an old backlog closed in one go, and what do the figures say without it?"""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from gru.office.figures import bulk
from gru.office.figures.delays import MARKS, Delays, Spread
from gru.office.figures.flow import Flow
from gru.web import current
from gru.web.dates import short_date
from gru.web.i18n import number, t
from gru.web.pages import Link
from gru.web.reports.asking import Asking
from gru.web.reports.leading import NONE, TOO_FEW, all_behind, behind, percent, tenths
from gru.web.reports.report_page import Cell, DataTable, Section
from projections.commitments import Cohort
from projections.durations import MANY, Lot


def of_delays(asking: Asking, found: Delays) -> tuple[Section, ...]:
    """Beside the lengths as counted, those without what was closed in one go."""
    lots = bulk.lots(asking.connection, asking.asked)
    if not lots:
        return ()
    less = bulk.without(asking.connection, lots, asking.town, found.gross, found.net)
    rows = (
        _spread_row("pilotage.lots_avec_brut", found.gross),
        _spread_row("pilotage.lots_sans_brut", less.gross),
        _spread_row("pilotage.lots_avec_net", found.net),
        _spread_row("pilotage.lots_sans_net", less.net),
    )
    keys = ("lots_compte", "tete_resolues", "tete_mediane", "tete_p80", "tete_p90")
    return (_section(asking, lots, tuple(t(f"pilotage.{key}") for key in keys), rows),)


def of_flow(asking: Asking, found: Flow) -> tuple[Section, ...]:
    """What came in against what went out, with and without; and which closings these were."""
    lots = bulk.lots(asking.connection, asking.asked)
    if not lots:
        return ()
    out = sum(bulk.closed_by_week(lots, asking.asked))
    came = found.opened + found.reopened
    rows = tuple(
        (Cell(t(key)), Cell(number(came)), Cell(number(closed)), Cell(_signed(came - closed)))
        for key, closed in (("pilotage.lots_avec", found.closed), ("pilotage.lots_sans", found.closed - out))
    )
    keys = ("lots_compte", "entrees", "sorties", "tete_solde")
    heads = tuple(t(f"pilotage.{key}").capitalize() for key in keys)
    return _section(asking, lots, heads, rows), _listed(asking, lots)


def of_promises(asking: Asking, weeks: Sequence[Cohort]) -> tuple[Section, ...]:
    """How many dates of resolution were kept, with and without those settled in one go."""
    kept, late = bulk.kept_in_lots(asking.connection, asking.asked)
    if not kept + late:
        return ()
    held, due = sum(one.kept for one in weeks), sum(one.kept + one.late + one.overdue for one in weeks)
    rows = tuple(
        (Cell(t(key)), Cell(number(of)), Cell(number(good)), Cell(percent(good / of) if of >= TOO_FEW else NONE))
        for key, good, of in (
            ("pilotage.lots_avec", held, due),
            ("pilotage.lots_sans", held - kept, due - kept - late),
        )
    )
    keys = ("lots_compte", "echues", "tenues", "part")
    asked = {"semaines": asking.weeks} | ({"service": asking.service} if asking.service else {})
    return (
        Section(
            title=t("pilotage.lots_titre"),
            finding=t("pilotage.lots_promesses", n=kept + late),
            note=t("pilotage.lots_note", n=MANY),
            table=DataTable(t("pilotage.lots_tableau"), tuple(t(f"pilotage.{key}") for key in keys), rows),
            cases=Link(f"/pilotage/flux?{urlencode(asked)}", t("pilotage.lots_voir")),
            open=True,
        ),
    )


def _section(
    asking: Asking, lots: Sequence[Lot], heads: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]
) -> Section:
    total = sum(lot.closed for lot in lots)
    days = asking.asked.period.days(current.french().zone)
    return Section(
        title=t("pilotage.lots_titre"),
        finding=t("pilotage.lots_trouve", n=total, fois=len(lots)),
        note=t("pilotage.lots_note", n=MANY),
        table=DataTable(t("pilotage.lots_tableau"), heads, rows),
        cases=all_behind(total, "lots", days, service=asking.service),
        open=True,
    )


def _listed(asking: Asking, lots: Sequence[Lot]) -> Section:
    """Day by day and department by department."""
    zone, closed = current.french().zone, dict[tuple[date, str], int]()
    for lot in lots:
        key = lot.at.astimezone(zone).date(), lot.department
        closed[key] = closed.get(key, 0) + lot.closed
    rows = tuple(
        (
            Cell(short_date(day), day=day),
            Cell(asking.town.departments[code].name if code in asking.town.departments else code),
            Cell(number(n), behind("lots", (day, day), service=code)),
        )
        for (day, code), n in sorted(closed.items())
    )
    heads = (t("pilotage.lots_jour"), t("champ.service"), t("pilotage.lots_closes"))
    title = t("pilotage.lots_liste")
    return Section(finding="", title=title, table=DataTable(title, heads, rows), open=True)


def _spread_row(key: str, found: Spread) -> tuple[Cell, ...]:
    if found.total < TOO_FEW:
        return (Cell(t(key)), Cell(t("pilotage.moins_de_5")), *[Cell(NONE)] * len(MARKS))
    return (Cell(t(key)), Cell(number(found.total)), *(Cell(tenths(found.within(mark))) for mark in MARKS))


def _signed(value: int) -> str:
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"
