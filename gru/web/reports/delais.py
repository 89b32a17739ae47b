"""How long does it take: of what was resolved, and of all that came, with what is still open?

Measured until the closing, or until the town said something: a person's answer, or any first word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gru.domain.statistics import LogRank
from gru.office.figures import day_seconds
from gru.office.figures.answers import answers
from gru.office.figures.asked import TENTHS
from gru.office.figures.delays import MARKS, Cohort, Spread, delays
from gru.office.figures.stages import FEW
from gru.web import current
from gru.web.charts import Bin, Mark, StepCurve, histogram, step_curves
from gru.web.charts.svg import ticks
from gru.web.dates import short_date
from gru.web.forms import Field
from gru.web.i18n import decimal, number, t
from gru.web.reports import bulk
from gru.web.reports.asking import Asking
from gru.web.reports.leading import (
    NONE,
    TOO_FEW,
    all_behind,
    behind,
    days_between,
    flagged,
    percent,
    tenths,
    whole_days,
)
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections.durations import Answer

_BINS = 30
_WIDTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_HUES = ("l1", "l2", "l3")
_AFTER = 10
"""After so many working days the table says what is still waiting."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Until what is measured; `counted` and `begun` name the cases behind the figures (`agents/behind.py`)."""

    slug: str
    counted: str
    begun: str
    answer: Answer | None = None

    def key(self, name: str) -> str:
        return f"pilotage.{name}_{self.slug}" if self.answer else f"pilotage.{name}"


RESOLUTION = Measure("resolution", "resolues", "recues")
NET = Measure("resolution", "nettes", "recues")
MEASURES = (
    RESOLUTION,
    Measure("reponse", "repondues", "recues", "human"),
    Measure("accuse", "accusees", "premieres", "heard"),
)


def show(asking: Asking) -> Shown:
    asked = asking.args.get("mesure", "")
    measure = next((one for one in MEASURES if one.slug == asked), RESOLUTION)
    choices = tuple((one.slug, t(f"pilotage.mesure_{one.slug}")) for one in MEASURES)
    field = Field("mesure", t("pilotage.mesure"), "select", measure.slug, choices=choices)
    sections = _answers(asking, measure, measure.answer) if measure.answer else _resolution(asking)
    return Shown(sections, (field, asking.weeks_field(), asking.service_field()))


def _resolution(asking: Asking) -> tuple[Section, ...]:
    found = delays(asking.connection, asking.asked, asking.town)
    after = _followed(found.cohorts, found.compared, RESOLUTION, asking.service)
    if found.gross.total < TOO_FEW:
        return (_too_few(found.gross), *after)
    return (
        _spread(found.gross, "brut", RESOLUTION, asking),
        _spread(found.net, "net", NET, asking),
        *bulk.of_delays(asking, found),
        *after,
    )


def _answers(asking: Asking, measure: Measure, answer: Answer) -> tuple[Section, ...]:
    found = answers(asking.connection, asking.asked, asking.town, answer)
    waited = found.waited
    first = _too_few(waited) if waited.total < TOO_FEW else _spread(waited, measure.slug, measure, asking)
    return first, *_followed(found.cohorts, found.compared, measure, asking.service)


def _too_few(found: Spread) -> Section:
    return Section(t("pilotage.petit" if found.total else "pilotage.vide"))


def _spread(found: Spread, kind: str, measure: Measure, asking: Asking) -> Section:
    days, service = asking.asked.period.days(current.french().zone), asking.service
    hours = decimal(day_seconds(asking.town) / 3600)
    title = t(f"pilotage.delai_{kind}")
    median, _, p90 = (found.within(mark) for mark in MARKS)
    finding = flagged(t(measure.key("delai_trouve"), mediane=tenths(median), p90=tenths(p90)), found.total)
    width = _width(found)
    counts, over = _counts(found, width)
    marks = [
        Mark((found.within(p) or 0) / TENTHS / width, t(f"pilotage.marque_{p}", duree=tenths(found.within(p))))
        for p in MARKS
    ]
    every = max(1, round(len(counts) / 8))
    bins = [Bin(n, str(place * width) if place % every == 0 else "") for place, n in enumerate(counts)]
    if over:
        bins.append(Bin(over, t("pilotage.et_plus", n=str(len(counts) * width))))
    return Section(
        title=title,
        finding=finding,
        note=t(f"pilotage.delai_{kind}_note", heures=hours),
        chart=histogram(title, finding, bins, marks, t(measure.key("axe_jours"))),
        table=_table(found, title, counts, over, width, lambda end: behind(
            measure.counted, days, plus_de=str(end), service=service
        )),
        cases=all_behind(found.total, measure.counted, days, service=service),
    )  # fmt: skip


def _width(found: Spread) -> int:
    """How many days a bar holds, so that 95 of 100 cases lie within the bars."""
    far = found.within(95) or 1
    return next((width for width in _WIDTHS if far <= width * TENTHS * _BINS), _WIDTHS[-1])


