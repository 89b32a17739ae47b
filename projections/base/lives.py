"""In which stage was a case at each moment of a round of its life, and whose time was it?

A round runs from reception to the closing; every reopening begins another. A stage is what the case waits for: to be
qualified, to be given to an agent, the agent's work, somebody outside, or its closing once it is answered.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Literal

import msgspec
from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.clocks import Calendar, to_instant, to_second, working_seconds
from gru.domain.events import Recorded
from gru.domain.status import ANSWERING

Stage = Literal[
    "to_qualify",
    "to_assign",
    "in_progress",
    "waiting_resident",
    "waiting_third_party",
    "waiting_service",
    "answered",
]
STAGES: tuple[Stage, ...] = (
    "to_qualify",
    "to_assign",
    "in_progress",
    "waiting_resident",
    "waiting_third_party",
    "waiting_service",
    "answered",
)
LETTERS: dict[Stage, str] = dict(zip(STAGES, "QAPRTSN", strict=True))
"""How a stage is written in the variant of a case: « QAPRP »."""

WAITING: dict[e.Party, Stage] = {
    "resident": "waiting_resident",
    "third_party": "waiting_third_party",
    "service": "waiting_service",
}
"""Of several waits at a time the first of these is charged."""

LIFE_EVENTS: tuple[type[e.Event], ...] = (
    e.CaseOpened,
    e.MessageReceived,
    e.CaseQualified,
    e.CaseAssigned,
    e.CaseTransferred,
    e.WaitStarted,
    e.WaitEnded,
    e.ReplyWritten,
    e.ReplySent,
    e.CaseClosed,
    e.CaseReopened,
    e.CaseMerged,
    e.CaseUnmerged,
    e.CalendarCorrected,
)
"""The last moves no stage: it says by which days the time in them is counted."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """From `at` on the town's own part of the case is this, waits aside."""

    at: datetime
    stage: Stage
    department: str


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A wait; `stops` when it interrupts the town's clock."""

    since: datetime
    until: datetime | None
    party: e.Party
    stops: bool


class Stay(msgspec.Struct, frozen=True):
    """An uninterrupted time in one stage at one department, in whole elapsed seconds and open ones."""

    stage: Stage
    department: str
    entered_at: datetime
    left_at: datetime
    elapsed: int
    worked: int
    stopped: int
    stopped_worked: int
    """Of these, the seconds in which a wait stopped the town's clock."""


class Life(msgspec.Struct, frozen=True, array_like=True):
    """One round, as far as it has been told; `replies` are the human answers on their way."""

    round: int
    steps: tuple[Step, ...]
    waits: dict[str, Span] = {}
    qualified: bool = False
    agent: str = ""
    replies: tuple[str, ...] = ()
    closed_at: datetime | None = None

    @property
    def started_at(self) -> datetime:
        return self.steps[0].at

    @property
    def department(self) -> str:
        return self.steps[-1].department


def life_begins(event: e.CaseOpened) -> Life:
    return Life(1, (Step(event.received_at, "to_qualify", event.department),))


def life_after(life: Life, recorded: Recorded) -> Life:
    """The round after one more fact; a reopening begins the next."""
    event, at = recorded.event, recorded.at
    match event:
        case e.CaseQualified():
            qualified = replace(life, qualified=True)
            stage = _worked_on(qualified) if _stage(life) == "to_qualify" else _stage(life)
            return _stepped(qualified, at, stage, event.department)
        case e.CaseAssigned():
            held = replace(life, agent=event.agent)
            return held if _stage(life) in ("to_qualify", "answered") else _stepped(held, at, _worked_on(held))
        case e.CaseTransferred():
            handed = replace(life, agent="")
            stage = "answered" if _stage(life) == "answered" else _worked_on(handed)
            return _stepped(handed, at, stage, event.department)
        case e.MessageReceived() if _stage(life) == "answered":
            return _stepped(life, at, _worked_on(life))
        case e.WaitStarted():
            span = Span(event.since, None, event.party, event.stops_town)
            waiting = replace(life, waits={**life.waits, event.wait_id: span})
            return _stepped(waiting, at, _worked_on(life)) if _stage(life) == "answered" else waiting
        case e.WaitEnded() if event.wait_id in life.waits:
            ended = replace(life.waits[event.wait_id], until=event.ended_at)
            return replace(life, waits={**life.waits, event.wait_id: ended})
        case e.ReplyWritten() if event.human and event.kind in ANSWERING:
            return replace(life, replies=(*life.replies, event.reply_id))
        case e.ReplySent() if event.reply_id in life.replies:
            return _answered(life, event.reply_id, at)
        case e.CaseClosed() | e.CaseMerged():
            return replace(life, closed_at=at)
        case e.CaseUnmerged():
            return replace(life, closed_at=None)
        case e.CaseReopened():
            return _reopened(life, at)
    return life


