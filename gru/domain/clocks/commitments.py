"""When must the town have kept its word, when must it be warned, and what does a pause give back?"""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from gru.domain.clocks.amounts import Amount
from gru.domain.clocks.calendars import Calendar
from gru.domain.clocks.legal import days_between, legal_deadline, postponed
from gru.domain.clocks.pauses import Pause, stopped
from gru.domain.clocks.working_time import (
    add_working,
    end_of_working_day,
    to_instant,
    to_second,
    working_seconds,
)

_HOUR = 3600


def due(cal: Calendar, received: datetime, amount: Amount) -> datetime:
    """The UTC instant at which a town target ends.

    h: opening hours of the service. jo: its closing on the n-th working day. Every other unit is counted as
    the law does, to the end of the local day.
    """
    match amount.unit:
        case "h":
            return add_working(cal, received, amount.value * _HOUR)
        case "jo":
            return end_of_working_day(cal, received, amount.value)
        case "jc" | "ouvrables" | "francs" | "month":
            return legal_deadline(cal, received, amount)
        case _:
            assert_never(amount.unit)


def warn_at(cal: Calendar, start: datetime, limit: datetime, share: float = 0.8) -> datetime:
    """The UTC instant at which `share` of the open time before `limit` is used; of all time failing that."""
    open_time = working_seconds(cal, start, limit)
    if open_time == 0:
        return to_instant(to_second(start + share * (limit - start)))
    return add_working(cal, start, round(share * open_time))


def moved_due(cal: Calendar, limit: datetime, amount: Amount, pauses: Iterable[Pause]) -> datetime:
    """`limit` moved by the pauses that stop the clock and have ended; one that began later changes nothing.

    h and jo get back the open seconds of each pause: what remained when it began remains when it ends. The
    other units get back its days, the first one not counted (suspension of the silence rule: CRPA L114-5).
    """
    for start, end in stopped(pauses):
        if to_instant(start) >= limit:
            break
        if amount.unit in ("h", "jo"):
            limit = add_working(cal, limit, working_seconds(cal, to_instant(start), to_instant(end)))
        else:
            limit = postponed(cal, limit, days_between(cal, to_instant(start), to_instant(end)))
    return limit
