"""What gets in the agents' way, as they say it and as the history shows it?

Only groups of five agents or more stand by themselves; the others are one, `OTHERS`. Nothing here counts by agent, and
the whole town is counted whoever asks, so that no two answers can be subtracted from each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from gru.domain import difficulty
from gru.domain.rights import Agent, Scope
from gru.domain.statistics.percentiles import histogram, percentile
from gru.office.figures.asked import Asked
from projections import difficulties, rework
from projections.rework import Kind, Rewritten

OTHERS = ""
HOURS = range(24)
LOAD_WEEKS = 4
"""Over the last weeks of the period: what a queue receives by the hour changes with the season."""


class Groups(msgspec.Struct, frozen=True):
    """Which departments may be shown by themselves, and whether the town is large enough to show anything."""

    shown: frozenset[str]
    enough: bool

    def of(self, department: str) -> str:
        return department if department in self.shown else OTHERS


def groups(departments: Iterable[str], agents: Iterable[Agent]) -> Groups:
    """From who works for the town now."""
    known = list(agents)
    members = {code: {one.id for one in known if code in one.departments} for code in departments}
    people = {one for who in members.values() for one in who}
    return Groups(difficulty.published(members), len(people) >= difficulty.SMALLEST_GROUP)


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
        to_answer=_spread(difficulties.answer_times(connection, start, end, cut)),
    )


class Observed(msgspec.Struct, frozen=True):
    """How often something happened, in how many cases, by group; of waits, how long they took."""

    kind: Kind
    times: int
    by_group: dict[str, int]
    lasted: Spread | None = None


def observed(connection: Connection, asked: Asked, known: Groups) -> tuple[Observed, ...]:
    """What the history shows without anybody saying it."""
    start, end, cut = _bounds(asked)
    table: dict[Kind, dict[str, int]] = {kind: {} for kind in rework.TOLD}
    for one in rework.counts(connection, start, end, cut):
        row = table[one.kind]
        row[known.of(one.department)] = row.get(known.of(one.department), 0) + one.times
    waits: Mapping[Kind, Spread] = {
        kind: _spread(seconds for _, seconds in rework.waits(connection, kind, start, end, cut))
        for kind in ("waited_service", "waited_third_party")
    }
    return tuple(Observed(kind, sum(row.values()), row, waits.get(kind)) for kind, row in table.items())


def rewritten(connection: Connection, asked: Asked) -> tuple[Rewritten, ...]:
    """The templates of which least is left in what is sent."""
    return rework.templates(connection, *_bounds(asked))


def cases(connection: Connection, asked: Asked, kind: Kind, scope: Scope) -> tuple[rework.Case, ...]:
    return rework.cases(connection, kind, *_bounds(asked), scope)


class Load(msgspec.Struct, frozen=True):
    """How many cases came into a group's queues in each hour of the day, over so many days."""

    days: int
    by_group: dict[str, tuple[int, ...]]


def load(connection: Connection, asked: Asked, known: Groups, departments: Sequence[str], zone: ZoneInfo) -> Load:
    """Local hours, over the last four weeks that are over by the cut."""
    last = min(asked.cut.at, asked.period.end).astimezone(zone).date()
    first = max(last - timedelta(weeks=LOAD_WEEKS), asked.period.start.astimezone(zone).date())
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    if not days:
        return Load(0, {})
    edges = [datetime.combine(day, time(hour), zone) for day in days for hour in HOURS]
    edges.append(datetime.combine(last, time(0), zone))
    table: dict[str, list[int]] = {}
    for one in rework.arrivals(connection, edges, asked.cut.at, departments):
        hours = table.setdefault(known.of(one.department), [0] * len(HOURS))
        hours[one.part % len(HOURS)] += one.cases
    return Load(len(days), {group: tuple(hours) for group, hours in sorted(table.items())})


def _bounds(asked: Asked) -> tuple[datetime, datetime, datetime]:
    return asked.period.start, asked.period.end, asked.cut.at


def _spread(seconds: Iterable[float]) -> Spread:
    counted = histogram((round(one), 1) for one in seconds)
    return Spread(sum(n for _, n in counted), percentile(counted, 50), percentile(counted, 90))
