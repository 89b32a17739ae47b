"""How long before a legal date must the town be told that it nears?"""

from datetime import datetime, timedelta

from gru.domain.events import LegalClock

HOURS_BEFORE: dict[LegalClock, tuple[int, ...]] = {
    "silence": (15 * 24, 3 * 24),
    "acknowledgement": (3 * 24,),
    "receipt": (12,),
}
"""Two weeks are left to examine, three days to sign; a receipt is owed on its last day at noon."""


def warnings(clock: LegalClock, received_at: datetime, due: datetime) -> tuple[int, ...]:
    """In hours before `due`, the first one first; none that would come with the request itself."""
    return tuple(hours for hours in HOURS_BEFORE[clock] if due - timedelta(hours=hours) > received_at)


def reached(clock: LegalClock, received_at: datetime, due: datetime, now: datetime) -> int:
    """The last warning that has come, 0 for none."""
    come = [hours for hours in warnings(clock, received_at, due) if now >= due - timedelta(hours=hours)]
    return min(come, default=0)


def next_warning(clock: LegalClock, received_at: datetime, due: datetime, noticed: int = 0) -> datetime | None:
    """When the next one comes after that of `noticed` hours, `None` when there is none left."""
    left = [hours for hours in warnings(clock, received_at, due) if not noticed or hours < noticed]
    return due - timedelta(hours=max(left)) if left else None
