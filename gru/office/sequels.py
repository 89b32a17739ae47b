"""What is said of words that came before: edited, taken back, answered elsewhere; in whatever order it arrives?

A sequel is a message with a stream of its own. It joins the case of the message it speaks of, or is noted until that
message has one: `take_in` looks back from the sequel, `follow` forward from the message, each after its own fact is
recorded, so that one of the two always finds the other.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from gru.channels.base import Channel, Incoming, RawMessage, Sequel, TryLater
from gru.channels.facebook.reading import names_for_sequels
from gru.domain import events as e
from gru.domain import message as messages
from gru.domain import references as refs
from gru.domain.case import (
    Case,
    CaseCommand,
    RecordAnswerElsewhere,
    RecordEdit,
    RecordReached,
    RecordRemoval,
    RecordSent,
)
from gru.domain.case.overhearing import is_news
from gru.domain.message import LinkMessage, TakeIn
from gru.office.desk import Desk
from gru.office.laying import lay
from gru.storage.archive import Archive
from gru.storage.log import Log

BY = "system:intake"
SENT = "facebook-sent"
"""As what the names of our own messages over there are kept."""

MOST = 100
"""So many messages of one conversation are looked at."""

CLOCKS_APART = timedelta(seconds=5)
"""Between Meta's clock, by which it reached its reader, and ours, by which it left."""

AFTER_CLOSING = timedelta(days=7)
"""A conversation goes on in its closed case for as long as Facebook lets the town answer."""


