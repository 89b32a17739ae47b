"""How is a person forgotten while every figure stays? Keys are destroyed, facts remain, every copy is dropped."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import Engine

from gru.domain.case import ErasePerson
from gru.domain.errors import BadInput
from gru.office.desk import Desk
from gru.office.projector import Projector
from gru.storage.archive import Archive
from gru.storage.databases import reading
from gru.storage.keys import Keys
from projections import people

Progress = Callable[[int, int], None]


class Certificate(msgspec.Struct, frozen=True):
    """What was done: no name stands in it. `position` is the last fact that says so."""

    person: str
    cases: int
    erased_at: datetime
    position: int


class Erasure:
    def __init__(
        self,
        *,
        desk: Desk,
        archive: Archive,
        keys: Keys,
        projector: Projector,
        views: Engine,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._archive = archive
        self._keys = keys
        self._projector = projector
        self._views = views
        self._now = now

    def cases_of(self, person: str) -> list[str]:
        """Every case that holds words of this person, or bears his name; also in the middle of an erasure."""
        self._projector.catch_up("inline", seconds=60.0)
        with reading(self._views) as connection:
            seen = people.cases_of(connection, person)
        return sorted({case for case, _ in self._archive.words_of(person) if case} | set(seen))

    def erase(self, person: str, *, by: str, progress: Progress | None = None) -> Certificate:
        """Forget this person. Stopped half-way, it may be asked for again: what is done stays done.

        The facts come first, so that the cases are still known when it must go on; then the keys; then the copies.
        """
        if not self.cases_of(person) and self._archive.people([person]).get(person) is None:
            raise BadInput("Nobody is known under this id, or he is erased already.", field="person")
        return self.again(person, by=by, progress=progress)

    def again(self, person: str, *, by: str, progress: Progress | None = None) -> Certificate:
        """The same for somebody who may be unknown here: an older copy of the town came back."""
        cases = self.cases_of(person)
        position = 0
        for number, case_id in enumerate(cases, 1):
            done = self._desk.execute(ErasePerson(case_id=case_id, person=person), by=by)
            position = max(position, done.position)
            if progress:
                progress(number, len(cases))
        self._archive.destroy_person(person)
        self._projector.catch_up("inline", seconds=600.0)
        self._keys.scrub()
        return Certificate(person, len(cases), self._now(), position)
