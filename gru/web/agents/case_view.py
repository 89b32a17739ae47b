"""How does a case, as it was or as it is, become the page of the case?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from gru.domain import events as e
from gru.domain.case import Commitment
from gru.domain.case.promising import PAUSED_KINDS, begun
from gru.domain.clocks import Amount, working_seconds
from gru.domain.explaining import PROMISES
from gru.web import labels
from gru.web.agents.case_page import (
    AgentView,
    CasePage,
    CommitmentView,
    LinkedCase,
    Past,
    ResidentView,
    TimeTravel,
)
from gru.web.agents.changes import Telling, waiting_on
from gru.web.agents.clock_links import clocks_of, link
from gru.web.agents.facts import Family, Told, cut, shown, tell, woven
from gru.web.agents.names import files_of
from gru.web.agents.sheet import Sheet
from gru.web.badges import Badge, deadline_badge
from gru.web.dates import elapsed, working
from gru.web.i18n import t
from gru.web.labels import Label
from gru.web.pages import Link, Row, initials, phone

PAGE = 60
TABS: dict[str, tuple[str, Family | None]] = {
    "tout": ("fil.tout", None),
    "echanges": ("fil.echanges", "exchange"),
    "notes": ("fil.notes", "note"),
    "modifications": ("fil.modifications", "change"),
}
_ORDER: tuple[e.CommitmentKind, ...] = ("acknowledge", "first_response", "make_safe", "resolve")


def case_page(
    sheet: Sheet,
    *,
    tab: str,
    before: int | None,
    linked: Sequence[LinkedCase],
    numbers: dict[str, str],
    beside: Sequence[Told] = (),
) -> CasePage:
    """Everything but what can be done to the case; the view adds that. `beside`: the facts of merged cases."""
    told = tell(sheet.history, Telling(sheet.names, sheet.french, sheet.base, numbers))
    kept, older = cut(told, before, PAGE)
    family = TABS[tab][1]
    case = sheet.case
    return CasePage(
        ref=sheet.ref,
        href=sheet.base,
        title=sheet.title,
        crumb=sheet.crumb,
        status=labels.status(case.status, waiting_on(case), case.outcome),
        back=Link("/agent/demandes", t("dossier.retour_court")),
        time=time_travel(sheet),
        resident=resident(sheet),
        badge=badge(sheet),
        badge_calc=_badge_calc(sheet),
        marks=tuple(marks(sheet)),
        agent=_agent(sheet),
        past=_past(sheet),
        tabs=tuple(_tabs(sheet, [*told, *beside], tab)),
        facts=shown(woven(kept, beside, whole=older is None, newest=before is None), family),
        older=f"{sheet.base}?{urlencode({'fil': tab, 'avant': older})}#fil" if older else "",
        commitments=tuple(commitments(sheet)),
        legal=tuple(legal(sheet)),
        calc=tuple(link(sheet, clock) for clock in clocks_of(sheet) if clock not in PROMISES),
        place=tuple(place(sheet)),
        linked=tuple(linked),
        files=tuple(file for r in sheet.history for file in sheet.names.links(sheet.base, files_of(r.event))),
    )


def badge(sheet: Sheet) -> Badge | None:
    """The next duty that is open; none once the case is closed."""
    case = sheet.case
    if case.status == "closed":
        return None
    kind = _next(sheet)
    next_one = case.commitments[kind] if kind else None
    return deadline_badge(
        sheet.french_then,
        sheet.calendar,
        next_one.due if next_one else None,
        next_one.warn_at if next_one else None,
        case.paused_since,
    )


def _next(sheet: Sheet) -> e.CommitmentKind | None:
    """The open promise that falls due first."""
    open_ones = [kind for kind, one in sheet.case.commitments.items() if one.kept_at is None]
    return min(open_ones, key=lambda kind: sheet.case.commitments[kind].due, default=None)


def _badge_calc(sheet: Sheet) -> Link | None:
    kind = _next(sheet) if sheet.case.status != "closed" else None
    return link(sheet, kind) if kind else None


def marks(sheet: Sheet) -> Iterator[Label]:
    case = sheet.case
    if case.priority != "normal":
        yield Label(labels.said(labels.PRIORITIES, case.priority), "flag")
    if case.danger:
        yield Label(t("dossier.danger"), "alert")
    if case.confidentiality != "normal":
        yield Label(labels.said(labels.CONFIDENTIALITIES, case.confidentiality), "lock")
    if case.status == "closed" and case.outcome:
        yield Label(labels.said(labels.OUTCOMES, case.outcome), "check")


def _agent(sheet: Sheet) -> AgentView | None:
    if not sheet.case.agent:
        return None
    name = sheet.names.agent(sheet.case.agent)
    return AgentView(name, initials(name))


def time_travel(sheet: Sheet) -> TimeTravel:
    shown_at = len(sheet.history)
    when = sheet.french.listed(sheet.at) if sheet.is_past else t("temps.aujourdhui")
    count = f"{shown_at} / {sheet.total}" if sheet.is_past else t("temps.faits", n=sheet.total)
    text = t("temps.position", i=shown_at, n=sheet.total, date=sheet.french.listed(sheet.history[-1].at))
    value = sheet.french.local(sheet.at).strftime("%Y-%m-%dT%H:%M")
    return TimeTravel(sheet.total, shown_at, text, when, count, value)


def _past(sheet: Sheet) -> Past | None:
    if not sheet.is_past:
        return None
    french = sheet.french
    banner = t("temps.banniere", date=french.long_day(sheet.at), heure=french.hour(sheet.at))
    return Past(banner, t("temps.lecture_seule", n=sheet.total - len(sheet.history)))


def _tabs(sheet: Sheet, told: Sequence[Told], tab: str) -> Iterator[Link]:
    for code, (key, family) in TABS.items():
        count = len([one for one in told if family is None or one.family == family])
        query = "" if code == "tout" else f"?fil={code}"
        yield Link(f"{sheet.base}{query}#fil", t(key), count=str(count), current=code == tab)


# --- the panels beside the thread --------------------------------------------------------------------------------


def commitments(sheet: Sheet) -> Iterator[CommitmentView]:
    for kind in _ORDER:
        commitment = sheet.case.commitments.get(kind)
        if commitment is not None:
            yield replace(_commitment(sheet, kind, commitment), calc=link(sheet, kind))


def _commitment(sheet: Sheet, kind: e.CommitmentKind, one: Commitment) -> CommitmentView:
    label = labels.said(labels.COMMITMENTS, kind)
    detail = t("echeance.delai", duree=amount(sheet.town.amount(one.rule)))
    dated = f"{detail} · {sheet.french.deadline(one.due)}"
    calendar, then = sheet.town.calendars[one.calendar], sheet.at
    if one.kept_at is not None:
        late = one.kept_at > one.due
        text = t("echeance.manquee", duree=working(calendar, one.due, one.kept_at)) if late else t(
            "echeance.tenue", duree=elapsed((one.kept_at - _begun(sheet, kind)).total_seconds())
        )  # fmt: skip
        return CommitmentView(label, text, dated if late else detail, "late" if late else "", "check")
    if sheet.case.status == "closed":
        return CommitmentView(label, t("echeance.sans_objet"), detail, "", "dots")
    if sheet.case.paused_since is not None and kind in ("first_response", "resolve"):
        text = t("echeance.pause", duree=working(calendar, sheet.case.paused_since, then))
        return CommitmentView(label, text, f"{detail} · {t('echeance.pause_detail')}", "stop", "pause")
    if one.due <= then:
        text = t("echeance.retard", duree=working(calendar, one.due, then))
        return CommitmentView(label, text, dated, "late", "alert", 100)
    text = t("echeance.reste", duree=working(calendar, then, one.due))
    return CommitmentView(label, text, dated, "run", "clock", _used(sheet, kind, one, then))


def _begun(sheet: Sheet, kind: e.CommitmentKind) -> datetime:
    return begun(sheet.case) if kind in PAUSED_KINDS else sheet.case.received_at


def _used(sheet: Sheet, kind: e.CommitmentKind, one: Commitment, then: datetime) -> int:
    calendar, start = sheet.town.calendars[one.calendar], _begun(sheet, kind)
    whole = working_seconds(calendar, start, one.due)
    return round(100 * working_seconds(calendar, start, then) / whole) if whole else 100


def amount(length: Amount) -> str:
    """« immédiat », « 8 heures d’ouverture », « 2 jours ouvrés », « 2 mois »."""
    return t(f"duree.{length.unit}", n=length.value) if length.value else t("duree.immediat")


def legal(sheet: Sheet) -> Iterator[str]:
    case, french = sheet.case, sheet.french
    silence = case.legal.get("silence")
    if silence is not None:
        key = {"acceptance": "echeance.legal_sva", "rejection": "echeance.legal_svr"}.get(silence.regime)
        yield t(key or "echeance.legal_special", date=french.last_day(silence.due))
    for clock in ("receipt", "acknowledgement"):
        date = case.legal.get(clock)
        if date is not None and not case.has_sent("acknowledgement" if clock == "acknowledgement" else "receipt"):
            yield t("echeance.legal_avant", quoi=labels.said(labels.LEGAL_CLOCKS, clock),
                    date=french.last_day(date.due))  # fmt: skip
    if silence is None:
        yield t("echeance.legal_sans") if case.type else t("echeance.legal_inconnu")


def resident(sheet: Sheet) -> ResidentView:
    person = sheet.requester
    if person is None:
        erased = sheet.case.requester in sheet.case.erased
        return ResidentView(none=t("dossier.personne_effacee") if erased else t("dossier.anonyme"))
    number = phone(person.phone) if person.phone else None
    rows = [Row(t("dossier.nom"), person.name or t("commun.non_renseigne"))]
    if number:
        rows.append(Row(t("dossier.tel"), number.shown, f"tel:{number.dial}"))
    if person.email:
        rows.append(Row(t("dossier.courriel"), person.email, f"mailto:{person.email}"))
    if person.address:
        rows.append(Row(t("dossier.adresse"), person.address))
    rows.append(Row(t("dossier.prefere"), labels.reply_way(sheet.case.reply_channel), src=f"n° {_wished_in(sheet)}"))
    others = Link(f"/agent/demandes?usager={sheet.ref}", t("dossier.autres_demandes"))
    return ResidentView(tuple(rows), dial=number.dial if number else "", others=others)


def _wished_in(sheet: Sheet) -> int:
    """The fact that says how he wishes to be answered."""
    chosen = [recorded.version for recorded in sheet.history if isinstance(recorded.event, e.ReplyWayChosen)]
    return chosen[-1] if chosen else 1


def place(sheet: Sheet) -> Iterator[Row]:
    """The last place and district that were said, with the fact that said them."""
    for recorded in reversed(sheet.history):
        event = recorded.event
        if isinstance(event, (e.PlaceSet, e.CaseOpened)) and event.place is not None:
            said = sheet.names.text(event.place) or t("fil.masque_court")
            yield Row(t("dossier.adresse"), said, src=f"n° {recorded.version}")
            if event.district:
                known = sheet.town.districts.get(event.district)
                yield Row(t("champ.secteur"), known.name if known else event.district)
            return
