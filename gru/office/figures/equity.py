"""Who waits the most, once all receive the same mix of requests?

By district, by channel or by site of reception: the median time of what was resolved (working days, begun ones
whole), and the share of promises kept, each as counted and with the whole town's mix of types (direct
standardisation).
"""

import msgspec
from sqlalchemy import Connection

from gru.domain.statistics import Adjusted, adjusted_percentiles, histogram, percentile
from gru.domain.town import Town
from gru.office.figures.asked import Asked, day_seconds
from gru.office.figures.kept import shares_kept, standings_by
from gru.office.figures.weekly import together
from projections.base import Tree, added
from projections.commitments import Judged, told_by_type
from projections.durations import RESOLVED_BY_TYPE, Side


class Group(msgspec.Struct, frozen=True):
    """One district, channel or site: how long what was resolved took, and how many promises were kept."""

    value: str
    length: Adjusted
    kept: Adjusted | None


class Equity(msgspec.Struct, frozen=True):
    """`median` and `kept` are those of all together."""

    side: Side
    groups: tuple[Group, ...]
    median: int | None
    kept: float | None
    resolved: int


def equity(connection: Connection, asked: Asked, town: Town, side: Side) -> Equity:
    took = together(connection, asked, (RESOLVED_BY_TYPE, (day_seconds(town), side)))
    judged = _judged(connection, asked, side)
    whole = added(lengths for types in took.values() for lengths in types.values())
    due = sum(one.judged for one in judged)
    return Equity(
        side=side,
        groups=_groups(took, judged),
        median=percentile(histogram(whole.items()), 50),
        kept=sum(one.kept for one in judged) / due if due else None,
        resolved=sum(whole.values()),
    )


def _judged(connection: Connection, asked: Asked, side: Side) -> tuple[Judged, ...]:
    return told_by_type(standings_by(connection, asked, "resolve", side), lambda one: one.side)


def _groups(took: Tree, judged: tuple[Judged, ...]) -> tuple[Group, ...]:
    """`took`: by value and type, how many were resolved in so many days."""
    lengths = {value: {kind: units.items() for kind, units in types.items()} for value, types in took.items()}
    mix = added({kind: sum(units.values())} for types in took.values() for kind, units in types.items())
    medians, kept = adjusted_percentiles(lengths, mix), shares_kept(judged)
    found = (Group(value, length, kept.get(value)) for value, length in medians.items())
    return tuple(sorted(found, key=lambda group: (-(group.length.raw or 0), group.value)))
