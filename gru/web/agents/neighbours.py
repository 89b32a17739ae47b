"""What does the page of a case show of others: merged ones, likely duplicates, third parties who were asked?"""

from collections.abc import Iterator
from dataclasses import replace

from gru.domain import events as e
from gru.domain.case import Request, replay
from gru.domain.rights import may, scope_of
from gru.office.duplicates import Candidate
from gru.web import current, labels
from gru.web.agents.case_page import Likely, Merged, ThirdPartyView
from gru.web.agents.changes import Telling
from gru.web.agents.facts import Told, tell
from gru.web.agents.names import names_for
from gru.web.agents.sheet import Sheet
from gru.web.i18n import t
from gru.web.pages import Link


def beside(sheet: Sheet) -> list[Told]:
    """The facts of the cases merged into this one, marked, as of the same date; none of a case he may not see.

    What is quiet stays on its own page.
    """
    found: list[Told] = []
    for other in sheet.case.absorbed:
        found += _told_of(sheet, other)
    return found


def _told_of(sheet: Sheet, other: str) -> Iterator[Told]:
    office = current.office()
    history = [one for one in office.log.history(other) if not sheet.is_past or one.at <= sheet.at]
    case = replay(history)
    if case is None or not may(sheet.agent, "see", case):
        return
    names = names_for(
        history, office.town.counting(case.town_version, case.days_of), current.everybody(), office.archive
    )
    telling = Telling(names, sheet.french, f"/agent/demandes/{case.number}", {sheet.case.id: sheet.ref})
    for one in tell(history, telling):
        if not one.quiet and not one.merged:
            yield replace(one, view=replace(one.view, origin=case.number))


# --- this case is followed elsewhere -----------------------------------------------------------------------------


def merged(sheet: Sheet, numbers: dict[str, str]) -> Merged | None:
    main = sheet.case.main
    if not main:
        return None
    number = numbers.get(main, "")
    href = Link(f"/agent/demandes/{number}", t("doublon.voir_principale", ref=number)) if number else None
    undo = None
    if not sheet.is_past and sheet.may("handle"):
        undo = Link(f"{sheet.base}/detacher", t("doublon.detacher"))
    text = t("doublon.jointe_a", ref=number) if number else t("doublon.jointe_ailleurs")
    return Merged(text, href, undo)


# --- likely duplicates -------------------------------------------------------------------------------------------


def likely(sheet: Sheet) -> tuple[Likely, ...]:
    """Open cases this agent sees that may be the same, each with its reasons; not those linked already."""
    if sheet.is_past:
        return ()
    office, case = current.office(), sheet.latest
    alike = office.likenesses.of_case(case, sheet.names.texts, scope_of(sheet.agent))
    found = [one for one in alike if one.case_id not in case.links]
    named = {one.title_id for one in found if one.title_id and one.confidentiality != "secret"}
    titles = office.archive.texts(named) if named else {}
    return tuple(_likely(sheet, one, _title(sheet, one, titles.get(one.title_id))) for one in found)


def _title(sheet: Sheet, one: Candidate, title: str | None) -> str:
    """As in the queue, also for those who may open it: others look on."""
    if one.confidentiality == "secret":
        return t("confidentialite.secret_liste")
    return title or sheet.names.type(one.type)


def _likely(sheet: Sheet, one: Candidate, title: str) -> Likely:
    """Each is offered for joining to it; linking asks less."""
    may_join = sheet.may("handle") and not sheet.case.absorbed
    query, channel = f"?reference={one.number}", labels.channel(one.channel).text
    return Likely(
        href=f"/agent/demandes/{one.number}",
        label=f"{one.number} — {title}",
        detail=t("doublon.detail", date=sheet.french.short_day(one.received_at), canal=channel),
        reasons=tuple(labels.likeness(each.sign, each.figure) for each in one.reasons),
        join=Link(f"{sheet.base}/joindre{query}", t("doublon.joindre_a", ref=one.number)) if may_join else None,
        link=Link(f"{sheet.base}/lier{query}", t("doublon.lier_a", ref=one.number)) if sheet.may("handle") else None,
    )


# --- third parties -----------------------------------------------------------------------------------------------


def third_parties(sheet: Sheet) -> tuple[ThirdPartyView, ...]:
    return tuple(_third_party(sheet, request_id, request) for request_id, request in sheet.case.requests.items())


def _third_party(sheet: Sheet, request_id: str, request: Request) -> ThirdPartyView:
    name = sheet.names.person(request.to) or t("tiers.sans_nom")
    asked = t("tiers.detail", date=sheet.french.short_day(request.asked_at), n=request.reminders)
    detail = t("tiers.detail_attendu", demande=asked, date=sheet.french.last_day(request.due))
    if request.revoked:
        return ThirdPartyView(name, t("tiers.etat_retire"), asked, "", "lock")
    if request.over:
        answers = (r.event for r in reversed(sheet.history) if isinstance(r.event, e.ThirdPartyAnswered))
        last = next((one.answer for one in answers if one.request_id == request_id), "words")
        return ThirdPartyView(name, labels.said(labels.THIRD_PARTY_ANSWERS, last), asked, "", "check")
    if request.silent:
        return ThirdPartyView(name, t("tiers.etat_silence"), detail, "late", "alert")
    return ThirdPartyView(name, t("tiers.etat_attendu"), detail, "run", "clock")