def _stage(life: Life) -> Stage:
    return life.steps[-1].stage


def _worked_on(life: Life) -> Stage:
    if not life.qualified:
        return "to_qualify"
    return "in_progress" if life.agent else "to_assign"


def _stepped(life: Life, at: datetime, stage: Stage, department: str = "") -> Life:
    last = life.steps[-1]
    step = Step(max(at, last.at), stage, department or last.department)
    if (step.stage, step.department) == (last.stage, last.department):
        return life
    return replace(life, steps=(*life.steps, step))


def _answered(life: Life, reply_id: str, at: datetime) -> Life:
    sent = replace(life, replies=tuple(one for one in life.replies if one != reply_id))
    waiting = any(wait.until is None for wait in life.waits.values())
    return sent if waiting or life.closed_at is not None else _stepped(sent, at, "answered")


def _reopened(life: Life, at: datetime) -> Life:
    """Waits that are still open go on into the next round."""
    waits = {id: replace(wait, since=max(wait.since, at)) for id, wait in life.waits.items() if wait.until is None}
    began = (Step(at, _worked_on(life), life.department),)
    return replace(life, round=life.round + 1, steps=began, waits=waits, closed_at=None)


# --- what it comes to ------------------------------------------------------------------------------------------------


def stays(life: Life, end: datetime, calendar: Calendar) -> tuple[Stay, ...]:
    """The round from its beginning to `end`, cut into stays; their seconds add up to the whole."""
    found: list[Stay] = []
    for begins, ends, stage, department, stops in _pieces(life, end):
        piece = _stay(begins, ends, stage, department, stops, calendar)
        if found and (found[-1].stage, found[-1].department) == (stage, department):
            found[-1] = _joined(found[-1], piece)
        else:
            found.append(piece)
    return tuple(found)


def _stay(begins: int, ends: int, stage: Stage, department: str, stops: bool, calendar: Calendar) -> Stay:
    entered, left = to_instant(begins), to_instant(ends)
    elapsed, worked = ends - begins, working_seconds(calendar, entered, left)
    return Stay(stage, department, entered, left, elapsed, worked, elapsed if stops else 0, worked if stops else 0)


def _joined(first: Stay, second: Stay) -> Stay:
    return replace(
        first,
        left_at=second.left_at,
        elapsed=first.elapsed + second.elapsed,
        worked=first.worked + second.worked,
        stopped=first.stopped + second.stopped,
        stopped_worked=first.stopped_worked + second.stopped_worked,
    )


def _pieces(life: Life, end: datetime) -> Iterator[tuple[int, int, Stage, str, bool]]:
    start, stop = to_second(life.started_at), to_second(end)
    steps = [max(start, to_second(step.at)) for step in life.steps]
    waits = [
        (to_second(wait.since), stop if wait.until is None else to_second(wait.until), wait)
        for wait in sorted(life.waits.values(), key=lambda wait: list(WAITING).index(wait.party))
    ]
    edges = {start, max(start, stop), *steps, *(edge for since, until, _ in waits for edge in (since, until))}
    for begins, ends in pairwise(sorted(edge for edge in edges if start <= edge <= max(start, stop))):
        step = life.steps[bisect_right(steps, begins) - 1]
        running = [wait for since, until, wait in waits if since <= begins and ends <= until]
        stage = WAITING[running[0].party] if running else step.stage
        yield begins, ends, stage, step.department, any(wait.stops for wait in running)
