"""What can happen to the days that are counted, and to the dates that near?"""

from datetime import datetime

from gru.domain.events.base import Event, LegalClock, event


@event("town.calendars_corrected")
class CalendarsCorrected(Event, frozen=True, kw_only=True):
    """The days of version `number` (public holidays, closures, special days) were the right ones all along."""

    number: int


@event("case.calendar_corrected")
class CalendarCorrected(Event, frozen=True, kw_only=True):
    """This case counts the days of `town_version` from now on; its hours and promises stay those of its own version."""

    town_version: int


@event("case.legal_date_near")
class LegalDateNear(Event, frozen=True, kw_only=True):
    """The clock passed `hours` before this legal date, and what the law asks was not done yet."""

    clock: LegalClock
    due: datetime
    hours: int
