"""Which cases stand behind a figure of a report, as its address says?

`compte` names the figure, `du` and `au` the days; `plus-de` leaves those that took no longer than so many working
days. The filters of the queue narrow further, and its scope has the last word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gru.domain.town import Town
from gru.office.figures import day_seconds
from gru.office.figures.stages import TENTHS
from gru.web.forms import local_instant
from projections import durations, volumes
from projections.queue import Filter
from projections.volumes import Move

MOVES: dict[str, Move] = {"entrees": "opened", "sorties": "closed", "retours": "reopened"}
COUNTED = {
    "entrees": "compte.entrees",
    "sorties": "compte.sorties",
    "retours": "compte.retours",
    "resolues": "compte.resolues",
    "nettes": "compte.nettes",
    "recues": "compte.recues",
}
LONGER = "plus-de"
_LONGEST = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure and its time; `longer` in working days."""

    counted: str
    start: datetime
    end: datetime
    longer: Decimal = Decimal(0)


def read(values: Mapping[str, tuple[str, ...]], zone: ZoneInfo) -> Behind | None:
    """What the address says, when it says all of it."""
    counted = values.get("compte", ("",))[0]
    start, end = (local_instant(values.get(name, ("",))[0], zone) for name in ("du", "au"))
    if counted not in COUNTED or start is None or end is None:
        return None
    return Behind(counted, start, end + timedelta(days=1), days_of(values.get(LONGER, ("",))[0]) or Decimal(0))


def days_of(written: str) -> Decimal | None:
    """« 6,2 » working days; nothing where that is no number."""
    try:
        days = Decimal(written.replace(",", "."))
    except InvalidOperation:
        return None
    return days if days.is_finite() and 0 < days <= _LONGEST else None


def cases(connection: Connection, one: Behind, wanted: Filter, town: Town) -> tuple[str, ...]:
    departments = wanted.departments or None
    if move := MOVES.get(one.counted):
        return volumes.cases(connection, move, one.start, one.end, departments)
    return durations.cases(
        connection,
        one.start,
        one.end,
        departments,
        begun=one.counted == "recues",
        longer=int(one.longer * TENTHS) * (day_seconds(town) // TENTHS),
        net=one.counted == "nettes",
        narrowed={
            "type": wanted.types,
            "channel": wanted.channels,
            "site": wanted.sites,
            "district": wanted.districts,
        },
    )
