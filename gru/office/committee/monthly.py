"""When is the report of the last month begun? On the first working day of the next, once, where a town has asked it.

A town asks by naming the addresses of its committee. The report's id derives from its month: however many clocks run,
and however often they start again, it is begun once.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from gru.domain.clocks import working_seconds
from gru.domain.references import derived_id
from gru.domain.report import BeginReport
from gru.domain.town import Town
from gru.office.town_hall import TownBook


class MonthlyReport:
    def __init__(self, *, town: TownBook, secret: bytes, now: Callable[[], datetime]) -> None:
        self._town = town
        self._secret = secret
        self._now = now
        self._begun = date.min

    def due(self) -> BeginReport | None:
        """The report to be begun now; `None` before the reception has opened this month, and once it was begun."""
        now = self._now()
        if not self._town.history().versions:
            return None
        town = self._town.in_force(now)
        this = now.astimezone(town.legal_calendar.zone).date().replace(day=1)
        if not town.committee or self._begun == this or not self._worked_since(town, this, now):
            return None
        last = this - timedelta(days=1)
        if last < self._town.history().versions[0].valid_from.astimezone(town.legal_calendar.zone).date():
            return None
        return BeginReport(stream=self._id(last), first=last.replace(day=1), last=last, automatic=True)

    def done(self, wish: BeginReport) -> None:
        """It is recorded: this process need not ask again before the next month."""
        self._begun = wish.last + timedelta(days=1)

    def _worked_since(self, town: Town, day: date, now: datetime) -> bool:
        calendar = town.legal_calendar
        return working_seconds(calendar, datetime.combine(day, time(0), calendar.zone), now) > 0

    def _id(self, last: date) -> str:
        return derived_id(self._secret, "monthly report", last.isoformat())
