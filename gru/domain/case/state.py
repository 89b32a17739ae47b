"""What does a case remember, and how does each fact change it?

Only what decisions need stands here. Evolving never refuses: rules change, history does not.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.case.neighbours import Absorbed, Request, request_after
from gru.domain.case.parts import Commitment, LegalDate, Reply, ReplyState, Wait
from gru.domain.status import ANSWERING, Status, status_after

RESOLVING = frozenset({"resolved", "refused", "no_reply", "out_of_scope"})
"""Outcomes that fulfil the promise to resolve; duplicate, withdrawn and redirected are censored instead."""


class Case(msgspec.Struct, frozen=True):
    """State after `version` facts; `digest` is that of the last one, which the next is chained to."""

    id: str
    version: int
    digest: bytes
    status: Status
    channel: e.Channel
    site: str
    received_at: datetime
    opened_at: datetime
    town_version: int
    department: str
    reply_channel: e.Channel
    requester: str = ""
    number: str = ""
    type: str = ""
    confidentiality: e.Confidentiality = "normal"
    priority: e.Priority = "normal"
    danger: bool = False
    regime: e.Regime = "none"
    agent: str = ""
    outcome: e.Outcome | Literal[""] = ""
    closed_at: datetime | None = None
    paused_since: datetime | None = None
    """Since when the town's clock stands still; the law's does since `incomplete_since`."""
    incomplete_since: datetime | None = None
    resumed_at: datetime | None = None
    """When the last pause of either clock ended."""
    reopened_at: datetime | None = None
    link_generation: int = 1
    days_of: int = 0
    """The version of the town whose days are counted; 0: the one the case is bound to."""
    place: e.PlaceSet | None = None
    intervention: e.InterventionPlanned | None = None
    documents: e.DocumentsChecked | None = None
    people: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    remarks: frozenset[str] = frozenset()
    withheld: dict[str, str] = {}
    """Kinds of reply that no machine may write here, and why."""
    commitments: dict[e.CommitmentKind, Commitment] = {}
    legal: dict[e.LegalClock, LegalDate] = {}
    waits: dict[str, Wait] = {}
    replies: dict[str, Reply] = {}
    main: str = ""
    status_before: Status | Literal[""] = ""
    absorbed: dict[str, Absorbed] = {}
    followers: dict[str, e.Channel] = {}
    requests: dict[str, Request] = {}

    @property
    def open_requests(self) -> dict[str, Request]:
        return {id: request for id, request in self.requests.items() if not request.over and not request.revoked}

    @property
    def told(self) -> frozenset[str]:
        """Who is told the news of this case besides its requester, once."""
        people = {one.requester for one in self.absorbed.values()} | set(self.followers)
        return frozenset(people - {"", self.requester} - self.erased)

    @property
    def bystanders(self) -> frozenset[str]:
        """Those who may write in this case without being its requester: he never reads them, nor they him."""
        people = {one.requester for one in self.absorbed.values()} | set(self.followers)
        return frozenset((people | {request.to for request in self.requests.values()}) - {"", self.requester})

    @property
    def everyone(self) -> frozenset[str]:
        """Whose words may stand in this case."""
        return self.people | self.bystanders

    @property
    def open_waits(self) -> dict[str, Wait]:
        return {wait_id: wait for wait_id, wait in self.waits.items() if wait.ended_at is None}

    def has_sent(self, *kinds: e.ReplyKind) -> bool:
        return any(reply.kind in kinds and reply.state == "sent" for reply in self.replies.values())

    def has_written(self, *kinds: e.ReplyKind) -> bool:
        """Written, on its way or sent; a withdrawn or failed one does not count."""
        return any(r.kind in kinds and r.state in ("written", "sent") for r in self.replies.values())


def replay(history: Iterable[e.Recorded]) -> Case | None:
    """The case after these facts, oldest first; `None` when there are none. `ValueError` on a gap."""
    case: Case | None = None
    for recorded in history:
        case = evolve(case, recorded)
    return case


def evolve(case: Case | None, recorded: e.Recorded) -> Case:
    """The case after one more fact."""
    event = recorded.event
    if case is None:
        if not isinstance(event, e.CaseOpened):
            raise ValueError(f"{recorded.stream_id} begins with {event.NAME}")
        return _opened(recorded, event)
    if recorded.version != case.version + 1:
        raise ValueError(f"{recorded.stream_id} goes from {case.version} to {recorded.version}")
    changed = _changed(case, event, recorded.at)
    return replace(
        changed,
        version=recorded.version,
        digest=recorded.digest,
        status=status_after(
            case.status,
            event,
            agent=changed.agent,
            open_waits=len(changed.open_waits),
            answers=isinstance(event, e.ReplySent) and _answers(changed, event.reply_id),
        ),
    )


def _opened(recorded: e.Recorded, event: e.CaseOpened) -> Case:
    person = frozenset({event.requester} - {""})
    return Case(
        id=recorded.stream_id,
        version=recorded.version,
        digest=recorded.digest,
        status="received",
        channel=event.channel,
        site=event.site,
        received_at=event.received_at,
        opened_at=recorded.at,
        town_version=event.town_version,
        department=event.department,
        reply_channel=event.reply_channel,
        requester=event.requester,
        people=person,
        messages=frozenset({event.message} - {""}),
        place=e.PlaceSet(place=event.place, district=event.district) if event.place else None,
    )


def _answers(case: Case, reply_id: str) -> bool:
    reply = case.replies.get(reply_id)
    return reply is not None and reply.human and reply.kind in ANSWERING


def _changed(case: Case, event: e.Event, at: datetime) -> Case:
    match event:
        case e.CaseRegistered():
            return replace(case, number=event.number)
        case e.MessageReceived():
            return replace(case, messages=case.messages | {event.message}, people=case.people | ({event.author} - {""}))
        case e.RequesterIdentified():
            return replace(case, requester=event.person, people=case.people | {event.person})
        case e.CaseQualified():
            return replace(
                case,
                type=event.type,
                department=event.department,
                confidentiality=event.confidentiality,
                priority=event.priority,
                danger=event.danger,
                regime=event.regime,
            )
        case e.CaseAssigned():
            return replace(case, agent=event.agent)
        case e.CaseTransferred():
            return replace(case, department=event.department, agent="")
        case e.CommitmentPromised() | e.CommitmentMoved() | e.BreachNoticed():
            return replace(case, commitments=_promises(case, event, at))
        case e.PlaceSet():
            return replace(case, place=event)
        case e.InterventionPlanned():
            return replace(case, intervention=event)
        case e.MadeSafe():
            return replace(case, commitments=_kept(case, "make_safe", event.made_safe_at))
        case e.LegalDateSet():
            return replace(case, legal={**case.legal, event.clock: LegalDate(event.due, event.regime)})
        case e.CommitmentLifted():
            kept = {kind: one for kind, one in case.commitments.items() if kind != event.kind}
            return replace(case, commitments=kept)
        case e.LegalDateLifted():
            return replace(case, legal={clock: day for clock, day in case.legal.items() if clock != event.clock})
        case e.LegalDatePassed():
            return _with_legal(case, event.clock, passed=True)
        case e.LegalDateNear():
            return _with_legal(case, event.clock, near=event.hours)
        case e.CalendarCorrected():
            return replace(case, days_of=event.town_version)
        case e.WaitStarted():
            return _wait_started(case, event)
        case e.WaitEnded():
            return _wait_ended(case, event)
        case e.ReplyWritten():
            reply = Reply(event.kind, event.channel, event.human, not_before=event.not_before)
            return replace(case, replies={**case.replies, event.reply_id: reply})
        case e.ReplySent():
            return _reply_sent(case, event)
        case e.ReplyWithdrawn():
            return _with_reply(case, event.reply_id, "withdrawn")
        case e.DeliveryFailed():
            return _failed(case, event)
        case e.ReplyWithheld():
            return replace(case, withheld={**case.withheld, event.kind: event.reason})
        case e.NoteAdded():
            return replace(case, remarks=case.remarks | {event.note_id})
        case e.DifficultyDeclared():
            return replace(case, remarks=case.remarks | {event.difficulty_id})
        case e.MessageEdited():
            return replace(case, remarks=case.remarks | {f"edited:{event.edit}"})
        case e.ReplyReached():
            how = "read" if event.read else "delivered"
            return replace(case, remarks=case.remarks | {f"{how}:{id}" for id in event.reply_ids})
        case e.MessageRemoved():
            return replace(case, remarks=case.remarks | {f"removed:{event.message}"})
        case e.FileNotKept():
            return replace(case, remarks=case.remarks | {f"file:{event.message}:{event.number}"})
        case e.TextRedacted():
            return replace(case, remarks=case.remarks | {event.id})
        case e.SurveyAsked() | e.CaseRated() | e.SurveysRefused():
            return replace(case, remarks=case.remarks | {event.NAME})
        case e.CaseClosed():
            return _closed(case, event, at)
        case e.CaseReopened():
            return replace(case, outcome="", closed_at=None, reopened_at=at)
        case e.CaseLinked():
            return replace(case, links=case.links | {event.other})
        case e.CaseUnlinked():
            return replace(case, links=case.links - {event.other})
        case e.LinksRenewed():
            return replace(case, link_generation=event.generation)
        case e.DocumentsChecked():
            return replace(case, documents=event)
        case e.LetterPrinted():
            return _with_letter(case, event.reply_id, batch=event.batch)
        case e.LetterSigned():
            return _with_letter(case, event.reply_id, signed=True)
        case e.ReplyWayChosen():
            return replace(case, reply_channel=event.channel)
        case e.TellingTried():
            return replace(case, remarks=case.remarks | {event.try_id})
        case e.FailureSettled():
            return _with_letter(case, event.reply_id, settled=True)
        case e.PersonErased():
            return replace(case, erased=case.erased | {event.person})
    return _beside(case, event, at)


def _beside(case: Case, event: e.Event, at: datetime) -> Case:
    """What happens between the case and its neighbours."""
    match event:
        case e.CaseMerged():
            return replace(case, main=event.main, status_before=case.status, outcome="duplicate", closed_at=at)
        case e.CaseUnmerged():
            return replace(case, main="", status_before="", outcome="", closed_at=None)
        case e.CaseAbsorbed():
            absorbed = Absorbed(event.received_at, event.requester)
            return replace(case, absorbed={**case.absorbed, event.other: absorbed})
        case e.CaseReleased():
            kept = {other: one for other, one in case.absorbed.items() if other != event.other}
            return replace(case, absorbed=kept)
        case e.CaseFollowed():
            return replace(case, followers={**case.followers, event.person: event.channel})
        case e.CaseUnfollowed():
            left = {person: channel for person, channel in case.followers.items() if person != event.person}
            return replace(case, followers=left)
        case e.ThirdPartyAsked():
            request = Request(
                to=event.to,
                text=event.text,
                asked_at=at,
                due=event.due,
                remind_at=event.remind_at,
                expires=event.expires,
                named=event.named,
                files=event.files,
            )
            return replace(case, requests={**case.requests, event.request_id: request})
        case e.ThirdPartyReminded() | e.ThirdPartyAnswered() | e.ThirdPartySilent() | e.ThirdPartyRevoked() if (
            event.request_id in case.requests
        ):
            after = request_after(case.requests[event.request_id], event)
            return replace(case, requests={**case.requests, event.request_id: after})
    return case


def _promises(
    case: Case, event: e.CommitmentPromised | e.CommitmentMoved | e.BreachNoticed, at: datetime
) -> dict[e.CommitmentKind, Commitment]:
    before = case.commitments.get(event.kind)
    if isinstance(event, e.CommitmentPromised):
        kept_at = before.kept_at if before else None
        return case.commitments | {
            event.kind: Commitment(event.due, event.warn_at, event.rule, event.calendar, kept_at)
        }
    if before is None:
        return case.commitments
    if isinstance(event, e.CommitmentMoved) and event.reason == "merge_undone" and before.own is not None:
        after = replace(before.own, due=event.due, warn_at=event.warn_at, kept_at=before.kept_at)
    elif isinstance(event, e.CommitmentMoved):
        kept_at = None if event.reason == "reopening" else before.kept_at
        prolonged = event.reason == "prolongation" or (before.prolonged and event.reason != "reopening")
        rule, calendar = event.rule or before.rule, event.calendar or before.calendar
        named_at = at if event.reason == "prolongation" else before.named_at if prolonged else None
        after = Commitment(event.due, event.warn_at, rule, calendar, kept_at, prolonged=prolonged, named_at=named_at)
        if event.reason == "merge":
            earliest = min((one.received_at for one in case.absorbed.values()), default=case.received_at)
            after = replace(after, own=before.own or before, begun=earliest)
        elif event.reason in ("pause", "calendar") and not event.rule:
            after = replace(after, own=before.own, begun=before.begun)
    else:
        after = replace(before, warned=True, breached=before.breached or event.late)
    return case.commitments | {event.kind: after}


def _kept(case: Case, kind: e.CommitmentKind, at: datetime) -> dict[e.CommitmentKind, Commitment]:
    commitment = case.commitments.get(kind)
    if commitment is None or commitment.kept_at is not None:
        return case.commitments
    return case.commitments | {kind: replace(commitment, kept_at=at)}


def _with_legal(case: Case, clock: e.LegalClock, **changed: bool | int) -> Case:
    date = case.legal.get(clock)
    if date is None:
        return case
    return replace(case, legal={**case.legal, clock: replace(date, **changed)})


def _wait_started(case: Case, event: e.WaitStarted) -> Case:
    wait = Wait(event.party, event.reason, event.since, event.stops_town, event.incomplete, event.until)
    paused, incomplete = case.paused_since, case.incomplete_since
    if wait.stopping and case.status != "closed":
        paused = min(paused, event.since) if paused else event.since
    if wait.incomplete and case.status != "closed":
        incomplete = min(incomplete, event.since) if incomplete else event.since
    waits = {**case.waits, event.wait_id: wait}
    return replace(case, waits=waits, paused_since=paused, incomplete_since=incomplete)


def _wait_ended(case: Case, event: e.WaitEnded) -> Case:
    wait = case.waits.get(event.wait_id)
    if wait is None:
        return case
    waits = {**case.waits, event.wait_id: replace(wait, ended_at=event.ended_at)}
    open_ = [w for w in waits.values() if w.ended_at is None]
    town = wait.stopping and not any(w.stopping for w in open_)
    law = wait.incomplete and not any(w.incomplete for w in open_)
    if not (town or law):
        return replace(case, waits=waits)
    ends = (w.ended_at for w in waits.values() if w.stopping or w.incomplete)
    return replace(
        case,
        waits=waits,
        paused_since=None if town else case.paused_since,
        incomplete_since=None if law else case.incomplete_since,
        resumed_at=max(at for at in ends if at is not None),
    )


def _with_reply(case: Case, reply_id: str, state: ReplyState) -> Case:
    reply = case.replies.get(reply_id)
    if reply is None:
        return case
    return replace(case, replies={**case.replies, reply_id: replace(reply, state=state)})


def _with_letter(case: Case, reply_id: str, **changed: str | bool) -> Case:
    reply = case.replies.get(reply_id)
    if reply is None:
        return case
    return replace(case, replies={**case.replies, reply_id: replace(reply, **changed)})


def _failed(case: Case, event: e.DeliveryFailed) -> Case:
    if event.permanent:
        return _with_letter(_with_reply(case, event.reply_id, "failed"), event.reply_id, settled=False)
    reply = case.replies.get(event.reply_id)
    if reply is None:
        return case
    return replace(case, replies={**case.replies, event.reply_id: replace(reply, delayed=True)})


def _reply_sent(case: Case, event: e.ReplySent) -> Case:
    case = _with_reply(case, event.reply_id, "sent")
    reply = case.replies.get(event.reply_id)
    if reply is None:
        return case
    if reply.kind in ("receipt", "acknowledgement") or reply.human:
        case = replace(case, commitments=_kept(case, "acknowledge", event.sent_at))
    if reply.human:
        case = replace(case, commitments=_kept(case, "first_response", event.sent_at))
    return case


def _closed(case: Case, event: e.CaseClosed, at: datetime) -> Case:
    commitments = case.commitments
    if event.outcome in RESOLVING:
        commitments = _kept(case, "resolve", at)
        commitments = _kept(replace(case, commitments=commitments), "make_safe", at)
    stopped = replace(case, paused_since=None, incomplete_since=None)
    return replace(stopped, outcome=event.outcome, closed_at=at, commitments=commitments)
