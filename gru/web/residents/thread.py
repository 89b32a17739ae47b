"""What may a resident read of his case: what was said between him and the town, and nothing of the rest?"""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gru.domain import events as e
from gru.domain.case import Case, replay
from gru.domain.clocks import Calendar
from gru.domain.references import NUMBER, link_token
from gru.domain.status import ASIDE
from gru.domain.town import Department, Town
from gru.office.letters import split_subject
from gru.web import current
from gru.web.agents.facts import taken_back
from gru.web.agents.names import Names, names_for
from gru.web.i18n import t
from gru.web.residents.tracking_page import Message


@dataclass(frozen=True, slots=True)
class Tracked:
    """One case as its secret link shows it."""

    ref: str
    token: str
    case: Case
    history: tuple[e.Recorded, ...]
    town: Town
    names: Names
    main: Case | None = None
    elsewhere: tuple[e.Recorded, ...] = ()
    """What of the main case is his to read, when this one is merged."""

    @property
    def base(self) -> str:
        return f"/suivi/{self.ref}/{self.token}"

    @property
    def department(self) -> Department:
        return self.town.departments[self.case.department]

    @property
    def calendar(self) -> Calendar:
        return self.town.calendar_of(self.case.department)

    @property
    def title(self) -> str:
        opened = self.history[0].event
        title = self.names.text(opened.title) if isinstance(opened, e.CaseOpened) else ""
        return title or self.names.type(self.case.type)


def tracked(ref: str, token: str) -> Tracked | None:
    """The case this link opens; `None` for a wrong or closed one, whether or not the case exists."""
    office = current.office()
    case_id = office.desk.case_numbered(ref) if NUMBER.fullmatch(ref) else ""
    history = tuple(office.log.history(case_id)) if case_id else ()
    case = replay(history)
    true = link_token(office.settings.secret, case.id if case else ref, case.link_generation if case else 1)
    if not same(token, true) or case is None or requester_erased(case):
        return None
    town = office.town.counting(case.town_version, case.days_of)
    main_history = tuple(office.log.history(case.main)) if case.main else ()
    elsewhere = tuple(_his_own(case, main_history))
    names = names_for([*_public(history), *elsewhere], town, current.everybody(), office.archive)
    return Tracked(ref, token, case, history, town, names, replay(main_history), elsewhere)


def _his_own(case: Case, main: Iterable[e.Recorded]) -> Iterator[e.Recorded]:
    """Of the case his own is merged into: what he wrote there, and what was written to him."""
    for recorded in main:
        match recorded.event:
            case e.MessageReceived(via=via) if via == case.id:
                yield recorded
            case e.ReplyWritten(to=person, kind="news") if person and person == case.requester:
                yield recorded


def requester_erased(case: Case) -> bool:
    """Nobody is left whom his number, code and link would belong to."""
    return case.requester in case.erased


def same(given: str, true: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), true.encode())


def _public(history: Iterable[e.Recorded]) -> list[e.Recorded]:
    """The facts whose words a resident may read; notes, difficulties and reasons between services stay inside."""
    spoken = (e.CaseOpened, e.MessageReceived, e.ReplyWritten, e.CaseClosed, e.CommitmentMoved, e.PersonErased)
    facts = list(history)
    beside = _bystanders(facts)
    return [r for r in facts if isinstance(r.event, (*spoken, e.TextRedacted)) and not _is_aside(r.event, beside)]


def _bystanders(history: Iterable[e.Recorded]) -> set[str]:
    """Who followed the case, was merged into it or was asked something, even if no longer: their words are theirs."""
    found, requesters = set(), set()
    for recorded in history:
        match recorded.event:
            case e.CaseAbsorbed(requester=person) | e.CaseFollowed(person=person) | e.ThirdPartyAsked(to=person):
                found.add(person)
            case e.CaseOpened(requester=person) | e.RequesterIdentified(person=person):
                requesters.add(person)
    return found - requesters - {""}


def _is_aside(event: e.Event, beside: set[str]) -> bool:
    match event:
        case e.MessageReceived(author=author, via=via):
            return bool(via) or author in beside
        case e.ReplyWritten(kind=kind):
            return kind in ASIDE
    return False


def files(link: Tracked) -> set[str]:
    """The files of the exchange."""
    facts = (*_public(link.history), *link.elsewhere)
    return {file.id for recorded in facts for file in getattr(recorded.event, "files", ())}


def messages(link: Tracked) -> Iterator[Message]:
    """The exchange, oldest first: what he and others wrote, and the replies that will not be taken back any more."""
    yield from _messages(link, _public(link.history), link.case)
    if link.main is not None:
        yield from _messages(link, link.elsewhere, link.main)


def _messages(link: Tracked, facts: Iterable[e.Recorded], case: Case) -> Iterator[Message]:
    for recorded in facts:
        match recorded.event:
            case e.CaseOpened(requester=author) | e.MessageReceived(author=author) as event:
                mine = _is_his(link.case, event)
                who = t("suivi.vous") if mine else t("suivi.autre_personne" if author else "suivi.correspondant")
                yield _message(link, recorded, event, who, event.received_at, mine=mine)
            case e.ReplyWritten() as event if _is_out(case, event):
                yield _message(link, recorded, event, _writer(link, recorded, event), recorded.at, mine=False)


def _is_his(case: Case, event: e.CaseOpened | e.MessageReceived) -> bool:
    """Of the holder of this link: he asked, or he wrote here. An unknown author of another message may be anybody."""
    if isinstance(event, e.CaseOpened):
        return event.requester in ("", case.requester)
    return event.author == case.requester if event.author else event.proof == "tracking_link"


def _message(
    link: Tracked,
    recorded: e.Recorded,
    event: e.CaseOpened | e.MessageReceived | e.ReplyWritten,
    who: str,
    at: datetime,
    *,
    mine: bool,
) -> Message:
    french = current.french()
    gone = link.names.is_gone(event.text)
    removed = getattr(event, "message", "") in taken_back(link.history)
    return Message(
        who=who,
        time=french.spoken(at),
        iso=french.iso(at),
        text=_shown(link, event, gone=gone, removed=removed),
        mine=mine,
        files=() if removed else link.names.links(link.base, event.files),
    )


def _shown(
    link: Tracked, event: e.CaseOpened | e.MessageReceived | e.ReplyWritten, *, gone: bool, removed: bool
) -> str:
    if removed:
        return t("suivi.retire")
    return t("suivi.masque") if gone else split_subject(link.names.text(event.text))[1].strip()


def _is_out(case: Case, event: e.ReplyWritten) -> bool:
    state = case.replies[event.reply_id].state
    waits = event.not_before is not None and event.not_before > current.now()
    return state != "withdrawn" and not (state == "written" and waits)


def _writer(link: Tracked, recorded: e.Recorded, event: e.ReplyWritten) -> str:
    """Who signs: the agent and his service (CRPA L111-2), or the town for what a machine wrote."""
    kind, _, agent = recorded.by.partition(":")
    if kind != "agent" or not agent or not event.human:
        return link.town.name
    service = link.names.department_of(agent) or link.department.name
    return t("suivi.agent", nom=link.names.agent(agent), service=service)
