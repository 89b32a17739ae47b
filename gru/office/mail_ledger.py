"""Does every mail that was fetched have exactly one outcome, and does every outcome have its mail?

Fetched = opened + joined + bounce + automatic + to link + set aside + waiting + erased unread. What is left over on
either side has no explanation: it is named, key by key.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine

from gru.domain import events as e
from gru.domain.events import MessageOutcome
from gru.storage.databases import reading
from gru.storage.kept import KeptRow, kept_between, known
from gru.storage.log import Log
from projections import ledger
from projections.ledger import Entry

OUTCOMES: tuple[MessageOutcome, ...] = ("opened", "joined", "bounce", "automatic", "to_link", "set_aside")
WAITING, ERASED, ASTRAY = "waiting", "erased", "astray"
"""Not taken in yet; erased before it was; marked as taken in, but without an outcome."""

COLUMNS: tuple[str, ...] = (*OUTCOMES, WAITING, ERASED)
AT_ONCE = 500


class Line(msgspec.Struct, frozen=True):
    """One mailbox on one day (`None`: their sum). `mailbox` is `""` for what was not read yet or never will be."""

    day: date | None
    mailbox: str
    fetched: int
    counts: dict[str, int]

    @property
    def difference(self) -> int:
        """What no column explains; more than 0: fetched without an outcome, less: an outcome of nothing fetched."""
        return self.fetched - sum(self.counts.get(column, 0) for column in COLUMNS)


class MailLedger(msgspec.Struct, frozen=True):
    """`astray` were fetched and have no outcome though nothing waits; `unkept` have an outcome and were never fetched.
    Keys of messages, to be looked at one by one."""

    first: date
    last: date
    lines: tuple[Line, ...]
    total: Line
    astray: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()

    @property
    def is_balanced(self) -> bool:
        return not self.astray and not self.unkept


class _Item(msgspec.Struct, frozen=True):
    """One message in one column; `kept` unless only its outcome is known."""

    key: str
    day: date
    mailbox: str
    column: str
    kept: bool = True


def mail_ledger(log: Log, archive: Engine, views: Engine, zone: ZoneInfo, first: date, last: date) -> MailLedger:
    """The mails kept from the first to the last day, as the town counts days, newest day first."""
    start, end = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    kept = kept_between(archive, "email", start, end)
    with reading(views) as connection:
        entries = ledger.of(connection, [row.key for row in kept])
        received = ledger.received(connection, "email", start, end)
    entries |= dict(_not_projected(log, [row.key for row in kept if row.ticked and row.key not in entries]))
    strangers = [entry for entry in received if entry.message not in entries]
    ours = known(archive, [entry.message for entry in strangers])
    items = [
        *(_item(row, entries.get(row.key), zone) for row in kept),
        *(
            _Item(entry.message, _day(entry.received_at, zone), entry.source, entry.outcome, kept=False)
            for entry in strangers
            if entry.message not in ours
        ),
    ]
    return MailLedger(
        first=first,
        last=last,
        lines=tuple(_lines(items)),
        total=_line(None, "", items),
        astray=tuple(item.key for item in items if item.column == ASTRAY),
        unkept=tuple(item.key for item in items if not item.kept),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _not_projected(log: Log, keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """The log knows what the projector has not come to yet."""
    for first in range(0, len(keys), AT_ONCE):
        for key, history in log.histories(keys[first : first + AT_ONCE]).items():
            for event in (recorded.event for recorded in history):
                if isinstance(event, e.MessageTakenIn):
                    yield key, Entry(key, event.source, event.outcome, event.received_at)


def _item(row: KeptRow, entry: Entry | None, zone: ZoneInfo) -> _Item:
    day = _day(row.kept_at, zone)
    if entry is not None:
        return _Item(row.key, day, entry.source, entry.outcome)
    return _Item(row.key, day, "", ERASED if row.erased else ASTRAY if row.ticked else WAITING)


def _lines(items: Iterable[_Item]) -> Iterator[Line]:
    groups: dict[tuple[date, str], list[_Item]] = {}
    for item in items:
        groups.setdefault((item.day, item.mailbox), []).append(item)
    for day, mailbox in sorted(groups, key=lambda group: (-group[0].toordinal(), group[1])):
        yield _line(day, mailbox, groups[day, mailbox])


def _line(day: date | None, mailbox: str, items: Sequence[_Item]) -> Line:
    counts = {column: sum(item.column == column for item in items) for column in COLUMNS}
    return Line(
        day, mailbox, sum(item.kept for item in items), {name: count for name, count in counts.items() if count}
    )
