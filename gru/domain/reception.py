"""Who waits for his turn, which number does he bear, and which questions were answered on the spot?

Each visit, each number and each answer is a stream of its own, apart from cases: nothing in them says who came.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, assert_never

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow

VisitState = Literal["waiting", "called", "served", "left"]
MOST_TICKETS = 9999
LETTERS: dict[e.VisitKind, str] = {"walk_in": "A", "appointment": "R", "priority": "P", "help": "B"}
"""What a ticket's number begins with; it tells no reason."""


class TicketTaken(NotNow):
    """Somebody was given this number a moment ago: the next one is free."""


class Visit(msgspec.Struct, frozen=True):
    site: str
    day: date
    number: int
    kind: e.VisitKind
    state: VisitState = "waiting"
    post: str = ""


class Ticket(msgspec.Struct, frozen=True):
    visit: str


class Answer(msgspec.Struct, frozen=True):
    struck: bool = False


State = Visit | Ticket | Answer


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A wish about one stream of the reception."""

    stream: str


class Arrive(Wish, frozen=True, kw_only=True):
    site: str
    day: date
    number: int
    kind: e.VisitKind


class GiveTicket(Wish, frozen=True, kw_only=True):
    """`stream` derives from site, day and number, so the number can be given once."""

    site: str
    day: date
    number: int
    visit: str


class Call(Wish, frozen=True, kw_only=True):
    """Called again when he did not hear; `again` is what the caller saw before him, so that two do not call one."""

    post: str
    again: bool = False


class Serve(Wish, frozen=True, kw_only=True):
    pass


class Leave(Wish, frozen=True, kw_only=True):
    reason: Literal["absent", "gave_up"]


class CountAnswer(Wish, frozen=True, kw_only=True):
    site: str
    channel: e.Channel
    department: str


class StrikeAnswer(Wish, frozen=True, kw_only=True):
    pass


Command = Arrive | GiveTicket | Call | Serve | Leave | CountAnswer | StrikeAnswer


def ticket_name(kind: e.VisitKind, number: int) -> str:
    """As it is printed and called: « A012 »."""
    return f"{LETTERS[kind]}{number:03d}"


def replay(history: Iterable[e.Recorded]) -> State | None:
    state: State | None = None
    for recorded in history:
        state = evolve(state, recorded)
    return state


def evolve(state: State | None, recorded: e.Recorded) -> State:
    event = recorded.event
    match state, event:
        case None, e.VisitArrived():
            return Visit(event.site, event.day, event.number, event.kind)
        case None, e.TicketGiven():
            return Ticket(event.visit)
        case None, e.QuestionAnswered():
            return Answer()
        case None, _:
            raise ValueError(f"{recorded.stream_id} begins with {event.NAME}")
        case Visit() as visit, e.VisitCalled():
            return replace(visit, state="called", post=event.post)
        case Visit() as visit, e.VisitServed():
            return replace(visit, state="served")
        case Visit() as visit, e.VisitLeft():
            return replace(visit, state="left")
        case Answer() as answer, e.QuestionStruck():
            return replace(answer, struck=True)
        case known, _:
            return known


def decide(state: State | None, command: Command) -> list[e.Event]:
    """`[]` when it is so already; `Refused` when it may not be."""
    match command:
        case Arrive():
            return [] if state else [_arrived(command)]
        case GiveTicket():
            return _give(state, command)
        case Call():
            return _call(_visit(state), command)
        case Serve():
            return _end(_visit(state), "served", e.VisitServed())
        case Leave():
            return _end(_visit(state), "left", e.VisitLeft(reason=command.reason))
        case CountAnswer():
            counted = e.QuestionAnswered(site=command.site, channel=command.channel, department=command.department)
            return [] if state else [counted]
        case StrikeAnswer():
            if not isinstance(state, Answer):
                raise NotNow("There is no such answer.")
            return [] if state.struck else [e.QuestionStruck()]
        case _:
            assert_never(command)


def _arrived(command: Arrive) -> e.VisitArrived:
    if not 1 <= command.number <= MOST_TICKETS:
        raise BadInput("There are no more tickets today.", field="ticket")
    return e.VisitArrived(site=command.site, day=command.day, number=command.number, kind=command.kind)


def _give(state: State | None, command: GiveTicket) -> list[e.Event]:
    if isinstance(state, Ticket):
        if state.visit != command.visit:
            raise TicketTaken("This number has been given.")
        return []
    return [e.TicketGiven(site=command.site, day=command.day, number=command.number, visit=command.visit)]


def _call(visit: Visit, command: Call) -> list[e.Event]:
    if not command.post:
        raise BadInput("A visit is called to a post.", field="poste")
    if visit.state == "called" and visit.post != command.post:
        raise NotNow("Another post has called this ticket.")
    if visit.state == "called" and not command.again:
        return []
    if visit.state not in ("waiting", "called"):
        raise NotNow("This visit is over.")
    return [e.VisitCalled(post=command.post)]


def _end(visit: Visit, state: VisitState, event: e.Event) -> list[e.Event]:
    if visit.state == state:
        return []
    if visit.state in ("served", "left") or (state == "served" and visit.state != "called"):
        raise NotNow("This visit is over, or was not called yet.")
    return [event]


def _visit(state: State | None) -> Visit:
    if not isinstance(state, Visit):
        raise NotNow("There is no such visit.")
    return state
