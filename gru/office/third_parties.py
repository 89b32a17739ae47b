"""How is somebody outside the town asked, reminded and heard, without an account?

The case knows what was asked and until when; this writes the letters and knows the links.
"""

import hmac
from collections.abc import Callable
from datetime import datetime

import msgspec

from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.case import Case, Request, WithholdReply, WriteThirdParty, replay
from gru.office.deeds import NotYet
from gru.office.desk import Desk
from gru.office.letters import Asked, Letter, Letters, UnfilledField
from gru.office.restraint import ASK_AGAIN, Restraint
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive
from gru.storage.log import Log
from gru.storage.people import Person

BY = "system:reactions"


class Opened(msgspec.Struct, frozen=True):
    """What a link opens: nothing of it is shown unless `alive`, or already answered."""

    case: Case
    request_id: str
    request: Request
    alive: bool
    place: e.TextRef | None


class ThirdParties:
    def __init__(
        self,
        *,
        log: Log,
        desk: Desk,
        archive: Archive,
        restraint: Restraint,
        town: TownBook,
        letters: Letters,
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._desk = desk
        self._archive = archive
        self._restraint = restraint
        self._town = town
        self._letters = letters
        self._secret = secret
        self._now = now

    def opened(self, token: str) -> Opened | None:
        """What this link opens; `None` when it is no link of ours. The same work whether or not the case exists."""
        named = refs.read_third_party_token(token)
        if named is None:
            return None
        case = replay(self._log.history(named[0]))
        request = case.requests.get(named[1]) if case else None
        true = refs.third_party_token(self._secret, *named, request.expires if request else self._now())
        signed = hmac.compare_digest(token.encode(), true.encode())
        first = self._first_link(named, case, request, token) if request and not signed else signed
        if case is None or request is None or not first:
            return None
        alive = not request.revoked and self._now() < request.expires
        return Opened(case, named[1], request, alive, case.place.place if case.place else None)

    def _first_link(self, named: tuple[str, str], case: Case | None, request: Request, token: str) -> bool:
        """A later date lengthens the link's life, and the one he was first given must go on working."""
        for recorded in self._log.history(named[0]):
            if isinstance(recorded.event, e.ThirdPartyAsked) and recorded.event.request_id == named[1]:
                true = refs.third_party_token(self._secret, *named, recorded.event.expires)
                return hmac.compare_digest(token.encode(), true.encode())
        return False

    def write(self, case_id: str, reply_id: str, cause: str) -> None:
        """The letter an asking or a reminder calls for; `reply_id` is `<request>` or `<request>:<number>`.

        An agent's question leaves at once; a reminder waits while its reader got too many letters of machines.
        """
        request_id, _, number = reply_id.partition(":")
        case = self._desk.case(case_id)
        request = case.open_requests.get(request_id) if case else None
        if case is None or request is None:
            return
        own_id = refs.derived_id(self._secret, "third party", case.id, request_id, number)
        if own_id in case.replies:
            return
        try:
            letter = self._letter(case, request_id, request, "third_party_reminder" if number else "third_party")
        except UnfilledField:
            letter = None
        if letter is None:
            self._withhold(case.id, "no_letter", cause)
            return
        if number and not self._may_remind(request.to):
            raise NotYet(self._now() + ASK_AGAIN)
        command = WriteThirdParty(
            case_id=case.id,
            request_id=request_id,
            reply_id=own_id,
            text=self._archive.write_text(letter.whole, person=case_owner(case), case=case.id),
            template=letter.template,
        )
        self._desk.execute(command, by=BY, cause=cause)

    def _may_remind(self, party: str) -> bool:
        person = self._archive.people([party]).get(party)
        return person is None or self._restraint.allows(person.email)

    def give_up(self, case_id: str, reply_id: str, cause: str) -> None:
        self._withhold(case_id, "given_up", cause)

    def _withhold(self, case_id: str, reason: str, cause: str) -> None:
        self._desk.execute(WithholdReply(case_id=case_id, kind="third_party", reason=reason), by=BY, cause=cause)

    def _letter(self, case: Case, request_id: str, request: Request, use: str) -> Letter | None:
        now = self._now()
        ids = [request.text.id, *([case.place.place.id] if case.place else [])]
        texts = self._archive.texts(ids)
        asked = Asked(
            question=texts.get(request.text.id) or "",
            before=request.due,
            link=self._letters.third_party_link(case.id, request_id, request.expires),
            link_until=request.expires,
            asked_at=request.asked_at,
            place=(texts.get(case.place.place.id) or "") if case.place else "",
            resident=self.resident(case) if request.named else "",
        )
        bound = self._letters.beside(self._town.version(case.town_version), use, case, now, asked=asked)
        return bound or self._letters.beside(self._town.in_force(now), use, case, now, asked=asked)

    def resident(self, case: Case) -> str:
        """The requester as a third party may see him when an agent ticked it: name and how to reach him."""
        person: Person | None = self._archive.people([case.requester]).get(case.requester) if case.requester else None
        if person is None:
            return ""
        return ", ".join(part for part in (person.name, person.phone or person.email) if part)


def case_owner(case: Case) -> str:
    """Under whose key words about a case lie: the requester's, or the case's alone once he was erased."""
    return "" if case.requester in case.erased else case.requester
