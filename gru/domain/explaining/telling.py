"""In which words is a clock explained?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from gru.domain.clocks import Amount, Calendar, Charged, Interval
from gru.domain.events import CommitmentKind, LegalClock, Party, Regime

Life = Literal["response", "gross", "net"]
Clock = str

PROMISES: dict[Clock, CommitmentKind] = {
    "acknowledge": "acknowledge",
    "first_response": "first_response",
    "make_safe": "make_safe",
    "resolve": "resolve",
}
LAWS: dict[Clock, LegalClock] = {
    "legal:receipt": "receipt",
    "legal:acknowledgement": "acknowledgement",
    "legal:silence": "silence",
}
LIVES: dict[Clock, Life] = {"response": "response", "gross": "gross", "net": "net"}
CLOCKS: tuple[Clock, ...] = (*PROMISES, *LAWS, *LIVES)

Part = Literal["used", "left", "over"]
"""Until now or the end; from now until the limit; from the limit on."""

Start = Literal["reception", "reopening", "duplicate", "completion"]


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of time with one cause, whole seconds, UTC. `days` counted where the clock counts days.

    `cause` is open, closed, holiday, closure or pause:<party>:<reason>, as `Interval` has them; of a clock in days
    also day, weekend, trigger (the day it began on), franc (a last day that is not counted), incomplete.
    """

    start: datetime
    end: datetime
    counted: bool
    cause: str
    party: Charged
    part: Part
    days: int = 0

    @property
    def seconds(self) -> int:
        return round((self.end - self.start).total_seconds())


class Move(msgspec.Struct, frozen=True):
    """Fact `number` set the date: promised, requalified, or the `reason` of a move."""

    number: int
    at: datetime
    reason: str
    due: datetime
    before: datetime | None


class Told(msgspec.Struct, frozen=True):
    """A wait, as the facts tell it: `number` began it; `afterwards` when it was told later than it began."""

    number: int
    since: datetime
    ended_at: datetime | None
    until: datetime | None
    party: Party
    reason: str
    stops: bool
    afterwards: bool


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: from `start` to `limit` it is told what was counted, and on to `stop` where that lies later.

    `due` is the date as it stands in the case; `limit` is later only while a pause runs that will be given back.
    """

    clock: Clock
    at: datetime
    start: datetime
    begins_with: Start
    stop: datetime
    calendar: Calendar
    stretches: tuple[Stretch, ...]
    amount: Amount | None = None
    rule: str = ""
    basis: str = ""
    regime: Regime = "none"
    due: datetime | None = None
    limit: datetime | None = None
    met_at: datetime | None = None
    running: bool = True
    paused_since: datetime | None = None
    prolonged: bool = False
    in_days: bool = False
    moves: tuple[Move, ...] = ()
    waits: tuple[Told, ...] = ()

    def counted(self, *parts: Part) -> int:
        """The counted seconds of these parts."""
        return sum(one.seconds for one in self.stretches if one.counted and one.part in parts)

    def skipped(self, *parts: Part) -> int:
        return sum(one.seconds for one in self.stretches if not one.counted and one.part in parts)

    @property
    def days(self) -> int:
        """The counted days of a clock in days."""
        return sum(one.days for one in self.stretches if one.part != "over")

    @property
    def paused(self) -> int:
        """Seconds of waits that were not counted."""
        return sum(one.seconds for one in self.stretches if one.cause.startswith("pause:"))

    @property
    def worked(self) -> int:
        """The counted seconds in which the service was open."""
        return sum(one.seconds for one in self.stretches if one.counted and one.cause == "open")


def stretched(intervals: Iterable[Interval], part: Part) -> list[Stretch]:
    return [Stretch(one.start, one.end, one.counted, one.cause, one.party, part) for one in intervals]
