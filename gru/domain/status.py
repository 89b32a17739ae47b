"""What is the status of a case after an event?

The case itself and every projection that shows a status ask here, so that they cannot differ.
"""

from typing import Literal, cast

from gru.domain import events as e

Status = Literal["received", "registered", "qualified", "in_progress", "waiting", "answered", "closed", "reopened"]
ANSWERING = frozenset({"answer", "refusal"})
ASIDE = frozenset({"news", "third_party"})
"""Replies to others than the requester, who never reads them."""


def status_after(before: Status, event: e.Event, *, agent: str, open_waits: int, answers: bool = False) -> Status:
    """`agent` and `open_waits` as they are after the event; `answers` when a sent reply is a person's answer."""
    match event:
        case e.CaseOpened():
            return "received"
        case e.CaseClosed() | e.CaseMerged():
            return "closed"
        case e.CaseUnmerged():
            return cast(Status, event.status)
        case e.CaseReopened():
            return "waiting" if open_waits else "reopened"
    if before == "closed":
        return before
    match event:
        case e.CaseRegistered():
            return "registered" if before == "received" else before
        case e.CaseQualified() if before in ("received", "registered"):
            return "in_progress" if agent else "qualified"
        case e.CaseAssigned() if agent and before in ("qualified", "reopened"):
            return "in_progress"
        case e.WaitStarted():
            return "waiting"
        case e.WaitEnded() if before == "waiting" and not open_waits:
            return "in_progress"
        case e.ReplySent() if answers and not open_waits:
            return "answered"
        case e.MessageReceived() if before == "answered":
            return "in_progress"
    return before
