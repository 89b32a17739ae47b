"""How does the head of a case, which `queue` and `case_file` both show, follow from its facts?"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, String

from gru.domain import events as e
from gru.domain.case.state import RESOLVING
from gru.domain.events import Event, Recorded
from gru.domain.status import ANSWERING, status_after
from projections.base.fold import FAR, Change, Instant, Json, Row, code, versioned

CASE_EVENTS: tuple[type[Event], ...] = tuple(kind for name, kind in e.BY_NAME.items() if name.startswith("case."))
_DUTIES = ("make_safe", "first_response", "resolve")
_PARTIES = ("resident", "third_party", "service")


class Promised(msgspec.Struct, frozen=True, array_like=True):
    due: datetime
    warn_at: datetime
    kept_at: datetime | None = None


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """An open wait; it stops the town's clock when it is `stopping`."""

    party: e.Party
    since: datetime
    stopping: bool
    until: datetime | None = None


class Unsent(msgspec.Struct, frozen=True, array_like=True):
    """A reply that has not left yet."""

    kind: str = ""
    human: bool = False


_UNKNOWN = Unsent()


def head_columns() -> tuple[Column[Any], ...]:
    """`promises` by kind, the open `waits` and the unsent `replies` by id are what the fold must remember."""
    return (
        Column("case_id", String(32), primary_key=True),
        Column("version", BigInteger, nullable=False),
        *(code(name) for name in ("number", "status", "type", "department", "agent", "channel", "site", "district")),
        *(code(name) for name in ("confidentiality", "priority", "requester", "title_id", "outcome")),
        Column("danger", Boolean, nullable=False),
        *(Column(name, Instant, nullable=False) for name in ("received_at", "opened_at", "updated_at", "due_sort")),
        *(Column(name, Instant) for name in ("due_at", "warn_at", "paused_since", "legal_due_at", "closed_at")),
        code("due_kind"),
        code("waiting_on"),
        Column("waiting_since", Instant),
        Column("promises", Json(dict[str, Promised]), nullable=False),
        Column("waits", Json(dict[str, Waiting]), nullable=False),
        Column("replies", Json(dict[str, Unsent]), nullable=False),
    )


def head_after(row: Row | None, recorded: Recorded) -> Row | None:
    """A new row after one more fact, for the fold to change further; `None` when there is nothing new to be seen."""
    event = recorded.event
    kind = type(event)
    if row is None:
        return _opened(recorded, event) if isinstance(event, e.CaseOpened) else None
    head = versioned(row, recorded)
    if head is None:
        return None
    if recorded.by != "clock":
        head["updated_at"] = recorded.at
    change = _HEAD.get(kind)
    if change is not None:
        change(head, event, recorded)
        if kind in _MOVING:
            waits = len(head["waits"])
            head["status"] = status_after(row["status"], event, agent=head["agent"], open_waits=waits)
        if kind in _TIMING:
            _show_due(head)
    return head


def sent_reply(row: Row, event: e.ReplySent) -> Unsent:
    """What is known of a reply that has just left; `row` is as it was before the fold."""
    reply: Unsent = row["replies"].get(event.reply_id, _UNKNOWN)
    return reply


def _opened(recorded: Recorded, event: e.CaseOpened) -> Row:
    return {
        "case_id": recorded.stream_id,
        "version": recorded.version,
        "number": "",
        "status": "received",
        "type": "",
        "department": event.department,
        "agent": "",
        "channel": event.channel,
        "site": event.site,
        "district": event.district,
        "confidentiality": "normal",
        "priority": "normal",
        "requester": event.requester,
        "title_id": event.title.id if event.title else "",
        "outcome": "",
        "danger": False,
        "received_at": event.received_at,
        "opened_at": recorded.at,
        "updated_at": recorded.at,
        "due_sort": FAR,
        "due_at": None,
        "warn_at": None,
        "paused_since": None,
        "legal_due_at": None,
        "closed_at": None,
        "due_kind": "",
        "waiting_on": "",
        "waiting_since": None,
        "promises": {},
        "waits": {},
        "replies": {},
    }


