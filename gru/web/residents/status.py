"""Where does a case stand, in one sentence, one date and one duty, as a resident is told?"""

from collections.abc import Iterator

from gru.domain import events as e
from gru.domain.case import Commitment
from gru.domain.case.closing import RESIDENT_MAY_REOPEN
from gru.web import current
from gru.web.agents.changes import waiting_on
from gru.web.dates import long_date
from gru.web.i18n import t
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking_page import Step

_SENTENCES = {
    "received": "statut.usager.recue",
    "registered": "statut.usager.enregistree",
    "in_progress": "statut.usager.en_instruction",
    "answered": "statut.usager.repondue",
    "reopened": "statut.usager.rouverte",
}
_WAITING = {"resident": "statut.usager.attente_usager", "service": "statut.usager.attente_service"}
_REACHED = {"received": 0, "registered": 0, "qualified": 1, "in_progress": 2, "waiting": 2, "reopened": 2}
_STEPS = ("suivi.etape_recue", "suivi.etape_verifiee", "suivi.etape_traitement", "suivi.etape_reponse")
_MOMENTS = {"morning": "moment.au_matin", "afternoon": "moment.l_apres_midi"}


def sentence(link: Tracked) -> str:
    case = link.case
    if case.status == "closed":
        return _ended(link)
    if case.status == "waiting":
        return _waited_for(link)
    if case.status == "qualified":
        return t("statut.usager.qualifiee", service=link.department.name)
    if visit := _visit(link):
        return visit
    return t(_SENTENCES[case.status])


def _waited_for(link: Tracked) -> str:
    party = waiting_on(link.case)
    return t(_WAITING[party]) if party in _WAITING else t("statut.usager.attente_tiers", tiers=t("suivi.un_tiers"))


def _ended(link: Tracked) -> str:
    closed = _closing(link)
    match link.case.outcome:
        case "redirected":
            body = link.town.bodies.get(closed.body) if closed else None
            return t("statut.usager.reorientee", organisme=body.name if body else t("suivi.autre_organisme"))
        case "duplicate":
            named = link.case.main or (closed.main if closed else "")
            main = current.office().desk.case(named) if named else None
            return t("statut.usager.doublon", ref=main.number if main else "")
        case "withdrawn":
            return t("statut.usager.retiree")
        case "refused":
            return t("suivi.refusee")
    return t("statut.usager.close")


def _closing(link: Tracked) -> e.CaseClosed | None:
    return next((r.event for r in reversed(link.history) if isinstance(r.event, e.CaseClosed)), None)


def _visit(link: Tracked) -> str:
    """The visit that is planned, while it lies ahead."""
    planned = next((r.event for r in reversed(link.history) if isinstance(r.event, e.InterventionPlanned)), None)
    french = current.french()
    if planned is None or planned.day < french.local(french.now).date():
        return ""
    moment = f" {t(_MOMENTS[planned.moment])}" if planned.moment in _MOMENTS else ""
    return t("statut.usager.intervention", action=t("suivi.intervention"), date=f"{long_date(planned.day)}{moment}")


def lines(link: Tracked) -> Iterator[str]:
    """The duty, then the date."""
    case, french = link.case, current.french()
    if case.status == "closed":
        yield from _closing_words(link)
        return
    if waiting_on(case) == "resident":
        limits = [w.until for w in case.open_waits.values() if w.party == "resident" and w.until]
        yield t("suivi.a_vous")
        if limits:
            yield t("suivi.a_vous_limite", date=french.last_day(min(limits)))
        return
    yield t("suivi.rien_a_faire")
    promise = _promise(link)
    if promise is None:
        return
    if promise.due > french.now:
        if moved := _prolonged(link):
            yield moved
        else:
            yield t("suivi.promesse", date=french.last_day(promise.due))
        return
    yield t("suivi.retard_simple", date=french.last_day(promise.due), service=link.department.name)
    if silence := case.legal.get("silence"):
        yield t("suivi.date_legale", date=french.last_day(silence.due))


def _promise(link: Tracked) -> Commitment | None:
    """The date that matters to the resident: the first answer, then the solution."""
    for kind in ("first_response", "resolve"):
        one = link.case.commitments.get(kind)
        if one is not None and one.kept_at is None:
            return one
    return None


def _prolonged(link: Tracked) -> str:
    """A missed date that was replaced by another, with its reason."""
    french = current.french()
    before: dict[str, e.Event] = {}
    said = ""
    for recorded in link.history:
        event = recorded.event
        if isinstance(event, e.CommitmentMoved) and event.reason == "prolongation":
            was = before.get(event.kind)
            if isinstance(was, (e.CommitmentPromised, e.CommitmentMoved)):
                reason = link.names.text(event.explanation).rstrip(".")
                said = t("suivi.retard", date=french.last_day(was.due), nouvelle=french.last_day(event.due),
                         raison=reason)  # fmt: skip
        if isinstance(event, (e.CommitmentPromised, e.CommitmentMoved)):
            before[event.kind] = event
    return said


def _closing_words(link: Tracked) -> Iterator[str]:
    if link.main is not None:
        yield t("suivi.jointe", ref=link.main.number)
    closed = _closing(link)
    if closed is not None and closed.text is not None and link.case.outcome != "withdrawn":
        said = link.names.text(closed.text)
        if said:
            yield t("suivi.refus", motif=said.rstrip(".")) if link.case.outcome == "refused" else said
    yield t("suivi.rien_a_faire")


def tone(link: Tracked) -> str:
    if link.case.status == "closed":
        return "over"
    promise = _promise(link)
    late = promise is not None and promise.due <= current.now() and link.case.paused_since is None
    return "warn" if late or waiting_on(link.case) == "resident" else ""


def may_reopen(link: Tracked) -> bool:
    case = link.case
    if case.status != "closed" or case.closed_at is None or case.outcome == "duplicate":
        return False
    return current.now() - case.closed_at <= RESIDENT_MAY_REOPEN


def steps(link: Tracked) -> tuple[Step, ...]:
    """At most five, the last one done only when the case is closed."""
    kind = link.town.types.get(link.case.type)
    names = kind.steps if kind and kind.steps else tuple(t(key) for key in _STEPS)
    last = len(names) - 1
    ended = link.case.status in ("answered", "closed")
    here = last if ended else min(_REACHED[link.case.status], max(0, last - 1))
    return tuple(
        _step(link, name, rank, here, all_done=link.case.status == "closed") for rank, name in enumerate(names)
    )


def _step(link: Tracked, name: str, rank: int, here: int, *, all_done: bool) -> Step:
    detail = _step_date(link, rank)
    if rank < here or all_done:
        return Step(name, "done", t("suivi.terminee"), detail)
    if rank == here:
        return Step(name, "here", t("suivi.en_cours"), detail)
    return Step(name, "todo", t("suivi.a_venir"))


def _step_date(link: Tracked, rank: int) -> str:
    french = current.french()
    if rank == 0:
        return french.spoken(link.case.received_at).capitalize()
    qualified = next((r.at for r in link.history if isinstance(r.event, e.CaseQualified)), None)
    return french.spoken(qualified).capitalize() if rank == 1 and qualified else ""


def step_text(shown: tuple[Step, ...]) -> str:
    at = next((rank for rank, step in enumerate(shown, 1) if step.state == "here"), 0)
    return t("suivi.etape", i=at, n=len(shown)) if at else ""


def last_change(link: Tracked) -> str:
    french = current.french()
    spoken = french.spoken(link.history[-1].at)
    day, _, hour = spoken.rpartition(" à ")
    return t("suivi.maj", date=day, heure=hour)
