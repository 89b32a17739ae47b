"""Who was not told in time that the town has his request, and where does silence decide? Each leads to its case."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.rights import scope_of
from gru.storage.databases import reading
from gru.web import current, labels
from gru.web.agents.duties_page import DutiesPage, DutyRow
from gru.web.agents.queue_page import Empty, Pager
from gru.web.agents.shell import BASE, DUTIES, shell, shown
from gru.web.forms import whole_number
from gru.web.i18n import number, t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import acknowledgements, case_file
from projections.acknowledgements import Obligation, State
from projections.case_file import CaseFile

pages = Blueprint("duties", __name__)

PAGE_SIZE = 50
TABS: dict[str, tuple[State, str, str]] = {
    "": ("late", "accuses.en_retard", "accuses.note_late"),
    "a-ecrire": ("withheld", "accuses.a_ecrire", "accuses.note_withheld"),
    "non-remis": ("bounced", "accuses.non_remis", "accuses.note_bounced"),
    "a-venir": ("soon", "accuses.a_venir", "accuses.note_soon"),
    "silence": ("implicit", "accuses.silence", "accuses.note_implicit"),
    "envoyes": ("done", "accuses.envoyes", "accuses.note_done"),
}
UNCOUNTED = "done"
DUTY_NAMES = {
    "receipt": "accuses.aee",
    "acknowledgement": "accuses.are",
    "paper": "accuses.ar",
    "silence": "accuses.implicite",
}
REGIMES = {
    "acceptance": "accuses.silence_accord",
    "rejection": "accuses.silence_rejet",
    "special": "accuses.silence_special",
}


@pages.get(DUTIES)
@owned("see")
def show_duties() -> ResponseReturnValue:
    asked = request.args.get("voir", "")
    tab = asked if asked in TABS else ""
    nth = max(1, whole_number(request.args.get("page", "1")) or 1)
    scope, now = scope_of(current.agent()), current.now()
    state, _, note = TABS[tab]
    with reading(current.office().databases.views) as connection:
        found = acknowledgements.page(connection, state, scope, now, PAGE_SIZE + 1, (nth - 1) * PAGE_SIZE)
        counts = {
            code: acknowledgements.count(connection, one, scope, now)
            for code, (one, _, _) in TABS.items()
            if one != UNCOUNTED
        }
        files = case_file.by_ids(connection, sorted({one.case_id for one in found}))
    page = DutiesPage(
        title=t("accuses.titre"),
        note=t(note),
        tabs=tuple(_tab(code, counts, current=code == tab) for code in TABS),
        rows=_rows(found[:PAGE_SIZE], {file.case_id: file for file in files}),
        pager=_pager(tab, nth, more=len(found) > PAGE_SIZE),
        empty=None if found else Empty(t("accuses.vide_titre"), t("accuses.vide_texte")),
    )
    return render_template("agents/duties.html", page=page, shell=shell(space="duties"))


def _tab(code: str, counts: dict[str, int], *, current: bool) -> Link:
    count = shown(counts[code]) if code in counts else ""
    return Link(_address(code), t(TABS[code][1]), count=count, current=current)


def _address(tab: str, nth: int = 1) -> str:
    said = [f"voir={tab}"] if tab else []
    said += [f"page={nth}"] if nth > 1 else []
    return DUTIES + (f"?{'&'.join(said)}" if said else "")


def _pager(tab: str, nth: int, *, more: bool) -> Pager | None:
    if nth == 1 and not more:
        return None
    before = _address(tab, nth - 1) if nth > 1 else ""
    return Pager(t("file.page", n=number(nth)), before, _address(tab, nth + 1) if more else "")


def _rows(found: Sequence[Obligation], files: dict[str, CaseFile]) -> tuple[DutyRow, ...]:
    """A case the reports know and the pages do not yet is left out for this moment."""
    known = [(one, files[one.case_id]) for one in found if one.case_id in files]
    named = {file.title_id for _, file in known if file.title_id and file.confidentiality != "secret"}
    titles = current.office().archive.texts(named)
    return tuple(_row(one, file, titles.get(file.title_id)) for one, file in known)


def _row(one: Obligation, file: CaseFile, title: str | None) -> DutyRow:
    french, town = current.french(), current.town()
    kind, department = town.types.get(file.type), town.departments.get(file.department)
    label = kind.label if kind else t("dossier.type_inconnu")
    secret = file.confidentiality == "secret"
    where = department.name if department else file.department
    regime = t(REGIMES[one.regime]) if one.regime in REGIMES else ""
    return DutyRow(
        href=f"{BASE}/{file.number}",
        title=t("confidentialite.secret_liste") if secret else title or label,
        sub=f"{file.number} · {where}" + ("" if secret else f" › {label}"),
        due=french.last_day(one.due),
        late=one.met_at is None and one.due < french.now,
        what=t(DUTY_NAMES[one.duty]),
        law=" · ".join(part for part in (regime, one.basis) if part),
        standing=_standing(one, file.town_version),
        channel=labels.channel(one.channel),
    )


def _standing(one: Obligation, version: int) -> str:
    """What was done, or what keeps it from being done; the proof names the version of the template."""
    french = current.french()
    if one.met_at is not None:
        sent = t("accuses.envoye_le", date=french.short_day(one.met_at)) if one.reply_id else t("accuses.a_l_accueil")
        late = t("accuses.hors_delai") if one.met_at > one.due else ""
        template = t("accuses.modele", modele=one.template, version=version) if one.template else ""
        return " · ".join(part for part in (sent, late, template) if part)
    if one.duty == "silence":
        return t("accuses.acquise") if one.passed_at else t("accuses.pas_acquise")
    if one.failed:
        return labels.failure(one.failed)
    return labels.said(labels.WITHHELD, one.withheld) if one.withheld else t("accuses.pas_parti")
