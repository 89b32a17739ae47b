"""How is a person forgotten while every figure stays? Keys are destroyed, facts remain, every copy is dropped."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import or_, select

from gru.domain import events as e
from gru.domain.case import ErasePerson
from gru.domain.errors import BadInput, NotNow
from gru.office.desk import Desk
from gru.office.projector import Projector, where_and_how
from gru.office.remnants import remnants
from gru.storage.archive import Archive
from gru.storage.databases import Databases, checkpoint, reading
from gru.storage.keys import Keys
from gru.storage.log import Log
from gru.storage.schema import people as known_people
from gru.storage.scrubbing import PATIENCE_SECONDS, patiently, rewritten, vacuumed
from projections import people

Progress = Callable[[int, int], None]

FOLLOWED_WITHIN = 600.0
"""Seconds the lists are given to follow the log."""
BEHIND = "The lists do not follow the log: run `gru project`."
MISSED = (
    "Copies of words were not reached (a rebuild runs, or was broken off, or is due): let it end, or `gru rebuild {}`."
)


class Certificate(msgspec.Struct, frozen=True):
    """What was done: no name stands in it. `position` is the last fact that says so.

    `clean` when no database file holds a trace any more; else something was in the way, and it must be asked for again.
    """

    person: str
    cases: int
    words: int
    erased_at: datetime
    position: int
    clean: bool = False


class Erasure:
    def __init__(
        self,
        *,
        log: Log,
        desk: Desk,
        archive: Archive,
        keys: Keys,
        projector: Projector,
        databases: Databases,
        now: Callable[[], datetime],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._log = log
        self._desk = desk
        self._archive = archive
        self._keys = keys
        self._projector = projector
        self._databases = databases
        self._now = now
        self._patience = patience

    def knows(self, person: str) -> bool:
        """Somebody has this id, or had it and was erased, perhaps not to the end."""
        named = self._archive.people([person]).get(person) is not None
        if named or self._is_destroyed(person) or self._archive.words_of(person):
            return True
        return bool(self.cases_of(person))

    def cases_of(self, person: str) -> list[str]:
        """Every case that holds words of this person, or bears his name; also in the middle of an erasure.

        Words may lie under a case that never began: that of a message nobody opened, or one the log has lost.
        """
        return self._cases_of(person, self._ids_of(person))

    def _cases_of(self, person: str, everyone: list[str]) -> list[str]:
        if not self._projector.catch_up("inline", seconds=FOLLOWED_WITHIN):
            raise NotNow(BEHIND)
        with reading(self._databases.views) as connection:
            seen = {case for one in everyone for case in people.cases_of(connection, one)}
        written = {case for case, _ in self._archive.words_of(person) if case}
        return sorted(id for id, history in self._log.histories(written | seen).items() if _is_case(history))

    def erase(self, person: str, *, by: str, progress: Progress | None = None) -> Certificate:
        """Forget this person. Stopped half-way, it may be asked for again: what is done stays done.

        The facts come first, so that the cases are still known when it must go on; then the keys; then the copies.
        """
        if not self.knows(person):
            raise BadInput("Nobody is known under this id.", field="person")
        done = self.again(person, by=by, progress=progress)
        return msgspec.structs.replace(done, clean=not self.scrub())

    def again(self, person: str, *, by: str, progress: Progress | None = None) -> Certificate:
        """The same for somebody who may be unknown here, as when an older copy of the town came back.

        `scrub` then takes the copies out of rows and files, once for many people.
        """
        everyone = self._ids_of(person)
        cases = self._cases_of(person, everyone)
        words = len(self._archive.words_of(person))
        was_destroyed = self._is_destroyed(person)
        self._say_so(cases, everyone, by, progress)
        self._archive.destroy_person(person)
        meanwhile = [case_id for case_id in self._cases_of(person, everyone) if case_id not in cases]
        self._say_so(meanwhile, everyone, by)
        cases += meanwhile
        if was_destroyed:
            self._delete_noise(cases)
        return Certificate(person, len(cases), words, self._now(), self._last_fact(cases, everyone))

    def again_each(
        self, people: Collection[str], *, by: str, progress: Progress | None = None
    ) -> tuple[list[Certificate], dict[str, str]]:
        """The same for many, told by how many people; and who could not be erased, with the kind of error."""
        done: list[Certificate] = []
        failed: dict[str, str] = {}
        for number, person in enumerate(people, 1):
            try:
                done.append(self.again(person, by=by))
            except Exception as error:
                failed[person] = where_and_how(error)
            if progress:
                progress(number, len(people))
        return done, failed

    def scrub(self) -> tuple[str, ...]:
        """Take what was dropped out of the files too. What stands in the way, in sentences; nothing when all is clean.

        Seconds: once per batch.
        """
        in_the_way = []
        if not self._projector.catch_up("inline", seconds=FOLLOWED_WITHIN):
            in_the_way.append(BEHIND)
        if missed := remnants(self._projector):
            in_the_way.append(MISSED.format(" ".join(missed)))
        self._projector.scrub()
        if not self._files_are_clean():
            in_the_way.append("Somebody still reads the database as it was: a report, a backup, a standby server.")
        return tuple(in_the_way)

    def _say_so(self, cases: list[str], everyone: list[str], by: str, progress: Progress | None = None) -> None:
        for number, case_id in enumerate(cases, 1):
            self._desk.execute(*(ErasePerson(case_id=case_id, person=one) for one in everyone), by=by)
            if progress:
                progress(number, len(cases))

    # --- who and where -----------------------------------------------------------------------------------------

    def _ids_of(self, person: str) -> list[str]:
        """His ids: those of people who were found to be him bear cases too."""
        c = known_people.c
        with reading(self._databases.archive) as connection:
            root = connection.scalar(select(c.same_as).where(c.id == person)) or person
            merged = connection.scalars(select(c.id).where(or_(c.same_as == root, c.id == root)))
            return sorted({person, root, *merged})

    def _is_destroyed(self, person: str) -> bool:
        return any(gone.kind == "person" and gone.id == person for gone in self._keys.destroyed())

    def _last_fact(self, cases: list[str], everyone: list[str]) -> int:
        said = (
            recorded.position
            for case_id in cases
            for recorded in self._log.history(case_id)
            if isinstance(recorded.event, e.PersonErased) and recorded.event.person in everyone
        )
        return max(said, default=0)

    # --- what is left ------------------------------------------------------------------------------------------

    def _delete_noise(self, cases: list[str]) -> None:
        """His keys went before: in a run that was stopped, or in a copy of the archive that is older than they are."""
        spoken_of = {id for case_id in cases for id in self._ids_in(case_id)}
        unreadable = spoken_of - set(self._keys.find(spoken_of))
        if unreadable:
            self._archive.redact(*unreadable)

    def _ids_in(self, case_id: str) -> Iterator[str]:
        for recorded in self._log.history(case_id):
            for value in msgspec.structs.asdict(recorded.event).values():
                for part in value if isinstance(value, tuple) else (value,):
                    if isinstance(part, e.TextRef | e.FileRef):
                        yield part.id
            match recorded.event:
                case e.CaseOpened(message=message) | e.MessageReceived(message=message) if message:
                    yield message
                case e.MessageEdited(edit=message) | e.MessageRemoved(removal=message):
                    yield message

    def _files_are_clean(self) -> bool:
        places, projections = self._databases, self._projector.projections.values()
        if places.kind == "postgresql":
            worded = [projection.table.fullname for projection in projections if projection.wants_words]
            views_are_clean = vacuumed(places.views, worded, self._patience)
            return self._keys.scrub(self._patience) and views_are_clean
        deeds = [partial(rewritten, place) for place in (places.views, places.keys)]
        deeds += [partial(checkpoint, place) for place in (places.views, places.keys, places.archive)]
        return all([patiently(deed, self._patience) for deed in deeds])


def _is_case(history: Sequence[e.Recorded]) -> bool:
    return bool(history) and isinstance(history[0].event, e.CaseOpened)
