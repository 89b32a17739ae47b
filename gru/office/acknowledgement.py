"""Who is told at once that the town has his message, and who may not be told by machine?"""

from collections.abc import Callable
from datetime import datetime

from gru.domain import references as refs
from gru.domain.case import AcknowledgeReceipt, Case, WithholdReply, WriteReply
from gru.domain.events import Channel, ReplyKind, TextRef
from gru.domain.policies import ACKNOWLEDGED, READS_ON_SCREEN
from gru.office.desk import Desk
from gru.office.letters import Letter, Letters, UnfilledField
from gru.office.restraint import NO_MACHINE_WRITES_BACK, Restraint
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive
from gru.storage.people import Person

BY = "system:reactions"


class Acknowledgement:
    """Writes the receipt and the acknowledgement (CRPA L112-11), or says why a person must."""

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

    def acknowledge(self, case_id: str, reply_id: str, cause: str) -> None:
        """The receipt (AEE), at once. `reply_id` is not known yet: it derives from the case."""
        case = self._desk.case(case_id)
        if case is None or self._is_done(case, "receipt"):
            return
        person = self._person(case)
        if reason := self._reason_against(case, person):
            self._withhold(case, "receipt", reason, cause)
            return
        letter = self._letters.receipt(self._town.counting(case.town_version, case.days_of), case, person)
        command = AcknowledgeReceipt(
            case_id=case.id,
            reply_id=refs.derived_id(self._secret, "receipt", case.id),
            channel=_way(case, person),
            to=case.requester,
            text=self._kept(case, letter),
            template=letter.template,
        )
        self._write(case, "receipt", command, person, cause)

    def give_up(self, case_id: str, reply_id: str, cause: str) -> None:
        """No machine could write the receipt, however often it tried: a person must."""
        self._leave_to_a_person(case_id, "receipt", cause)

    def give_up_in_full(self, case_id: str, reply_id: str, cause: str) -> None:
        self._leave_to_a_person(case_id, "acknowledgement", cause)

    def _leave_to_a_person(self, case_id: str, kind: ReplyKind, cause: str) -> None:
        case = self._desk.case(case_id)
        if case is not None and not self._is_done(case, kind):
            self._withhold(case, kind, "given_up", cause)

    def acknowledge_in_full(self, case_id: str, reply_id: str, cause: str) -> None:
        """The acknowledgement with its legal mentions (ARE, CRPA R112-11-1), once an agent said what is asked."""
        case = self._desk.case(case_id)
        if case is None or self._is_done(case, "acknowledgement") or not self._is_due_in_full(case):
            return
        person = self._person(case)
        if reason := self._reason_against(case, person):
            self._withhold(case, "acknowledgement", reason, cause)
            return
        town = self._town.counting(case.town_version, case.days_of)
        try:
            letter = self._letters.acknowledgement(town, case, person, self._now())
        except UnfilledField:
            self._withhold(case, "acknowledgement", "unfilled_field", cause)
            return
        command = WriteReply(
            case_id=case.id,
            reply_id=refs.derived_id(self._secret, "acknowledgement", case.id),
            kind="acknowledgement",
            channel=_way(case, person),
            text=self._kept(case, letter),
            template=letter.template,
            human=False,
        )
        self._write(case, "acknowledgement", command, person, cause)

    def _is_done(self, case: Case, kind: ReplyKind) -> bool:
        return case.has_written(kind) or kind in case.withheld

    def _is_due_in_full(self, case: Case) -> bool:
        """An answer makes it needless (CRPA R112-4), and so does a case that is closed already."""
        answered = case.has_written("answer", "refusal")
        return case.channel in ACKNOWLEDGED and case.status != "closed" and not answered

    def _person(self, case: Case) -> Person | None:
        return self._archive.people([case.requester]).get(case.requester)

    def _reason_against(self, case: Case, person: Person | None) -> str:
        if case.requester in case.erased:
            return "no_address"
        if _way(case, person) in ("tracking", "post"):
            return ""
        if (why := case.withheld.get("receipt", "")) in NO_MACHINE_WRITES_BACK:
            return why
        if person is None or not person.email:
            return "no_address"
        return "own_address" if self._restraint.is_ours(person.email) else ""

    def _write(
        self, case: Case, kind: ReplyKind, command: AcknowledgeReceipt | WriteReply, person: Person | None, cause: str
    ) -> None:
        """What stands on a page or on paper is no mail."""
        if command.channel != "email" or person is None or self._restraint.allows(person.email):
            self._desk.execute(command, by=BY, cause=cause)
        else:
            self._withhold(case, kind, "too_many_automatic", cause)

    def _withhold(self, case: Case, kind: ReplyKind, reason: str, cause: str) -> None:
        self._desk.execute(WithholdReply(case_id=case.id, kind=kind, reason=reason), by=BY, cause=cause)

    def _kept(self, case: Case, letter: Letter) -> TextRef:
        return self._archive.write_text(letter.whole, person=case.requester, case=case.id)


def _way(case: Case, person: Person | None) -> Channel:
    """By mail, or by letter to who wishes so; for whom filled in the town's form and left no address, on the page he
    was shown (CRPA L112-11). Who wishes to be called is written to all the same: a machine calls nobody."""
    if case.reply_channel == "post" and person is not None and person.address:
        return "post"
    no_mail = person is None or not person.email
    if case.channel in READS_ON_SCREEN and (no_mail or case.reply_channel == "tracking"):
        return "tracking"
    return "email"
