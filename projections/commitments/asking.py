"""Which promises and legal dates must be noticed, and which corrected?"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from gru.domain.events import CommitmentKind, LegalClock
from projections.commitments.fold import LEGAL, commitments

_c = commitments.c

# --- what the clock asks -----------------------------------------------------------------------------------------


class DuePromise(msgspec.Struct, frozen=True):
    case_id: str
    kind: CommitmentKind
    due: datetime


class DueLegalDate(msgspec.Struct, frozen=True):
    case_id: str
    clock: LegalClock
    due: datetime


def falling_due(connection: Connection, now: datetime, limit: int = 200) -> tuple[DuePromise, ...]:
    """The promises whose warning or limit has come and was not noticed yet, the longest overdue first."""
    rows = connection.execute(_to_notice(now, limit).where(_c.kind.not_like(f"{LEGAL}%")))
    return tuple(DuePromise(*row) for row in rows)


def legal_dates_due(connection: Connection, now: datetime, limit: int = 200) -> tuple[DueLegalDate, ...]:
    """The legal dates that near or went by and were not noticed yet."""
    rows = connection.execute(_to_notice(now, limit).where(_c.kind.like(f"{LEGAL}%")))
    return tuple(DueLegalDate(case_id, kind.removeprefix(LEGAL), due) for case_id, kind, due in rows)


def _to_notice(now: datetime, limit: int) -> Select[Any]:
    query = select(_c.case_id, _c.kind, _c.due).where(_c.next_notice_at.is_not(None), _c.next_notice_at <= now)
    return query.order_by(_c.next_notice_at).limit(limit)


# --- what a correction asks --------------------------------------------------------------------------------------


def open_cases(connection: Connection, after: str, limit: int) -> tuple[str, ...]:
    """The next cases, by id, in which anything is still counted."""
    query = select(_c.case_id).where(_c.closed.is_(False), _c.case_id > after).group_by(_c.case_id)
    return tuple(connection.execute(query.order_by(_c.case_id).limit(limit)).scalars())


def count_open(connection: Connection) -> int:
    query = select(func.count(_c.case_id.distinct())).where(_c.closed.is_(False))
    return connection.scalar(query) or 0
