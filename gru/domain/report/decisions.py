"""What did the committee decide, for which requests, from which day on?"""

from datetime import date
from typing import Literal, assert_never

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.errors import NotNow
from gru.domain.events import TextRef
from gru.domain.report.base import Wish

Kind = Literal["decision", "event"]


class Decided(msgspec.Struct, frozen=True):
    title: TextRef
    effect: date
    types: tuple[str, ...]
    departments: tuple[str, ...]
    kind: Kind = "decision"
    struck: bool = False


class TakeDecision(Wish, frozen=True, kw_only=True):
    title: TextRef
    effect: date
    types: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    kind: Kind = "decision"


class StrikeDecision(Wish, frozen=True, kw_only=True):
    pass


Command = TakeDecision | StrikeDecision


def evolve(decided: Decided | None, recorded: e.Recorded) -> Decided:
    match decided, recorded.event:
        case None, e.DecisionTaken() as taken:
            return Decided(taken.title, taken.effect, taken.types, taken.departments, taken.kind)
        case None, event:
            raise ValueError(f"{recorded.stream_id} begins with {event.NAME}")
        case known, e.DecisionStruck():
            return replace(known, struck=True)
        case known, _:
            return known


def decide(decided: Decided | None, command: Command) -> list[e.Event]:
    match command:
        case TakeDecision():
            taken = e.DecisionTaken(
                kind=command.kind,
                title=command.title,
                effect=command.effect,
                types=command.types,
                departments=command.departments,
            )
            return [] if decided else [taken]
        case StrikeDecision():
            if decided is None:
                raise NotNow("There is no such decision.", field="decision")
            return [] if decided.struck else [e.DecisionStruck()]
        case _:
            assert_never(command)
