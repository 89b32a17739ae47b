"""Which case next? The list of cases, as its address asks for it."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace
from sqlalchemy import Connection

from gru.domain.clocks import Calendar
from gru.domain.references import NUMBER
from gru.domain.town import Town
from gru.storage.databases import reading
from gru.storage.named import Named
from gru.storage.people import Person
from gru.web import current, labels
from gru.web.agents import behind, filters
from gru.web.agents.filters import PAGE_SIZE, Asked
from gru.web.agents.queue_page import Empty, Pager, QueuePage, QueueRow
from gru.web.agents.shell import BASE, VIEWS, messages_counted, shell, shown, view_filters
from gru.web.badges import Badge, deadline_badge
from gru.web.dates import French
from gru.web.i18n import number, t
from gru.web.owners import owned
from projections import case_file, commitments, queue, search
from projections.queue import Filter

pages = Blueprint("queue", __name__)

ATTENTION = {
    "delivery_failed": "file.non_remis",
    "receipt_withheld": "file.accuse_retenu",
    "third_party_silent": "file.tiers_silence",
}


@pages.get("/agent/demandes")
@owned("see")
def show_queue() -> ResponseReturnValue:
    asked = filters.read_query(request.args)
    office, now = current.office(), current.now()
    with reading(office.databases.views) as connection:
        wanted = _found(connection, asked)
        several = (wanted, replace(wanted, due="late"), *view_filters(current.agent()))
        rows, (total, late, *around) = queue.page_with_counts(
            connection,
            wanted,
            several,
            now,
            PAGE_SIZE + 1,
            (asked.page - 1) * PAGE_SIZE,
            also=messages_counted(current.agent()),
        )
    page = queue_page(asked, rows, total, late, _named(rows[:PAGE_SIZE]))
    return render_template("agents/queue.html", page=page, shell=shell(around, view=asked.view, query=asked.query))


def _found(connection: Connection, asked: Asked) -> Filter:
    """The filter, narrowed to what a search or a resident's other cases are."""
    if asked.requester_of:
        file = case_file.by_number(connection, asked.requester_of)
        requester = file.requester if file and asked.wanted.scope.shows(file) else ""
        return replace(asked.wanted, requester=requester) if requester else replace(asked.wanted, cases=())
    if one := asked.cohort:
        due = commitments.cases(
            connection,
            one.kind,
            one.start,
            one.end,
            current.now(),
            failed=one.failed,
            departments=asked.wanted.departments or None,
            scope=asked.wanted.scope,
        )
        return replace(asked.wanted, cases=due, departments=())
    if asked.figure:
        told = behind.cases(connection, asked.figure, asked.wanted, current.town())
        return replace(asked.wanted, cases=told, departments=())
    if not asked.query:
        return asked.wanted
    if exact := NUMBER.fullmatch(asked.query):
        file = case_file.by_number(connection, exact[1])
        return replace(asked.wanted, cases=(file.case_id,) if file else ())
    return replace(asked.wanted, cases=search.find(connection, asked.query, asked.wanted.scope).cases)


def _named(rows: Sequence[queue.QueueRow]) -> Named:
    """Titles and names of the rows, and the agents' names if they are to be read again, in one call."""
    archive, book = current.office().archive, current.office().town
    agents = book.unnamed()
    named = archive.look_up(
        texts={row.title_id for row in rows if row.title_id and row.confidentiality != "secret"},
        people={*agents, *(row.requester for row in rows if row.requester)},
    )
    if agents:
        book.name({id: named.people[id] for id in agents})
    return named


def queue_page(asked: Asked, rows: Sequence[queue.QueueRow], total: int, late: int, named: Named) -> QueuePage:
    town = current.town()
    title = t("file.recherche_titre", q=asked.query) if asked.query else _title(asked)
    sorted_by = t(filters.SORTS[asked.sort][2])
    shown_rows = rows[:PAGE_SIZE]
    return QueuePage(
        title=title,
        total=shown(total),
        summary=_summary(total, late),
        caption=t("file.legende", vue=title, tri=sorted_by),
        action=BASE,
        sorted_by=sorted_by,
        rows=_rows(shown_rows, town, named),
        chips=tuple(filters.chips(asked, town)),
        filters=filters.filter_fields(asked, town),
        sorts=filters.sorts(asked),
        headers=filters.headers(asked),
        pager=_pager(asked, total, more=len(rows) > PAGE_SIZE),
        empty=None if shown_rows else _empty(asked),
        note=t("file.note_chiffre") if _may_miss(asked, town) else "",
        unknown=t("file.filtre_inconnu", nom=", ".join(asked.unknown)) if asked.unknown else "",
    )


