"""What does a simulation's result say, kind by kind, week by week, department by department, type by type?"""

from collections.abc import Iterator
from datetime import date

from gru.domain.simulating import BY_DEPARTMENT, BY_TYPE, BY_WEEK, KINDS, By, Counts, Tally
from gru.domain.town import Town
from gru.storage.simulations import Run
from gru.web.admin.rule_words import kind_name
from gru.web.charts import Line, columns
from gru.web.dates import day_and_month, short_date
from gru.web.i18n import THIN, alphabetical, decimal, number, t
from gru.web.reports.report_page import Cell, DataTable, Section

FEW, TOO_FEW = 20, 5
"""Under the first a rate is flagged, under the second it is not told."""


def finding(tally: Tally) -> str:
    """The promise that changes most: « Résolution : 74 % au lieu de 76 %… »."""
    moved = sorted(((abs(_points(tally.total(kind)) or 0.0), kind) for kind in KINDS), reverse=True)
    most = moved[0][1]
    counts = tally.total(most)
    if not any(tally.total(kind).worse + tally.total(kind).better for kind in KINDS):
        return t("simulateur.rien_ne_bascule")
    return t(
        "simulateur.trouve",
        quoi=kind_name(most),
        simule=_percent(counts.simulated_kept, counts.simulated_judged),
        officiel=_percent(counts.kept, counts.judged),
        pire=number(counts.worse),
        mieux=number(counts.better),
    )


def notes(run: Run) -> tuple[str, ...]:
    return tuple(_notes(run))


def _notes(run: Run) -> Iterator[str]:
    yield t("simulateur.note_semaines")
    if run.tally.unjudged:
        yield t("simulateur.note_inconnues", n=run.tally.unjudged)
    if run.pauses != "version":
        yield t("simulateur.note_pauses")


def sections(run: Run, kind: str, here: str, town: Town) -> tuple[Section, ...]:
    return (
        _by_kind(run.tally, here),
        _by_week(run.tally, kind),
        _by(run.tally, BY_DEPARTMENT, kind, {code: one.name for code, one in town.departments.items()}),
        _by(run.tally, BY_TYPE, kind, {code: one.label for code, one in town.types.items()}),
    )


def _by_kind(tally: Tally, here: str) -> Section:
    rows = tuple(
        (
            Cell(kind_name(kind)),
            *_shares(counts),
            Cell(number(counts.running)),
            Cell(number(counts.simulated_running)),
            Cell(number(counts.worse), f"{here}/demandes?sens=pire&engagement={kind}" if counts.worse else ""),
            Cell(number(counts.better), f"{here}/demandes?sens=mieux&engagement={kind}" if counts.better else ""),
        )
        for kind in KINDS
        if (counts := tally.total(kind)).judged or counts.simulated_judged
    )
    heads = (t("simulateur.engagement"), *_share_heads(), t("simulateur.en_cours"), t("simulateur.en_cours_simule"),
             t("simulateur.sens.pire"), t("simulateur.sens.mieux"))  # fmt: skip
    return Section(
        finding=t("simulateur.compte", n=tally.cases),
        title=t("simulateur.par_engagement"),
        table=DataTable(t("simulateur.par_engagement"), heads, rows),
        open=True,
    )


