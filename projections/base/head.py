"""How does the head of a case, which `queue` and `case_file` both show, follow from its facts?"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, String

from gru.domain import events as e
from gru.domain.case.state import RESOLVING
from gru.domain.events import Event, Recorded
from gru.domain.status import ANSWERING, status_after
from projections.base.fold import FAR, Change, Instant, Json, Row, code, iso, versioned

CASE_EVENTS: tuple[type[Event], ...] = tuple(kind for name, kind in e.BY_NAME.items() if name.startswith("case."))
_DUTIES = ("make_safe", "first_response", "resolve")
_PARTIES = ("resident", "third_party", "service")


def head_columns() -> tuple[Column[Any], ...]:
    """`promises` {kind: [due, warn_at, kept_at]}, `waits` {id: [party, since, stopping, until]} (the open ones) and
    `replies` {id: [kind, human]} (those not sent yet) are what the fold must remember."""
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
        *(Column(name, Json, nullable=False) for name in ("promises", "waits", "replies")),
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


def sent_reply(row: Row, event: e.ReplySent) -> tuple[str, bool]:
    """Kind of a reply that has just left, and whether a person wrote it; `row` is as it was before the fold."""
    kind, human = row["replies"].get(event.reply_id, ("", False))
    return kind, human


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
    kept = head["promises"].get(event.kind, (None, None, None))[2]
    head["promises"] = head["promises"] | {event.kind: [iso(event.due), iso(event.warn_at), kept]}


def _moved(head: Row, event: e.CommitmentMoved, recorded: Recorded) -> None:
    before = head["promises"].get(event.kind)
    if before is not None:
        kept = None if event.reason == "reopening" else before[2]
        head["promises"] = head["promises"] | {event.kind: [iso(event.due), iso(event.warn_at), kept]}


def _keep(head: Row, kind: str, at: datetime) -> None:
    promise = head["promises"].get(kind)
    if promise is not None and promise[2] is None:
        head["promises"] = head["promises"] | {kind: [promise[0], promise[1], iso(at)]}


def _made_safe(head: Row, event: e.MadeSafe, recorded: Recorded) -> None:
    _keep(head, "make_safe", event.made_safe_at)


def _legal_date(head: Row, event: e.LegalDateSet, recorded: Recorded) -> None:
    if event.clock == "silence":
        head["legal_due_at"] = event.due


def _wait_started(head: Row, event: e.WaitStarted, recorded: Recorded) -> None:
    stopping = event.indispensable and event.party == "resident"
    until = iso(event.until) if event.until else None
    head["waits"] = head["waits"] | {event.wait_id: [event.party, iso(event.since), stopping, until]}
    if stopping and head["status"] != "closed":
        head["paused_since"] = min(event.since, head["paused_since"] or event.since)
    _show_wait(head)


def _wait_ended(head: Row, event: e.WaitEnded, recorded: Recorded) -> None:
    ended = head["waits"].get(event.wait_id)
    if ended is not None:
        head["waits"] = {key: wait for key, wait in head["waits"].items() if key != event.wait_id}
        if ended[2] and not any(wait[2] for wait in head["waits"].values()):
            head["paused_since"] = None
        _show_wait(head)


def _show_wait(head: Row) -> None:
    """One party is charged with each second: the resident before a third party before a service."""
    waits = head["waits"].values()
    party = min((wait[0] for wait in waits), key=_PARTIES.index, default="")
    since = min((wait[1] for wait in waits if wait[0] == party), default=None)
    head["waiting_on"] = party
    head["waiting_since"] = datetime.fromisoformat(since) if since else None


def _written(head: Row, event: e.ReplyWritten, recorded: Recorded) -> None:
    head["replies"] = head["replies"] | {event.reply_id: [event.kind, event.human]}


def _withdrawn(head: Row, event: e.ReplyWithdrawn, recorded: Recorded) -> None:
    head["replies"] = {key: reply for key, reply in head["replies"].items() if key != event.reply_id}


def _sent(head: Row, event: e.ReplySent, recorded: Recorded) -> None:
    kind, human = sent_reply(head, event)
    if human or kind in ("receipt", "acknowledgement"):
        _keep(head, "acknowledge", event.sent_at)
    if human:
        _keep(head, "first_response", event.sent_at)
    answers = human and kind in ANSWERING
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


def _nothing(head: Row, event: Event, recorded: Recorded) -> None:
    """Only the status may change."""


def _show_due(head: Row) -> None:
    """The next open duty; a stopped one shows its date but is sorted as if it had none. Danger is never paused."""
    stopped = head["paused_since"] is not None
    duties = [
        (stopped and kind != "make_safe", p[0], p[1], kind)
        for kind in _DUTIES
        if (p := head["promises"].get(kind)) and p[2] is None
    ]
    if not duties or head["closed_at"] is not None:
        head["due_at"], head["warn_at"], head["due_kind"], head["due_sort"] = None, None, "", FAR
        return
    still, due, warn_at, head["due_kind"] = min(duties)
    head["due_at"], head["warn_at"] = datetime.fromisoformat(due), datetime.fromisoformat(warn_at)
    head["due_sort"] = FAR if still else head["due_at"]


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
    e.MadeSafe: _made_safe,
    e.LegalDateSet: _legal_date,
    e.WaitStarted: _wait_started,
    e.WaitEnded: _wait_ended,
    e.ReplyWritten: _written,
    e.ReplyWithdrawn: _withdrawn,
    e.ReplySent: _sent,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
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
    }
)
_TIMING = frozenset(
    {
        e.CommitmentPromised,
        e.CommitmentMoved,
        e.MadeSafe,
        e.WaitStarted,
        e.WaitEnded,
        e.ReplySent,
        e.CaseClosed,
        e.CaseReopened,
    }
)
