"""What gets in the agents' way, declared and observed, by group and never by name?"""

from collections.abc import Sequence

from gru.domain.rights import scope_of
from gru.domain.town import Town
from gru.office.figures import difficulties as figures
from gru.office.figures.difficulties import OTHERS, Declared, Groups, Load, Observed, Spread
from gru.web import current, labels
from gru.web.agents.shell import BASE, DIFFICULTIES
from gru.web.charts import Bar, Line, columns, stacked_bars
from gru.web.dates import day_and_month, short_date
from gru.web.i18n import alphabetical, decimal, number, t
from gru.web.pages import Link
from gru.web.reports.asking import Asking
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections.rework import HEAVILY, Case, Kind, Rewritten

CLASSES = ("s1", "s2", "s4", "s3", "thin")
"""More groups than this are told in the table."""

KINDS: dict[Kind, str] = {
    "returned": "difficulte.obs_retours",
    "waited_service": "difficulte.obs_attente_service",
    "waited_third_party": "difficulte.obs_attente_tiers",
    "asked_again": "difficulte.obs_complements",
    "reopened": "difficulte.obs_rouvertes",
}
DAY = 86_400


def show(asking: Asking) -> Shown:
    fields = (asking.weeks_field(),)
    known = figures.groups(asking.town.departments, current.agents().values())
    if not known.enough:
        return Shown((Section(finding=t("pilotage.petit"), open=True),), fields)
    connection, asked = asking.connection, asking.asked
    names = Names(asking.town, known)
    declared = figures.declared(connection, asked, known)
    seen = figures.observed(connection, asked, known)
    returned = figures.cases(connection, asked, "returned", scope_of(current.agent()))
    load = figures.load(connection, asked, known)
    sections = (
        reasons(declared, names),
        _weeks(declared, asking),
        answers(declared),
        observed(seen, names),
        *_sent_round(returned, asking),
        *templates(figures.rewritten(connection, asked), asking.town),
        *_load(load, names),
    )
    return Shown(sections, fields)


class Names:
    """How the groups are called, those shown by themselves first."""

    def __init__(self, town: Town, known: Groups) -> None:
        self._town = town
        own = sorted(known.shown, key=lambda code: alphabetical(self._name(code)))
        self.groups: tuple[str, ...] = (*own, OTHERS)

    def _name(self, code: str) -> str:
        return self._town.departments[code].name

    def of(self, code: str) -> str:
        return self._name(code) if code != OTHERS else t("difficulte.autres_services")

    def heads(self) -> tuple[str, ...]:
        return tuple(self.of(code) for code in self.groups)

    def cells(self, row: dict[str, int]) -> tuple[Cell, ...]:
        return tuple(Cell(number(row.get(code, 0))) for code in self.groups)


def reasons(found: Declared, names: Names) -> Section:
    title = t("difficulte.declarees")
    if not found.total:
        return Section(
            title=title, finding=t("difficulte.aucune_periode"), note=t("difficulte.note_groupes"), open=True
        )
    first = labels.said(labels.DIFFICULTIES, found.reasons[0][0])
    finding = t("difficulte.premiere", n=found.total, motif=first.lower(), fois=found.reasons[0][1])
    shown = names.groups[: len(CLASSES)] if len(names.groups) <= len(CLASSES) else ()
    bars = tuple(
        Bar(
            labels.said(labels.DIFFICULTIES, reason),
            tuple(float(row.get(code, 0)) for code in shown) if shown else (float(total),),
            number(total),
        )
        for reason, total, row in found.reasons
    )
    rows = tuple(
        (Cell(labels.said(labels.DIFFICULTIES, reason)), Cell(number(total)), *names.cells(row))
        for reason, total, row in found.reasons
    )
    return Section(
        title=title,
        finding=finding,
        note=t("difficulte.note_groupes"),
        chart=stacked_bars(title, finding, bars, CLASSES[: len(shown) or 1]),
        key=tuple(zip(CLASSES, (names.of(code) for code in shown), strict=False)),
        table=DataTable(title, (t("difficulte.motif"), t("difficulte.ensemble"), *names.heads()), rows),
        cases=Link(DIFFICULTIES, t("difficulte.lire_reponses")),
        open=True,
    )


