"""What would today's reading make of the mails that were kept, and which of that may be recorded?

Nothing is ever sent by it. What a case has stays as it is: a difference there is shown, and left to an agent. Only a
message that no case took and no agent decided about may be brought back before one.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import Engine

from gru.channels.base import Incoming
from gru.domain import events as e
from gru.domain import message as messages
from gru.domain.belonging import Place
from gru.domain.errors import Refused
from gru.domain.events import MessageOutcome
from gru.domain.message import Message, ReadAnew
from gru.office.desk import Desk
from gru.office.intake import Intake
from gru.office.read_message import ReadMessage
from gru.storage.archive import Archive
from gru.storage.kept import kept_between
from gru.storage.log import Log

BY = "system:replay"
READ_ANEW = "read_anew"
"""The reason shown to the agent when the message would have gone to a case by itself today."""

TAKEN_BY_A_CASE = ("opened", "joined")


class Difference(msgspec.Struct, frozen=True):
    """What changes for one message; `text` and `files` are lengths and numbers, never words. `wish` may be recorded."""

    key: str
    kept_at: datetime
    was: MessageOutcome
    now: MessageOutcome
    reason: str = ""
    person: bool = False
    text: tuple[int, int] | None = None
    files: tuple[int, int] | None = None
    wish: ReadAnew | None = None


class Seen(msgspec.Struct, frozen=True):
    """One message looked at again: `difference` when there is one; `erased` when its words are gone."""

    key: str
    erased: bool = False
    difference: Difference | None = None


class _Words(msgspec.Struct, frozen=True):
    """What a case made of a message when it took it."""

    person: str
    text: e.TextRef | None
    files: tuple[e.FileRef, ...]


class Replay:
    def __init__(self, *, log: Log, desk: Desk, archive: Archive, kept: Engine, intake: Intake) -> None:
        self._log = log
        self._kept = kept
        self._desk = desk
        self._archive = archive
        self._intake = intake

    def look(self, start: datetime, end: datetime, outcome: MessageOutcome | None = None) -> Iterator[Seen]:
        """Every mail kept in the period that was taken in, oldest first; one in memory at a time."""
        for row in kept_between(self._kept, "email", start, end):
            history = self._log.history(row.key)
            message = messages.replay(history)
            if message is None or (outcome and _first(history) != outcome):
                continue
            if row.erased:
                yield Seen(row.key, erased=True)
                continue
            read, place = self._intake.look_again(row.key)
            yield Seen(row.key, difference=self._difference(row.kept_at, message, _first(history), read, place))

    def apply(self, difference: Difference) -> bool:
        """Whether a fact was recorded; doing it again records nothing."""
        if difference.wish is None:
            return False
        try:
            return bool(self._desk.execute(difference.wish, by=BY).recorded)
        except Refused:
            return False

    def _difference(
        self, kept_at: datetime, message: Message, was: MessageOutcome, read: ReadMessage, place: Place
    ) -> Difference | None:
        words = self._words(message) if was in TAKEN_BY_A_CASE else None
        found = Difference(
            key=message.id,
            kept_at=kept_at,
            was=was,
            now=place.outcome,
            reason=place.reason,
            person=words is not None and self._is_another(words.person, read.incoming),
            text=self._text(words, read.incoming) if words else None,
            files=_files(words, read) if words else None,
            wish=_wish(message, place),
        )
        same = was == place.outcome and not found.wish
        return None if same and not found.person and found.text is None and found.files is None else found

    def _words(self, message: Message) -> _Words | None:
        for recorded in self._log.history(message.case) if message.case else ():
            match recorded.event:
                case e.CaseOpened(message=message.id) as opened:
                    return _Words(opened.requester, opened.text, opened.files)
                case e.MessageReceived(message=message.id) as received:
                    return _Words(received.author, received.text, received.files)
        return None

    def _is_another(self, person: str, incoming: Incoming) -> bool:
        """By the address, as far as both are still known."""
        known = self._archive.people([person]).get(person) if person else None
        addresses = {known.email.lower(), *(one.lower() for one in known.also)} if known and known.email else set()
        return bool(addresses and incoming.address) and incoming.address.lower() not in addresses

    def _text(self, words: _Words, incoming: Incoming) -> tuple[int, int] | None:
        """Lengths before and after; `None` when it is the same, or can no longer be read."""
        before = self._archive.texts([words.text.id])[words.text.id] if words.text else None
        if before is None or before == incoming.text or not incoming.text:
            return None
        return len(before), len(incoming.text)


def _first(history: list[e.Recorded]) -> MessageOutcome:
    taken = history[0].event
    assert isinstance(taken, e.MessageTakenIn)
    return taken.outcome


def _files(words: _Words, read: ReadMessage) -> tuple[int, int] | None:
    """How many before and after; what nobody should open was not put beside the case, and would not be today."""
    before = sorted(file.size for file in words.files)
    after = sorted(len(file.content) for file in read.fit_files())
    return None if before == after else (len(before), len(after))


def _wish(message: Message, place: Place) -> ReadAnew | None:
    """Back before an agent: never away from him, never past him into a case."""
    if message.case or message.put_aside or place.outcome not in (*TAKEN_BY_A_CASE, "to_link"):
        return None
    reason = place.reason if place.outcome == "to_link" else READ_ANEW
    wish = ReadAnew(message_id=message.id, reason=reason, suggested=place.suggested or place.case)
    return wish if messages.decide(message, wish) else None
