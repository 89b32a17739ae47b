"""How long did it take, when is it due, and who made it wait?

Every instant that comes in or goes out is an aware datetime, read to the whole second; what is returned is
UTC. Days, weekdays and months are those of the town's civil time. Nothing here asks what time it is.
"""

from gru.domain.clocks.amounts import Amount, Unit, parse_amount
from gru.domain.clocks.calendars import BadHours, Calendar, Slot, SpecialDay, Week, parse_slots, parse_week
from gru.domain.clocks.commitments import due, moved_due, warn_at
from gru.domain.clocks.legal import appeal_deadline, end_of_calendar_day, last_day, legal_deadline
from gru.domain.clocks.pauses import Charged, Interval, Pause, charge, explain
from gru.domain.clocks.working_time import (
    add_working,
    begun_by,
    end_of_working_day,
    to_instant,
    to_second,
    working_seconds,
)

__all__ = [
    "Amount",
    "BadHours",
    "Calendar",
    "Charged",
    "Interval",
    "Pause",
    "Slot",
    "SpecialDay",
    "Unit",
    "Week",
    "add_working",
    "appeal_deadline",
    "begun_by",
    "charge",
    "due",
    "end_of_calendar_day",
    "end_of_working_day",
    "explain",
    "last_day",
    "legal_deadline",
    "moved_due",
    "parse_amount",
    "parse_slots",
    "parse_week",
    "to_instant",
    "to_second",
    "warn_at",
    "working_seconds",
]
