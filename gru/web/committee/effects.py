"""What did a decision change, in words, in a picture and in a table, and what else happened then?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from gru.office.figures import Cut
from gru.office.figures.effects import FOLLOW, WASH_OUT, Cohort, Effect, effect_of, measurable_from
from gru.web import current
from gru.web.charts import Line, columns
from gru.web.committee.live import NOTHING, percent
from gru.web.dates import long_date, short_date
from gru.web.i18n import decimal, number, t
from gru.web.reports.report_page import Cell, DataTable, Section
from projections.decisions import DecisionRow

MOST_NAMES = 13


def shown_effect(
    connection: Connection, cut: Cut, one: DecisionRow, others: Sequence[DecisionRow], titles: Mapping[str, str]
) -> tuple[Section, ...]:
    """What the page of one decision says of its effect."""
    effect = effect_of(connection, current.town(), one.effect, one.types, one.departments, cut)
    return tuple(_sections(effect, one, others, titles)) if effect else (_too_early(one),)


def _too_early(one: DecisionRow) -> Section:
    return Section(
        finding=t("decision.trop_tot", date=long_date(measurable_from(one.effect))),
        note=t("decision.methode", suivi=FOLLOW, rodage=WASH_OUT),
    )


def _sections(
    effect: Effect, one: DecisionRow, others: Sequence[DecisionRow], titles: Mapping[str, str]
) -> Iterator[Section]:
    yield Section(
        finding=_finding(effect),
        note=t("decision.methode", suivi=FOLLOW, rodage=WASH_OUT),
        table=_compared(effect),
        title=t("decision.avant_apres"),
        open=True,
    )
    yield _control(effect)
    yield _around(effect, one, others, titles)


def _finding(effect: Effect) -> str:
    test = effect.test
    if effect.verdict == "too_few" or test is None or test.hazard is None:
        return t("decision.trop_peu")
    hazard = test.hazard
    return t(
        f"decision.verdict.{effect.verdict}",
        fois=decimal(hazard.ratio, 2),
        bas=decimal(hazard.interval.low, 2),
        haut=decimal(hazard.interval.high, 2),
        p=_chance(test.p),
    )


def _chance(p: float) -> str:
    return t("decision.p_petit") if p < 0.001 else decimal(p, 3)


def _compared(effect: Effect) -> DataTable:
    keys = ("groupe", "du", "au", "demandes", "resolues", "part", "intervalle", "mediane")
    rows = (_cohort(t("decision.avant"), effect.before), _cohort(t("decision.apres"), effect.after))
    return DataTable(t("decision.tableau", n=FOLLOW), tuple(t(f"decision.tete.{key}") for key in keys), rows)


def _cohort(name: str, one: Cohort) -> tuple[Cell, ...]:
    few = one.total < 5
    share = None if few or not one.total else 100 * one.resolved / one.total
    around = None if few else one.share
    interval = f"{percent(100 * around.low)} – {percent(100 * around.high)}" if around else NOTHING
    median = NOTHING if few else t("decision.pas_de_mediane") if one.median is None else decimal(one.median)
    return (
        Cell(name),
        Cell(f"{one.first:%d/%m/%Y}", day=one.first),
        Cell(f"{one.last:%d/%m/%Y}", day=one.last),
        Cell(number(one.total)),
        Cell(number(one.resolved)),
        Cell(percent(share)),
        Cell(interval),
        Cell(median),
    )


def _control(effect: Effect) -> Section:
    """The share by week, with the limits within which it varied before."""
    control, weeks = effect.control, effect.weeks
    shown_every = max(1, len(weeks) // MOST_NAMES)
    names = tuple(short_date(week.first) if n % shown_every == 0 else "" for n, week in enumerate(weeks))
    notes = tuple(f"n = {week.total}" if n % shown_every == 0 else "" for n, week in enumerate(weeks))
    lines = [
        Line("l1", tuple(week.share if not week.after else None for week in weeks)),
        Line("l2", tuple(week.share if week.after else None for week in weeks)),
    ]
    finding = t("decision.carte_sans")
    target = None
    if control:
        outside = sum(1 for signal in control.signals if signal.rule == "beyond")
        low, high = max(0.0, control.low), min(100.0, control.high)
        key = "decision.carte" if outside else "decision.carte_dedans"
        finding = t(key, n=outside, bas=percent(low), haut=percent(high))
        lines += [Line("l3", (limit,) * len(weeks)) for limit in (high, low)]
        target = control.centre
    title = t("decision.carte_titre", n=FOLLOW)
    heads = tuple(t(f"decision.tete.{key}") for key in ("semaine", "groupe", "demandes", "part"))
    rows = tuple(
        (
            Cell(f"{week.first:%d/%m/%Y}", day=week.first),
            Cell(t("decision.apres") if week.after else t("decision.avant")),
            Cell(number(week.total)),
            Cell(percent(week.share if week.total >= 5 else None)),
        )
        for week in weeks
    )
    named = (("s1", t("decision.avant")), ("s2", t("decision.apres")), ("s3", t("decision.limites")))
    return Section(
        finding=finding,
        title=title,
        note=t("decision.carte_note"),
        chart=columns(title, finding, names, lines, notes, target, 100.0),
        key=named if control else named[:2],
        table=DataTable(title, heads, rows),
    )


def _around(effect: Effect, one: DecisionRow, others: Sequence[DecisionRow], titles: Mapping[str, str]) -> Section:
    """What else may explain the difference: other decisions, dated events, public holidays."""
    first, last = effect.before.first, effect.after.last + timedelta(days=FOLLOW)
    told: list[tuple[date, str]] = [
        (other.effect, titles.get(other.title, ""))
        for other in others
        if other.decision != one.decision and first <= other.effect <= last
    ]
    told += [(day, t("decision.ferie")) for day in current.town().legal_calendar.holidays if first <= day <= last]
    rows = tuple((Cell(f"{day:%d/%m/%Y}", day=day), Cell(said)) for day, said in sorted(told))
    heads = (t("decision.tete.jour"), t("decision.tete.evenement"))
    finding = t("decision.autour", n=len(rows)) if rows else t("decision.rien_autour")
    table = DataTable(t("decision.autour_titre"), heads, rows, words=2) if rows else None
    return Section(finding=finding, title=t("decision.autour_titre"), table=table, open=True)