def _registered(head: Row, event: e.CaseRegistered, recorded: Recorded) -> None:
    head["number"] = event.number


def _identified(head: Row, event: e.RequesterIdentified, recorded: Recorded) -> None:
    head["requester"] = event.person


def _placed(head: Row, event: e.PlaceSet, recorded: Recorded) -> None:
    head["district"] = event.district


def _qualified(head: Row, event: e.CaseQualified, recorded: Recorded) -> None:
    head["type"] = event.type
    head["department"] = event.department
    head["confidentiality"] = event.confidentiality
    head["priority"] = event.priority
    head["danger"] = event.danger


def _assigned(head: Row, event: e.CaseAssigned, recorded: Recorded) -> None:
    head["agent"] = event.agent


def _transferred(head: Row, event: e.CaseTransferred, recorded: Recorded) -> None:
    head["department"] = event.department
    head["agent"] = ""


def _promised(head: Row, event: e.CommitmentPromised, recorded: Recorded) -> None:
    before = head["promises"].get(event.kind)
    kept = before.kept_at if before is not None else None
    head["promises"] = head["promises"] | {event.kind: Promised(event.due, event.warn_at, kept)}


def _moved(head: Row, event: e.CommitmentMoved, recorded: Recorded) -> None:
    before = head["promises"].get(event.kind)
    if before is not None:
        kept = None if event.reason == "reopening" else before.kept_at
        head["promises"] = head["promises"] | {event.kind: Promised(event.due, event.warn_at, kept)}


def _lifted(head: Row, event: e.CommitmentLifted, recorded: Recorded) -> None:
    head["promises"] = {kind: one for kind, one in head["promises"].items() if kind != event.kind}


def _keep(head: Row, kind: str, at: datetime) -> None:
    promise = head["promises"].get(kind)
    if promise is not None and promise.kept_at is None:
        head["promises"] = head["promises"] | {kind: Promised(promise.due, promise.warn_at, at)}


def _made_safe(head: Row, event: e.MadeSafe, recorded: Recorded) -> None:
    _keep(head, "make_safe", event.made_safe_at)


def _legal_date(head: Row, event: e.LegalDateSet, recorded: Recorded) -> None:
    if event.clock == "silence":
        head["legal_due_at"] = event.due


def _legal_lifted(head: Row, event: e.LegalDateLifted, recorded: Recorded) -> None:
    if event.clock == "silence":
        head["legal_due_at"] = None


def _wait_started(head: Row, event: e.WaitStarted, recorded: Recorded) -> None:
    stopping = event.stops_town
    head["waits"] = head["waits"] | {event.wait_id: Waiting(event.party, event.since, stopping, event.until)}
    if stopping and head["status"] != "closed":
        head["paused_since"] = min(event.since, head["paused_since"] or event.since)
    _show_wait(head)


def _wait_ended(head: Row, event: e.WaitEnded, recorded: Recorded) -> None:
    ended = head["waits"].get(event.wait_id)
    if ended is not None:
        head["waits"] = {key: wait for key, wait in head["waits"].items() if key != event.wait_id}
        if ended.stopping and not any(wait.stopping for wait in head["waits"].values()):
            head["paused_since"] = None
        _show_wait(head)


def _show_wait(head: Row) -> None:
    """One party is charged with each second: the resident before a third party before a service."""
    waits = head["waits"].values()
    party = min((wait.party for wait in waits), key=_PARTIES.index, default="")
    head["waiting_on"] = party
    head["waiting_since"] = min((wait.since for wait in waits if wait.party == party), default=None)


def _written(head: Row, event: e.ReplyWritten, recorded: Recorded) -> None:
    head["replies"] = head["replies"] | {event.reply_id: Unsent(event.kind, event.human)}


