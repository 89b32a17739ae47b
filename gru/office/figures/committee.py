"""What does the committee look at: the town and each department over a period, beside the period before?

What is open now comes from `durations`, what moved since an instant from `volumes`: what was open then is the one less
the other, and that it adds up is counted anew for each report (`Balance`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from gru.domain.events import CommitmentKind
from gru.domain.rights import LEVELS, Scope
from gru.domain.statistics import Histogram, histogram, percentile
from gru.domain.town import Town
from gru.office.figures.asked import TENTHS, Asked, Cut, Period, day_seconds
from gru.office.figures.kept import standings
from gru.office.figures.stages import by_department, part_of
from gru.office.figures.weekly import counts
from gru.office.subtotals import read
from projections import durations, queue
from projections.base import Tree, added
from projections.commitments import Cohort, cohorts
from projections.queue import BANDS
from projections.volumes import MOVED

KINDS: tuple[CommitmentKind, ...] = ("acknowledge", "first_response", "resolve")
OLDEST = 10
_NONE = Cohort("", 0, 0, 0, 0, 0, 0, 0)


class Balance(msgspec.Struct, frozen=True):
    """What was open when the period began, what came, went and came back, and what was open when it ended."""

    start: int
    opened: int
    reopened: int
    closed: int
    end: int

    @property
    def difference(self) -> int:
        """What the flows do not explain: 0."""
        return self.start + self.opened + self.reopened - self.closed - self.end


class Group(msgspec.Struct, frozen=True):
    """The figures of the town, or of one department.

    `kept` by kind of promise; `took` in begun tenths of a working day, of what was resolved; `ages` how many open cases
    at the cut are in each of `BANDS`, `late` of them past their date; `stages` open seconds of `rounds` closed, adding
    up to `gross`.
    """

    kept: Mapping[str, Cohort]
    took: Histogram
    balance: Balance
    ages: tuple[int, ...]
    late: int
    rounds: int
    gross: int
    stages: tuple[int, ...]

    def share(self, kind: CommitmentKind) -> tuple[float | None, int]:
        """Of a hundred promises that fell due, how many were kept; and how many fell due."""
        one = self.kept.get(kind, _NONE)
        due = one.kept + one.late + one.overdue
        return (100 * one.kept / due if due else None), due

    def within(self, percent: int) -> tuple[float | None, int]:
        """In how many working days, to a tenth begun, so many of a hundred were resolved; and how many were."""
        tenths = percentile(self.took, percent)
        return (tenths / TENTHS if tenths is not None else None), sum(number for _, number in self.took)

    @property
    def open(self) -> int:
        return sum(self.ages)

    def older_than(self, days: int) -> int:
        return sum(number for band, number in zip(BANDS, self.ages, strict=True) if band >= days)


class Oldest(msgspec.Struct, frozen=True):
    """One of the cases open for the longest; `type` and `title` of none that is confidential."""

    number: str
    type: str
    department: str
    received_at: datetime
    late: bool
    status: str
    waiting_on: str
    normal: bool


class Summary(msgspec.Struct, frozen=True):
    """`town` all of it, `before` the same over the period before; `departments` those of which anything was counted."""

    period: Period
    before_period: Period
    cut: Cut
    town: Group
    before: Group
    departments: Mapping[str, Group]
    bands: tuple[queue.AgeBand, ...]
    oldest: tuple[Oldest, ...]


def summary(connection: Connection, town: Town, first: date, last: date, cut: Cut) -> Summary:
    """The figures of the days from `first` to `last`, as of the cut."""
    zone = town.legal_calendar.zone
    period, earlier = days(first, last, zone), before(first, last, zone)
    everybody = tuple(sorted(town.departments))
    asked = Asked(period=_by_weeks(period, zone), cut=cut, departments=everybody)
    now = _Open(
        durations.open_now(connection, everybody),
        queue.ages(connection, Scope(departments=everybody, within=LEVELS), cut.at),
    )
    tenth = day_seconds(town) // TENTHS
    moved = _moved(connection, asked, earlier, zone)
    counted = _counted(connection, asked, now, (moved.during,), (moved.since,), tenth)
    past = msgspec.structs.replace(asked, period=_by_weeks(earlier, zone))
    known = {code: _group(counted, (code,)) for code in everybody}
    return Summary(
        period=period,
        before_period=earlier,
        cut=cut,
        town=_group(counted, everybody),
        before=_group(_counted(connection, past, now, (moved.before,), (moved.during, moved.since), tenth), everybody),
        departments={code: group for code, group in known.items() if _anything(group)},
        bands=now.bands,
        oldest=_oldest(connection, cut),
    )


def days(first: date, last: date, zone: ZoneInfo) -> Period:
    """From the first instant of a local day to the last of another."""
    return Period(tuple(datetime.combine(day, time(0), zone) for day in (first, last + timedelta(days=1))))


def _by_weeks(period: Period, zone: ZoneInfo) -> Period:
    """The same cut at its Mondays: what is kept of whole weeks need not be counted."""
    return Period(_cut_at_mondays((period.start, period.end), zone))


def _cut_at_mondays(edges: Sequence[datetime], zone: ZoneInfo) -> tuple[datetime, ...]:
    first = min(edges).astimezone(zone).date()
    monday = first + timedelta(days=-first.weekday() % 7)
    cuts = set(edges)
    while (at := datetime.combine(monday, time(0), zone)) < max(edges):
        cuts.add(at)
        monday += timedelta(weeks=1)
    return tuple(sorted(cuts))


def before(first: date, last: date, zone: ZoneInfo) -> Period:
    """As many days before; before a whole month the whole month before."""
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and (last - first).days < 31:
        return days((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1), zone)
    length = last - first
    return days(first - length - timedelta(days=1), first - timedelta(days=1), zone)


_Moves = Mapping[str, Tree]
"""By department how many moves of each kind there were."""


class _Open(msgspec.Struct, frozen=True):
    """What is open at the cut, whatever the period."""

    rounds: Mapping[str, int]
    bands: tuple[queue.AgeBand, ...]


class _Counted(msgspec.Struct, frozen=True):
    """What the tables say, department by department."""

    kept: Mapping[CommitmentKind, Mapping[str, Cohort]]
    took: Mapping[str, Tree]
    spent: Mapping[str, Tree]
    during: tuple[_Moves, ...]
    since: tuple[_Moves, ...]
    now: _Open


def _counted(
    connection: Connection,
    asked: Asked,
    now: _Open,
    during: tuple[_Moves, ...],
    since: tuple[_Moves, ...],
    tenth: int,
) -> _Counted:
    kept = {kind: {one.key: one for one in _cohorts(connection, asked, kind)} for kind in KINDS}
    return _Counted(
        kept=kept,
        took=by_department(counts(connection, asked, (durations.TOOK, (tenth, "gross_worked")))),
        spent=by_department(counts(connection, asked, (durations.SPENT, ()))),
        during=during,
        since=since,
        now=now,
    )


def _cohorts(connection: Connection, asked: Asked, kind: CommitmentKind) -> tuple[Cohort, ...]:
    return cohorts(standings(connection, asked, kind), lambda one: one.department)


class _Moved(msgspec.Struct, frozen=True):
    """What moved in the period before, in the period, and since: one reading of the whole time."""

    before: _Moves
    during: _Moves
    since: _Moves


def _moved(connection: Connection, asked: Asked, earlier: Period, zone: ZoneInfo) -> _Moved:
    cut = asked.cut.at + timedelta(microseconds=1)
    begin, start, end = (min(at, cut) for at in (earlier.start, asked.period.start, asked.period.end))
    edges = _cut_at_mondays((begin, start, end, max(end, cut) + timedelta(days=1)), zone)
    found = read(connection, (MOVED, ()), edges, asked.cut.at, asked.departments)
    spans = ((begin, start), (start, end), (end, edges[-1]))
    moves = (by_department(one for one in found if a <= edges[one.part] < b) for a, b in spans)
    return _Moved(*moves)


def _group(counted: _Counted, codes: tuple[str, ...]) -> Group:
    spent = part_of(tree for code, known in counted.spent.items() if code in codes for tree in known.values())
    bands = [band for band in counted.now.bands if band.department in codes]
    return Group(
        kept={
            kind: _together([known[code] for code in codes if code in known]) for kind, known in counted.kept.items()
        },
        took=histogram(pair for code, took in counted.took.items() if code in codes for pair in took.items()),
        balance=_balance(counted, codes),
        ages=tuple(sum(band.open for band in bands if band.days == days) for days in BANDS),
        late=sum(band.late for band in bands),
        rounds=spent.rounds,
        gross=spent.worked,
        stages=spent.stages,
    )


def _balance(counted: _Counted, codes: tuple[str, ...]) -> Balance:
    during, since = (
        added(known[code] for known in told for code in codes if code in known)
        for told in (counted.during, counted.since)
    )
    now = sum(counted.now.rounds.get(code, 0) for code in codes)
    return Balance(
        start=now - _net(during) - _net(since),
        opened=during.get("opened", 0),
        reopened=during.get("reopened", 0),
        closed=during.get("closed", 0),
        end=now - _net(since),
    )


def _net(moves: Tree) -> int:
    return int(moves.get("opened", 0) + moves.get("reopened", 0) - moves.get("closed", 0))


def _together(found: list[Cohort]) -> Cohort:
    names = ("total", "kept", "late", "overdue", "running", "paused", "censored")
    sums: dict[str, Any] = {name: sum(getattr(one, name) for one in found) for name in names}
    return Cohort(key="", **sums)


def _anything(group: Group) -> bool:
    balance = group.balance
    moved = balance.start + balance.opened + balance.closed + balance.end + group.open + group.rounds
    return bool(moved or any(one.total for one in group.kept.values()))


def _oldest(connection: Connection, cut: Cut) -> tuple[Oldest, ...]:
    return tuple(
        Oldest(
            number=row.number,
            type=row.type,
            department=row.department,
            received_at=row.received_at,
            late=row.due_at is not None and row.paused_since is None and row.due_at < cut.at,
            status=row.status,
            waiting_on=row.waiting_on,
            normal=row.confidentiality == "normal",
        )
        for row in queue.oldest(connection, OLDEST)
    )
