"""Which case should an agent take next, and how many wait in each of his views?

One row for each case. Open cases are few however old the town's history is, so their indexes are partial, and every
count stops at `CAP`: a page costs the same with ten thousand cases and with a million.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Integer,
    Label,
    ScalarSelect,
    Select,
    Table,
    and_,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlalchemy import case as when
from sqlalchemy.schema import Column

from gru.domain import events as e
from gru.domain.events import Channel, Confidentiality, Priority, Recorded
from gru.domain.rights import Scope
from gru.domain.status import Status
from projections.base import (
    CASE_EVENTS,
    FAR,
    NO_WORDS,
    VIEWS,
    Change,
    OneRow,
    Row,
    Unsent,
    Words,
    at_level,
    code,
    head_after,
    head_columns,
    sent_reply,
    within,
)

CAP = 500
Conditions = list[ColumnElement[bool]]
Count = ScalarSelect[int]
Due = Literal["", "late", "today", "7d", "paused"]
Sort = Literal["due", "received", "updated"]

queue = Table("queue", VIEWS, *head_columns(), Column("unread", Integer, nullable=False), code("attention"))
_c = queue.c
_open = _c.closed_at.is_(None)
_reach = (_c.confidentiality, _c.department, _c.site)
"""Last in the indexes that counts are read from, so that they need no row of the table."""

for _name, _columns in {
    "due": (_c.due_sort, _c.case_id, *_reach),
    "department": (_c.department, _c.due_sort, _c.case_id, _c.confidentiality, _c.agent, _c.waiting_on),
    "agent": (_c.agent, _c.due_sort, _c.case_id, *_reach),
    "type": (_c.type, _c.due_sort, _c.case_id),
    "waiting": (_c.waiting_on, _c.due_sort, _c.case_id, *_reach),
    "received": (_c.received_at, _c.case_id),
    "updated": (_c.updated_at, _c.case_id),
}.items():
    Index(f"queue_open_{_name}", *_columns, sqlite_where=_open, postgresql_where=_open)
Index("queue_all_received", _c.received_at, _c.case_id)
Index("queue_all_department", _c.department, _c.received_at, _c.case_id)
Index("queue_all_type", _c.type, _c.received_at, _c.case_id)


class Queue(OneRow):
    name = "queue"
    question = "Which case should an agent take next?"
    table = queue
    edition = 3
    events = CASE_EVENTS

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        row = head_after(state, recorded)
        if row is None:
            return state
        if state is None:
            row["unread"], row["attention"] = 0, ""
            return row
        event = recorded.event
        if recorded.by.startswith("agent:"):
            row["unread"] = 0
        if isinstance(event, e.ReplySent):
            _sent(row, sent_reply(state, event))
        elif change := _CHANGES.get(type(event)):
            change(row, event, recorded)
        return row


def _message(row: Row, event: e.MessageReceived, recorded: Recorded) -> None:
    """What an agent took down himself he has read."""
    if not recorded.by.startswith("agent:"):
        row["unread"] += 1


def _failed(row: Row, event: e.DeliveryFailed, recorded: Recorded) -> None:
    if event.permanent:
        row["attention"] = "delivery_failed"


def _withheld(row: Row, event: e.ReplyWithheld, recorded: Recorded) -> None:
    row["attention"] = "receipt_withheld"


def _heard(row: Row, event: e.ThirdPartyAnswered, recorded: Recorded) -> None:
    """What he sent by mail is a message, and counted as one."""
    _no_longer_silent(row, event, recorded)
    if event.answer != "words" and not recorded.by.startswith("agent:"):
        row["unread"] += 1


def _silent(row: Row, event: e.ThirdPartySilent, recorded: Recorded) -> None:
    row["attention"] = "third_party_silent"


def _no_longer_silent(row: Row, event: e.Event, recorded: Recorded) -> None:
    if row["attention"] == "third_party_silent":
        row["attention"] = ""


def _sent(row: Row, reply: Unsent) -> None:
    if reply.human:
        row["unread"], row["attention"] = 0, ""
    elif row["attention"] == "receipt_withheld" and reply.kind in ("receipt", "acknowledgement"):
        row["attention"] = ""


_CHANGES: dict[type[e.Event], Change] = {
    e.MessageReceived: _message,
    e.DeliveryFailed: _failed,
    e.ReplyWithheld: _withheld,
    e.ThirdPartyAnswered: _heard,
    e.ThirdPartySilent: _silent,
    e.ThirdPartyReminded: _no_longer_silent,
    e.ThirdPartyRevoked: _no_longer_silent,
}


# --- what a page asks --------------------------------------------------------------------------------------------


class QueueRow(msgspec.Struct, frozen=True):
    """A line of the list. `due_at` is the next open duty's; while `paused_since` is set its clock stands still.

    `unread`: messages since an agent last did something here; `attention`: `delivery_failed`, `receipt_withheld`.
    """

    case_id: str
    number: str
    status: Status
    type: str
    department: str
    agent: str
    channel: Channel
    site: str
    district: str
    confidentiality: Confidentiality
    priority: Priority
    danger: bool
    requester: str
    title_id: str
    received_at: datetime
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    due_kind: str
    warn_at: datetime | None
    paused_since: datetime | None
    legal_due_at: datetime | None
    waiting_on: str
    waiting_since: datetime | None
    unread: int
    attention: str
    closed_at: datetime | None
    outcome: str
    version: int


AgeSpan = tuple[int, int | None]
"""So many days or more, and fewer than so many; `None`: however many."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases to list. The scope is always asked for; everything else narrows.

    `agent=""` means the unassigned ones; `today` ends at `day_end`, which knows the town's time zone; `cases` are
    those a search found; `aged` are the days since the reception; `newest_first` turns the order round.
    """

    scope: Scope
    open_only: bool = True
    statuses: Sequence[Status] = ()
    agent: str | None = None
    departments: Sequence[str] = ()
    types: Sequence[str] = ()
    channels: Sequence[Channel] = ()
    sites: Sequence[str] = ()
    districts: Sequence[str] = ()
    due: Due = ""
    waiting_on: str = ""
    attention: bool = False
    unread: bool = False
    danger: bool = False
    suspended: bool = False
    requester: str = ""
    cases: Sequence[str] | None = None
    day_end: datetime | None = None
    aged: AgeSpan | None = None
    sort: Sort = "due"
    newest_first: bool = False


_SHOWN = tuple(_c[field] for field in QueueRow.__struct_fields__)
_SORTS: dict[Sort, Column[Any]] = {"due": _c.due_sort, "received": _c.received_at, "updated": _c.updated_at}


def page(
    connection: Connection, wanted: Filter, now: datetime, limit: int = 50, offset: int = 0
) -> tuple[QueueRow, ...]:
    """The cases of one page, in order."""
    query = _listed(wanted, now, limit, offset)
    return () if query is None else tuple(QueueRow(*row) for row in connection.execute(query))


def page_with_counts(
    connection: Connection,
    wanted: Filter,
    counted: Sequence[Filter],
    now: datetime,
    limit: int = 50,
    offset: int = 0,
    also: Sequence[Count] = (),
) -> tuple[tuple[QueueRow, ...], tuple[int, ...]]:
    """A page and what `counts_of` tells, in one statement (two for an empty page): each row brings the counts along,
    which the database makes once."""
    numbers = _Numbers(counted, now, CAP, also)
    query = _listed(wanted, now, limit, offset)
    rows = [] if query is None else connection.execute(query.add_columns(*numbers.columns)).all()
    shown = tuple(QueueRow(*row[: len(_SHOWN)]) for row in rows)
    return shown, numbers.told(rows[0][len(_SHOWN) :]) if rows else numbers.asked(connection)


def _listed(wanted: Filter, now: datetime, limit: int, offset: int) -> Select[Any] | None:
    branches = _branches(wanted, now)
    if not branches:
        return None
    query = select(*_SHOWN).order_by(*_order(wanted)).limit(limit).offset(offset)
    return query.where(*branches[0]) if len(branches) == 1 else query.where(_any(branches, wanted, limit + offset))


def oldest(connection: Connection, number: int) -> tuple[QueueRow, ...]:
    """Of the whole town the cases open for the longest: as many rows of an index are read."""
    query = select(*_SHOWN).where(_open).order_by(_c.received_at, _c.case_id).limit(number)
    return tuple(QueueRow(*row) for row in connection.execute(query))


def count(connection: Connection, wanted: Filter, now: datetime, cap: int = CAP) -> int:
    """How many there are; `cap + 1` for more than `cap`."""
    return counts_of(connection, [wanted], now, cap)[0]


def counts_of(
    connection: Connection, wanted: Sequence[Filter], now: datetime, cap: int = CAP, also: Sequence[Count] = ()
) -> tuple[int, ...]:
    """How many each of these lists holds, in one statement that counts equal ones once: for the views of the sidebar,
    saved ones too. `also` are counts of other tables, told behind them."""
    return _Numbers(wanted, now, cap, also).asked(connection)


class _Numbers:
    """The columns in which counts are asked for, and what is read from them."""

    def __init__(self, wanted: Sequence[Filter], now: datetime, cap: int, also: Sequence[Count]) -> None:
        self._wanted = [_unordered(each) for each in wanted]
        self._once = [each for number, each in enumerate(self._wanted) if each not in self._wanted[:number]]
        self._cap = cap
        counted = (_counted(each, now, cap, f"n{number}") for number, each in enumerate(self._once))
        self.columns = (*counted, *(each.label(f"m{number}") for number, each in enumerate(also)))

    def asked(self, connection: Connection) -> tuple[int, ...]:
        return self.told(connection.execute(select(*self.columns)).one()) if self.columns else ()

    def told(self, row: Sequence[int]) -> tuple[int, ...]:
        counts = (min(row[self._once.index(each)], self._cap + 1) for each in self._wanted)
        return (*counts, *row[len(self._once) :])


def _unordered(wanted: Filter) -> Filter:
    """The same cases, whatever their order, and whenever a day ends that is not asked for."""
    day_end = wanted.day_end if wanted.due == "today" else None
    return replace(wanted, sort="due", newest_first=False, day_end=day_end)


class AgeBand(msgspec.Struct, frozen=True):
    """How many open cases of a department are `days` old or older, but not as old as the next band."""

    department: str
    days: int
    open: int
    late: int


BANDS = (0, 7, 30, 60, 90, 180, 365)


def ages(connection: Connection, scope: Scope, now: datetime) -> tuple[AgeBand, ...]:
    """How old are the open cases of each department?"""
    edges = [now - timedelta(days=days) for days in BANDS]
    band: ColumnElement[int] = literal(0)
    for number, edge in enumerate(edges):
        band = when((_c.received_at <= edge, number), else_=band)
    late = func.sum(when((_c.due_sort < now, 1), else_=0))
    inner = select(_c.department, band.label("band"), func.count().label("open"), late.label("late"))
    rows = connection.execute(
        inner.where(_open, within(queue, scope)).group_by("department", "band").order_by("department", "band")
    )
    return tuple(AgeBand(department, BANDS[number], total, late) for department, number, total, late in rows)


def _order(wanted: Filter) -> tuple[ColumnElement[Any], ...]:
    return _turned(wanted, _SORTS[wanted.sort], _c.case_id)


def _turned(wanted: Filter, *columns: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    return tuple(column.desc() for column in columns) if wanted.newest_first else columns


def _any(branches: Sequence[Conditions], wanted: Filter, limit: int) -> ColumnElement[bool]:
    """The first of each branch, which its own index gives in order; the page is chosen among them before its rows are
    read."""
    order = _order(wanted)
    keys = (_SORTS[wanted.sort].label("sorted_by"), _c.case_id)
    firsts = [select(*keys).where(*branch).order_by(*order).limit(limit).subquery() for branch in branches]
    among = union_all(*(select(first) for first in firsts)).subquery("firsts")
    chosen = _turned(wanted, among.c.sorted_by, among.c.case_id)
    return _c.case_id.in_(select(among.c.case_id).order_by(*chosen).limit(limit))


def _counted(wanted: Filter, now: datetime, cap: int, name: str) -> Label[int]:
    """Of several branches the later ones are read only as far as the cap is not reached."""
    parts = [select(_c.case_id).where(*branch) for branch in _branches(wanted, now)]
    if not parts:
        return literal(0).label(name)
    every = union_all(*parts).limit(cap + 1) if len(parts) > 1 else parts[0].limit(cap + 1)
    return select(func.count()).select_from(every.subquery()).label(name)


def _branches(wanted: Filter, now: datetime) -> list[Conditions]:
    """The conditions of the list, split where one index could not serve them in order: by department, by site.

    Who sees normal cases everywhere filters along the order; who sees some departments reads each from its index.
    """
    narrowed = _narrowed(wanted, now)
    scope = wanted.scope
    few = wanted.agent or wanted.cases is not None or wanted.requester
    if few or scope.everywhere:
        if len(wanted.departments) > 1 and not few:
            return [[_c.department == name, within(queue, scope), *narrowed] for name in wanted.departments]
        return [[within(queue, scope), *_one_of(_c.department, wanted.departments), *narrowed]]
    chosen = set(wanted.departments)
    names = [name for name in scope.departments if not chosen or name in chosen] if scope.within else []
    branches = [[_c.department == name, at_level(queue, scope.within), *narrowed] for name in names]
    if scope.on_site:
        his_own = and_(_c.department.in_(scope.departments), at_level(queue, scope.within))
        elsewhere = and_(at_level(queue, scope.on_site), not_(his_own))
        for site in scope.sites:
            branches.append([_c.site == site, elsewhere, *_one_of(_c.department, wanted.departments), *narrowed])
    return branches


def _narrowed(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_open] if wanted.open_only else []
    for column, values in (
        (_c.status, wanted.statuses),
        (_c.type, wanted.types),
        (_c.channel, wanted.channels),
        (_c.site, wanted.sites),
        (_c.district, wanted.districts),
    ):
        conditions += _one_of(column, values)
    if wanted.agent is not None:
        conditions.append(_c.agent == wanted.agent)
    if wanted.waiting_on:
        conditions.append(_c.waiting_on == wanted.waiting_on)
    if wanted.requester:
        conditions.append(_c.requester == wanted.requester)
    if wanted.cases is not None:
        conditions.append(_c.case_id.in_(wanted.cases))
    if wanted.attention:
        conditions.append(_c.attention != "")
    if wanted.unread:
        conditions.append(_c.unread > 0)
    if wanted.danger:
        conditions.append(_c.danger)
    if wanted.aged:
        least, below = wanted.aged
        conditions.append(_c.received_at <= now - timedelta(days=least))
        conditions += [] if below is None else [_c.received_at > now - timedelta(days=below)]
    if wanted.suspended:
        conditions.append(_c.paused_since.is_not(None))
    return conditions + _due(wanted, now)


def _one_of(column: Column[Any], values: Sequence[str]) -> list[ColumnElement[bool]]:
    if not values:
        return []
    return [column == values[0]] if len(values) == 1 else [column.in_(values)]


def _due(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    match wanted.due:
        case "late":
            return [_c.due_sort < now]
        case "today":
            return [_c.due_sort >= now, _c.due_sort < (wanted.day_end or now + timedelta(days=1))]
        case "7d":
            return [_c.due_sort >= now, _c.due_sort < now + timedelta(days=7)]
        case "paused":
            return [_c.paused_since.is_not(None), _c.due_sort == FAR]
        case "":
            return []