def _may_miss(asked: Asked, town: Town) -> bool:
    """Is this the list behind a figure that counts cases which its reader may not see?"""
    wanted = asked.wanted
    return asked.behind_figure and not wanted.scope.holds_all(wanted.departments or town.departments)


def _title(asked: Asked) -> str:
    if asked.figure:
        return t(behind.COUNTED[asked.figure.counted])
    return next((t(one.label) for one in VIEWS if one.code == asked.view), t("file.titre_filtree"))


def _summary(total: int, late: int) -> str:
    if total > queue.CAP:
        return t("file.resume_beaucoup", n=queue.CAP, retard=shown(late))
    return t("file.resume", n=total, retard=shown(late))


def _rows(rows: Sequence[queue.QueueRow], town: Town, named: Named) -> tuple[QueueRow, ...]:
    """Every word of a row is finished here."""
    french, agents, me = current.french(), current.everybody(), current.agent().id
    names = {id: agent.name for id, agent in agents.items() if id != me}
    return tuple(_row(row, town, french, named.texts, named.people, names) for row in rows)


def _row(
    row: queue.QueueRow,
    town: Town,
    french: French,
    texts: dict[str, str | None],
    people: dict[str, Person | None],
    agents: dict[str, str],
) -> QueueRow:
    kind, department = town.types.get(row.type), town.departments[row.department]
    person = people.get(row.requester)
    secret = row.confidentiality == "secret"
    label = kind.label if kind else t("dossier.type_inconnu")
    title = t("confidentialite.secret_liste") if secret else texts.get(row.title_id) or label
    name = person.name or person.email if person and not secret else ""
    parts = (row.number, name, department.name if secret else f"{department.name} › {label}")
    return QueueRow(
        ref=row.number,
        href=f"{BASE}/{row.number}",
        title=title,
        sub=" · ".join(part for part in parts if part),
        badge=_badge(row, french, town.calendars[department.calendar]),
        status=labels.status(row.status, row.waiting_on, row.outcome),
        channel=labels.channel(row.channel),
        received=french.short_day(row.received_at),
        unread=t("file.message", n=row.unread) if row.unread else "",
        attention=t(ATTENTION[row.attention]) if row.attention else "",
        agent=agents.get(row.agent, ""),
    )


def _badge(row: queue.QueueRow, french: French, calendar: Calendar) -> Badge:
    if row.closed_at is not None:
        return Badge("none", "check", t("echeance.close", date=french.short_day(row.closed_at)))
    return deadline_badge(french, calendar, row.due_at, row.warn_at, row.paused_since)


def _pager(asked: Asked, total: int, *, more: bool) -> Pager | None:
    if asked.page == 1 and not more:
        return None
    pages_ = max(asked.page, -(-total // PAGE_SIZE))
    text = (
        t("file.page", n=number(asked.page))
        if total > queue.CAP
        else t("commun.page", n=number(asked.page), total=number(pages_))
    )
    before = filters.address(asked.given, asked.sort, asked.page - 1) if asked.page > 1 else ""
    after = filters.address(asked.given, asked.sort, asked.page + 1) if more else ""
    return Pager(text, before, after)


def _empty(asked: Asked) -> Empty:
    """Nothing to do, filters too narrow, or a search without result: three different sentences."""
    if _may_miss(asked, current.town()):
        return Empty(t("file.vide_perimetre_titre"), t("file.vide_perimetre"), "/pilotage", t("pilotage.titre"))
    if asked.query:
        return Empty(t("file.vide_filtre_titre"), t("file.vide_recherche", q=asked.query))
    if asked.view == "mine":
        return Empty(t("file.vide_titre"), t("file.vide_texte"), f"{BASE}?agent=aucun", t("file.vide_action"))
    if asked.view:
        return Empty(t("file.vide_titre"))
    return Empty(t("file.vide_filtre_titre"), "", f"{BASE}?agent=tous", t("file.effacer_filtres"))
