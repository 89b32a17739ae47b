"""What gets in the agents' way, who answers, and what may still be done about it?

Each difficulty is a stream of its own, decided like a visit or a message, apart from cases.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Literal, assert_never, get_args

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.errors import BadInput, NotNow
from gru.domain.rights import Agent

SMALLEST_GROUP = 5
"""No figure is given for fewer agents, and nobody who did not sign is placed among fewer."""

REMINDED_EVERY = timedelta(days=10)
MOST_REMINDERS = 3

REASONS: tuple[e.DifficultyReason, ...] = get_args(e.DifficultyReason)
State = Literal["open", "answered", "done"]


class Difficulty(msgspec.Struct, frozen=True):
    state: State = "open"
    answers: frozenset[str] = frozenset()
    reminders: int = 0
    redacted: frozenset[str] = frozenset()


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A wish about one difficulty."""

    stream: str


class Raise(Wish, frozen=True, kw_only=True):
    reason: e.DifficultyReason
    department: str = ""
    case: str = ""
    text: e.TextRef | None = None


class Answer(Wish, frozen=True, kw_only=True):
    answer_id: str
    text: e.TextRef


class Settle(Wish, frozen=True, kw_only=True):
    pass


class Remind(Wish, frozen=True, kw_only=True):
    """`number` is the reminder the asker thinks comes next, so that asking twice reminds once."""

    number: int


class Redact(Wish, frozen=True, kw_only=True):
    """`id` of a text whose key is destroyed."""

    id: str
    reason: str


Command = Raise | Answer | Settle | Remind | Redact


def group_of(agent: Agent, agents: Iterable[Agent], *, signed: bool) -> str:
    """Under which department a difficulty is recorded; `""` when nobody could hide in it who did not sign."""
    department = agent.departments[0] if agent.departments else ""
    size = sum(department in one.departments for one in agents)
    return department if department and (signed or size >= SMALLEST_GROUP) else ""


def published(members: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The departments that may be shown by themselves, from who works in each; the others are shown as one.

    What is left over must be five agents or more as well: else a difference would tell what they said.
    """
    large = sorted((code for code, who in members.items() if len(set(who)) >= SMALLEST_GROUP),
                   key=lambda code: (len(set(members[code])), code))  # fmt: skip
    rest = {one for code, who in members.items() if code not in large for one in who}
    while large and 0 < len(rest) < SMALLEST_GROUP:
        rest |= set(members[large.pop(0)])
    return frozenset(large)


def replay(history: Iterable[e.Recorded]) -> Difficulty | None:
    state: Difficulty | None = None
    for recorded in history:
        state = evolve(state, recorded)
    return state


def evolve(state: Difficulty | None, recorded: e.Recorded) -> Difficulty:
    event = recorded.event
    if state is None:
        if not isinstance(event, e.DifficultyRaised):
            raise ValueError(f"{recorded.stream_id} begins with {event.NAME}")
        return Difficulty()
    match event:
        case e.DifficultyReplied():
            answered: State = "done" if state.state == "done" else "answered"
            return replace(state, state=answered, answers=state.answers | {event.answer_id})
        case e.DifficultySettled():
            return replace(state, state="done")
        case e.DifficultyReminded():
            return replace(state, reminders=event.number)
        case e.DifficultyRedacted():
            return replace(state, redacted=state.redacted | {event.id})
    return state


def decide(state: Difficulty | None, command: Command) -> list[e.Event]:
    """`[]` when it is so already; `Refused` when it may not be."""
    if isinstance(command, Raise):
        return [] if state else [_raised(command)]
    difficulty = _known(state)
    match command:
        case Answer():
            said = e.DifficultyReplied(answer_id=command.answer_id, text=command.text)
            return [] if command.answer_id in difficulty.answers else [said]
        case Settle():
            return _settle(difficulty)
        case Remind():
            due = difficulty.state == "open" and command.number == difficulty.reminders + 1 <= MOST_REMINDERS
            return [e.DifficultyReminded(number=command.number)] if due else []
        case Redact():
            gone = e.DifficultyRedacted(id=command.id, reason=command.reason)
            return [] if command.id in difficulty.redacted else [gone]
        case _:
            assert_never(command)


def _raised(command: Raise) -> e.DifficultyRaised:
    if command.reason not in REASONS:
        raise BadInput("A difficulty must state one of the known reasons.", field="reason")
    return e.DifficultyRaised(
        reason=command.reason, department=command.department, case=command.case, text=command.text
    )


def _settle(difficulty: Difficulty) -> list[e.Event]:
    if difficulty.state == "open":
        raise NotNow("A difficulty is answered before it is settled.", field="difficulty")
    return [] if difficulty.state == "done" else [e.DifficultySettled()]


def _known(state: Difficulty | None) -> Difficulty:
    if state is None:
        raise NotNow("There is no such difficulty.", field="difficulty")
    return state
