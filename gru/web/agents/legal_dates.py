"""Which legal dates come, which went by, and was everybody acknowledged in time? Each line leads to its case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from gru.domain.rights import LEVELS, About, Agent, Scope, may, scope_of
from gru.storage.databases import reading
from gru.web import current, labels
from gru.web.agents.legal_dates_page import LegalPage, LegalRow, Rate
from gru.web.agents.queue_page import Empty, Pager
from gru.web.agents.shell import BASE, LEGAL_DATES, shell, shown
from gru.web.forms import whole_number
from gru.web.i18n import decimal, number, t
from gru.web.owners import owned
from gru.web.pages import Link
from projections import acknowledgements, case_file, legal_files
from projections.acknowledgements import Duty, Obligation
from projections.case_file import CaseFile
from projections.legal_files import Incomplete, SentOn

pages = Blueprint("legal_dates", __name__)

PAGE_SIZE = 50
AHEAD = timedelta(days=30)
SOON = timedelta(days=15)
BEHIND = timedelta(days=365)
"""What went by longer ago is the archives' concern, and the reports'."""
FEW = 20
WEEKS = {"4": 4, "13": 13, "52": 52}
DUTIES_ASKED: dict[str, Duty] = {"aee": "receipt", "are": "acknowledgement"}
REGIMES = {
    "acceptance": "accuses.silence_accord",
    "rejection": "accuses.silence_rejet",
    "special": "accuses.silence_special",
}
TABS = {
    "": "echeances.a_venir",
    "silence-passe": "echeances.passees",
    "accuses": "echeances.accuses",
    "incomplets": "echeances.incomplets",
    "reorientees": "echeances.reorientees",
}

Found = Sequence[Obligation] | Sequence[Incomplete] | Sequence[SentOn]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: which list, over how many weeks, which duty, which page of it."""

    tab: str
    weeks: str
    duty: str
    nth: int

    def address(self, tab: str = "", *, weeks: str = "13", duty: str = "aee", nth: int = 1) -> str:
        said = [f"voir={tab}"] if tab else []
        if tab == "accuses":
            said += [f"semaines={weeks}", f"accuse={duty}"]
        said += [f"page={nth}"] if nth > 1 else []
        return LEGAL_DATES + (f"?{'&'.join(said)}" if said else "")

    def page(self, nth: int) -> str:
        return self.address(self.tab, weeks=self.weeks, duty=self.duty, nth=nth)


@pages.get(LEGAL_DATES)
@owned("see")
def show_legal_dates() -> ResponseReturnValue:
    agent = current.agent()
    if not may_look(agent):
        abort(403)
    asked, now = _asked(), current.now()
    scope = scope_of(agent)
    with reading(current.office().databases.views) as connection:
        found = _LISTS[asked.tab](connection, scope, now, asked)
        rates = _rates(connection, agent, scope, now, asked) if asked.tab == "accuses" else ()
        counts = _counts(connection, scope, now)
        files = {one.case_id: one for one in case_file.by_ids(connection, sorted({one.case_id for one in found}))}
    tabs = tuple(
        Link(asked.address(tab), t(label), count=counts.get(tab, ""), current=tab == asked.tab)
        for tab, label in TABS.items()
    )
    page = LegalPage(
        title=t("echeances.titre"),
        note=t(f"echeances.note_{_name(asked.tab)}"),
        tabs=tabs,
        day=t(f"echeances.jour_{_name(asked.tab)}"),
        rates=rates,
        weeks=_weeks(asked) if asked.tab == "accuses" else (),
        duties=_duties(asked) if asked.tab == "accuses" else (),
        rows=_rows(found[:PAGE_SIZE], files),
        pager=_pager(asked, more=len(found) > PAGE_SIZE),
        empty=None if found else Empty(t("echeances.vide_titre"), t("echeances.vide_texte")),
    )
    return render_template("agents/legal_dates.html", page=page, shell=shell(space="legal_dates"))


def may_look(agent: Agent) -> bool:
    """Whoever handles cases, and whoever reads figures."""
    return may(agent, "handle") or may(agent, "figures")


