"""By which channel, at which site, of which type and from which district do requests come in, go out and stand open?"""

from urllib.parse import urlencode

from gru.office.figures.volume import FEWEST, OTHERS, Volume, volume
from gru.web import current
from gru.web.agents.shell import BASE
from gru.web.charts import Dot, Panel, dot_rows
from gru.web.forms import Field
from gru.web.i18n import number, t
from gru.web.reports.asking import Asking
from gru.web.reports.leading import behind
from gru.web.reports.report_page import Cell, DataTable, Section
from gru.web.reports.sides import filter_of, name_of
from projections.durations import Part

PARTS: dict[str, Part] = {"canal": "channel", "site": "site", "type": "type", "secteur": "district"}
_DRAWN = 12
"""So many groups, the largest, are drawn; the table has all."""


def field(asking: Asking) -> Field:
    asked = asking.args.get("par", "")
    choices = (("", t("pilotage.par_rien")), *((slug, t(f"pilotage.par_{slug}")) for slug in PARTS))
    return Field("par", t("pilotage.par"), "select", asked if asked in PARTS else "", choices=choices)


def sections(asking: Asking) -> tuple[Section, ...]:
    part = PARTS.get(asking.args.get("par", ""))
    if part is None:
        return ()
    found = volume(asking.connection, asking.asked, part)
    largest = max((one for one in found if one.value != OTHERS), key=lambda one: one.opened, default=None)
    total = sum(one.opened for one in found)
    if largest is None or not total:
        return ()
    title = t(f"pilotage.volumes_{part}")
    name = _name(asking, part, largest.value)
    finding = t("pilotage.volumes_trouve", nom=name, n=largest.opened, pct=round(100 * largest.opened / total))
    dots = tuple(
        Dot(_name(asking, part, one.value), float(one.closed), float(one.opened + one.reopened), number(one.now))
        for one in found[:_DRAWN]
    )
    keys = ("tete_recues", "tete_rouvertes", "closes", "tete_fin")
    heads = (t(f"pilotage.par_{asking.args['par']}"), *(t(f"pilotage.{key}") for key in keys))
    return (
        Section(
            title=title,
            finding=finding,
            note=t("pilotage.volumes_note", n=FEWEST),
            chart=dot_rows(title, finding, (Panel(t("pilotage.volumes_axe"), dots),), None),
            key=(("s1", t("pilotage.entrees")), ("fig-raw", t("pilotage.sorties"))),
            table=DataTable(title, heads, tuple(_row(asking, part, one) for one in found)),
            open=True,
        ),
    )


def _row(asking: Asking, part: Part, one: Volume) -> tuple[Cell, ...]:
    """What has no value, and the small groups together, have no filter in the queue."""
    days = asking.asked.period.days(current.french().zone)
    narrowed = {} if one.value in ("", OTHERS) else filter_of(part, one.value)

    def cell(value: int, counted: str) -> Cell:
        href = behind(counted, days, service=asking.service, **narrowed) if value and narrowed else ""
        return Cell(number(value), href)

    still = {"service": asking.service} if asking.service else {}
    return (
        Cell(_name(asking, part, one.value)),
        cell(one.opened, "entrees"),
        cell(one.reopened, "retours"),
        cell(one.closed, "sorties"),
        Cell(number(one.now), f"{BASE}?{urlencode(still | narrowed)}" if one.now and narrowed else ""),
    )


def _name(asking: Asking, part: Part, value: str) -> str:
    return t("pilotage.volumes_autres") if value == OTHERS else name_of(asking.town, part, value)