class Sequels:
    def __init__(
        self,
        *,
        log: Log,
        desk: Desk,
        archive: Archive,
        channels: Mapping[str, Channel],
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._desk = desk
        self._archive = archive
        self._channels = channels
        self._secret = secret
        self._now = now

    # --- what an item says of earlier ones -------------------------------------------------------------------------

    def take_in(self, key: str, message: RawMessage, sequel: Sequel) -> e.MessageOutcome:
        """Joined when the words it speaks of are a case's, else noted."""
        case_id, original = self._spoken_of(message, sequel)
        case = self._desk.case(case_id) if case_id else None
        wishes = self._wishes(key, sequel, case, original) if case else []
        outcome: e.MessageOutcome = "joined" if case and wishes else "noted"
        taken_in = TakeIn(
            message_id=key,
            source=message.source,
            channel=message.channel,
            outcome=outcome,
            received_at=min(message.received_at, self._now()),
            case=case_id if wishes else "",
            reason=sequel.note or sequel.kind,
        )
        self._desk.execute(taken_in, *wishes, by=BY)
        return outcome

    def _spoken_of(self, message: RawMessage, sequel: Sequel) -> tuple[str, str]:
        """The case it concerns and the message in it, `""` for what is not known or no case's (yet)."""
        if sequel.kind == "nothing":
            return "", ""
        if sequel.ours:
            found = refs.read_reply_reference(self._secret, sequel.ours)
            return (found[0], "") if found else ("", "")
        if sequel.kind in ("delivered", "read") or (sequel.kind == "answer" and not sequel.public):
            return self.case_of_conversation(message.channel, sequel.of, sequel.at), ""
        for original, incoming in self._kept_as(message.channel, sequel.of):
            if incoming.sequel is None and (case_id := self._case_of(original, waits=True)):
                return case_id, original
        return "", ""

    def _wishes(self, key: str, sequel: Sequel, case: Case, original: str) -> list[CaseCommand]:
        match sequel.kind:
            case "edited" if original in case.messages:
                text = self._text(key, sequel, self._author(case, original), case)
                return [RecordEdit(case_id=case.id, message=original, edit=key, edited_at=sequel.at, text=text)]
            case "removed" if original in case.messages:
                return [RecordRemoval(case_id=case.id, message=original, removal=key, removed_at=sequel.at)]
            case "answer":
                return self._answer(key, sequel, case)
            case "delivered" | "read":
                return self._reached(sequel, case)
        return []

    def _reached(self, sequel: Sequel, case: Case) -> list[CaseCommand]:
        """Those of our private messages that had left by then; what was typed elsewhere is not ours to follow."""
        history = [recorded.event for recorded in self._log.history(case.id)]
        ours = {
            event.reply_id
            for event in history
            if isinstance(event, e.ReplyWritten)
            and (event.channel, event.public, event.elsewhere) == ("facebook", False, False)
        }
        left = [
            event.reply_id
            for event in history
            if isinstance(event, e.ReplySent) and event.sent_at <= sequel.at + CLOCKS_APART and event.reply_id in ours
        ]
        reached = RecordReached(
            case_id=case.id, reply_ids=tuple(left), reached_at=sequel.at, read=sequel.kind == "read"
        )
        return [reached] if is_news(case, reached) else []

    def _answer(self, key: str, sequel: Sequel, case: Case) -> list[CaseCommand]:
        """Ours is known to have left, even when we never heard that it had; another's is a human answer."""
        reply = self._our_reply(sequel, case)
        if reply:
            written = case.replies.get(reply)
            unsent = written is not None and written.state == "written"
            return [RecordSent(case_id=case.id, reply_id=reply, sent_at=min(sequel.at, self._now()))] if unsent else []
        return [
            RecordAnswerElsewhere(
                case_id=case.id,
                reply_id=refs.derived_id(self._secret, "elsewhere", key),
                channel="facebook",
                text=self._text(key, sequel, case.requester, case),
                sent_at=sequel.at,
                public=sequel.public,
            )
        ]

    def _our_reply(self, sequel: Sequel, case: Case) -> str:
        """By its reference, by what it is called over there, else by its very words, sent a moment ago."""
        if sequel.ours:
            found = refs.read_reply_reference(self._secret, sequel.ours)
            return found[1] if found else ""
        if known := self._archive.message_key_for(SENT, sequel.sent_id):
            return known[0]
        written = [
            recorded.event
            for recorded in self._log.history(case.id)
            if isinstance(recorded.event, e.ReplyWritten) and recorded.event.channel == "facebook"
        ]
        ours = [event for event in written if event.public == sequel.public and not event.elsewhere and event.text]
        words = self._archive.texts([event.text.id for event in ours if event.text])
        same = (event.reply_id for event in ours if event.text and words.get(event.text.id) == sequel.text)
        return next(same, "")

    # --- what was said before the message it speaks of had a case ---------------------------------------------------

    def follow(self, key: str) -> None:
        """The message has a case now: a sequel lies there, and what was noted about another joins it there."""
        kept = self._archive.kept(key)
        if kept is None or kept.raw is None or kept.channel != "facebook":
            return
        case_id = self._case_of(key)
        case = self._desk.case(case_id) if case_id else None
        read = self._read(key) if case else None
        if case is not None and read is not None and read.sequel is not None:
            lay(self._archive, key, case)
        if case is None or key not in case.messages:
            return
        names = names_for_sequels(read, kept.external_id) if read else ()
        since = kept.received_at - timedelta(seconds=1)
        for name in names:
            for other in self._archive.named(kept.channel, name, since=since, limit=MOST):
                if other != key:
                    self._join(other, case_id, key)

    def _join(self, key: str, case_id: str, original: str) -> None:
        stream = messages.replay(self._log.history(key))
        read = self._read(key)
        case = self._desk.case(case_id)
        if stream is None or stream.outcome != "noted" or read is None or read.sequel is None or case is None:
            return
        if read.sequel.kind in ("edited", "removed") and not self._is_of(read.sequel, original):
            return
        if wishes := self._wishes(key, read.sequel, case, original):
            self._desk.execute(LinkMessage(message_id=key, case=case_id), *wishes, by=BY)
            lay(self._archive, key, case)

    def _is_of(self, sequel: Sequel, original: str) -> bool:
        kept = self._archive.kept(original)
        return kept is not None and kept.external_id == sequel.of

    def said_about(self, key: str) -> tuple[tuple[str, datetime, str], ...]:
        """What was noted about a message no case has: kind, when and words, oldest first."""
        kept, read = self._archive.kept(key), self._read(key)
        if kept is None or read is None or kept.channel != "facebook":
            return ()
        found = {}
        for name in (name for name in names_for_sequels(read, kept.external_id) if name != read.thread):
            for other in self._archive.named(kept.channel, name, limit=MOST):
                said = self._read(other) if other != key else None
                if said is not None and said.sequel is not None and said.sequel.kind != "nothing":
                    found[other] = (said.sequel.kind, said.sequel.at, said.sequel.text)
        return tuple(sorted(found.values(), key=lambda one: one[1]))

    # --- which case ------------------------------------------------------------------------------------------------

    def case_of_conversation(self, channel: str, thread: str, before: datetime) -> str:
        """The case of the newest message of this conversation that has one, unless it was closed too long ago."""
        for key in self._archive.named(channel, thread, before=before, limit=MOST):
            case_id = self._case_of(key)
            case = self._desk.case(case_id) if case_id else None
            if case is not None:
                closed = case.closed_at if case.status == "closed" else None
                return "" if closed and before > closed + AFTER_CLOSING else case_id
        return ""

    def pending_before(self, key: str, message: RawMessage, thread: str) -> list[str]:
        """Messages of this conversation that came before and were not taken in yet, oldest first."""
        earlier = self._archive.named(message.channel, thread, before=message.received_at, limit=MOST)
        return [other for other in reversed(earlier) if other != key and not self._log.history(other)]

    def _case_of(self, key: str, *, waits: bool = False) -> str:
        """The case that has this message. With `waits`: `TryLater` for one that is about to be taken in."""
        stream = messages.replay(self._log.history(key))
        if stream is None:
            if waits:
                raise TryLater("the words this speaks of are not taken in yet")
            return ""
        return stream.case if stream.outcome in ("opened", "joined") else ""

    def _kept_as(self, channel: str, name: str) -> Iterator[tuple[str, Incoming]]:
        for key in self._archive.message_key_for(channel, name)[:MOST] if name else ():
            if read := self._read(key):
                yield key, read

    def _read(self, key: str) -> Incoming | None:
        kept = self._archive.kept(key)
        if kept is None or kept.raw is None:
            return None
        channel = self._channels[kept.channel]
        return channel.parse(RawMessage(channel.code, kept.source, kept.external_id, kept.received_at, b"", kept.raw))

    def _author(self, case: Case, original: str) -> str:
        for recorded in self._log.history(case.id):
            match recorded.event:
                case e.CaseOpened(message=message, requester=author) if message == original:
                    return author
                case e.MessageReceived(message=message, author=author) if message == original:
                    return author
        return case.requester

    def _text(self, key: str, sequel: Sequel, person: str, case: Case) -> e.TextRef:
        """Under an id that derives from the sequel: written twice, it is one text. Of somebody who was erased only the
        fact is kept, and its words read as erased."""
        id = refs.derived_id(self._secret, "sequel", key, case.id)
        if person in case.erased:
            return e.TextRef(id, "")
        return self._archive.write_text(sequel.text, person=person, case=case.id, id=id)
