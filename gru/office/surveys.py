"""How is a resident asked for his opinion, by letter and once?"""

from collections.abc import Callable
from datetime import datetime

from gru.domain import references as refs
from gru.domain.case import Case, WithholdReply, WriteReply
from gru.domain.case.closing import RESIDENT_MAY_REOPEN
from gru.office.desk import Desk
from gru.office.letters import Closing, Letter, Letters, UnfilledField
from gru.office.restraint import Restraint
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive
from gru.storage.people import Person

BY = "system:reactions"


class SurveyLetters:
    """Writes what `case.survey_asked` calls for; who has no address any more is not asked."""

    def __init__(
        self,
        *,
        desk: Desk,
        archive: Archive,
        restraint: Restraint,
        town: TownBook,
        letters: Letters,
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._archive = archive
        self._restraint = restraint
        self._town = town
        self._letters = letters
        self._secret = secret
        self._now = now

    def write(self, case_id: str, reply_id: str, cause: str) -> None:
        """Safe to do twice: the letter's id derives from the case."""
        case = self._desk.case(case_id)
        if case is None or case.status != "closed" or case.has_written("survey") or "survey" in case.withheld:
            return
        person = self._archive.people([case.requester]).get(case.requester)
        if person is None or not person.email:
            self._withhold(case, "no_address", cause)
        elif self._restraint.is_ours(person.email):
            self._withhold(case, "own_address", cause)
        elif not self._restraint.allows(person.email):
            self._withhold(case, "too_many_automatic", cause)
        else:
            self._ask(case, person, cause)

    def give_up(self, case_id: str, reply_id: str, cause: str) -> None:
        case = self._desk.case(case_id)
        if case is not None:
            self._withhold(case, "given_up", cause)

    def _ask(self, case: Case, person: Person, cause: str) -> None:
        letter = self._letter(case, person)
        if letter is None:
            self._withhold(case, "unfilled_field", cause)
            return
        asking = WriteReply(
            case_id=case.id,
            reply_id=refs.derived_id(self._secret, "survey", case.id),
            kind="survey",
            channel="email",
            text=self._archive.write_text(letter.whole, person=case.requester, case=case.id),
            template=letter.template,
            human=False,
        )
        self._desk.execute(asking, by=BY, cause=cause)

    def _letter(self, case: Case, person: Person) -> Letter | None:
        if case.closed_at is None or not case.outcome:
            return None
        closing = Closing(outcome=case.outcome, at=case.closed_at, reopen_before=case.closed_at + RESIDENT_MAY_REOPEN)
        town = self._town.version(case.town_version)
        try:
            return self._letters.survey(town, case, person, self._now(), closing=closing)
        except UnfilledField:
            return None

    def _withhold(self, case: Case, reason: str, cause: str) -> None:
        self._desk.execute(WithholdReply(case_id=case.id, kind="survey", reason=reason), by=BY, cause=cause)
