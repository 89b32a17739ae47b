"""Which cases stand still for somebody outside, beside the promises they are counted with?

A case that is suspended is late for nobody: shown beside the rate, it is no place to hide in. Only those the reader may
see himself are named.
"""

from urllib.parse import urlencode

from gru.domain.rights import scope_of
from gru.web import current, labels
from gru.web.agents.shell import BASE
from gru.web.i18n import number, t
from gru.web.pages import Link
from gru.web.reports.asking import Asking
from gru.web.reports.report_page import Cell, DataTable, Section
from projections import queue
from projections.queue import Filter, QueueRow

MOST = 20


def sections(asking: Asking, counted: int) -> tuple[Section, ...]:
    """`counted` promises of the period stand still; the oldest cases, of all that stand still now, are listed."""
    wanted = Filter(
        scope=scope_of(current.agent()), departments=asking.asked.departments, suspended=True, sort="received"
    )
    rows = queue.page(asking.connection, wanted, asking.asked.cut.at, MOST)
    if not (rows or counted):
        return ()
    heads = ("demande", "type", "service")
    table = DataTable(
        t("pilotage.suspendues_tableau", n=MOST),
        (*(t(f"champ.{head}") for head in heads), t("pilotage.attend"), t("pilotage.depuis"), t("champ.recue")),
        tuple(_row(asking, row) for row in rows),
    )
    asked = {"attente": "usager"} | ({"service": asking.service} if asking.service else {})
    found = Section(
        title=t("pilotage.suspendues_titre"),
        finding=t("pilotage.suspendues_trouve", n=counted) if counted else t("pilotage.suspendues_autres"),
        note=t("pilotage.suspendues_note"),
        table=table if rows else None,
        open=True,
        cases=Link(f"{BASE}?{urlencode(asked)}", t("pilotage.suspendues_toutes")),
    )
    return (found,)


def _row(asking: Asking, row: QueueRow) -> tuple[Cell, ...]:
    french, town = current.french(), asking.town
    kind, department = town.types.get(row.type), town.departments.get(row.department)
    days = (asking.asked.cut.at - row.paused_since).days if row.paused_since else 0
    return (
        Cell(row.number, f"{BASE}/{row.number}"),
        Cell(kind.label if kind else row.type),
        Cell(department.name if department else row.department),
        Cell(labels.said(labels.PARTIES, row.waiting_on)),
        Cell(t("pilotage.jours", n=number(days))),
        Cell(french.short_day(row.received_at)),
    )
