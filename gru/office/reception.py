"""How does somebody who comes in person get his number, once, however often the button is pressed?"""

from collections.abc import Callable
from datetime import date, datetime
from math import ceil

import msgspec
from sqlalchemy import Engine

from gru.domain.errors import BadInput
from gru.domain.events import VisitArrived, VisitKind
from gru.domain.reception import MOST_TICKETS, Arrive, GiveTicket, TicketTaken
from gru.domain.references import derived_id, is_id, ticket_stream
from gru.office.desk import Desk
from gru.office.projector import Projector
from gru.office.town_hall import TownBook
from gru.storage.databases import reading
from gru.storage.log import Log, LostRace
from projections import visits
from projections.visits import Visited

MINUTES_A_VISIT = 5
"""What is announced for each person ahead until the day itself has taught better."""

TRIES = 200
"""So many others may take a number at the same moment."""


class Waiting(msgspec.Struct, frozen=True):
    """A visit, how many will be called before it, and how long that may take."""

    visit: Visited
    ahead: int
    minutes: int


class Reception:
    """Gives out the tickets of every site."""

    def __init__(
        self,
        *,
        log: Log,
        desk: Desk,
        projector: Projector,
        views: Engine,
        town: TownBook,
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._desk = desk
        self._projector = projector
        self._views = views
        self._town = town
        self._secret = secret
        self._now = now

    def today(self) -> date:
        """The day in the town."""
        now = self._now()
        return now.astimezone(self._town.in_force(now).legal_calendar.zone).date()

    def take_ticket(self, site: str, kind: VisitKind, key: str, by: str) -> Waiting:
        """The ticket of this `key`; pressed twice it is the same one.

        Whoever sends the key chooses it, so it names no stream itself: he could name that of anything else.
        """
        town = self._town.in_force(self._now())
        if site not in town.sites or town.sites[site].kind == "virtual":
            raise BadInput(f"{site} is no site of the town.", field="site", value=site)
        visit = derived_id(self._secret, "visit", site, key)
        known = self.waiting(visit)
        if known is not None:
            return known
        self._arrive(site, self.today(), kind, visit, by)
        found = self.waiting(visit)
        if found is None:
            raise LookupError("the visit just recorded is not in the log")
        return found

    def _arrive(self, site: str, day: date, kind: VisitKind, visit: str, by: str) -> None:
        """The visit and its number in one save; when somebody else was given the number, the next one."""
        with reading(self._views) as connection:
            number = visits.last_number(connection, site, day) + 1
        for given in range(number, min(number + TRIES, MOST_TICKETS + 1)):
            stream = ticket_stream(site, day, given)
            try:
                done = self._desk.execute(
                    Arrive(stream=visit, site=site, day=day, number=given, kind=kind),
                    GiveTicket(stream=stream, site=site, day=day, number=given, visit=visit),
                    by=by,
                )
            except (TicketTaken, LostRace):
                continue
            self._projector.catch_up("inline", to=done.position)
            return
        raise BadInput("There are no more tickets today.", field="ticket")

    def waiting(self, visit: str) -> Waiting | None:
        """Where this visit stands in its queue; `None` for what is none."""
        if not is_id(visit):
            return None
        with reading(self._views) as connection:
            found = visits.by_id(connection, visit) or self._recorded(visit)
            if found is None:
                return None
            line = visits.waiting(connection, found.site, found.day, limit=MOST_TICKETS)
        before = [one.visit for one in line]
        ahead = before.index(visit) if visit in before else len(before) if found.state == "waiting" else 0
        return Waiting(found, ahead, self._minutes(found, ahead))

    def _recorded(self, visit: str) -> Visited | None:
        """As the log has it, while many come at once and the view is behind."""
        for recorded in self._log.history(visit)[:1]:
            event = recorded.event
            if isinstance(event, VisitArrived):
                return Visited(
                    visit=visit,
                    site=event.site,
                    kind=event.kind,
                    state="waiting",
                    post="",
                    caller="",
                    day=event.day,
                    number=event.number,
                    calls=0,
                    arrived_at=recorded.at,
                    called_at=None,
                    ended_at=None,
                )
        return None

    def _minutes(self, visit: Visited, ahead: int) -> int:
        """From how fast today's visits were called, rounded up to five minutes."""
        with reading(self._views) as connection:
            pace = visits.pace(connection, visit.site, visit.day)
        return ceil(ahead * (pace or MINUTES_A_VISIT * 60) / 300) * 5
