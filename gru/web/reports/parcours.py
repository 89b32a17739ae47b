"""Where does delay arise: in which stage, at which department, from hand to hand?

The bars share out all the time that the closed requests took, so that the parts add up to the whole; a median of each
stage would not. Beside all requests stand those closed after their date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gru.domain.town import Town
from gru.office.figures import day_seconds
from gru.office.figures.asked import TENTHS
from gru.office.figures.stages import FEW, AtDepartment, Part, TimeSpent, time_spent
from gru.web import current
from gru.web.agents.behind import SLUGS
from gru.web.charts import Bar, stacked_bars
from gru.web.i18n import THIN, decimal, number, t
from gru.web.reports.asking import Asking
from gru.web.reports.leading import all_behind, behind
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections.base import STAGES

CLASSES = tuple(f"stage-{stage.replace('_', '-')}" for stage in STAGES)
TOO_FEW = 5


@dataclass(frozen=True, slots=True)
class Links:
    """The queue's addresses for the rounds closed in the period; `service` where one department is counted."""

    days: tuple[date, date]
    service: str
    day: int

    def to(self, counted: str, service: str = "") -> str:
        return behind(counted, self.days, service=service or self.service)

    def longest(self, counted: str, part: Part, place: int, service: str = "") -> str:
        """Those that were in this stage for longer than the average; none where that is less than a tenth of a day."""
        mean = round(TENTHS * part.stages[place] / part.rounds / self.day) if part.rounds else 0
        if mean == 0:
            return ""
        more = {"etape": SLUGS[STAGES[place]], "plus_de": str(Decimal(mean) / TENTHS)}
        return behind(counted, self.days, service=service or self.service, **more)


def show(asking: Asking) -> Shown:
    day = day_seconds(asking.town)
    found = time_spent(asking.connection, asking.asked, day)
    fields = (asking.weeks_field(), asking.service_field())
    if not found.departments:
        return Shown((Section(t("pilotage.parcours_vide")),), fields)
    links = Links(asking.asked.period.days(current.french().zone), asking.service, day)
    return Shown(
        (
            _together(found, day, links),
            _by_department(found, asking.town, day, links),
            _handed(found, asking, day, links),
        ),
        fields,
    )


def stage_name(stage: str) -> str:
    return t(f"pilotage.etape.{stage}")


def _signed_days(seconds: float, day: int) -> str:
    """« +2,9 j », and nothing before what is nothing."""
    tenths_of = round(TENTHS * seconds / day)
    sign = "+" if tenths_of > 0 else "−" if tenths_of < 0 else ""
    return sign + days(abs(tenths_of) * day / TENTHS, day)


def days(seconds: float, day: int) -> str:
    """« 4,5 j », in working days."""
    return t("pilotage.jours", n=decimal(seconds / day))


def _together(found: TimeSpent, day: int, links: Links) -> Section:
    parts = (("pilotage.toutes", found.every, "closes"), ("pilotage.en_retard_seules", found.late, "en-retard"))
    shown = [(t(key, n=part.rounds), part, counted) for key, part, counted in parts if part.rounds >= TOO_FEW]
    title, finding = t("pilotage.parcours_ensemble"), _finding(found, day)
    more = found.more if found.can_compare else None
    bars = tuple(Bar(name, _shares(part)) for name, part, _ in shown if part.worked)
    heads = (t("pilotage.etape"), *(name for name, *_ in shown), *((t("pilotage.surplus"),) if more else ()))
    rows = tuple(
        (
            Cell(stage_name(stage)),
            *(Cell(_percent(part, place), links.longest(counted, part, place)) for _, part, counted in shown),
            *((Cell(_signed_days(more[place], day)),) if more else ()),
        )
        for place, stage in enumerate(STAGES)
    )
    whole = (
        Cell(t("pilotage.closes")),
        *(Cell(number(part.rounds), links.to(counted)) for _, part, counted in shown),
        *((Cell(_signed_days(sum(more), day)),) if more else ()),
    )
    return Section(
        title=title,
        finding=finding,
        note=f"{t('pilotage.parcours_note')} {t('pilotage.parcours_liens')}",
        chart=stacked_bars(title, finding, bars, CLASSES) if bars else None,
        key=tuple(zip(CLASSES, map(stage_name, STAGES), strict=True)) if bars else (),
        table=DataTable(t("pilotage.parcours_tableau"), heads, (*rows, whole)),
        open=True,
    )


