"""Which replies did not arrive, which wait for a person to tell them, and which should have left by now?"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from gru.domain.rights import scope_of
from gru.storage.databases import reading
from gru.web import current, labels
from gru.web.agents.queue_page import Empty, Pager
from gru.web.agents.sendings_page import SendingRow, SendingsPage
from gru.web.agents.shell import BASE, SENDINGS, shell, shown
from gru.web.forms import whole_number
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import case_file, deliveries
from projections.case_file import CaseFile
from projections.deliveries import Delivery

pages = Blueprint("sendings", __name__)

PAGE_SIZE = 50
SHOULD_HAVE_LEFT = timedelta(minutes=15)

Wanted = Callable[[datetime], ColumnElement[bool]]
TABS: dict[str, tuple[str, str, Wanted]] = {
    "": ("envois.non_remis", "envois.note_non_remis", lambda now: deliveries.unanswered()),
    "a-dire": ("envois.a_dire", "envois.note_a_dire", deliveries.to_call),
    "a-remettre": ("envois.a_remettre", "envois.note_a_remettre", deliveries.to_hand_over),
    "pas-partis": (
        "envois.pas_partis",
        "envois.note_pas_partis",
        lambda now: deliveries.late_in_leaving(now - SHOULD_HAVE_LEFT),
    ),
}


@pages.get(SENDINGS)
@owned("handle")
def show_sendings() -> ResponseReturnValue:
    asked = request.args.get("voir", "")
    tab = asked if asked in TABS else ""
    nth = max(1, whole_number(request.args.get("page", "1")) or 1)
    visible, now = case_file.visible(scope_of(current.agent())), current.now()
    with reading(current.office().databases.views) as connection:
        found = deliveries.page(connection, TABS[tab][2](now), visible, PAGE_SIZE + 1, (nth - 1) * PAGE_SIZE)
        counts = {code: deliveries.count(connection, wanted(now), visible) for code, (*_, wanted) in TABS.items()}
        files = case_file.by_ids(connection, sorted({one.case_id for one in found}))
    page = SendingsPage(
        title=t("envois.titre"),
        note=t(TABS[tab][1]),
        tabs=tuple(Link(_address(code), t(name), count=shown(counts[code]), current=code == tab)
                   for code, (name, *_) in TABS.items()),
        rows=_rows(found[:PAGE_SIZE], {file.case_id: file for file in files}),
        pager=_pager(tab, nth, more=len(found) > PAGE_SIZE),
        empty=None if found else Empty(t("envois.vide_titre"), t("envois.vide_texte")),
    )  # fmt: skip
    return render_template("agents/sendings.html", page=page, shell=shell(space="sendings"))


def _address(tab: str, nth: int = 1) -> str:
    said = [f"voir={tab}"] if tab else []
    said += [f"page={nth}"] if nth > 1 else []
    return SENDINGS + (f"?{'&'.join(said)}" if said else "")


def _pager(tab: str, nth: int, *, more: bool) -> Pager | None:
    if nth == 1 and not more:
        return None
    before = _address(tab, nth - 1) if nth > 1 else ""
    return Pager(t("file.page", n=number(nth)), before, _address(tab, nth + 1) if more else "")


def _rows(found: Sequence[Delivery], files: dict[str, CaseFile]) -> tuple[SendingRow, ...]:
    office = current.office()
    named = {file.title_id for file in files.values() if file.title_id and file.confidentiality != "secret"}
    titles = office.archive.texts(named)
    people = office.archive.people({one.person for one in found if one.person})
    return tuple(
        _row(one, files[one.case_id], titles, getattr(people.get(one.person), "name", ""))
        for one in found
        if one.case_id in files
    )


def _row(one: Delivery, file: CaseFile, titles: dict[str, str | None], name: str) -> SendingRow:
    french, town = current.french(), current.town()
    kind = town.types.get(file.type)
    secret = file.confidentiality == "secret"
    title = t("confidentialite.secret_liste") if secret else titles.get(file.title_id)
    return SendingRow(
        href=f"{BASE}/{file.number}",
        title=title or (kind.label if kind else t("dossier.type_inconnu")),
        sub=" · ".join(part for part in (file.number, "" if secret else name) if part),
        since=french.listed(one.failed_at if one.state == "failed" and one.failed_at else one.written_at),
        what=labels.said(labels.REPLY_KINDS, one.kind),
        standing=_standing(one),
        way=labels.channel(one.channel),
    )


def _standing(one: Delivery) -> str:
    french = current.french()
    if one.state in ("failed", "retrying"):
        return labels.failure(one.reason)
    if one.tries and one.tried_at:
        return t("envois.essais", n=one.tries, quand=french.listed(one.tried_at))
    return t("envois.ecrite_le", date=french.listed(one.written_at))
