"""Who else is told that a case is answered or closed? Those who follow it, once, and nothing of the requester."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from gru.domain import references as refs
from gru.domain.case import Case, TellFollower, WithholdReply
from gru.office.deeds import NotYet
from gru.office.desk import Desk
from gru.office.letters import Letter, Letters, News, UnfilledField
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
        town: TownBook,
        letters: Letters,
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._archive = archive
        self._town = town
        self._letters = letters
        self._secret = secret
        self._now = now

    def tell(self, case_id: str, reply_id: str, cause: str) -> None:
        """Called for by an answer (`reply_id`; once it has left) or by a closing. Safe to do twice."""
        case = self._desk.case(case_id)
        if case is None or not case.told or not self._is_so(case, reply_id):
            return
        for person in sorted(case.told):
            self._tell(case, person, closed=case.status == "closed", cause=cause)

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

    def _tell(self, case: Case, person: str, *, closed: bool, cause: str) -> None:
        reply_id = refs.derived_id(self._secret, "news", case.id, person)
        known = self._archive.people([person]).get(person)
        if reply_id in case.replies or known is None or not known.email:
            return
        try:
            letter = self._letter(case, person, closed)
        except UnfilledField:
            letter = None
        if letter is None:
            self._withhold(case.id, "no_letter", cause)
            return
        text = self._archive.write_text(letter.whole, person=person, case=case.id)
        command = TellFollower(case_id=case.id, reply_id=reply_id, to=person, text=text, template=letter.template)
        self._desk.execute(command, by=BY, cause=cause)

    def _letter(self, case: Case, person: str, closed: bool) -> Letter | None:
        now = self._now()
        own = next((other for other, one in case.absorbed.items() if one.requester == person), "")
        theirs = self._desk.case(own) if own else None
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
