"""How long does it take, when many have not come to their end yet?

Kaplan and Meier: S(t) = Π (1 − dᵢ/nᵢ) over the times tᵢ ≤ t, where dᵢ came to their end at tᵢ and nᵢ were still
observed just before. Who is censored at tᵢ was still observed then. The interval is Greenwood's, on the scale
log(−log S): it stays between 0 and 1. It is not defined where nobody is left (S = 0), and `None` is said there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from math import exp, log, sqrt

import msgspec

from gru.domain.statistics.rates import z_of

Count = tuple[int, int, int]
"""A time, how many came to their end at it, how many were observed up to it and no longer (censored)."""


class Step(msgspec.Struct, frozen=True):
    """What holds from `time` until the next step; `share` is S, of those not at their end yet."""

    time: int
    at_risk: int
    events: int
    censored: int
    share: float
    low: float | None
    high: float | None


class Curve(msgspec.Struct, frozen=True):
    """The steps in order of time. A question about a time beyond the last observation has no answer: `None`."""

    total: int
    events: int
    steps: tuple[Step, ...]

    @property
    def median(self) -> int | None:
        return self.within(50)

    def within(self, percent: int) -> int | None:
        """The first time at which `percent` of a hundred are at their end; `None`: not reached."""
        left = (100 - percent) / 100 + 1e-12
        return next((step.time for step in self.steps if step.events and step.share <= left), None)

    def at(self, time: int) -> Step | None:
        """What holds at a time: the step before it; all are left before the first."""
        if not self.steps or time > self.steps[-1].time:
            return None
        past = bisect_right(self.steps, time, key=_time)
        return self.steps[past - 1] if past else Step(0, self.total, 0, 0, 1.0, 1.0, 1.0)

    def at_risk(self, time: int) -> int:
        """How many are observed at this time or longer: the number under the axis."""
        following = bisect_left(self.steps, time, key=_time)
        return self.steps[following].at_risk if following < len(self.steps) else 0


def survival(counts: Iterable[Count], confidence: float = 0.95) -> Curve:
    """The curve of what is left, with the number at risk and the interval at each time."""
    times = added_up(counts)
    total = left = sum(events + censored for _, events, censored in times)
    z, share, spread = z_of(confidence), 1.0, 0.0
    steps: list[Step] = []
    for time, events, censored in times:
        share *= 1 - events / left
        spread += events / (left * (left - events)) if events < left else 0.0
        low, high = _interval(share, spread, z)
        steps.append(Step(time, left, events, censored, share, low, high))
        left -= events + censored
    return Curve(total, sum(events for _, events, _ in times), tuple(steps))


def added_up(counts: Iterable[Count]) -> list[Count]:
    """One count for each time, in order; times at which nothing happened are left out."""
    added: dict[int, tuple[int, int]] = {}
    for time, events, censored in counts:
        before = added.get(time, (0, 0))
        added[time] = before[0] + events, before[1] + censored
    return [(time, *pair) for time, pair in sorted(added.items()) if any(pair)]


def _interval(share: float, spread: float, z: float) -> tuple[float | None, float | None]:
    if share <= 0:
        return None, None
    if share >= 1:
        return 1.0, 1.0
    reach = exp(z * sqrt(spread) / abs(log(share)))
    return share**reach, share ** (1 / reach)


def _time(step: Step) -> int:
    return step.time
