"""What may be done with a report to the committee, and with what the committee decided?

Each report and each decision is a stream of its own, apart from cases.
"""

from collections.abc import Iterable

from gru.domain import events as e
from gru.domain.report import decisions, drafting
from gru.domain.report.base import Wish
from gru.domain.report.decisions import Decided, StrikeDecision, TakeDecision
from gru.domain.report.drafting import (
    BeginCorrection,
    BeginReport,
    FreezeReport,
    Frozen,
    RecordPosted,
    Report,
    WriteSection,
    Written,
)
from gru.domain.report.words import MOST_SENTENCES, names_in, nearest, sentences

State = Report | Decided
Command = drafting.Command | decisions.Command


def replay(history: Iterable[e.Recorded]) -> State | None:
    """The report or decision after these facts, oldest first."""
    state: State | None = None
    for recorded in history:
        state = evolve(state, recorded)
    return state


def evolve(state: State | None, recorded: e.Recorded) -> State:
    if isinstance(recorded.event, (e.DecisionTaken, e.DecisionStruck)):
        return decisions.evolve(state if isinstance(state, Decided) else None, recorded)
    return drafting.evolve(state if isinstance(state, Report) else None, recorded)


def decide(state: State | None, command: Command) -> list[e.Event]:
    """`[]` when it is so already; `Refused` when it may not be."""
    if isinstance(command, (TakeDecision, StrikeDecision)):
        return decisions.decide(state if isinstance(state, Decided) else None, command)
    return drafting.decide(state if isinstance(state, Report) else None, command)


__all__ = [
    "MOST_SENTENCES",
    "BeginCorrection",
    "BeginReport",
    "Command",
    "Decided",
    "FreezeReport",
    "Frozen",
    "RecordPosted",
    "Report",
    "State",
    "StrikeDecision",
    "TakeDecision",
    "Wish",
    "WriteSection",
    "Written",
    "decide",
    "evolve",
    "names_in",
    "nearest",
    "replay",
    "sentences",
]
