"""What must be made true again after a backup came back, before anybody works?"""

from collections.abc import Iterator

import msgspec

from gru.domain import events as e
from gru.office.erasure import Erasure
from gru.office.reactions import POSITION
from gru.storage.archive import Archive
from gru.storage.keys import Keys
from gru.storage.log import Log
from gru.storage.work import Work

PAGE = 5_000


class Recovered(msgspec.Struct, frozen=True):
    """`erased` people were erased again; `position` is where reactions go on; `dropped` effects spoke of lost events."""

    position: int
    erased: int
    dropped: int


class Recovery:
    def __init__(self, *, log: Log, archive: Archive, keys: Keys, work: Work, erasure: Erasure) -> None:
        self._log = log
        self._archive = archive
        self._keys = keys
        self._work = work
        self._erasure = erasure

    def recover(self, by: str) -> Recovered:
        """Positions back behind the log's head, numbers ahead of it, and every erasure of either side done again."""
        head = self._log.head()
        known = self._work.position(POSITION)
        position = head if known is None else min(known, head)
        self._work.reset(POSITION, position)
        dropped = self._work.drop_effects_behind(head)
        for year, last in self._last_numbers().items():
            self._work.skip_numbers(year, last)
        return Recovered(position, self._erase_again(by), dropped)

    def _last_numbers(self) -> dict[int, int]:
        last: dict[int, int] = {}
        for event in self._events("number.given"):
            if isinstance(event, e.NumberGiven):
                year, sequence = (int(part) for part in event.number.split("-"))
                last[year] = max(last.get(year, 0), sequence)
        return last

    def _erase_again(self, by: str) -> int:
        """An older log does not know of erasures the keys know of, and older keys not of those the log knows of."""
        people = {event.person for event in self._events("case.person_erased") if isinstance(event, e.PersonErased)}
        people |= {gone.id for gone in self._keys.destroyed() if gone.kind == "person"}
        self._archive.destroy_again(self._keys.destroyed())
        for person in sorted(people):
            self._erasure.again(person, by=by)
        return len(people)

    def _events(self, name: str) -> Iterator[e.Event]:
        after = 0
        while page := self._log.read(after, PAGE, {name}):
            yield from (recorded.event for recorded in page)
            after = page[-1].position

