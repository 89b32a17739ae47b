"""Which share of the promises was kept, by the week in which they fell due?

Open and overdue counts as not kept; what is not due yet is left out of the rate and shown beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from gru.domain.events import CommitmentKind
from gru.domain.statistics import Adjusted
from gru.domain.town import Town
from gru.office.figures import kept as figures
from gru.web import current, labels
from gru.web.agents.shell import BASE
from gru.web.charts import Bar, Line, columns, stacked_bars
from gru.web.dates import day_and_month, short_date
from gru.web.forms import Field
from gru.web.i18n import alphabetical, decimal, number, t
from gru.web.pages import Link
from gru.web.reports import bulk, suspended
from gru.web.reports.asking import Asking
from gru.web.reports.leading import percent
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections.commitments import Cohort

KINDS: dict[str, CommitmentKind] = {
    "resolution": "resolve",
    "reponse": "first_response",
    "accuse": "acknowledge",
    "securite": "make_safe",
}
FEW = 20
TOO_FEW = 5
TARGET = 90.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: which promise, over which weeks, of which department."""

    slug: str
    service: str
    edges: tuple[datetime, ...]

    @property
    def kind(self) -> CommitmentKind:
        return KINDS[self.slug]


def show(asking: Asking) -> Shown:
    slug = asking.args.get("engagement", "")
    slug = slug if slug in KINDS else "resolution"
    asked = Asked(slug, asking.service, asking.asked.period.edges)
    found = figures.kept(asking.connection, asking.asked, asked.kind)
    sections: tuple[Section, ...] = (by_week(asked, found.weeks, found.mixed_weeks),)
    if len(found.departments) > 1:
        sections = (*sections, by_department(asked, found.departments, found.mixed_departments, asking.town))
    if asked.kind == "resolve":
        sections = (*sections, *bulk.of_promises(asking, tuple(found.weeks.values())))
    sections = (*sections, *suspended.sections(asking, sum(week.paused for week in found.weeks.values())))
    return Shown(sections, (_kinds_field(slug), asking.weeks_field(), asking.service_field()))


def _kinds_field(slug: str) -> Field:
    kinds = tuple((one, labels.said(labels.COMMITMENTS, kind)) for one, kind in KINDS.items())
    return Field("engagement", t("pilotage.engagement"), "select", slug, choices=kinds)


def due(one: Cohort) -> int:
    """How many fell due and can be judged."""
    return one.kept + one.late + one.overdue


def rate(one: Cohort) -> float | None:
    return 100 * one.kept / due(one) if due(one) else None


