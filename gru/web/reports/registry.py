"""Which questions have a page? One line each; all of them are shown and exported by the same hand."""

from collections.abc import Callable
from dataclasses import dataclass

from gru.web.reports import (
    delais,
    difficulties,
    equite,
    flux,
    kept,
    opinions,
    parcours,
    prevision,
    processus,
    retours,
    stock,
)
from gru.web.reports.asking import USUAL, Asking
from gru.web.reports.report_page import Shown


@dataclass(frozen=True, slots=True)
class Report:
    """`slug` is its address under /pilotage, `question` the key of its heading, `weeks` its usual period."""

    slug: str
    question: str
    show: Callable[[Asking], Shown]
    weeks: str = USUAL


REPORTS = (
    Report("respect", "pilotage.q_temps", kept.show),
    Report("delais", "pilotage.q_delai", delais.show),
    Report("parcours", "pilotage.q_retard", parcours.show),
    Report("processus", "pilotage.q_processus", processus.show, processus.USUAL),
    Report("retours", "pilotage.q_retours", retours.show, retours.USUAL),
    Report("stock", "pilotage.q_stock", stock.show),
    Report("flux", "pilotage.q_flux", flux.show),
    Report("prevision", "pilotage.q_prevision", prevision.show, prevision.USUAL),
    Report("equite", "pilotage.q_equite", equite.show),
    Report("avis", "pilotage.q_avis", opinions.show),
    Report("difficultes", "pilotage.q_difficultes", difficulties.show),
)
BY_SLUG = {report.slug: report for report in REPORTS}
