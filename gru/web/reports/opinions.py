"""Are residents satisfied? Never the share without the rate of answers."""

from collections.abc import Sequence
from datetime import date
from typing import get_args

from gru.domain.events import Channel
from gru.office.figures import opinions as figures
from gru.office.figures.opinions import HIGH, Opinions
from gru.web import current, labels
from gru.web.charts import Bar, stacked_bars
from gru.web.i18n import alphabetical, decimal, number, t
from gru.web.pages import Link
from gru.web.reports.asking import Asking
from gru.web.reports.kept import FEW, TOO_FEW
from gru.web.reports.leading import behind
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections.ratings import Opinion, Said

VERDICTS = {"yes": "avis.oui", "partly": "avis.partie", "no": "avis.non", "": "avis.sans_avis"}
QUESTIONS = {"delay": "avis.q2", "clarity": "avis.q3"}


def show(asking: Asking) -> Shown:
    found = figures.opinions(asking.connection, asking.asked)
    sections = [_scores(found, asking.asked.period.days(current.french().zone), asking.service)]
    if found.whole.answered >= TOO_FEW:
        departments = {code: one.name for code, one in asking.town.departments.items()}
        channels = {code: labels.channel(code).text for code in get_args(Channel)}
        sections.append(_said(found.said))
        sections.append(_by(figures.opinions_by(asking.connection, asking.asked, "department"), departments,
                            t("avis.par_service"), t("champ.service")))  # fmt: skip
        sections.append(_by(figures.opinions_by(asking.connection, asking.asked, "channel"), channels,
                            t("avis.par_canal"), t("champ.canal")))  # fmt: skip
    return Shown(tuple(sections), (asking.weeks_field(), asking.service_field()))


def _scores(found: Opinions, days: tuple[date, date], service: str) -> Section:
    title, whole = t("avis.repartition"), found.whole
    if not whole.asked:
        return Section(title=title, finding=t("avis.aucune_enquete"), note=t("avis.note_methode"), open=True)
    if whole.answered < TOO_FEW:
        finding = t("avis.trop_peu", n=whole.asked)
        return Section(title=title, finding=finding, note=t("pilotage.petit"), open=True)
    bars = tuple(Bar(str(score), _parts(score, times), number(times)) for score, times in enumerate(whole.scores))
    rows = tuple(
        (Cell(str(score)), Cell(number(times)), Cell(_percent(times, whole.answered)))
        for score, times in enumerate(whole.scores)
    )
    finding = rated(whole)
    low = whole.answered - whole.high
    unasked = sum(found.unasked)
    note = t("avis.note_methode") + (f" {t('avis.spontanes', n=unasked)}" if unasked >= TOO_FEW else "")
    return Section(
        title=title,
        finding=finding,
        note=note,
        chart=stacked_bars(title, finding, bars, ("s1", "s3")),
        key=(("s1", t("avis.satisfait")), ("s3", t("avis.autres_notes"))),
        table=DataTable(title, (t("avis.note"), t("avis.reponses"), t("avis.part")), rows),
        cases=Link(behind("notes-basses", days, service=service), t("avis.voir_basses", n=low)) if low else None,
        open=True,
    )


def _parts(score: int, times: int) -> tuple[float, float]:
    return (float(times), 0.0) if score >= HIGH else (0.0, float(times))


def rated(one: Opinion) -> str:
    """« 87 % donnent 8 ou plus, sur 43 réponses (21 % ont répondu). »"""
    said = t(
        "pilotage.satisfaits",
        pct=decimal(100 * one.high / one.answered, 0),
        n=one.answered,
        taux=decimal(100 * one.answered / one.asked, 0),
    )
    return f"{said}. {t('avis.petit_nombre', n=one.answered)}" if one.answered < FEW else f"{said}."


def _percent(part: int, whole: int) -> str:
    return f"{decimal(100 * part / whole, 0)}\u202f%" if whole else "—"


def _said(found: Sequence[Said]) -> Section:
    """How long it took and how clear the answer was: numbers, since few answer each."""
    title = t("avis.pourquoi")
    rows = []
    for question, key in QUESTIONS.items():
        row = {one.verdict: one.number for one in found if one.question == question}
        rows.append((Cell(t(key)), *(Cell(number(row.get(verdict, 0))) for verdict in VERDICTS)))
    long = sum(one.number for one in found if (one.question, one.verdict) == ("delay", "no"))
    finding = t("avis.pourquoi_trouve", n=long)
    heads = (t("avis.question"), *(t(key) for key in VERDICTS.values()))
    return Section(title=title, finding=finding, table=DataTable(title, heads, tuple(rows)), open=True)


def _by(found: Sequence[Opinion], names: dict[str, str], title: str, head: str) -> Section:
    """Groups with five answers or more, the others together."""
    named = {**names, figures.OTHERS: t("avis.autres_groupes")}
    known = sorted(found, key=lambda one: (one.key == figures.OTHERS, alphabetical(named.get(one.key, one.key))))
    judged = [one for one in known if one.answered >= FEW and one.key != figures.OTHERS]
    least = min(judged, key=lambda one: one.high / one.answered) if len(judged) > 1 else None
    finding = t("avis.trop_peu_groupes")
    if least is not None:
        finding = t("avis.plus_bas", nom=named.get(least.key, least.key), pct=_percent(least.high, least.answered))
    bars = tuple(
        Bar(named.get(one.key, one.key), (100 * one.high / one.answered,), _percent(one.high, one.answered))
        for one in known
        if one.answered >= TOO_FEW
    )
    heads = (head, t("avis.envoyees"), t("avis.reponses"), t("avis.taux"), t("avis.huit"), t("avis.lecture"))
    return Section(
        title=title,
        finding=finding,
        note=t("avis.note_groupes"),
        chart=stacked_bars(title, finding, bars, ("s1",)) if bars else None,
        table=DataTable(title, heads, tuple(_row(named.get(one.key, one.key), one) for one in known)),
    )


def _row(name: str, one: Opinion) -> tuple[Cell, ...]:
    if one.answered < TOO_FEW:
        return (Cell(name), Cell(number(one.asked)), Cell("—"), Cell("—"), Cell("—"), Cell(t("avis.masque")))
    return (
        Cell(name),
        Cell(number(one.asked)),
        Cell(number(one.answered)),
        Cell(_percent(one.answered, one.asked)),
        Cell(_percent(one.high, one.answered)),
        Cell(t("avis.prudence") if one.answered < FEW else ""),
    )
