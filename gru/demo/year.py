"""How do many invented cases make one year of history, in the order things happened?"""

import csv
import gc
import heapq
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from zoneinfo import ZoneInfo

from gru.bootstrap import Office
from gru.demo import words
from gru.demo.draft import Chances, Draft, needed, settled
from gru.demo.hardships import said_freely
from gru.demo.life import Life
from gru.domain.events import MessageTakenIn
from gru.domain.references import case_number, new_id
from gru.domain.rights import Agent
from gru.storage.log import Fact
from gru.storage.people import Person
from gru.storage.work import Work

BATCH = 1_000
DAYS = 365
MOST_RESIDENTS = 200_000
_HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 22, 30, 32, 26, 14, 18, 26, 26, 22, 18, 14, 12, 10, 8, 4, 2)
_WEEK = (1.25, 1.1, 1.05, 1.0, 0.95, 0.25, 0.15)

Progress = Callable[[int, int], None]


class Year:
    """A year that ends at `until`; the same seed, number and end give the same year."""

    def __init__(self, office: Office, until: datetime, seed: int) -> None:
        self._office = office
        self._until = until
        self._chance = random.Random(seed)
        self._town = office.town.in_force(until)
        self._chances = Chances(self._town)
        self._agents = _by_department(office.town.agents().values())
        self._streets = _streets()
        self._people: list[tuple[str, bool]] = []

    def write(self, cases: int, progress: Progress) -> int:
        """Write `cases` cases with all that happened to them; how many facts that made.

        A second year may follow in the same town: its numbers go on from those that were given.
        """
        with _no_collector():
            self._invite(max(50, int(min(cases * 0.6, MOST_RESIDENTS))))
            arrivals = sorted(self._arrival() for _ in range(cases))
            return self._office.log.append_many(self._in_order(arrivals, progress))

    def _invite(self, number: int) -> None:
        """So many residents are known to the town."""
        began = self._until - timedelta(days=DAYS + 30)
        for start in range(0, number, BATCH):
            invented = [words.resident(self._chance, n) for n in range(start, min(start + BATCH, number))]
            people = [
                Person(
                    id=new_id(began, self._chance.randbytes(10)),
                    name=one.name,
                    email=one.email,
                    phone=one.phone,
                )
                for one in invented
            ]
            self._office.archive.save_people(people)
            self._people += [(person.id, bool(person.email)) for person in people]

    def _arrival(self) -> datetime:
        """Mornings more than evenings, Mondays more than Sundays; the town grows busier over the year."""
        zone = ZoneInfo(self._town.timezone)
        while True:
            days = int(DAYS * self._chance.random() ** 0.93)
            day = self._until.astimezone(zone) - timedelta(days=DAYS - 1 - days)
            if self._chance.random() * 1.3 > _WEEK[day.weekday()]:
                continue
            hour = self._chance.choices(range(24), _HOURS)[0]
            local = day.replace(hour=hour, minute=self._chance.randrange(60), second=self._chance.randrange(60))
            at = local.astimezone(UTC).replace(microsecond=0)
            if at < self._until:
                return at

    def _in_order(self, arrivals: list[datetime], progress: Progress) -> Iterator[Fact]:
        """Facts as they happened over all cases: those of a case wait until nothing earlier can come."""
        since = self._until - timedelta(days=DAYS - 1)
        staff = sorted({agent.id: agent for each in self._agents.values() for agent in each}.items())
        free = said_freely(self._office.archive, [agent for _, agent in staff], since, self._until, self._chance)
        waiting = [(fact.at, order, fact) for order, fact in enumerate(free)]
        heapq.heapify(waiting)
        order = len(waiting)
        for number, (received_at, facts) in enumerate(self._lives(arrivals), 1):
            while waiting and waiting[0][0] <= received_at:
                yield heapq.heappop(waiting)[2]
            for fact in facts:
                order += 1
                heapq.heappush(waiting, (fact.at, order, fact))
            if number % BATCH == 0 or number == len(arrivals):
                progress(number, len(arrivals))
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _lives(self, arrivals: list[datetime]) -> Iterator[tuple[datetime, list[Fact]]]:
        numbers = _Numbers(self._office.work, ZoneInfo(self._town.timezone))
        latest: dict[str, str] = {}
        remaining = iter(arrivals)
        while chunk := list(islice(remaining, BATCH)):
            lived: list[tuple[Draft, list[Fact]]] = []
            for draft in (self._draft(at) for at in chunk):
                life = Life(draft, self._town, self._agents, self._until, latest.get(draft.type, ""))
                lived.append((draft, life.live(numbers.next(draft.received_at))))
                latest[draft.type] = draft.id
            texts = [text for draft, facts in lived for text in needed(draft, facts)]
            written = iter(self._office.archive.write_texts(texts))
            self._office.archive.keep_without_words("email", dict(_mails(facts for _, facts in lived)))
            for draft, facts in lived:
                yield draft.received_at, settled(facts, written)
        numbers.keep()

    def _draft(self, at: datetime) -> Draft:
        person, email = self._chance.choice(self._people)
        street, district = self._chance.choice(self._streets)
        return Draft(self._chance, self._chances, at, person, email, street, district)


def _mails(lives: Iterable[list[Fact]]) -> Iterator[tuple[str, datetime]]:
    """What the town fetched, and when it came."""
    for facts in lives:
        for fact in facts:
            if isinstance(fact.event, MessageTakenIn):
                yield fact.stream_id, fact.event.received_at


class _Numbers:
    """The numbers of a year's cases, given one after the other and told to *work* at the end."""

    def __init__(self, work: Work, zone: ZoneInfo) -> None:
        self._work = work
        self._zone = zone
        self._next: dict[int, int] = {}

    def next(self, received_at: datetime) -> str:
        year = received_at.astimezone(self._zone).year
        if year not in self._next:
            self._next[year] = int(self._work.next_number(year).rpartition("-")[2])
        number = case_number(year, self._next[year])
        self._next[year] += 1
        return number

    def keep(self) -> None:
        for year, following in self._next.items():
            self._work.skip_numbers(year, following - 1)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of facts without cycles: looking for some among them costs more than inventing them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _by_department(agents: Iterable[Agent]) -> dict[str, list[Agent]]:
    found: dict[str, list[Agent]] = {}
    for agent in sorted(agents, key=lambda agent: agent.id):
        for department in agent.departments:
            if "handle" in agent.rights:
                found.setdefault(department, []).append(agent)
    return found


def _streets() -> list[tuple[str, str]]:
    table = files("gru.sample").joinpath("streets.csv").read_text(encoding="utf-8")
    return [(row["name"], row["district"]) for row in csv.DictReader(table.splitlines())]