def _weeks(found: Declared, asking: Asking) -> Section:
    title = t("difficulte.par_semaine")
    days = [start.astimezone(current.french().zone).date() for start in asking.asked.period.edges[:-1]]
    every = max(1, len(days) // 13)
    most = max(found.weeks, default=0)
    finding = t("difficulte.semaine_pleine", n=most) if most else t("difficulte.aucune_periode")
    names = tuple(short_date(day) if n % every == 0 else "" for n, day in enumerate(days))
    line = Line("l1", tuple(float(week) for week in found.weeks))
    chart = columns(title, finding, names, (line,), top=_top(most))
    rows = tuple((Cell(day_and_month(day)), Cell(number(week))) for day, week in zip(days, found.weeks, strict=True))
    heads = (t("pilotage.semaine"), t("difficulte.ensemble"))
    return Section(title=title, finding=finding, chart=chart if most else None, table=DataTable(title, heads, rows))


def _top(most: int) -> float:
    """A height whose quarters are whole numbers."""
    return float(max(4, -(-most // 4) * 4))


def answers(found: Declared) -> Section:
    """What was done about them: answered, settled, within how long."""
    title, spread = t("difficulte.suites"), found.to_answer
    if not found.total:
        return Section(title=title, finding=t("difficulte.aucune_periode"))
    finding = t("difficulte.suites_trouve", repondues=found.answered, total=found.total, faites=found.settled)
    rows = (
        (Cell(t("difficulte.onglet_ouvertes")), Cell(number(found.total - found.answered))),
        (Cell(t("difficulte.onglet_repondues")), Cell(number(found.answered))),
        (Cell(t("difficulte.dont_faites")), Cell(number(found.settled))),
        (Cell(t("difficulte.mediane")), Cell(_days(spread.median, DAY))),
        (Cell(t("difficulte.neuf_dixiemes")), Cell(_days(spread.ninth, DAY))),
    )
    table = DataTable(title, (t("difficulte.suite"), t("difficulte.ensemble")), rows)
    return Section(title=title, finding=finding, note=t("difficulte.suites_note"), table=table, open=True)


def _days(seconds: int | None, day: int) -> str:
    return t("difficulte.jours", n=decimal(seconds / day)) if seconds is not None else "—"


def observed(found: Sequence[Observed], names: Names) -> Section:
    title = t("difficulte.observees")
    total = sum(one.times for one in found)
    if not total:
        return Section(title=title, finding=t("difficulte.rien_observe"))
    most = max(found, key=lambda one: one.times)
    finding = t("difficulte.observees_trouve", quoi=t(KINDS[most.kind]), n=most.times)
    rows = tuple(
        (Cell(t(KINDS[one.kind])), Cell(number(one.times)), *_lasted(one.lasted), *names.cells(one.by_group))
        for one in found
    )
    bars = tuple(Bar(t(KINDS[one.kind]), (float(one.times),), number(one.times)) for one in found)
    heads = (
        t("difficulte.quoi"),
        t("difficulte.ensemble"),
        t("difficulte.mediane_attente"),
        t("difficulte.neuf_attente"),
        *names.heads(),
    )
    return Section(
        title=title,
        finding=finding,
        note=t("difficulte.observees_note"),
        chart=stacked_bars(title, finding, bars, ("s1",)),
        table=DataTable(title, heads, rows),
        open=True,
    )


def _lasted(spread: Spread | None) -> tuple[Cell, Cell]:
    if spread is None:
        return Cell("—"), Cell("—")
    return Cell(_days(spread.median, DAY)), Cell(_days(spread.ninth, DAY))


def _sent_round(found: Sequence[Case], asking: Asking) -> tuple[Section, ...]:
    """The cases sent back most often, as far as the reader may see them."""
    if not found:
        return ()
    title, kinds = t("difficulte.renvoyees"), asking.town.types
    rows = tuple(
        (
            Cell(one.ref),
            Cell(kinds[one.type].label if one.type in kinds else t("dossier.type_inconnu")),
            Cell(number(one.times), f"{BASE}/{one.ref}"),
        )
        for one in found
    )
    heads = (t("suivi.acces_ref"), t("champ.type"), t("difficulte.obs_retours"))
    finding = t("difficulte.renvoyees_trouve", n=found[0].times)
    return (Section(title=title, finding=finding, table=DataTable(title, heads, rows)),)


def templates(found: Sequence[Rewritten], town: Town) -> tuple[Section, ...]:
    if not found:
        return ()
    named = {town.letters[kind]: t(labels.REPLY_KINDS[kind]) for kind in labels.REPLY_KINDS if kind in town.letters}
    named |= {one.template: one.label for one in town.replies.values()}
    title = t("difficulte.modeles")
    heavy, used = sum(one.heavily for one in found), sum(one.used for one in found)
    finding = t("difficulte.modeles_trouve", n=heavy, total=used)
    rows = tuple(
        (
            Cell(named.get(one.template, one.template)),
            Cell(number(one.used)),
            Cell(number(one.heavily)),
            Cell(f"{one.kept}\u202f%"),
        )
        for one in found
    )
    heads = (t("difficulte.modele"), t("difficulte.utilise"), t("difficulte.reecrit"), t("difficulte.mots_gardes"))
    note = t("difficulte.modeles_note", pct=HEAVILY)
    return (Section(title=title, finding=finding, note=note, table=DataTable(title, heads, rows), open=True),)


def _load(found: Load, names: Names) -> tuple[Section, ...]:
    """Cases that come into the queues in each hour, on an average day: a sum over days, divided for the eye."""
    total = [sum(hours[hour] for hours in found.by_group.values()) for hour in figures.HOURS]
    if not found.days or not sum(total):
        return ()
    title = t("difficulte.charge")
    peak = max(figures.HOURS, key=lambda hour: total[hour])
    finding = t("difficulte.charge_trouve", heure=str(peak), n=total[peak], jours=found.days)
    hours = tuple(t("difficulte.heure", n=str(hour)) if hour % 3 == 0 else "" for hour in figures.HOURS)
    line = Line("l1", tuple(float(one) for one in total))
    chart = columns(title, finding, hours, (line,), top=_top(max(total)))
    rows = tuple(
        (
            Cell(t("difficulte.heure", n=str(hour))),
            Cell(number(total[hour])),
            *(Cell(number(found.by_group[code][hour]) if code in found.by_group else "0") for code in names.groups),
        )
        for hour in figures.HOURS
    )
    heads = (t("difficulte.heure_tete"), t("difficulte.ensemble"), *names.heads())
    note = t("difficulte.charge_note")
    return (Section(title=title, finding=finding, note=note, chart=chart, table=DataTable(title, heads, rows)),)
