"""What must be remembered of a case to say what other rules would have promised in it?

A case's facts in order, cut down to what makes, moves or keeps a promise, each with its place in the log: so that the
same case can be judged anew, and as of any position. Steps are stored in *views*; they hold no words and no names.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from gru.domain import events as e

ACKNOWLEDGING: frozenset[e.ReplyKind] = frozenset({"receipt", "acknowledgement"})
"""Replies that keep the promise to acknowledge, though no person wrote them."""

DERIVED = frozenset({"pause", "reopening", "merge", "merge_undone"})
"""Moves that follow from the rules; any other was said by somebody and stands under every rule."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """`position` in the log; `at`, the instant of recording."""

    position: int
    at: datetime


class Qualified(Step, frozen=True, array_like=True, tag_field="fact", tag="q"):
    """`first` when it came with the request: nothing had been promised before the type was known."""

    type: str
    department: str
    danger: bool
    first: bool = False


class Transferred(Step, frozen=True, array_like=True, tag_field="fact", tag="t"):
    department: str


class Waiting(Step, frozen=True, array_like=True, tag_field="fact", tag="w"):
    """A wait on the resident; the rules by which it is judged say whether it stops the clock."""

    wait: str
    since: datetime
    indispensable: bool


class Resumed(Step, frozen=True, array_like=True, tag_field="fact", tag="r"):
    """These waits on the resident ended by one act, each at an instant of its own."""

    ended: tuple[tuple[str, datetime], ...]


class Sent(Step, frozen=True, array_like=True, tag_field="fact", tag="s"):
    """A reply that keeps a promise left at `sent`; a person wrote it or a machine."""

    sent: datetime
    human: bool


class MadeSafe(Step, frozen=True, array_like=True, tag_field="fact", tag="d"):
    made_safe: datetime


class Closed(Step, frozen=True, array_like=True, tag_field="fact", tag="c"):
    outcome: e.Outcome


class Reopened(Step, frozen=True, array_like=True, tag_field="fact", tag="o"):
    pass


class Merged(Step, frozen=True, array_like=True, tag_field="fact", tag="m"):
    """Followed in another case from now on, or (`undone`) by itself again."""

    undone: bool = False


class Absorbed(Step, frozen=True, array_like=True, tag_field="fact", tag="a"):
    other: str
    received_at: datetime


class Released(Step, frozen=True, array_like=True, tag_field="fact", tag="l"):
    other: str


class SaidAnew(Step, frozen=True, array_like=True, tag_field="fact", tag="x"):
    """Somebody gave the promise another date, for a reason he stated to the resident (`prolonged`) or another."""

    kind: e.CommitmentKind
    due: datetime
    prolonged: bool


class Official(Step, frozen=True, array_like=True, tag_field="fact", tag="p"):
    """What the case's own history says of a promise: made, moved (`anew` after a reopening) or lifted (`None`)."""

    kind: e.CommitmentKind
    due: datetime | None
    moved: bool = False
    anew: bool = False


AnyStep = (
    Qualified
    | Transferred
    | Waiting
    | Resumed
    | Sent
    | MadeSafe
    | Closed
    | Reopened
    | Merged
    | Absorbed
    | Released
    | SaidAnew
    | Official
)


def steps_until(steps: Iterable[AnyStep], position: int | None) -> Iterator[AnyStep]:
    """The steps up to a place of the log, and the rest of the act that was being recorded there: between the facts of
    one act a pause has ended and its time is not given back yet."""
    act: datetime | None = None
    for step in steps:
        if position is not None and step.position > position and step.at != act:
            return
        act = step.at
        yield step


class Past(msgspec.Struct, frozen=True):
    """A case that was received; `department` and `channel` are those of its opening, `position` is its place."""

    case_id: str
    position: int
    received_at: datetime
    channel: e.Channel
    department: str
    steps: tuple[AnyStep, ...] = ()


class Memory(msgspec.Struct):
    """What making steps must remember besides: which replies count (by a person?), and how far one act has come.

    `run` is the version of a resident's message or of the wait it ended; `begun` when such a wait was seen."""

    replies: dict[str, bool] = {}
    run: int = 0
    begun: bool = False


def past_of(history: Iterable[e.Recorded]) -> Past:
    """The past of a whole history. `ValueError` when it is not that of a case."""
    facts = iter(history)
    first = next(facts)
    if not isinstance(first.event, e.CaseOpened):
        raise ValueError(f"{first.stream_id} begins with {first.event.NAME}")
    opened, memory = first.event, Memory()
    steps: list[AnyStep] = []
    for recorded in facts:
        step_after(steps, memory, recorded)
    return Past(first.stream_id, first.position, opened.received_at, opened.channel, opened.department, tuple(steps))


def step_after(steps: list[AnyStep], memory: Memory, recorded: e.Recorded) -> None:
    """Add to `steps` what one more fact means to a promise."""
    event, place = recorded.event, (recorded.position, recorded.at)
    match event:
        case e.CaseQualified():
            first = recorded.version == FIRST_QUALIFIED
            steps.append(Qualified(*place, event.type, event.department, event.danger, first))
        case e.CaseTransferred():
            steps.append(Transferred(*place, event.department))
        case e.CommitmentPromised():
            steps.append(Official(*place, event.kind, event.due))
        case e.CommitmentMoved():
            if event.reason not in DERIVED:
                steps.append(SaidAnew(*place, event.kind, event.due, event.reason == "prolongation"))
            steps.append(Official(*place, event.kind, event.due, True, event.reason == "reopening"))
        case e.CommitmentLifted():
            steps.append(Official(*place, event.kind, None))
        case e.MessageReceived():
            memory.run, memory.begun = recorded.version, False
        case e.WaitStarted() if event.party == "resident":
            steps.append(Waiting(*place, event.wait_id, event.since, event.indispensable))
        case e.WaitEnded():
            _resumed(steps, memory, recorded, event)
        case e.ReplyWritten() if event.human or event.kind in ACKNOWLEDGING:
            memory.replies[event.reply_id] = event.human
        case e.ReplySent() if event.reply_id in memory.replies:
            steps.append(Sent(*place, event.sent_at, memory.replies[event.reply_id]))
        case e.MadeSafe():
            steps.append(MadeSafe(*place, event.made_safe_at))
        case e.CaseClosed():
            steps.append(Closed(*place, event.outcome))
        case e.CaseReopened():
            steps.append(Reopened(*place))
        case e.CaseMerged():
            steps.append(Merged(*place))
        case e.CaseUnmerged():
            steps.append(Merged(*place, True))
        case e.CaseAbsorbed():
            steps.append(Absorbed(*place, event.other, event.received_at))
        case e.CaseReleased():
            steps.append(Released(*place, event.other))


FIRST_QUALIFIED = 3
"""A request that comes with its type is opened, numbered and qualified in one act."""


def _resumed(steps: list[AnyStep], memory: Memory, recorded: e.Recorded, event: e.WaitEnded) -> None:
    """A message ends every wait on the resident by one act; an agent ends them one by one, and others besides."""
    if not any(isinstance(step, Waiting) and step.wait == event.wait_id for step in steps):
        return
    by_message = memory.run == recorded.version - 1
    last = steps[-1] if steps else None
    if by_message:
        memory.run = recorded.version
    if by_message and memory.begun and isinstance(last, Resumed) and last.at == recorded.at:
        steps[-1] = Resumed(last.position, last.at, (*last.ended, (event.wait_id, event.ended_at)))
        return
    steps.append(Resumed(recorded.position, recorded.at, ((event.wait_id, event.ended_at),)))
    memory.begun = by_message