def _by_week(tally: Tally, kind: str) -> Section:
    mondays = [date.fromisoformat(code) for code in tally.codes(BY_WEEK)]
    weeks = [tally.of(BY_WEEK, monday.isoformat(), kind) for monday in mondays]
    every = -(-len(mondays) // 13)
    names = tuple(short_date(day) if n % every == 0 else "" for n, day in enumerate(mondays))
    were = Line("l1", tuple(_rate(one.kept, one.judged) for one in weeks))
    would_be = Line("l3", tuple(_rate(one.simulated_kept, one.simulated_judged) for one in weeks))
    title = t("simulateur.par_semaine", quoi=kind_name(kind))
    said = _said(tally, kind)
    rows = tuple(_row(day_and_month(day), one) for day, one in zip(mondays, weeks, strict=True) if _any(one))
    return Section(
        finding=said,
        title=title,
        chart=columns(title, said, names, (were, would_be), top=100.0) if rows else None,
        key=(("s1", t("simulateur.officiel")), ("s3", t("simulateur.simule"))) if rows else (),
        table=DataTable(title, (t("pilotage.semaine"), *_heads()), rows) if rows else None,
    )


def _by(tally: Tally, by: By, kind: str, names: dict[str, str]) -> Section:
    """Those that change most stand first."""
    found = [(names.get(code, code) or t("simulateur.sans_type"), tally.of(by, code, kind)) for code in tally.codes(by)]
    shown = sorted(
        (pair for pair in found if _any(pair[1])), key=lambda pair: (_points(pair[1]) or 0.0, alphabetical(pair[0]))
    )
    title = t(f"simulateur.par.{by}", quoi=kind_name(kind))
    rows = tuple(_row(name, counts) for name, counts in shown)
    judged = [(name, one) for name, one in shown if one.judged >= FEW and _points(one)]
    said = t("simulateur.rien_ne_bascule")
    if judged:
        name, one = max(judged, key=lambda pair: abs(_points(pair[1]) or 0.0))
        said = t("simulateur.plus_touche", nom=name, officiel=_percent(one.kept, one.judged),
                 simule=_percent(one.simulated_kept, one.simulated_judged))  # fmt: skip
    heads = (t("champ.service" if by == BY_DEPARTMENT else "champ.type"), *_heads())
    return Section(said, DataTable(title, heads, rows) if rows else None, title=title, open=by == BY_DEPARTMENT)


def _said(tally: Tally, kind: str) -> str:
    counts = tally.total(kind)
    if not _any(counts):
        return t("simulateur.aucun_engagement")
    return t("simulateur.contre", officiel=_percent(counts.kept, counts.judged), n=counts.judged,
             simule=_percent(counts.simulated_kept, counts.simulated_judged),
             total=number(counts.simulated_judged))  # fmt: skip


def _share_heads() -> tuple[str, ...]:
    return tuple(t(f"simulateur.{key}") for key in ("tenus", "tenus_simule", "ecart"))


def _heads() -> tuple[str, ...]:
    return (*_share_heads(), t("simulateur.sens.pire"), t("simulateur.sens.mieux"))


def _row(name: str, counts: Counts) -> tuple[Cell, ...]:
    """Groups under five are not told: nobody should be known by them."""
    if max(counts.judged, counts.simulated_judged) < TOO_FEW:
        return (Cell(name), *(Cell("—") for _ in range(5)))
    return (Cell(name), *_shares(counts), Cell(number(counts.worse)), Cell(number(counts.better)))


def _shares(counts: Counts) -> tuple[Cell, Cell, Cell]:
    points = _points(counts)
    sign = "+" if points and points > 0 else "−" if points and points < 0 else ""
    gap = f"{sign}{decimal(abs(points), 1)}{THIN}pts" if points is not None else "—"
    return _share(counts.kept, counts.judged), _share(counts.simulated_kept, counts.simulated_judged), Cell(gap)


def _share(kept: int, judged: int) -> Cell:
    """« 74 % de 2 442 », and a word of caution under twenty."""
    if judged < TOO_FEW:
        return Cell("—")
    said = t("simulateur.part", pct=_percent(kept, judged), total=number(judged))
    return Cell(f"{said}{THIN}*" if judged < FEW else said)


def _rate(kept: int, judged: int) -> float | None:
    return 100 * kept / judged if judged >= TOO_FEW else None


def _points(counts: Counts) -> float | None:
    """Between the shares as they are shown: who subtracts them finds the same."""
    was, would_be = _rate(counts.kept, counts.judged), _rate(counts.simulated_kept, counts.simulated_judged)
    return None if was is None or would_be is None else round(round(would_be, 1) - round(was, 1), 1)


def _percent(kept: int, judged: int) -> str:
    return f"{decimal(100 * kept / judged, 1)}{THIN}%" if judged else "—"


def _any(counts: Counts) -> bool:
    return bool(counts.judged or counts.simulated_judged)
