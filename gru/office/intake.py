"""What becomes of a kept message? Read it, find the case it may belong to, and record exactly one outcome."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from gru.channels.base import Attachment, Channel, Failure, Incoming, RawMessage
from gru.domain import belonging
from gru.domain import events as e
from gru.domain import message as messages
from gru.domain import references as refs
from gru.domain.belonging import Claim, Place, Signs
from gru.domain.case import AddMessage, CaseCommand, OpenCase, RecordFailure, WithholdReply
from gru.domain.errors import NoSuchCase
from gru.domain.events import MessageOutcome
from gru.domain.message import LinkMessage, TakeIn
from gru.office.desk import Desk, Done
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive, NewText
from gru.storage.databases import reading
from gru.storage.log import Log
from gru.storage.people import Person
from gru.storage.work import Work
from projections import deliveries

LOGO_BYTES = 24_000
"""An inline picture smaller than this is decoration, not a document."""

MOST_SIGNS = 20
"""Of each kind of sign, how many are looked at: a hostile mail carries thousands."""

FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(hours=1)
SET_ASIDE_AFTER = 60
"""Attempts: more than two days at the longest wait, so that no outage makes a request disappear."""

BY = "system:intake"

logger = structlog.get_logger()


class Intake:
    """Takes kept messages in, one at a time; any number of processes may do so at once."""

    def __init__(
        self,
        *,
        log: Log,
        views: Engine,
        desk: Desk,
        archive: Archive,
        work: Work,
        town: TownBook,
        channels: Mapping[str, Channel],
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._views = views
        self._desk = desk
        self._archive = archive
        self._work = work
        self._town = town
        self._channels = channels
        self._secret = secret
        self._now = now

    def take_in(self, key: str) -> MessageOutcome:
        """The outcome recorded for the kept message `key`; the same again when it was taken in before."""
        outcome = self._known_outcome(key)
        if outcome is None:
            message = self._kept(key)
            outcome = self._decide(key, message, self._channels[message.channel].parse(message))
        self._archive.tick(key)
        return outcome

    def attempt(self, key: str) -> None:
        """Take in; what fails is tried again later, and set aside with its reason when it fails for good."""
        try:
            self.take_in(key)
        except Exception as error:
            failures = self._archive.fail(key)
            wait = min(FIRST_RETRY * 2 ** min(failures - 1, 10), LAST_RETRY)
            self._archive.retry(key, self._now() + wait)
            logger.error("message not taken in", key=key, failures=failures, error=type(error).__name__)
            if failures >= SET_ASIDE_AFTER:
                self._record(key, self._kept(key), Place("set_aside", reason="cannot_be_taken_in"), [])
                self._archive.tick(key)

    def _kept(self, key: str) -> RawMessage:
        """The message as it was kept; without words when they were erased before it was taken in."""
        kept = self._archive.kept(key)
        if kept is None:
            raise LookupError(f"no message is kept under {key}")
        code = self._channels[kept.channel].code
        return RawMessage(code, kept.source, kept.external_id, kept.received_at, b"", kept.raw or b"")

    def _known_outcome(self, key: str) -> MessageOutcome | None:
        for recorded in self._log.history(key):
            if isinstance(recorded.event, e.MessageTakenIn):
                return recorded.event.outcome
        return None

    def _decide(self, key: str, message: RawMessage, incoming: Incoming) -> MessageOutcome:
        person = self._archive.find_person(incoming.address, incoming.phone, incoming.handle)
        place = belonging.place(self._signs(incoming, person))
        match place.outcome:
            case "opened":
                self._open(key, message, incoming, person or self._meet(incoming))
            case "joined":
                self._join(key, message, incoming, person or self._meet(incoming), place)
            case _:
                self._shelve(key, incoming, person, place)
                self._record(key, message, place, self._failures(incoming, place))
        return place.outcome

    # --- which case ----------------------------------------------------------------------------------------------

    def _signs(self, incoming: Incoming, person: str) -> Signs:
        return Signs(
            machine=incoming.machine,
            failed_replies=bool(incoming.failures),
            empty=not (incoming.text.strip() or incoming.subject.strip() or incoming.attachments),
            claims=tuple(self._claims(incoming, person)),
        )

    def _claims(self, incoming: Incoming, person: str) -> Iterator[Claim]:
        """Signed address, then known messages, then a number in the subject (channels.md B.2)."""
        for recipient in incoming.recipients[:MOST_SIGNS]:
            yield from self._signed(recipient)
        for failure in incoming.failures[:MOST_SIGNS]:
            yield from self._failed(failure)
        for reference in incoming.references[:MOST_SIGNS]:
            yield from self._referred(reference, person, incoming.proven)
        for number in refs.NUMBER.findall(incoming.subject)[:MOST_SIGNS]:
            if case_id := self._desk.case_numbered(number):
                yield Claim(case_id, "number", self._belongs(case_id, person), incoming.proven)

    def _signed(self, recipient: str) -> Iterator[Claim]:
        match = refs.SIGNED_ADDRESS.search(recipient)
        if match is None:
            return
        number, tag = match[1], match[2].lower()
        case_id = self._desk.case_numbered(number)
        case = self._desk.case(case_id) if case_id else None
        if case is None:
            return
        people = self._archive.people(case.people).values()
        true = {refs.address_tag(self._secret, number, known.email) for known in people if known}
        yield Claim(case_id, "signed_address" if tag in true else "number", False)

    def _failed(self, failure: Failure) -> Iterator[Claim]:
        """A report names our message, or came back to the address that names the reply (VERP)."""
        if reply := self._failed_reply(failure):
            yield Claim(reply[0], "our_report", True)

    def _referred(self, reference: str, person: str, proven: bool) -> Iterator[Claim]:
        if ours := refs.read_reply_reference(self._secret, reference):
            yield Claim(ours[0], "our_message", self._belongs(ours[0], person))
        elif reference:
            for key in self._archive.message_key_for("email", reference):
                for recorded in self._log.history(key):
                    if isinstance(recorded.event, (e.MessageTakenIn, e.MessageLinked)) and recorded.event.case:
                        case_id = recorded.event.case
                        yield Claim(case_id, "their_message", self._belongs(case_id, person), proven)

    def _belongs(self, case_id: str, person: str) -> bool:
        case = self._desk.case(case_id)
        return bool(person) and case is not None and person in case.people

    # --- what is recorded ----------------------------------------------------------------------------------------

    def _open(self, key: str, message: RawMessage, incoming: Incoming, person: str) -> None:
        case_id = refs.new_id(message.received_at, bytes.fromhex(key))
        opening = self._opening(key, case_id, message, incoming, person)
        taken_in = self._outcome(key, message, Place("opened", case_id))
        self._archive.adopt(key, person, case_id)
        self._desk.execute(opening, taken_in, *self._withheld(case_id, incoming), by=BY)

    def _join(self, key: str, message: RawMessage, incoming: Incoming, person: str, place: Place) -> None:
        adding = self._adding(key, place.case, message, incoming, person, place.proof)
        self._archive.adopt(key, person, place.case)
        self._desk.execute(adding, self._outcome(key, message, place), by=BY)

    def _opening(self, key: str, case_id: str, message: RawMessage, incoming: Incoming, person: str) -> OpenCase:
        """The case this message begins; its id derives from the message, so it begins once."""
        received = min(message.received_at, self._now())
        town = self._town.in_force(received)
        mailbox = town.mailboxes.get(message.source)
        words = (title_of(incoming), incoming.text)
        title, text = self._archive.write_texts([NewText(text, person, case_id) for text in words])
        return OpenCase(
            case_id=case_id,
            number=self._work.next_number(received.astimezone(town.legal_calendar.zone).year),
            channel=message.channel,
            site=town.virtual_site,
            department=mailbox.department if mailbox else "",
            received_at=received,
            requester=person,
            message=key,
            title=title,
            text=text,
            files=self._files(incoming, person, case_id),
            reply_channel=message.channel,
            proven=incoming.proven,
        )

    def _adding(
        self, key: str, case_id: str, message: RawMessage, incoming: Incoming, person: str, proof: e.Proof
    ) -> AddMessage:
        words = incoming.text or title_of(incoming)
        return AddMessage(
            case_id=case_id,
            message=key,
            channel=message.channel,
            received_at=min(message.received_at, self._now()),
            proof=proof,
            author=person,
            proven=incoming.proven,
            text=self._archive.write_text(words, person=person, case=case_id),
            files=self._files(incoming, person, case_id),
        )

    def _shelve(self, key: str, incoming: Incoming, person: str, place: Place) -> None:
        """No case takes it, but it lies under its sender's key, so that forgetting him forgets it; a report lies
        under that of the resident it speaks of."""
        case = self._desk.case(place.case) if place.outcome == "bounce" and place.case else None
        owner = case.requester if case else person or self._meet(incoming)
        if owner:
            self._archive.adopt(key, owner, place.case if case else "")

    def _record(self, key: str, message: RawMessage, place: Place, beside: list[CaseCommand]) -> None:
        self._desk.execute(self._outcome(key, message, place), *beside, by=BY)

    def _outcome(self, key: str, message: RawMessage, place: Place) -> TakeIn:
        return TakeIn(
            message_id=key,
            source=message.source,
            channel=message.channel,
            outcome=place.outcome,
            received_at=min(message.received_at, self._now()),
            case=place.case,
            reason=place.reason,
            suggested=place.suggested,
        )

    def _withheld(self, case_id: str, incoming: Incoming) -> list[CaseCommand]:
        if incoming.wants_no_reply:
            return [WithholdReply(case_id=case_id, kind="receipt", reason="sender_asks_none")]
        if not incoming.address:
            return [WithholdReply(case_id=case_id, kind="receipt", reason="no_address")]
        return []

    def _failures(self, incoming: Incoming, place: Place) -> list[CaseCommand]:
        """A bounce fails the reply it speaks of, when that reply is the case's."""
        replies = ((failure, self._failed_reply(failure)) for failure in incoming.failures[:MOST_SIGNS])
        return [
            RecordFailure(case_id=place.case, reply_id=reply[1], reason=failure.reason, permanent=failure.permanent)
            for failure, reply in replies
            if reply and reply[0] == place.case
        ]

    def _failed_reply(self, failure: Failure) -> tuple[str, str] | None:
        """The case and reply a report speaks of."""
        if ours := refs.read_reply_reference(self._secret, failure.original_id):
            return ours
        with reading(self._views) as connection:
            case_id = deliveries.case_of(connection, failure.reply_tag)
        return (case_id, failure.reply_tag) if case_id else None

    def _files(self, incoming: Incoming, person: str, case_id: str) -> tuple[e.FileRef, ...]:
        return tuple(
            self._archive.put_file(file.name, file.media_type, file.content, person=person, case=case_id)
            for file in incoming.attachments
            if not _is_logo(file)
        )

    def _meet(self, incoming: Incoming) -> str:
        """Somebody nobody knows yet is made known; `""` when nothing says who he is."""
        if not (incoming.address or incoming.phone or incoming.handle):
            return ""
        return self._archive.welcome(
            Person(name=incoming.name, email=incoming.address, phone=incoming.phone, messenger=incoming.handle)
        )

    # --- what an agent decides of a message that no case took --------------------------------------------------------

    def link(self, key: str, case_id: str, by: str) -> Done:
        """The message joins this case on an agent's word; the same again changes nothing."""
        case = self._desk.case(case_id)
        if case is None:
            raise NoSuchCase("There is no such case to link this message to.")
        if key in case.messages:
            return Done()
        message, incoming = self._undecided(key, case_id)
        person = self._sender(incoming)
        adding = self._adding(key, case_id, message, incoming, person, "agent")
        self._archive.adopt(key, person, case_id)
        return self._desk.execute(adding, LinkMessage(message_id=key, case=case_id), by=by)

    def open(self, key: str, by: str) -> tuple[str, Done]:
        """A case of its own, on an agent's word, and its id, which derives from the message."""
        case_id = refs.new_id(self._kept(key).received_at, bytes.fromhex(key))
        if self._desk.case(case_id) is not None:
            return case_id, Done()
        message, incoming = self._undecided(key, case_id)
        opening = self._opening(key, case_id, message, incoming, self._sender(incoming))
        link = LinkMessage(message_id=key, case=case_id)
        self._archive.adopt(key, opening.requester, case_id)
        return case_id, self._desk.execute(opening, link, *self._held_back(case_id, incoming), by=by)

    def _undecided(self, key: str, case_id: str) -> tuple[RawMessage, Incoming]:
        """The message read again; refused before anything is written when another case has it."""
        messages.decide(messages.replay(self._log.history(key)), LinkMessage(message_id=key, case=case_id))
        message = self._kept(key)
        return message, self._channels[message.channel].parse(message)

    def _sender(self, incoming: Incoming) -> str:
        return self._archive.find_person(incoming.address, incoming.phone, incoming.handle) or self._meet(incoming)

    def _held_back(self, case_id: str, incoming: Incoming) -> list[CaseCommand]:
        """A machine's mail is never acknowledged by a machine, whoever opens the case."""
        if incoming.machine not in ("", "hint"):
            return [WithholdReply(case_id=case_id, kind="receipt", reason="sent_by_machine")]
        return self._withheld(case_id, incoming)


def title_of(incoming: Incoming) -> str:
    """The subject without its « Re: », else the first words."""
    subject = re.sub(r"^\s*((re|ré|tr|fwd?)\s*:\s*)+", "", incoming.subject, flags=re.IGNORECASE).strip()
    first_line = next((line.strip() for line in incoming.text.splitlines() if line.strip()), "")
    return (subject or first_line)[:200]


def _is_logo(file: Attachment) -> bool:
    return file.inline and file.media_type.startswith("image/") and len(file.content) < LOGO_BYTES
