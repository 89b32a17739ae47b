"""How does a written reply reach its reader, and what became of it?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from gru.channels.base import Attachment, Channel, FullMailbox, Outgoing, Paused, TryLater, Undeliverable
from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.case import Case, RecordFailure, RecordSent, replay
from gru.domain.case.telling import IN_PERSON
from gru.office.deeds import NotYet
from gru.office.desk import Desk
from gru.office.letters import Letters, split_subject
from gru.office.letters.french import files_by_link
from gru.office.page_replies import PageReplies, handles_of
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive
from gru.storage.log import Log
from gru.storage.people import Person
from gru.storage.work import Effect, Work

BY = "system:delivery"

CONVERSATION_PATIENCE = timedelta(hours=24)
"""A message to a conversation that could not leave for so long comes too late: an agent chooses another way."""


COPY = "copy_sent"
"""The kind of effect that puts a copy of a mail into the town's mailbox."""

UNPROMPTED: frozenset[e.ReplyKind] = frozenset({"survey", "reminder", "news", "third_party"})
"""What answers no message of its reader's."""

FULL_PATIENCE = timedelta(days=2)
"""For a reader to make room in his mailbox."""

IN_TURN = timedelta(seconds=30)
TURN_PATIENCE = timedelta(days=1)
"""So long a reply waits for the one written before it to the same reader."""