def by_week(asked: Asked, found: Mapping[int, Cohort], mixed: Mapping[int, Adjusted]) -> Section:
    starts = asked.edges[:-1]
    weeks = [found.get(n, Cohort(str(n), 0, 0, 0, 0, 0, 0, 0)) for n in range(len(starts))]
    days = [start.astimezone(current.french().zone).date() for start in starts]
    finding = _finding(weeks)
    shown_every = max(1, len(days) // 13)
    names = tuple(short_date(day) if n % shown_every == 0 else "" for n, day in enumerate(days))
    notes = tuple(f"n = {due(week)}" if n % shown_every == 0 else "" for n, week in enumerate(weeks))
    title = t("pilotage.par_semaine")
    said = any(_hundred(one) is not None for one in mixed.values())
    lines = (
        Line("l1", tuple(rate(week) for week in weeks), t("pilotage.tete_brut") if said else ""),
        Line("l2", tuple(_hundred(mixed.get(number)) for number in range(len(weeks))), t("pilotage.ajuste_court")),
    )[: 2 if said else 1]
    chart = columns(title, finding, names, lines, notes, TARGET, 100.0)
    rows = tuple(_row(asked, Cell(day_and_month(day), day=day), one, _week(day), asked.service, mixed.get(place))
                 for place, (day, one) in enumerate(zip(days, weeks, strict=True)) if one.total)  # fmt: skip
    return Section(
        title=title,
        finding=finding,
        note=f"{t('pilotage.cohorte')} {t('pilotage.ajuste_note' if said else 'pilotage.ajuste_impossible')}",
        chart=chart if any(due(week) for week in weeks) else None,
        table=DataTable(t("pilotage.respect_semaines"), _heads("pilotage.semaine"), rows) if rows else None,
        cases=_all_failed(asked, weeks),
        open=True,
    )


def by_department(asked: Asked, found: Sequence[Cohort], mixed: Mapping[str, Adjusted], town: Town) -> Section:
    known = sorted(((town.departments[one.key].name, one) for one in found if one.key in town.departments),
                   key=lambda pair: alphabetical(pair[0]))  # fmt: skip
    bars = tuple(
        Bar(name, (float(one.kept), float(one.late + one.overdue)), _percent(one)) for name, one in known if due(one)
    )
    title = t("pilotage.par_service")
    judged = [(name, one) for name, one in known if due(one) >= FEW]
    worst = min(judged, key=lambda pair: rate(pair[1]) or 0.0, default=None)
    finding = t("pilotage.service_bas", service=worst[0], pct=_percent(worst[1])) if worst else t("pilotage.trop_peu")
    period = (asked.edges[0].date(), asked.edges[-1].date() - timedelta(days=1))
    rows = tuple(_row(asked, Cell(name), one, period, one.key, mixed.get(one.key)) for name, one in known)
    key = (("s1", t("pilotage.tenues")), ("bad", t("pilotage.non_tenues")))
    return Section(
        title=title,
        finding=finding,
        chart=stacked_bars(title, finding, bars, ("s1", "bad")) if bars else None,
        key=key if bars else (),
        table=DataTable(t("pilotage.respect_services"), _heads("champ.service"), rows) if rows else None,
    )


def _finding(weeks: Sequence[Cohort]) -> str:
    kept, judged = sum(week.kept for week in weeks), sum(due(week) for week in weeks)
    if not judged:
        return t("pilotage.vide")
    said = t("pilotage.respect_trouve", pct=f"{decimal(100 * kept / judged, 0)}", tenues=kept, total=judged)
    return f"{said} {t('pilotage.petit_nombre', n=judged)}" if judged < FEW else said


def _percent(one: Cohort) -> str:
    share = rate(one)
    if share is None or due(one) < TOO_FEW:
        return "—"
    return f"{decimal(share, 0)}\u202f%"


def _heads(first: str) -> tuple[str, ...]:
    keys = ("pilotage.echues", "pilotage.tenues", "pilotage.en_retard", "pilotage.depassees", "pilotage.en_cours",
            "pilotage.suspendues", "pilotage.part", "pilotage.ajuste_court")  # fmt: skip
    return (t(first), *(t(key) for key in keys))


def _row(
    asked: Asked, name: Cell, one: Cohort, period: tuple[date, date], service: str, mixed: Adjusted | None
) -> tuple[Cell, ...]:
    def link(failed: bool) -> str:
        return cases_of(asked.slug, period, service, failed=failed)

    return (
        name,
        Cell(number(due(one)), link(False) if due(one) else ""),
        Cell(number(one.kept)),
        Cell(number(one.late), link(True) if one.late else ""),
        Cell(number(one.overdue), link(True) if one.overdue else ""),
        Cell(number(one.running)),
        Cell(number(one.paused)),
        Cell(_percent(one)),
        Cell(percent(mixed.adjusted if mixed and mixed.n >= TOO_FEW else None)),
    )


def _hundred(one: Adjusted | None) -> float | None:
    return None if one is None or one.adjusted is None else 100 * one.adjusted


def _week(monday: date) -> tuple[date, date]:
    return monday, monday + timedelta(days=6)


def _all_failed(asked: Asked, weeks: Sequence[Cohort]) -> Link | None:
    failed = sum(week.late + week.overdue for week in weeks)
    if not failed:
        return None
    period = (asked.edges[0].date(), asked.edges[-1].date() - timedelta(days=1))
    return Link(cases_of(asked.slug, period, asked.service, failed=True), t("pilotage.cas", n=failed))


def cases_of(slug: str, period: tuple[date, date], service: str = "", *, failed: bool, **more: str) -> str:
    """The queue's address for the cases behind a figure."""
    asked = {"engagement": slug, "du": period[0].isoformat(), "au": period[1].isoformat()}
    asked |= {"service": service} if service else {}
    asked |= {"tenu": "non"} if failed else {}
    asked |= {name: value for name, value in more.items() if value}
    return f"{BASE}?{urlencode(asked)}"
