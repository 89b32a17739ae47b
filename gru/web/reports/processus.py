"""By which ways do requests really go, and from whose hands into whose?"""

from contextlib import ExitStack
from datetime import date
from typing import cast

from flask import Blueprint, Response, abort, redirect, request, stream_with_context
from flask.typing import ResponseReturnValue

from gru.domain.town import Town
from gru.office.figures import day_seconds
from gru.office.figures.process import Edge, Process, as_csv, as_xes, process
from gru.web import current
from gru.web.agents import behind as behind_figures
from gru.web.charts import Arrow, Node, directed_graph
from gru.web.i18n import decimal, number, t
from gru.web.owners import owned
from gru.web.pages import Link
from gru.web.reports.asking import Asking, OtherCut, asking
from gru.web.reports.leading import behind
from gru.web.reports.parcours import TOO_FEW, stage_name, tenths
from gru.web.reports.report_page import Cell, DataTable, Section, Shown
from projections.base import LETTERS, STAGES, Stage

pages = Blueprint("process", __name__)
USUAL = "4"
LOG, PAGE = "/pilotage/journal-des-etapes", "/pilotage/processus"
WRITERS = {"csv": (as_csv, "text/csv; charset=utf-8"), "xes": (as_xes, "application/xml")}
NAMED: dict[str, Stage] = {letter: stage for stage, letter in LETTERS.items()}
CLOSED = "closed"
Days = tuple[date, date]
DRAWN = 0.01
"""Arrows rarer than this share of the closings are in the table, not in the picture."""


def show(asking: Asking) -> Shown:
    found = process(asking.connection, asking.asked, day_seconds(asking.town))
    fields = (asking.weeks_field(), asking.service_field())
    if not any(edge.times >= TOO_FEW for edge in found.edges):
        return Shown((Section(t("pilotage.parcours_vide")),), fields)
    days = asking.asked.period.days(current.french().zone)
    return Shown(
        (_graph(found, asking, days), _ways(found, days, asking), _hands(found, asking.town, days)),
        fields,
    )


def _graph(found: Process, asking: Asking, days: Days) -> Section:
    edges = [edge for edge in found.edges if edge.times >= TOO_FEW]
    ended = sum(edge.times for edge in edges if not edge.following) or 1
    title, finding = t("pilotage.q_processus"), _finding(found)
    arrows = [
        Arrow(edge.stage, edge.following or CLOSED, edge.times, number(edge.times))
        for edge in edges
        if edge.times >= ended * DRAWN
    ]
    met = {code for arrow in arrows for code in (arrow.start, arrow.end)}
    nodes = [Node(stage, stage_name(stage), _stay(found.stays[stage])) for stage in STAGES if stage in met]
    apart = [stage_name(stage) for stage in STAGES if stage in found.stays and stage not in met]
    heads = tuple(t(f"pilotage.{key}") for key in ("etape", "suivante", "fois", "tete_mediane"))
    rows = tuple(
        (
            Cell(stage_name(edge.stage)),
            Cell(_following(edge)),
            Cell(number(edge.times), _passed(edge, days, asking.service)),
            Cell(tenths(edge.median)),
        )
        for edge in sorted(edges, key=lambda edge: -edge.times)
    )
    return Section(
        finding=finding,
        note=" ".join(
            (
                t("pilotage.processus_note", n=TOO_FEW),
                *((t("pilotage.processus_rares", etapes=", ".join(apart)),) if apart else ()),
            )
        ),
        chart=directed_graph(title, finding, [*nodes, Node(CLOSED, t("pilotage.closes"))], arrows),
        table=DataTable(t("pilotage.processus_tableau"), heads, rows, words=2),
        cases=Link(f"{LOG}.xes?{request.query_string.decode()}", t("pilotage.journal_xes")),
        open=True,
    )


def _finding(found: Process) -> str:
    """The stage people wait in longest, of those most go through."""
    often = max(times for times, _ in found.stays.values())
    usual = [stage for stage, (times, _) in found.stays.items() if times >= often * 0.2]
    slowest = max(usual, key=lambda stage: found.stays[stage][1] or 0)
    return t("pilotage.processus_trouve", etape=stage_name(slowest), mediane=tenths(found.stays[slowest][1]))


def _ways(found: Process, days: Days, asking: Asking) -> Section:
    total = sum(edge.times for edge in found.edges if not edge.following)
    shown = [way for way in found.variants if way.rounds >= TOO_FEW]
    covered = sum(way.rounds for way in shown)
    heads = tuple(t(f"pilotage.{key}") for key in ("chemin", "demandes", "part_de_tout", "tete_mediane"))
    rows = tuple(
        (
            Cell(" → ".join(stage_name(NAMED[letter]) for letter in way.letters)),
            Cell(number(way.rounds), behind("chemin", days, chemin=way.letters, service=asking.service)),
            Cell(t("pilotage.pct", pct=decimal(100 * way.rounds / total, 0))),
            Cell(tenths(way.median)),
        )
        for way in shown
    )
    finding = t("pilotage.chemins_trouve", n=len(shown), pct=decimal(100 * covered / total, 0) if total else "0")
    table = DataTable(t("pilotage.chemins_tableau"), heads, rows) if rows else None
    return Section(
        title=t("pilotage.chemins"),
        finding=finding,
        table=table,
        cases=Link(f"{LOG}.csv?{request.query_string.decode()}", t("pilotage.journal_csv")),
        open=True,
    )


def _hands(found: Process, town: Town, days: Days) -> Section:
    shown = [one for one in found.hand_overs if one.times >= TOO_FEW]
    heads = tuple(t(f"pilotage.{key}") for key in ("de", "vers", "fois", "tenue_avant"))
    rows = tuple(
        (
            Cell(_department(town, one.department)),
            Cell(_department(town, one.following)),
            Cell(number(one.times), behind("mains", days, de=one.department, vers=one.following)),
            Cell(tenths(one.median)),
        )
        for one in shown
    )
    finding = t("pilotage.mains_trouve", n=sum(one.times for one in found.hand_overs))
    table = DataTable(t("pilotage.mains_tableau"), heads, rows, words=2) if rows else None
    return Section(title=t("pilotage.mains"), finding=finding, table=table)


def _department(town: Town, code: str) -> str:
    return town.departments[code].name if code in town.departments else code


def _passed(edge: Edge, days: Days, service: str) -> str:
    following = behind_figures.SLUGS[cast(Stage, edge.following)] if edge.following else behind_figures.CLOSED
    return behind("passage", days, etape=behind_figures.SLUGS[edge.stage], suivante=following, service=service)


def _following(edge: Edge) -> str:
    return stage_name(edge.following) if edge.following else t("pilotage.closes")


def _stay(stays: tuple[int, int | None]) -> str:
    times, median = stays
    return f"{number(times)} · {tenths(median)}"


@pages.get(f"{LOG}.<format>")
@owned("figures")
def export(format: str) -> ResponseReturnValue:
    """The stays one by one, for programs that mine processes: no name, no number, no word of anybody."""
    writer, media_type = WRITERS.get(format) or abort(404)
    secret, names = current.secret(), {stage: stage_name(stage) for stage in STAGES}
    with ExitStack() as held:
        try:
            asked = held.enter_context(asking(request.args, USUAL))
        except OtherCut:
            return redirect(f"{PAGE}?{request.query_string.decode('ascii', 'replace')}", 303)
        lines = writer(asked.connection, asked.asked, secret, names)
        response = Response(stream_with_context(lines), content_type=media_type)
        response.call_on_close(held.pop_all().close)
    response.headers["Content-Disposition"] = f'attachment; filename="etapes.{format}"'
    return response
