"""Who is told at once that the town has his message, and who may not be told by machine?"""

from datetime import timedelta

from gru.domain import references as refs
from gru.domain.case import AcknowledgeReceipt, Case, WithholdReply
from gru.office.desk import Desk
from gru.office.letters import Letters
from gru.office.town_hall import TownBook
from gru.storage.access import Access
from gru.storage.archive import Archive
from gru.storage.people import Person

MOST_A_DAY = 3
"""Automatic messages to one address in 24 hours (channels.md B.1, loop guard)."""

DAY = timedelta(hours=24)
COUNTED = "automatic_message"
BY = "system:reactions"


class Acknowledgement:
    """Writes the AEE (CRPA L112-11), or says why a person must."""

    def __init__(
        self,
        *,
        desk: Desk,
        archive: Archive,
        access: Access,
        town: TownBook,
        letters: Letters,
        secret: bytes,
        own_address: str,
    ) -> None:
        self._desk = desk
        self._archive = archive
        self._access = access
        self._town = town
        self._letters = letters
        self._secret = secret
        self._own_address = own_address

    def acknowledge(self, case_id: str, reply_id: str, cause: str) -> None:
        """`reply_id` is not known yet: it derives from the case."""
        case = self._desk.case(case_id)
        if case is None or case.has_written("receipt") or "receipt" in case.withheld:
            return
        person = self._archive.people([case.requester]).get(case.requester)
        reason = self._reason_against(person)
        if reason or person is None:
            withheld = WithholdReply(case_id=case_id, kind="receipt", reason=reason)
            self._desk.execute(withheld, by=BY, cause=cause)
            return
        self._desk.execute(self._receipt(case, person), by=BY, cause=cause)

    def _reason_against(self, person: Person | None) -> str:
        if person is None or not person.email:
            return "no_address"
        if person.email.lower() == self._own_address.lower():
            return "own_address"
        if not self._access.allow(COUNTED, person.email, MOST_A_DAY, DAY):
            return "too_many_automatic"
        return ""

    def _receipt(self, case: Case, person: Person) -> AcknowledgeReceipt:
        town = self._town.version(case.town_version)
        letter = self._letters.receipt(town, case, person)
        text = self._archive.write_text(letter.whole, person=case.requester, case=case.id)
        return AcknowledgeReceipt(
            case_id=case.id,
            reply_id=refs.derived_id(self._secret, "receipt", case.id),
            channel=case.reply_channel,
            to=case.requester,
            text=text,
            template=letter.template,
        )
