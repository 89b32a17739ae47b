"""Which version of the town holds at an instant, and who works for it now?"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic

import msgspec

from gru.domain.clocks import Calendar
from gru.domain.errors import Refused
from gru.domain.rights import Agent, Role
from gru.domain.town import Catalogue, Town, town_of
from gru.domain.town_stream import TOWN_STREAM, Adopted, Engaged, TownHistory, replay
from gru.storage.archive import Archive
from gru.storage.log import Log
from gru.storage.people import Person

LOOK_AGAIN_SECONDS = 1.0
NAMES_SECONDS = 60.0


class NoTown(Refused):
    """Nothing can be received before the town has adopted a catalogue."""

    code = "no_town"


def now_utc() -> datetime:
    return datetime.now(UTC)


class TownBook:
    """What the town's stream says, remembered by the process and read on at most once a second.

    A version never changes, so it is read from the archive once. Threads may share a book.
    """

    def __init__(self, log: Log, archive: Archive, now: Callable[[], datetime] = now_utc) -> None:
        self._log = log
        self._archive = archive
        self._now = now
        self._lock = threading.Lock()
        self._history = TownHistory()
        self._looked = float("-inf")
        self._versions: dict[int, Town] = {}
        self._corrected: dict[tuple[int, int], Town] = {}
        self._names: dict[str, str] = {}
        self._named = float("-inf")

    def in_force(self, at: datetime) -> Town:
        """The version for what is received at this instant."""
        adopted = self._current().in_force(at)
        if adopted is None:
            raise NoTown("The town has adopted no catalogue yet.")
        return self._town(adopted)

    def version(self, number: int) -> Town:
        """A version by its number, as a case is bound to it."""
        if number in self._versions:
            return self._versions[number]
        found = [adopted for adopted in self._current().versions if adopted.number == number]
        if not found:
            found = [adopted for adopted in self.refresh().versions if adopted.number == number]
        if not found:
            raise NoTown(f"The town has no version {number}.", number=number)
        return self._town(found[0])

    def calendar(self, version: int, department: str, days_of: int = 0) -> Calendar:
        """The opening hours of a department in a version; the reception's where that version knows it not.

        The days are those of `days_of`, as in `counting`.
        """
        town = self.counting(version, days_of)
        return town.calendar_of(department) if department in town.departments else town.legal_calendar

    def read_all(self) -> None:
        """Have every version at hand that the town has adopted by now."""
        for adopted in self.refresh().versions:
            self._town(adopted)

    def counting(self, number: int, days_of: int) -> Town:
        """The version a case is bound to, with the days it counts: those of `days_of`, its own for 0."""
        if not days_of:
            return self.version(number)
        if (number, days_of) not in self._corrected:
            self._corrected[number, days_of] = self.version(number).with_days_of(self.version(days_of))
        return self._corrected[number, days_of]

    def corrected(self, number: int) -> Town:
        """A version with the days that are the right ones as far as the town knows now."""
        return self.counting(number, self._current().days_of(number))

    def latest(self) -> Town:
        """The last adopted version, perhaps not in force yet: what an administrator goes on from."""
        versions = self._current().versions
        if not versions:
            raise NoTown("The town has adopted no catalogue yet.")
        return self._town(versions[-1])

    def agents(self) -> dict[str, Agent]:
        """Who works for the town now, with the rights of his role in the version in force."""
        return {id: agent for id, agent in self.everybody().items() if not self._history.agents[id].left}

    def everybody(self) -> dict[str, Agent]:
        """The same with those who have left, who have a name and no rights."""
        if unnamed := self.unnamed():
            self.name(self._archive.people(unnamed))
        history, roles = self._current(), self._roles()
        return {id: self._agent(id, engaged, roles) for id, engaged in history.agents.items()}

    def at_work(self, agent: str) -> Agent | None:
        """One who works for the town now, for what he may do: his name is the one that was read last."""
        engaged = self._current().agents.get(agent)
        return self._agent(agent, engaged, self._roles()) if engaged and not engaged.left else None

    def unnamed(self) -> list[str]:
        """The persons whose names are to be read again, after a minute (one may be erased) or when the stream has said
        something new. Who looks up other people anyway asks for these too, and tells them (`name`)."""
        persons = [engaged.person for engaged in self._current().agents.values()]
        if monotonic() - self._named > NAMES_SECONDS:
            return persons
        return [person for person in persons if person not in self._names]

    def name(self, people: Mapping[str, Person | None]) -> None:
        """What was found of those without a name."""
        self._names = self._names | {id: person.name if person else "" for id, person in people.items()}
        self._named = monotonic()

    def history(self) -> TownHistory:
        """Every version and every agent, read on if a second has passed."""
        return self._current()

    def refresh(self) -> TownHistory:
        """Read on at once: what this process has just written is there."""
        with self._lock:
            return self._read_on()

    def _current(self) -> TownHistory:
        if monotonic() - self._looked < LOOK_AGAIN_SECONDS:
            return self._history
        return self.refresh()

    def _read_on(self) -> TownHistory:
        news = self._log.history(TOWN_STREAM, self._history.version)
        self._history = replay(news, self._history)
        if news:
            self._named = float("-inf")
        self._looked = monotonic()
        return self._history

    def _roles(self) -> Mapping[str, Role]:
        adopted = self._history.in_force(self._now())
        return self._town(adopted).roles if adopted else {}

    def _agent(self, id: str, engaged: Engaged, roles: Mapping[str, Role]) -> Agent:
        return Agent(
            id=id,
            person=engaged.person,
            name=self._names.get(engaged.person, ""),
            role=engaged.role,
            departments=engaged.departments,
            sites=engaged.sites,
            rights=roles[engaged.role].rights if engaged.role in roles and not engaged.left else (),
        )

    def _town(self, adopted: Adopted) -> Town:
        if adopted.number not in self._versions:
            raw = self._archive.content(adopted.digest)
            catalogue = msgspec.json.decode(raw, type=Catalogue)
            self._versions[adopted.number] = town_of(catalogue, adopted.number, adopted.valid_from, adopted.digest)
        return self._versions[adopted.number]
