"""Who waits the most, once all receive the same mix of requests?

By district, channel and site of reception: the median time of what was resolved (working days, begun ones whole), and
the share of promises kept, each as counted and with the whole town's mix of types (direct standardisation).
"""

from collections import Counter

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import Adjusted, adjusted_percentiles, histogram, percentile
from gru.domain.town import Town
from gru.office.figures.asked import Asked, day_seconds
from gru.office.figures.kept import shares_kept
from projections import commitments, durations
from projections.commitments import Judged
from projections.durations import SIDES, Resolved, Side


class Group(msgspec.Struct, frozen=True):
    """One district, channel or site: how long what was resolved took, and how many promises were kept."""

    value: str
    length: Adjusted
    kept: Adjusted | None


class Equity(msgspec.Struct, frozen=True):
    """`median` and `kept` are those of all together."""

    sides: dict[Side, tuple[Group, ...]]
    median: int | None
    kept: float | None
    resolved: int


def equity(connection: Connection, asked: Asked, town: Town) -> Equity:
    start, end, at = asked.period.start, asked.period.end, asked.cut.at
    took = durations.resolved_by_type(connection, start, asked.until, asked.departments, day_seconds(town))
    judged = commitments.judged_by_type(connection, "resolve", start, end, at, SIDES, departments=asked.departments)
    by_side = dict(zip(SIDES, judged, strict=True))
    whole = [one for one in took if one.side == SIDES[0]]
    promised = by_side[SIDES[0]]
    due = sum(one.judged for one in promised)
    return Equity(
        sides={side: _groups([one for one in took if one.side == side], by_side[side]) for side in SIDES},
        median=percentile(histogram((one.units, one.number) for one in whole), 50),
        kept=sum(one.kept for one in promised) / due if due else None,
        resolved=sum(one.number for one in whole),
    )


def _groups(took: list[Resolved], judged: tuple[Judged, ...]) -> tuple[Group, ...]:
    lengths: dict[str, dict[str, list[tuple[int, int]]]] = {}
    mix: Counter[str] = Counter()
    for one in took:
        lengths.setdefault(one.value, {}).setdefault(one.type, []).append((one.units, one.number))
        mix[one.type] += one.number
    medians, kept = adjusted_percentiles(lengths, mix), shares_kept(judged)
    found = (Group(value, length, kept.get(value)) for value, length in medians.items())
    return tuple(sorted(found, key=lambda group: (-(group.length.raw or 0), group.value)))
