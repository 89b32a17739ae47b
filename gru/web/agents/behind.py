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
    "repondues": "compte.repondues",
    "accusees": "compte.accusees",
    "premieres": "compte.premieres",
    "revenues": "compte.revenues",
    "redemandees": "compte.redemandees",
    "lots": "compte.lots",
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
    narrowed = {
        "type": wanted.types,
        "channel": wanted.channels,
        "site": wanted.sites,
        "district": wanted.districts,
    }
    if move := MOVES.get(one.counted):
        return volumes.cases(connection, move, one.start, one.end, departments, narrowed=narrowed)
    bounds, longer = (one.start, one.end, departments), int(one.longer * TENTHS) * (day_seconds(town) // TENTHS)
    match one.counted:
        case "repondues":
            return durations.answer_cases(connection, "human", *bounds, longer=longer, narrowed=narrowed)
        case "accusees" | "premieres":
            begun = one.counted == "premieres"
            return durations.answer_cases(connection, "heard", *bounds, begun=begun, longer=longer, narrowed=narrowed)
        case "revenues" | "redemandees":
            return durations.cases_back(connection, *bounds, again=one.counted == "redemandees", narrowed=narrowed)
        case "lots":
            found = durations.cases_in_lots(one.start, one.end, departments or tuple(town.departments))
            return tuple(dict.fromkeys(connection.execute(found.limit(1000)).scalars()))
    begun, net = one.counted == "recues", one.counted == "nettes"
    return durations.cases(connection, *bounds, begun=begun, longer=longer, net=net, narrowed=narrowed)