def _counts(found: Spread, width: int) -> tuple[list[int], int]:
    """How many took up to one, two… widths, and how many more than all of them."""
    far = found.within(95) or 1
    counts = [0] * max(1, min(_BINS, -(-far // (width * TENTHS))))
    over = 0
    for length, n in found.lengths:
        place = max(0, length - 1) // (width * TENTHS)
        if place < len(counts):
            counts[place] += n
        else:
            over += n
    return counts, over


def _table(
    found: Spread, title: str, counts: Sequence[int], over: int, width: int, longer: Callable[[Decimal], str]
) -> DataTable:
    rows, reached = [], 0
    for place, n in enumerate(counts):
        reached += n
        end, left = (place + 1) * width, found.total - reached
        between = t("pilotage.de_a_jours", a=str(place * width), b=str(end))
        rows.append((Cell(between), Cell(number(n)), Cell(percent(reached / found.total)),
                     Cell(number(left), longer(Decimal(end)) if left else "")))  # fmt: skip
    if over:
        end = len(counts) * width
        more = t("pilotage.plus_de_jours", n=str(end))
        rows.append((Cell(more), Cell(number(over), longer(Decimal(end))), Cell(percent(1.0)), Cell("0")))
    marks = [_mark(found, mark, longer) for mark in MARKS]
    heads = ("pilotage.tete_duree", "pilotage.tete_demandes", "pilotage.tete_cumul", "pilotage.tete_plus_longues")
    return DataTable(title, tuple(t(head) for head in heads), (*marks, *rows))


def _mark(found: Spread, mark: int, longer: Callable[[Decimal], str]) -> tuple[Cell, ...]:
    end = found.within(mark) or 0
    within = sum(n for length, n in found.lengths if length <= end)
    left = found.total - within
    return (
        Cell(t(f"pilotage.marque_{mark}", duree=tenths(end)).capitalize()),
        Cell(number(within)),
        Cell(percent(within / found.total)),
        Cell(number(left), longer(Decimal(end) / TENTHS) if left else ""),
    )


# --- what came, with what is still open -------------------------------------------------------------------------------


def _followed(
    cohorts: Sequence[Cohort], compared: LogRank | None, measure: Measure, service: str
) -> tuple[Section, ...]:
    title = t(measure.key("suivi_titre"))
    shown = [one for one in cohorts if one.curve.total >= TOO_FEW]
    if not shown:
        return ()
    finding = _finding(shown[-1], measure)
    last = max((step.time for one in shown for step in one.curve.steps if step.share > 0.02), default=1)
    times = tuple(int(mark) for mark in ticks(max(5, last), 6))
    curves = [
        StepCurve(
            _named(one),
            css,
            tuple((step.time, 100 * step.share, _hundred(step.low), _hundred(step.high)) for step in one.curve.steps),
            tuple(one.curve.at_risk(time) for time in times),
        )
        for one, css in zip(shown, _HUES, strict=False)
    ]
    heads = (t(measure.key("part_ouverte")), t("pilotage.axe_depuis"), t("pilotage.suivies"))
    note = t(measure.key("suivi_note"))
    return (
        Section(
            title=title,
            finding=finding,
            note=f"{note} {_difference(compared)}" if compared and len(shown) > 1 else note,
            chart=step_curves(title, finding, curves, times, heads),
            table=DataTable(title, _heads(measure), tuple(_row(one, measure, service) for one in cohorts)),
            open=True,
        ),
    )


def _finding(one: Cohort, measure: Measure) -> str:
    median, p90 = one.curve.median, one.curve.within(90)
    when = _named(one)
    if median is None:
        return t(measure.key("suivi_sans_mediane"), quand=when)
    late = whole_days(p90) if p90 is not None else t("pilotage.pas_encore")
    return flagged(t(measure.key("suivi_trouve"), quand=when, mediane=whole_days(median), p90=late), one.curve.total)


def _difference(found: LogRank | None) -> str:
    """Said with the size of the effect: of the newest cohort, what was resolved against what was to be expected."""
    if found is None:
        return ""
    newest = found.groups[-1]
    effect = decimal(newest.ratio or 0, 2)
    p = t("pilotage.p_petit") if found.p < 0.001 else decimal(found.p, 3)
    key = "pilotage.suivi_differe" if found.p < 0.05 else "pilotage.suivi_semblable"
    return t(key, p=p, chi2=decimal(found.chi2), ddl=found.freedom, effet=effect)


def _heads(measure: Measure) -> tuple[str, ...]:
    counted = (measure.key(name) for name in ("tete_resolues", "tete_sans_suite", "tete_ouvertes"))
    marks = (f"pilotage.{name}" for name in ("tete_mediane", "tete_p80", "tete_p90"))
    keys = ("pilotage.recues_quand", "pilotage.tete_recues", *counted, *marks)
    return (*(t(key) for key in keys), t(measure.key("tete_apres"), n=_AFTER))


def _row(one: Cohort, measure: Measure, service: str) -> tuple[Cell, ...]:
    days = days_between(one.start, one.end, current.french().zone)
    curve = one.curve
    if curve.total < TOO_FEW:
        return (Cell(_named(one)), Cell(t("pilotage.moins_de_5")), *[Cell(NONE)] * 7)
    few = f" {t('pilotage.peu')}" if curve.total < FEW else ""
    return (
        Cell(_named(one)),
        Cell(f"{number(curve.total)}{few}", behind(measure.begun, days, service=service)),
        Cell(number(curve.events)),
        Cell(number(one.left)),
        Cell(number(one.open)),
        *(Cell(whole_days(curve.within(mark)) if curve.within(mark) is not None else t("pilotage.pas_atteinte"))
          for mark in MARKS),
        Cell(_still(one)),
    )  # fmt: skip


def _still(one: Cohort) -> str:
    step = one.curve.at(_AFTER)
    if step is None:
        return NONE
    if step.low is None or step.high is None:
        return percent(step.share)
    return t("pilotage.part_entre", part=percent(step.share), bas=percent(step.low), haut=percent(step.high))


def _named(one: Cohort) -> str:
    first, last = days_between(one.start, one.end, current.french().zone)
    return t("pilotage.du_au", du=short_date(first), au=short_date(last))


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share