def _asked() -> Asked:
    tab, weeks, duty = (request.args.get(name, "") for name in ("voir", "semaines", "accuse"))
    return Asked(
        tab if tab in TABS else "",
        weeks if weeks in WEEKS else "13",
        duty if duty in DUTIES_ASKED else "aee",
        max(1, whole_number(request.args.get("page", "1")) or 1),
    )


def _name(tab: str) -> str:
    return tab.replace("-", "_") or "a_venir"


# --- the lists ---------------------------------------------------------------------------------------------------

_List = Callable[[Connection, Scope, datetime, Asked], Found]


def _coming(connection: Connection, scope: Scope, now: datetime, asked: Asked) -> Found:
    return acknowledgements.silent(connection, scope, now, now + AHEAD, PAGE_SIZE + 1, _offset(asked))


def _gone(connection: Connection, scope: Scope, now: datetime, asked: Asked) -> Found:
    return acknowledgements.silent(connection, scope, now - BEHIND, now, PAGE_SIZE + 1, _offset(asked))


def _failed(connection: Connection, scope: Scope, now: datetime, asked: Asked) -> Found:
    start, duty = now - timedelta(weeks=WEEKS[asked.weeks]), DUTIES_ASKED[asked.duty]
    return acknowledgements.failed(connection, duty, scope, start, now, PAGE_SIZE + 1, _offset(asked))


def _incomplete(connection: Connection, scope: Scope, now: datetime, asked: Asked) -> Found:
    return legal_files.incomplete(connection, scope, PAGE_SIZE + 1, _offset(asked))


def _sent_on(connection: Connection, scope: Scope, now: datetime, asked: Asked) -> Found:
    return legal_files.sent_on(connection, scope, now - BEHIND, PAGE_SIZE + 1, _offset(asked))


_LISTS: dict[str, _List] = {
    "": _coming,
    "silence-passe": _gone,
    "accuses": _failed,
    "incomplets": _incomplete,
    "reorientees": _sent_on,
}


def _offset(asked: Asked) -> int:
    return (asked.nth - 1) * PAGE_SIZE


def _counts(connection: Connection, scope: Scope, now: datetime) -> dict[str, str]:
    return {
        "": shown(acknowledgements.count_silent(connection, scope, now, now + AHEAD)),
        "silence-passe": shown(acknowledgements.count_silent(connection, scope, now - BEHIND, now)),
        "incomplets": shown(legal_files.count_incomplete(connection, scope)),
        "reorientees": shown(legal_files.count_sent_on(connection, scope, now - BEHIND)),
    }


# --- the rates ---------------------------------------------------------------------------------------------------


def _rates(connection: Connection, agent: Agent, scope: Scope, now: datetime, asked: Asked) -> tuple[Rate, ...]:
    """Of the departments whose figures he may read, secret cases too: a number names nobody; else of what he sees."""
    own = tuple(code for code in current.town().departments if may(agent, "figures", About(code)))
    counted = Scope(departments=own, within=LEVELS) if own else scope
    start = now - timedelta(weeks=WEEKS[asked.weeks])
    return tuple(_rate(connection, slug, counted, start, now) for slug in DUTIES_ASKED)


def _rate(connection: Connection, slug: str, scope: Scope, start: datetime, now: datetime) -> Rate:
    one = acknowledgements.compliance(connection, DUTIES_ASKED[slug], scope, start, now, now)
    judged = one.total - one.running
    label = t(f"echeances.taux_{slug}")
    if not judged:
        return Rate(label, t("echeances.taux_aucun"), t("echeances.taux_vide"))
    detail = t("echeances.taux_detail", n=number(judged), tenus=number(one.kept), tard=number(one.late),
               jamais=number(one.missed))  # fmt: skip
    value = t("echeances.taux", taux=decimal(100 * one.kept / judged))
    return Rate(label, value, detail, t("echeances.taux_peu", n=judged) if judged < FEW else "")


def _weeks(asked: Asked) -> tuple[Link, ...]:
    return tuple(
        Link(asked.address("accuses", weeks=code, duty=asked.duty), t("echeances.semaines", n=weeks),
             current=code == asked.weeks)
        for code, weeks in WEEKS.items()
    )  # fmt: skip