def _finding(found: TimeSpent, day: int) -> str:
    """Where the late ones took longer than the others; with too few of either, where all of them were."""
    if found.can_compare and (whole := sum(found.more)) > 0:
        place = max(range(len(STAGES)), key=lambda number: found.more[number])
        share = 100 * found.more[place] / sum(more for more in found.more if more > 0)
        return t("pilotage.parcours_retard", jours=days(whole, day), pct=decimal(share, 0),
                 etape=stage_name(STAGES[place]))  # fmt: skip
    if not found.every.worked:
        return t("pilotage.parcours_vide")
    place = max(range(len(STAGES)), key=lambda number: found.every.stages[number])
    said = t("pilotage.parcours_tout", pct=decimal(100 * found.every.stages[place] / found.every.worked, 0),
             etape=stage_name(STAGES[place]))  # fmt: skip
    return said if found.every.rounds >= FEW else f"{said} {t('pilotage.petit_nombre', n=found.every.rounds)}"


def _by_department(found: TimeSpent, town: Town, day: int, links: Links) -> Section:
    named = _named([one for one in found.departments if one.every.rounds >= TOO_FEW], town)
    title = t("pilotage.par_service")
    slowest = max(
        (pair for pair in named if pair[1].every.rounds >= FEW), key=lambda pair: pair[1].p90 or 0, default=None
    )
    finding = t("pilotage.trop_peu")
    if slowest:
        finding = t("pilotage.service_lent", service=slowest[0], p90=tenths(slowest[1].p90))
    bars = tuple(
        Bar(f"{name} ({number(one.every.rounds)})", _shares(one.every), _label(one))
        for name, one in named
        if one.every.worked
    )
    measured = ("closes", "dont_retard", "tete_mediane", "tete_p90")
    heads = (t("champ.service"), *(t(f"pilotage.{key}") for key in measured), *map(stage_name, STAGES))
    rows = tuple(
        (
            Cell(name),
            Cell(number(one.every.rounds), links.to("closes", one.department)),
            Cell(number(one.late.rounds), links.to("en-retard", one.department) if one.late.rounds else ""),
            Cell(tenths(one.median)),
            Cell(tenths(one.p90)),
            *(
                Cell(days(seconds / one.every.rounds, day), links.longest("closes", one.every, place, one.department))
                for place, seconds in enumerate(one.every.stages)
            ),
        )
        for name, one in named
    )
    return Section(
        title=title,
        finding=finding,
        note=t("pilotage.parcours_service_note", n=TOO_FEW),
        chart=stacked_bars(title, finding, bars, CLASSES) if bars else None,
        table=DataTable(t("pilotage.parcours_services"), heads, rows) if rows else None,
    )


def _handed(found: TimeSpent, asking: Asking, day: int, links: Links) -> Section:
    named = _named([one for one in found.departments if one.every.rounds >= TOO_FEW], asking.town)
    handed, back = (sum(getattr(one, name) for one in found.departments) for name in ("handed", "back"))
    finding = t(
        "pilotage.transmises_trouve", n=handed, retours=t("pilotage.revenues_dont", n=back), total=found.every.rounds
    )
    heads = tuple(t(f"pilotage.{key}") for key in ("transmises", "retours", "temps_perdu"))
    rows = tuple(
        (
            Cell(name),
            Cell(number(one.handed), links.to("transmises", one.department) if one.handed else ""),
            Cell(number(one.back), links.to("retournees", one.department) if one.back else ""),
            Cell(days(one.before_last / one.handed, day) if one.handed >= TOO_FEW else "—"),
        )
        for name, one in named
    )
    table = DataTable(t("pilotage.transmises_tableau"), (t("champ.service"), *heads), rows)
    cases = all_behind(handed, "transmises", links.days, service=links.service)
    return Section(title=t("pilotage.transmissions"), finding=finding, table=table if rows else None, cases=cases)


def _named(found: Sequence[AtDepartment], town: Town) -> list[tuple[str, AtDepartment]]:
    known = ((town.departments[one.department].name, one) for one in found if one.department in town.departments)
    return sorted(known, key=lambda pair: pair[0])


def _shares(part: Part) -> tuple[float, ...]:
    return tuple(100 * seconds / part.worked for seconds in part.stages)


def _percent(part: Part, place: int) -> str:
    return f"{decimal(100 * part.stages[place] / part.worked, 0)}{THIN}%" if part.worked else "—"


def tenths(value: int | None) -> str:
    return "—" if value is None else t("pilotage.jours", n=decimal(value / TENTHS))


def _label(one: AtDepartment) -> str:
    return t("pilotage.mediane_et_p90", mediane=tenths(one.median), p90=tenths(one.p90))