class Delivery:
    """Carries replies out. Sending comes before recording: a reply may leave twice, under one Message-ID.

    `copies`: a mailbox wants a copy of each mail.
    """

    def __init__(
        self,
        *,
        log: Log,
        desk: Desk,
        archive: Archive,
        town: TownBook,
        channels: Mapping[str, Channel],
        page_replies: PageReplies,
        letters: Letters,
        work: Work,
        copies: bool,
        secret: bytes,
        mail_address: str,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._desk = desk
        self._archive = archive
        self._town = town
        self._channels = channels
        self._page_replies = page_replies
        self._letters = letters
        self._work = work
        self._copies = copies
        self._secret = secret
        self._mail_address = mail_address
        self._now = now

    def deliver(self, case_id: str, reply_id: str, cause: str) -> None:
        """Send the reply unless it left already or was taken back; a refusal for good is recorded.

        A letter waits for people, who print, sign and post it (`gru.domain.case.posting`), and so does what is said on
        the telephone or handed over (`gru.domain.case.telling`).

        Raises `NotYet` before its time, `TryLater` or `ChannelBroken` when it must be tried again.
        """
        history = self._log.history(case_id)
        written = _written(history, reply_id)
        case = replay(history)
        if case is None or case.replies[reply_id].state != "written":
            return
        if written.not_before is not None and written.not_before > self._now():
            raise NotYet(written.not_before)
        if self._is_carried_by_people(written):
            return
        if _follows_another(case, reply_id, written, history, self._now()):
            raise NotYet(self._now() + IN_TURN)
        try:
            sent_at, by_link = self._send(case, reply_id, written, history)
        except Paused as pause:
            raise NotYet(pause.until) from None
        except Undeliverable as error:
            failure = RecordFailure(case_id=case_id, reply_id=reply_id, reason=error.reason, permanent=True)
            self._desk.execute(failure, by=BY, cause=cause)
            return
        if written.channel == "email":
            self._call_for_copy(case_id, reply_id, cause)
        sent = RecordSent(case_id=case_id, reply_id=reply_id, sent_at=min(sent_at, self._now()), by_link=by_link)
        self._desk.execute(sent, by=BY, cause=cause)

    def _is_carried_by_people(self, written: e.ReplyWritten) -> bool:
        """What a machine says on such a way is no reply; over the counter it is handed without asking an address."""
        person = self._archive.people([written.to]).get(written.to) or Person()
        if written.channel == "post":
            return bool(person.address)
        if written.channel in IN_PERSON and written.human:
            return written.channel == "counter" or bool(person.phone)
        return False

    def give_up(self, case_id: str, reply_id: str, cause: str) -> None:
        """It could not be sent, however often it was tried: the case says so, and an agent sees it."""
        failure = RecordFailure(case_id=case_id, reply_id=reply_id, reason="given_up", permanent=True)
        self._desk.execute(failure, by=BY, cause=cause)

    def _send(
        self, case: Case, reply_id: str, written: e.ReplyWritten, history: list[e.Recorded]
    ) -> tuple[datetime, bool]:
        """When it left, and whether its files stayed behind."""
        if written.channel == "tracking":
            return self._now(), False
        if written.channel == "phone" and written.human:
            raise Undeliverable("the resident left no telephone number, or it was erased", "no_phone")
        channel = self._channels.get(written.channel)
        if channel is None:
            raise Undeliverable("this town has no such channel out", "no_channel")
        if written.channel == "facebook":
            return self._to_page(channel, case, reply_id, history), False
        person = self._archive.people([written.to]).get(written.to)
        if person is None or not person.email:
            raise Undeliverable("the resident left no address, or it was erased", "no_address")
        outgoing = self.outgoing(case, reply_id, written, person, history)
        try:
            return channel.send(outgoing), False
        except FullMailbox:
            if self._now() > _written_at(history, reply_id) + FULL_PATIENCE:
                raise Undeliverable("the reader's mailbox stays full", "mailbox_full") from None
            raise
        except Undeliverable as refusal:
            if refusal.reason != "too_large" or not outgoing.attachments or written.to != case.requester:
                raise
        return channel.send(self._by_link(case, outgoing)), True

    def _by_link(self, case: Case, outgoing: Outgoing) -> Outgoing:
        """The words, and where the files are: they are refused before anything is sent, so this is the first."""
        names = tuple(file.name for file in outgoing.attachments)
        text = f"{outgoing.text.rstrip()}\n\n{files_by_link(names, self._letters.case_link(case))}\n"
        return replace(outgoing, text=text, attachments=())

    def as_sent(self, case_id: str, reply_id: str) -> Outgoing | None:
        """The mail that left; `None` when its words or its reader were erased since."""
        history = self._log.history(case_id)
        case, written = replay(history), _written(history, reply_id)
        person = self._archive.people([written.to]).get(written.to)
        if case is None or person is None or not person.email:
            return None
        try:
            outgoing = self.outgoing(case, reply_id, written, person, history)
        except Undeliverable:
            return None
        return self._by_link(case, outgoing) if _sent(history, reply_id).by_link else outgoing

    def _call_for_copy(self, case_id: str, reply_id: str, cause: str) -> None:
        """Before the sending is recorded: cut off in between, both are done again."""
        if not self._copies:
            return
        copy = {"case": case_id, "reply": reply_id}
        self._work.add_effects(
            [Effect(key=f"{cause}:{COPY}", kind=COPY, payload=copy, next_at=self._now())],
        )

    def _to_page(self, channel: Channel, case: Case, reply_id: str, history: list[e.Recorded]) -> datetime:
        """A message to a conversation that could not leave for a day comes too late."""
        try:
            return channel.send(self.page_outgoing(case, reply_id, history))
        except Paused:
            raise
        except TryLater:
            if self._now() > _written_at(history, reply_id) + CONVERSATION_PATIENCE:
                raise Undeliverable("Facebook did not take it within a day", "given_up") from None
            raise

    def page_outgoing(self, case: Case, reply_id: str, history: list[e.Recorded]) -> Outgoing:
        """To whoever wrote on the page: known by his own words there, not by an address."""
        written = _written(history, reply_id)
        person = self._archive.people([written.to]).get(written.to)
        return Outgoing(
            external_id=refs.reply_reference(self._secret, case.id, reply_id),
            return_tag=reply_id,
            address="",
            name=person.name if person else "",
            sender=self._town.version(case.town_version).name,
            reply_to="",
            subject="",
            text=split_subject(self._text(written))[1].strip(),
            automatic=not written.human,
            attachments=tuple(self._attachments(written)),
            number=case.number,
            handles=handles_of(person),
            heard=self._page_replies.heard(history),
            public=written.public,
        )

    def outgoing(
        self, case: Case, reply_id: str, written: e.ReplyWritten, person: Person, history: list[e.Recorded]
    ) -> Outgoing:
        """The reply exactly as it leaves."""
        return self.composed(case, reply_id, written, person, history, self._text(written))

    def composed(
        self,
        case: Case,
        reply_id: str,
        written: e.ReplyWritten,
        person: Person,
        history: Sequence[e.Recorded],
        words: str,
    ) -> Outgoing:
        """The same with words that are not kept yet: the preview is what leaves."""
        subject, text = split_subject(words)
        return Outgoing(
            external_id=refs.reply_reference(self._secret, case.id, reply_id),
            return_tag=refs.return_tag(self._secret, reply_id),
            address=person.email,
            name=person.name,
            sender=self._town.version(case.town_version).name,
            reply_to=self._reply_address(case.number, person.email),
            subject=subject or f"{self._title(history)} [#{case.number}]",
            text=text,
            automatic=not written.human,
            unprompted=written.kind in UNPROMPTED,
            unsubscribe=self._stop_link(case, written),
            attachments=tuple(self._attachments(written)),
            references=tuple(self._references(case, history, reply_id)) if written.to == case.requester else (),
        )

    def _stop_link(self, case: Case, written: e.ReplyWritten) -> str:
        """Who is asked for his opinion, and who chose to follow a case; whose own was merged into it is told of his
        own."""
        if written.kind == "survey":
            return self._letters.refusal_link(case)
        follows = written.kind == "news" and written.to in case.followers
        return self._letters.stop_link(case.id, written.to) if follows else ""

    def _text(self, written: e.ReplyWritten) -> str:
        text = self._archive.texts([written.text.id])[written.text.id] if written.text else None
        if text is None:
            raise Undeliverable("the words of this reply were erased", "erased")
        return text

    def _title(self, history: Sequence[e.Recorded]) -> str:
        opened = history[0].event
        title = opened.title if isinstance(opened, e.CaseOpened) else None
        return (self._archive.texts([title.id])[title.id] if title else None) or ""

    def _reply_address(self, number: str, recipient: str) -> str:
        local, domain = self._mail_address.split("@", 1)
        return f"{local}+{number}.{refs.address_tag(self._secret, number, recipient)}@{domain}"

    def _references(self, case: Case, history: Sequence[e.Recorded], reply_id: str) -> list[str]:
        """Message-IDs of the exchange: our replies that left, then the resident's last message."""
        host = self._mail_address.split("@", 1)[1]
        found = [
            f"{refs.reply_reference(self._secret, case.id, recorded.event.reply_id)}@{host}"
            for recorded in history
            if isinstance(recorded.event, e.ReplySent) and recorded.event.reply_id != reply_id
        ]
        messages = [r.event.message for r in history if isinstance(r.event, (e.CaseOpened, e.MessageReceived))]
        last = next((message for message in reversed(messages) if message), "")
        kept = self._archive.kept(last) if last else None
        return [*found[-19:], *([kept.external_id] if kept and kept.external_id else [])]

    def _attachments(self, written: e.ReplyWritten) -> list[Attachment]:
        stored = [self._archive.file(ref.id) for ref in written.files]
        return [Attachment(file.name, file.media_type, file.content) for file in stored if file]


def _written(history: list[e.Recorded], reply_id: str) -> e.ReplyWritten:
    for recorded in history:
        if isinstance(recorded.event, e.ReplyWritten) and recorded.event.reply_id == reply_id:
            return recorded.event
    raise LookupError(f"no reply {reply_id} was written")


def _sent(history: list[e.Recorded], reply_id: str) -> e.ReplySent:
    for recorded in history:
        if isinstance(recorded.event, e.ReplySent) and recorded.event.reply_id == reply_id:
            return recorded.event
    raise LookupError(f"no reply {reply_id} was sent")


def _follows_another(
    case: Case, reply_id: str, written: e.ReplyWritten, history: list[e.Recorded], now: datetime
) -> bool:
    """Whether a mail to the same reader was written before and has not left yet, though it could."""
    for recorded in history:
        match recorded.event:
            case e.ReplyWritten(reply_id=id) if id == reply_id:
                return False
            case e.ReplyWritten(reply_id=id, to=to, channel="email") if to == written.to and to:
                other = case.replies.get(id)
                is_due = other is not None and (other.not_before is None or other.not_before <= now)
                waits = other is not None and other.state == "written" and recorded.at + TURN_PATIENCE > now
                if written.channel == "email" and is_due and waits:
                    return True
    return False


def _written_at(history: list[e.Recorded], reply_id: str) -> datetime:
    for recorded in history:
        if isinstance(recorded.event, e.ReplyWritten) and recorded.event.reply_id == reply_id:
            return recorded.at
    raise LookupError(f"no reply {reply_id} was written")
