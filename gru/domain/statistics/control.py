"""Has something changed, or does it vary as it always did?

The XmR chart of single values (Shewhart, Wheeler): the centre is the mean, the limits lie at ± 2.66 mean moving ranges
from it, the limit of the ranges at 3.267. With a `baseline` the first so many values alone make the limits, so that
what came after a change is judged by what was before. Three signals tell a change from chance:

- `beyond`: a value outside the limits;
- `run`: eight values in a row on one side of the centre;
- `near`: three of four in a row nearer to the same limit than to the centre.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

LEAST = 8
RUN = 8
_LIMIT, _RANGE = 2.66, 3.267

Rule = Literal["beyond", "run", "near"]


class Signal(msgspec.Struct, frozen=True):
    """Which rule spoke at which value (its number), and whether above or below the centre."""

    at: int
    rule: Rule
    above: bool


class ControlChart(msgspec.Struct, frozen=True):
    centre: float
    low: float
    high: float
    mean_range: float
    range_limit: float
    signals: tuple[Signal, ...]


def control_chart(values: Sequence[float], baseline: int = 0) -> ControlChart | None:
    """The limits and what speaks against chance; `None` under eight values to make the limits from."""
    based = values[: baseline or len(values)]
    if len(based) < LEAST:
        return None
    centre = sum(based) / len(based)
    moves = [abs(after - before) for before, after in pairwise(based)]
    mean_range = sum(moves) / len(moves)
    reach = _LIMIT * mean_range
    places = [value - centre for value in values]
    found = {signal for signs in (1, -1) for signal in _signals([signs * p for p in places], reach, signs > 0)}
    ordered = tuple(sorted(found, key=lambda signal: (signal.at, signal.rule, signal.above)))
    return ControlChart(centre, centre - reach, centre + reach, mean_range, _RANGE * mean_range, ordered)


def _signals(places: Sequence[float], reach: float, above: bool) -> list[Signal]:
    """The signals on the side on which `places` are positive, each at the value that completes it."""
    found = []
    in_a_row = 0
    for at, place in enumerate(places):
        in_a_row = in_a_row + 1 if place > 0 else 0
        near = sum(1 for one in places[max(0, at - 3) : at + 1] if one > reach / 2)
        if place > reach:
            found.append(Signal(at, "beyond", above))
        if in_a_row >= RUN:
            found.append(Signal(at, "run", above))
        if near >= 3 and place > reach / 2:
            found.append(Signal(at, "near", above))
    return found
