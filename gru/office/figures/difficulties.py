"""What gets in the agents' way, as they say it and as the history shows it?

Only groups of five agents or more stand by themselves; the others are one, `OTHERS`. Nothing here counts by agent, and
the whole town is counted whoever asks, so that no two answers can be subtracted from each other.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from gru.domain import difficulty
from gru.domain.rights import Agent, Scope
from gru.domain.statistics.percentiles import histogram, percentile
from gru.office.figures.asked import Asked, Period
from gru.office.figures.weekly import counts
from projections import difficulties, rework
from projections.base import Tree, added
from projections.rework import Kind, Rewritten

OTHERS = ""
HOURS = range(24)
LOAD_WEEKS = 4
"""Over the last weeks of the period: what a queue receives by the hour changes with the season."""


class Groups(msgspec.Struct, frozen=True):
    """The departments, which of them may be shown by themselves, and whether anything may be."""

    departments: tuple[str, ...]
    shown: frozenset[str]
    enough: bool

    def of(self, department: str) -> str:
        return department if department in self.shown else OTHERS


def groups(departments: Iterable[str], agents: Iterable[Agent]) -> Groups:
    """From who works for the town now."""
    known = list(agents)
    members = {code: {one.id for one in known if code in one.departments} for code in departments}
    people = {one for who in members.values() for one in who}
    return Groups(tuple(sorted(members)), difficulty.published(members), len(people) >= difficulty.SMALLEST_GROUP)


class Spread(msgspec.Struct, frozen=True):
    """Of so many, half took `median` seconds or less and nine in ten `ninth`; `None` of nothing."""

    number: int
    median: int | None = None
    ninth: int | None = None


class Declared(msgspec.Struct, frozen=True):
    """What was declared in the period; `reasons` by how often, each with its number in every group."""

    total: int
    answered: int
    settled: int
    reasons: tuple[tuple[str, int, dict[str, int]], ...]
    weeks: tuple[int, ...]
    to_answer: Spread


def declared(connection: Connection, asked: Asked, known: Groups) -> Declared:
    start, end, cut = _bounds(asked)
    found = difficulties.by_reason(connection, start, end, cut)
    table: dict[str, dict[str, int]] = {}
    for one in found:
        row = table.setdefault(one.reason, {})
        row[known.of(one.department)] = row.get(known.of(one.department), 0) + one.declared
    reasons = sorted(((reason, sum(row.values()), row) for reason, row in table.items()), key=lambda r: (-r[1], r[0]))
    return Declared(
        total=sum(one.declared for one in found),
        answered=sum(one.answered for one in found),
        settled=sum(one.settled for one in found),
        reasons=tuple(reasons),
        weeks=difficulties.by_week(connection, asked.period.edges, cut),
        to_answer=_spread((round(one), 1) for one in difficulties.answer_times(connection, start, end, cut)),
    )


class Observed(msgspec.Struct, frozen=True):
    """How often something happened, by group; of waits, how long they took, begun hours whole."""

    kind: Kind
    times: int
    by_group: dict[str, int]
    lasted: Spread | None = None


WAITS: tuple[Kind, ...] = ("waited_service", "waited_third_party")


def observed(connection: Connection, asked: Asked, known: Groups) -> tuple[Observed, ...]:
    """What the history shows without anybody saying it."""
    table: dict[Kind, dict[str, int]] = {kind: {} for kind in rework.TOLD}
    waits: dict[Kind, list[Tree]] = {kind: [] for kind in WAITS}
    for week in counts(connection, _everywhere(asked, known), (rework.REDONE, ())):
        group = known.of(week.department)
        for kind, hours in week.counts.items():
            table[kind][group] = table[kind].get(group, 0) + sum(hours.values())
            if kind in waits:
                waits[kind].append(hours)
    lasted = {
        kind: _spread((hours * rework.HOUR, times) for hours, times in added(told).items())
        for kind, told in waits.items()
    }
    return tuple(Observed(kind, sum(row.values()), row, lasted.get(kind)) for kind, row in table.items())


def _everywhere(asked: Asked, known: Groups) -> Asked:
    return structs.replace(asked, departments=known.departments)


def rewritten(connection: Connection, asked: Asked) -> tuple[Rewritten, ...]:
    """The templates of which least is left in what is sent."""
    return rework.templates(connection, *_bounds(asked))


def cases(connection: Connection, asked: Asked, kind: Kind, scope: Scope) -> tuple[rework.Case, ...]:
    return rework.cases(connection, kind, *_bounds(asked), scope)


class Load(msgspec.Struct, frozen=True):
    """How many cases came into a group's queues in each hour of the day, over so many days."""

    days: int
    by_group: dict[str, tuple[int, ...]]


def load(connection: Connection, asked: Asked, known: Groups) -> Load:
    """Local hours, over the last whole weeks of the period, four at most."""
    over = tuple(edge for edge in asked.period.edges if edge <= asked.cut.at)[-LOAD_WEEKS - 1 :]
    if len(over) < 2:
        return Load(0, {})
    lately = structs.replace(_everywhere(asked, known), period=Period(over))
    table: dict[str, list[int]] = {}
    for week in counts(connection, lately, (rework.ENTERED_BY_HOUR, ())):
        hours = table.setdefault(known.of(week.department), [0] * len(HOURS))
        for hour, cases in week.counts.items():
            hours[hour] += cases
    days = 7 * (len(over) - 1)
    return Load(days, {group: tuple(hours) for group, hours in sorted(table.items())})


def _bounds(asked: Asked) -> tuple[datetime, datetime, datetime]:
    return asked.period.start, asked.period.end, asked.cut.at


def _spread(told: Iterable[tuple[int, int]]) -> Spread:
    """From seconds, each with how often they were counted."""
    counted = histogram(told)
    return Spread(sum(n for _, n in counted), percentile(counted, 50), percentile(counted, 90))