def _duties(asked: Asked) -> tuple[Link, ...]:
    return tuple(
        Link(asked.address("accuses", weeks=asked.weeks, duty=slug), t(f"accuses.{slug}"), current=slug == asked.duty)
        for slug in DUTIES_ASKED
    )


def _pager(asked: Asked, *, more: bool) -> Pager | None:
    if asked.nth == 1 and not more:
        return None
    before = asked.page(asked.nth - 1) if asked.nth > 1 else ""
    return Pager(t("file.page", n=number(asked.nth)), before, asked.page(asked.nth + 1) if more else "")


# --- the lines ---------------------------------------------------------------------------------------------------


def _rows(found: Found, files: dict[str, CaseFile]) -> tuple[LegalRow, ...]:
    """A case the reports know and the pages do not yet is left out for this moment."""
    known = [(one, files[one.case_id]) for one in found if one.case_id in files]
    named = {file.title_id for _, file in known if file.title_id and file.confidentiality != "secret"}
    titles = current.office().archive.texts(named)
    return tuple(_row(one, file, titles.get(file.title_id)) for one, file in known)


def _row(one: Obligation | Incomplete | SentOn, file: CaseFile, title: str | None) -> LegalRow:
    town = current.town()
    kind, department = town.types.get(file.type), town.departments.get(file.department)
    label = kind.label if kind else t("dossier.type_inconnu")
    secret = file.confidentiality == "secret"
    where = department.name if department else file.department
    href, name = f"{BASE}/{file.number}", t("confidentialite.secret_liste") if secret else title or label
    sub = f"{file.number} · {where}" + ("" if secret else f" › {label}")
    match one:
        case Obligation():
            return _of_duty(one, href, name, sub)
        case Incomplete():
            return _of_file(one, href, name, sub)
        case SentOn():
            return _of_redirection(one, href, name, sub)


def _of_duty(one: Obligation, href: str, name: str, sub: str) -> LegalRow:
    french = current.french()
    day = french.last_day(one.due)
    if one.duty == "silence":
        what = t(REGIMES.get(one.regime, "accuses.silence_special"))
        standing = t("accuses.acquise") if one.due <= french.now else _left(one.due - french.now)
        return LegalRow(href, name, sub, day, _state(one.due, french.now), standing, what, one.basis)
    met = t("echeances.envoye_tard", date=french.short_day(one.met_at)) if one.met_at else t("echeances.jamais")
    return LegalRow(href, name, sub, day, "late", met, t(f"accuses.{_slug(one.duty)}"), one.basis)


def _slug(duty: Duty) -> str:
    return next(slug for slug, asked in DUTIES_ASKED.items() if asked == duty)


def _of_file(one: Incomplete, href: str, name: str, sub: str) -> LegalRow:
    french = current.french()
    since = t("echeances.demandee_le", date=french.short_day(one.since))
    what = labels.said(labels.WAIT_REASONS, one.reason)
    if one.until is None:
        return LegalRow(href, name, sub, t("echeances.sans_delai"), "soon", since, what, t("echeances.loi_incomplet"))
    state = _state(one.until, french.now)
    return LegalRow(href, name, sub, french.last_day(one.until), state, since, what, t("echeances.loi_incomplet"))


def _of_redirection(one: SentOn, href: str, name: str, sub: str) -> LegalRow:
    french, body = current.french(), current.town().bodies.get(one.body)
    told = t("echeances.prevenu_le", date=french.short_day(one.told_at)) if one.told_at else t("echeances.a_prevenir")
    to = t("echeances.vers", qui=body.name if body else one.body)
    return LegalRow(href, name, sub, french.long_day(one.since), "" if one.told_at else "late", told, to,
                    t("echeances.loi_reorientee"))  # fmt: skip


def _state(due: datetime, now: datetime) -> str:
    if due <= now:
        return "late"
    return "soon" if due - now <= SOON else ""


def _left(left: timedelta) -> str:
    return t("echeances.dernier_jour") if left.days == 0 else t("echeances.dans", n=left.days)