def _withdrawn(head: Row, event: e.ReplyWithdrawn, recorded: Recorded) -> None:
    head["replies"] = {key: reply for key, reply in head["replies"].items() if key != event.reply_id}


def _sent(head: Row, event: e.ReplySent, recorded: Recorded) -> None:
    reply = sent_reply(head, event)
    if reply.human or reply.kind in ("receipt", "acknowledgement"):
        _keep(head, "acknowledge", event.sent_at)
    if reply.human:
        _keep(head, "first_response", event.sent_at)
    answers = reply.human and reply.kind in ANSWERING
    waits = len(head["waits"])
    head["status"] = status_after(head["status"], event, agent=head["agent"], open_waits=waits, answers=answers)
    head["replies"] = {key: reply for key, reply in head["replies"].items() if key != event.reply_id}


def _closed(head: Row, event: e.CaseClosed, recorded: Recorded) -> None:
    head["outcome"] = event.outcome
    head["closed_at"] = recorded.at
    head["paused_since"] = None
    if event.outcome in RESOLVING:
        _keep(head, "resolve", recorded.at)
        _keep(head, "make_safe", recorded.at)


def _reopened(head: Row, event: e.CaseReopened, recorded: Recorded) -> None:
    head["outcome"] = ""
    head["closed_at"] = None


def _merged(head: Row, event: e.CaseMerged, recorded: Recorded) -> None:
    head["outcome"] = "duplicate"
    head["closed_at"] = recorded.at


def _unmerged(head: Row, event: e.CaseUnmerged, recorded: Recorded) -> None:
    head["outcome"] = ""
    head["closed_at"] = None


def _nothing(head: Row, event: Event, recorded: Recorded) -> None:
    """Only the status may change."""


def _show_due(head: Row) -> None:
    """The next open duty; a stopped one shows its date but is sorted as if it had none. Danger is never paused."""
    stopped = head["paused_since"] is not None
    due: datetime | None = None
    warn_at: datetime | None = None
    due_kind = ""
    if head["closed_at"] is None:
        promises = head["promises"]
        for kind in _DUTIES:
            promise = promises.get(kind)
            if promise is not None and promise.kept_at is None and (due is None or promise.due < due):
                due, warn_at, due_kind = promise.due, promise.warn_at, kind
            if stopped and due_kind == "make_safe":
                break
    head["due_at"], head["warn_at"], head["due_kind"] = due, warn_at, due_kind
    head["due_sort"] = FAR if due is None or (stopped and due_kind != "make_safe") else due


_HEAD: dict[type[Event], Change] = {
    e.CaseRegistered: _registered,
    e.MessageReceived: _nothing,
    e.RequesterIdentified: _identified,
    e.PlaceSet: _placed,
    e.CaseQualified: _qualified,
    e.CaseAssigned: _assigned,
    e.CaseTransferred: _transferred,
    e.CommitmentPromised: _promised,
    e.CommitmentMoved: _moved,
    e.CommitmentLifted: _lifted,
    e.LegalDateLifted: _legal_lifted,
    e.MadeSafe: _made_safe,
    e.LegalDateSet: _legal_date,
    e.WaitStarted: _wait_started,
    e.WaitEnded: _wait_ended,
    e.ReplyWritten: _written,
    e.ReplyWithdrawn: _withdrawn,
    e.ReplySent: _sent,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
    e.CaseMerged: _merged,
    e.CaseUnmerged: _unmerged,
}
_MOVING = frozenset(
    {
        e.CaseRegistered,
        e.MessageReceived,
        e.CaseQualified,
        e.CaseAssigned,
        e.WaitStarted,
        e.WaitEnded,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
    }
)
_TIMING = frozenset(
    {
        e.CommitmentPromised,
        e.CommitmentMoved,
        e.CommitmentLifted,
        e.MadeSafe,
        e.WaitStarted,
        e.WaitEnded,
        e.ReplySent,
        e.CaseClosed,
        e.CaseReopened,
        e.CaseMerged,
        e.CaseUnmerged,
    }
)
