"""Who else is told that a case is answered or closed? Those who follow it, once, and nothing of the requester."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from gru.domain import references as refs
from gru.domain.case import Case, TellFollower, WithholdReply
from gru.office.deeds import NotYet
from gru.office.desk import Desk
from gru.office.letters import Letter, Letters, News, UnfilledField
from gru.office.restraint import ASK_AGAIN, NO_MACHINE_WRITES_BACK, Restraint
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive

BY = "system:reactions"
LOOK_AGAIN = timedelta(seconds=30)

logger = structlog.get_logger()


class Followers:
    """Residents with the same problem, from the web form or by a merged case of their own."""

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

    def tell(self, case_id: str, reply_id: str, cause: str) -> None:
        """Called for by an answer (`reply_id`; once it has left) or by a closing. Safe to do twice."""
        case = self._desk.case(case_id)
        if case is None or not case.told or not self._is_so(case, reply_id):
            return
        closed = case.status == "closed"
        if not all([self._tell(case, person, closed=closed, cause=cause) for person in sorted(case.told)]):
            raise NotYet(self._now() + ASK_AGAIN)

    def give_up(self, case_id: str, reply_id: str, cause: str) -> None:
        """Nobody could be told, however often it was tried: an agent sees it."""
        self._withhold(case_id, "given_up", cause)

    def _is_so(self, case: Case, reply_id: str) -> bool:
        """An answer may still be taken back, and a closing undone: then there is no news."""
        if not reply_id:
            return case.status == "closed" and not case.main
        reply = case.replies.get(reply_id)
        if reply is not None and reply.state == "written":
            raise NotYet(max(reply.not_before or self._now(), self._now() + LOOK_AGAIN))
        return reply is not None and reply.state == "sent"

    def _tell(self, case: Case, person: str, *, closed: bool, cause: str) -> bool:
        """Whether nothing is left to be said to him: who got too many letters today hears it later."""
        reply_id = refs.derived_id(self._secret, "news", case.id, person)
        known = self._archive.people([person]).get(person)
        if reply_id in case.replies or known is None or not known.email:
            return True
        if reason := self._reason_against(case, person, known.email):
            self._withhold(case.id, reason, cause)
            return True
        try:
            letter = self._letter(case, person, closed)
        except UnfilledField:
            letter = None
        if letter is None:
            self._withhold(case.id, "no_letter", cause)
            return True
        if not self._restraint.allows(known.email):
            return False
        text = self._archive.write_text(letter.whole, person=person, case=case.id)
        command = TellFollower(case_id=case.id, reply_id=reply_id, to=person, text=text, template=letter.template)
        self._desk.execute(command, by=BY, cause=cause)
        return True

    def _reason_against(self, case: Case, person: str, address: str) -> str:
        theirs = self._own_case(case, person)
        why = theirs.withheld.get("receipt", "") if theirs else ""
        if why in NO_MACHINE_WRITES_BACK:
            return why
        return "own_address" if self._restraint.is_ours(address) else ""

    def _own_case(self, case: Case, person: str) -> Case | None:
        """The one of his that was merged into this one."""
        own = next((other for other, one in case.absorbed.items() if one.requester == person), "")
        return self._desk.case(own) if own else None

    def _letter(self, case: Case, person: str, closed: bool) -> Letter | None:
        now = self._now()
        theirs = self._own_case(case, person)
        news = News(
            closed=closed,
            outcome=(case.outcome or None) if closed else None,
            own_number=theirs.number if theirs else "",
            own_link=self._letters.case_link(theirs) if theirs else "",
            stop_link=self._letters.stop_link(case.id, person) if person in case.followers else "",
        )
        bound = self._letters.beside(self._town.version(case.town_version), "news", case, now, news=news)
        return bound or self._letters.beside(self._town.in_force(now), "news", case, now, news=news)

    def _withhold(self, case_id: str, reason: str, cause: str) -> None:
        self._desk.execute(WithholdReply(case_id=case_id, kind="news", reason=reason), by=BY, cause=cause)
