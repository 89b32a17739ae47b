"""What falls due now? Promises and legal dates that near or went by, third parties who do not answer: each noticed
once; difficulties nobody answered, and residents to be asked for their opinion.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine

from gru.domain.case import AskSurvey, NoticeBreach, NoticeLegalDate, NoticeSilence, RemindThirdParty
from gru.domain.difficulty import Remind
from gru.office.committee import MonthlyReport
from gru.office.desk import Desk
from gru.office.town_hall import NoTown, TownBook
from gru.storage.databases import reading
from gru.storage.work import Work
from projections import commitments, difficulties, ratings, third_parties

BATCH = 200
LEASE = "clock"
LEASE_SECONDS = 60
BY = "clock"

Notice = NoticeBreach | NoticeLegalDate | NoticeSilence | RemindThirdParty | AskSurvey | Remind

logger = structlog.get_logger()


class Clock:
    """Any number of clocks may run: one holds the lease, and what is noticed already decides nothing."""

    def __init__(
        self,
        *,
        desk: Desk,
        views: Engine,
        work: Work,
        town: TownBook,
        monthly: MonthlyReport,
        now: Callable[[], datetime],
        holder: str,
    ) -> None:
        self._desk = desk
        self._monthly = monthly
        self._views = views
        self._work = work
        self._town = town
        self._now = now
        self._holder = holder

    def tick(self) -> int:
        """How many facts were recorded; 0 also when another clock has the lease."""
        if not self._work.lease(LEASE, self._holder, LEASE_SECONDS):
            return 0
        return sum(self._notice(command) for command in self._due()) + self._begin_report()

    def _begin_report(self) -> int:
        """The committee's report of the last month, on the first working day."""
        wish = self._monthly.due()
        if wish is None:
            return 0
        recorded = self._desk.execute(wish, by=BY).recorded
        self._monthly.done(wish)
        return len(recorded)

    def _notice(self, command: Notice) -> int:
        """One case that cannot be judged holds up no other."""
        try:
            return len(self._desk.execute(command, by=BY).recorded)
        except Exception as error:
            about = command.stream if isinstance(command, Remind) else command.case_id
            logger.error("case cannot be judged by the clock", case=about, error=type(error).__name__)
            return 0

    def _due(self) -> Iterator[Notice]:
        now = self._now()
        with reading(self._views) as connection:
            promises = commitments.falling_due(connection, now, BATCH)
            dates = commitments.legal_dates_due(connection, now, BATCH)
            requests = third_parties.falling_due(connection, now, BATCH)
            unanswered = difficulties.falling_due(connection, now, BATCH)
            surveyed = self._to_survey(connection, now)
        for promise in promises:
            yield NoticeBreach(case_id=promise.case_id, kind=promise.kind, due=promise.due, late=promise.due <= now)
        for day in dates:
            yield NoticeLegalDate(case_id=day.case_id, clock=day.clock, due=day.due)
        for one in requests:
            if one.next == "remind":
                yield RemindThirdParty(case_id=one.case_id, request_id=one.request_id, number=one.reminders + 1)
            else:
                yield NoticeSilence(case_id=one.case_id, request_id=one.request_id, due=one.due)
        for difficulty in unanswered:
            yield Remind(stream=difficulty.stream, number=difficulty.reminders + 1)
        for case_id in surveyed:
            yield AskSurvey(case_id=case_id)

    def _to_survey(self, connection: Connection, now: datetime) -> tuple[str, ...]:
        try:
            town = self._town.in_force(now)
        except NoTown:
            return ()
        if not town.surveys.ask:
            return ()
        never = tuple(code for code, kind in town.types.items() if not kind.survey)
        return ratings.falling_due(connection, now, town.surveys, never, BATCH)
