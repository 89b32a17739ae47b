"""What becomes of a kept message? Read it, find the case it may belong to, and record exactly one outcome."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace
from sqlalchemy import Engine

from gru.channels.base import Channel, Incoming, RawMessage, TryLater
from gru.domain import belonging
from gru.domain import events as e
from gru.domain import message as messages
from gru.domain import references as refs
from gru.domain.belonging import Place
from gru.domain.case import AddMessage, AddNote, CaseCommand, OpenCase, RecordFileNotKept, WithholdReply
from gru.domain.errors import NoSuchCase
from gru.domain.events import MessageOutcome
from gru.domain.message import LinkMessage, TakeIn
from gru.domain.policies import READS_ON_SCREEN
from gru.office.clues import MOST_SIGNS, Clues
from gru.office.desk import Desk, Done
from gru.office.inspection import Inspection
from gru.office.laying import lay_reports
from gru.office.media import Media
from gru.office.profiles import Profiles
from gru.office.read_message import (
    ReadMessage,
    in_the_name_of,
    opens_a_case,
    signs_of,
    title_of,
    way_back,
)
from gru.office.same_problem import follow, recognised
from gru.office.senders import Senders
from gru.office.sequels import Sequels
from gru.office.town_hall import TownBook
from gru.storage.archive import Archive, NewText
from gru.storage.keys import Wanted
from gru.storage.log import Log
from gru.storage.people import Person
from gru.storage.work import Work

CONVERSATION_SECONDS = 60.0

FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(hours=1)
SET_ASIDE_AFTER = 60
"""Attempts: more than two days at the longest wait, so that no outage makes a request disappear."""

BY = "system:intake"

logger = structlog.get_logger()


class Intake:
    """Takes kept messages in; any number of processes may do so at once."""

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
        sequels: Sequels,
        media: Media,
        profiles: Profiles,
        inspection: Inspection,
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._desk = desk
        self._archive = archive
        self._work = work
        self._town = town
        self._channels = channels
        self._sequels = sequels
        self._clues = Clues(log=log, views=views, desk=desk, archive=archive, sequels=sequels, secret=secret)
        self._media = media
        self._senders = Senders(archive, profiles, secret)
        self._inspection = inspection
        self._secret = secret
        self._now = now

    def take_in(self, *keys: str) -> dict[str, MessageOutcome]:
        """The outcome recorded for each of these kept messages; the same again when it was taken in before.

        Those that bear no sign of another case are opened in one save, before the others are looked at.
        """
        known = outcomes = self._known_outcomes(keys)
        read = self._read([key for key in keys if key not in outcomes])
        alone = [message for message in read if opens_a_case(message.incoming)]
        self._open_together(alone)
        outcomes = outcomes | {message.key: "opened" for message in alone}
        outcomes |= {message.key: self._decide_in_turn(message) for message in read if message.key not in outcomes}
        for key in (*known, *(message.key for message in read if message.raw.channel == "facebook")):
            self._sequels.follow(key)
        reports = [key for key, outcome in outcomes.items() if outcome == "bounce"]
        lay_reports(self._archive, self._log, self._desk, reports)
        self._archive.tick(*keys)
        return outcomes

    def attempt(self, *keys: str) -> None:
        """Take in; what fails is tried again by itself, then later, and set aside when it fails for good."""
        try:
            self.take_in(*keys)
        except Exception as error:
            if len(keys) > 1:
                for key in keys:
                    self.attempt(key)
                return
            [key] = keys
            failures = self._archive.fail(key)
            wait = min(FIRST_RETRY * 2 ** min(failures - 1, 10), LAST_RETRY)
            self._archive.retry(key, self._now() + wait)
            logger.error("message not taken in", key=key, failures=failures, error=type(error).__name__)
            if failures >= SET_ASIDE_AFTER:
                message = ReadMessage(key, self._kept([key])[0], Incoming())
                self._record(message, Place("set_aside", reason="cannot_be_taken_in"), [])
                self._archive.tick(key)

    def _kept(self, keys: Sequence[str]) -> list[RawMessage]:
        """The messages as they were kept; without words when they were erased before they were taken in."""
        found = self._archive.kept_all(keys)
        if missing := [key for key in keys if key not in found]:
            raise LookupError(f"no message is kept under {missing[0]}")
        return [
            RawMessage(
                self._channels[kept.channel].code, kept.source, kept.external_id, kept.received_at, b"", kept.raw or b""
            )
            for kept in (found[key] for key in keys)
        ]

    def _read(self, keys: Sequence[str]) -> list[ReadMessage]:
        read = []
        for key, raw in zip(keys, self._kept(keys), strict=True):
            incoming = self._channels[raw.channel].parse(raw)
            read.append(ReadMessage(key, raw, incoming, self._inspection.unfit(key, incoming.attachments)))
        return read

    def _known_outcomes(self, keys: Sequence[str]) -> dict[str, MessageOutcome]:
        return {
            key: recorded.event.outcome
            for key, history in self._log.histories(keys).items()
            for recorded in history
            if isinstance(recorded.event, e.MessageTakenIn)
        }

    def _decide_in_turn(self, message: ReadMessage) -> MessageOutcome:
        """A conversation is read by one at a time, in its order: or its second message would open a second case."""
        incoming = message.incoming
        if incoming.sequel is not None:
            self._shelve(message, "", Place("noted"))
            return self._sequels.take_in(message.key, message.raw, incoming.sequel)
        if not incoming.thread:
            return self._decide(message)
        name = f"conversation:{refs.derived_id(self._secret, 'conversation', incoming.thread)}"
        holder = secrets.token_hex(8)
        if not self._work.lease(name, holder, CONVERSATION_SECONDS):
            raise TryLater("this conversation is being read")
        try:
            earlier = self._sequels.pending_before(message.key, message.raw, incoming.thread)
            for before in self._read(earlier):
                if before.incoming.sequel is None:
                    self._decide(before)
            return self._known_outcomes([message.key]).get(message.key) or self._decide(message)
        finally:
            self._work.release(name, holder)

    def _decide(self, message: ReadMessage) -> MessageOutcome:
        incoming = message.incoming
        person = self._senders.known(incoming)
        if incoming.media:
            person = person or self._senders.meet(message)
            self._copy_media(message, person)
        place = self._place(message, person)
        match place.outcome:
            case "opened":
                self._open_together([message])
            case "joined":
                self._join(message, person or self._senders.meet(message), place)
            case _:
                self._shelve(message, person, place)
                beside = self._clues.failures(incoming, place.case) + self._clues.complaints(incoming)
                self._record(message, place, beside)
        return place.outcome

    def _place(self, message: ReadMessage, person: str) -> Place:
        claims = self._clues.of(message.raw, message.incoming, person)
        return belonging.place(signs_of(message.incoming, claims, self._is_handed_on(message.incoming)))

    def look_again(self, key: str) -> tuple[ReadMessage, Place]:
        """What would be made of this kept message if it came today; nothing is written."""
        [message] = self._read([key])
        person = self._senders.known(message.incoming)
        return message, self._place(message, person)

    def _is_handed_on(self, incoming: Incoming) -> bool:
        """Does an agent forward it? Who only pretends to be one sends an agent a message to decide about, no more."""
        if incoming.forwarded is None:
            return False
        person = self._archive.find_person(incoming.address, kind="agent")
        return person in {agent.person for agent in self._town.agents().values()}

    def _copy_media(self, message: ReadMessage, person: str) -> None:
        """Before anything is decided: an agent may take days, and the addresses lead nowhere by then."""
        kept = self._archive.kept(message.key)
        case_id = refs.new_id(message.raw.received_at, bytes.fromhex(message.key))
        failures = kept.failures if kept else 0
        self._media.copy(message.key, message.incoming, message.raw.channel, person, case_id, failures)

    # --- what is recorded ----------------------------------------------------------------------------------------

    def _open_together(self, read: Sequence[ReadMessage]) -> None:
        """A case for each, all in one save."""
        if not read:
            return
        openings = self._openings(read)
        follow(self._desk, [message.incoming for message in read], openings)
        self._archive.adopt_all(
            [
                Wanted(message.key, opening.requester, opening.case_id)
                for message, opening in zip(read, openings, strict=True)
            ]
        )
        wishes = [
            (
                opening,
                self._outcome(message, Place("opened", opening.case_id)),
                *self._withheld(message, opening.case_id),
                *recognised(self._desk, message.incoming, opening.case_id),
                *self._lacking(message, opening.case_id),
            )
            for message, opening in zip(read, openings, strict=True)
        ]
        self._desk.execute_each(wishes, by=BY)

    def _join(self, message: ReadMessage, person: str, place: Place) -> None:
        """What is written to a merged case stands in its main one."""
        main = self._desk.main_of(place.case)
        person = self._speaker(place, message.incoming, person)
        adding = self._adding(message, main, person, place.proof, via=place.case)
        self._archive.adopt(message.key, person, main)
        lacking = self._lacking(message, main)
        self._desk.execute(adding, self._outcome(message, replace(place, case=main)), *lacking, by=BY)

    def _speaker(self, place: Place, incoming: Incoming, person: str) -> str:
        """Whoever writes to the signed address of somebody beside the requester speaks for him, from any mailbox."""
        case = self._desk.case(place.case) if place.proof == "signed_address" else None
        if case is None or person in case.everyone:
            return person
        beside = {who: known for who, known in self._archive.people(case.bystanders).items() if known}
        tags = {refs.address_tag(self._secret, case.number, known.email): who for who, known in beside.items()}
        signed = (refs.SIGNED_ADDRESS.search(recipient) for recipient in incoming.recipients[:MOST_SIGNS])
        return next((tags[match[2].lower()] for match in signed if match and match[2].lower() in tags), person)

    def _openings(self, read: Sequence[ReadMessage]) -> list[OpenCase]:
        """The cases these messages begin; the id of each derives from its message, so it begins once."""
        people = self._senders.meet_each(read)
        case_ids = [refs.new_id(message.raw.received_at, bytes.fromhex(message.key)) for message in read]
        words = self._archive.write_texts(
            [
                NewText(text, person, case_id)
                for message, person, case_id in zip(read, people, case_ids, strict=True)
                for text in (title_of(message.incoming), message.incoming.text)
            ]
        )
        numbers = self._numbers(read)
        return [
            self._opening(message, case_id, person, next(numbers), title, text)
            for message, case_id, person, title, text in zip(
                read, case_ids, people, words[::2], words[1::2], strict=True
            )
        ]

    def _numbers(self, read: Sequence[ReadMessage]) -> Iterator[str]:
        """A number for each, of the year it was received in."""
        received = [self._received(message) for message in read]
        years = [at.astimezone(self._town.in_force(at).legal_calendar.zone).year for at in received]
        given = {year: iter(self._work.next_numbers(year, years.count(year))) for year in set(years)}
        return (next(given[year]) for year in years)

    def _received(self, message: ReadMessage) -> datetime:
        """Not later than now, nor before any number could be given, whatever another clock says."""
        now, said = self._now(), message.raw.received_at
        return said if refs.NUMBERED_FROM <= said <= now else now

    def _opening(
        self, message: ReadMessage, case_id: str, person: str, number: str, title: e.TextRef, text: e.TextRef
    ) -> OpenCase:
        received = self._received(message)
        town = self._town.in_force(received)
        mailbox = town.mailboxes.get(message.raw.source)
        incoming = message.incoming
        kind = town.types.get(incoming.type)
        return OpenCase(
            case_id=case_id,
            number=number,
            channel=message.raw.channel,
            site=incoming.site if incoming.site in town.sites else town.virtual_site,
            department=mailbox.department if mailbox else "",
            received_at=received,
            requester=person,
            message=message.key,
            title=title,
            text=text,
            files=self._files(message, person, case_id),
            place=self._archive.write_text(incoming.place, person=person, case=case_id) if incoming.place else None,
            cell=town.cell(incoming.place),
            district=incoming.district if incoming.district in town.districts else "",
            reply_channel=way_back(message),
            proven=incoming.proven,
            type=kind.code if kind else "",
            danger=incoming.danger,
        )

    def _adding(self, message: ReadMessage, case_id: str, person: str, proof: e.Proof, via: str) -> AddMessage:
        incoming = message.incoming
        words = incoming.text or title_of(incoming)
        return AddMessage(
            case_id=case_id,
            message=message.key,
            channel=message.raw.channel,
            received_at=self._received(message),
            proof=proof,
            author=person,
            proven=incoming.proven,
            text=self._archive.write_text(words, person=person, case=case_id),
            files=self._files(message, person, case_id),
            via=via if via != case_id else "",
        )

    def _shelve(self, message: ReadMessage, person: str, place: Place) -> None:
        """No case takes it, but it lies under its sender's key, so that forgetting him forgets it. A report does not:
        it speaks of somebody else."""
        if place.outcome == "bounce" and place.case:
            return
        if owner := person or self._senders.meet(message):
            self._archive.adopt(message.key, owner, "")

    def _record(self, message: ReadMessage, place: Place, beside: list[CaseCommand]) -> None:
        self._desk.execute(self._outcome(message, place), *beside, by=BY)

    def _outcome(self, message: ReadMessage, place: Place) -> TakeIn:
        return TakeIn(
            message_id=message.key,
            source=message.raw.source,
            channel=message.raw.channel,
            outcome=place.outcome,
            received_at=self._received(message),
            case=place.case,
            reason=place.reason,
            suggested=place.suggested,
        )

    def _withheld(self, message: ReadMessage, case_id: str) -> list[CaseCommand]:
        incoming = message.incoming
        if incoming.wants_no_reply:
            return [WithholdReply(case_id=case_id, kind="receipt", reason="sender_asks_none")]
        if not incoming.address and message.raw.channel not in READS_ON_SCREEN:
            return [WithholdReply(case_id=case_id, kind="receipt", reason="no_address")]
        return []

    def _files(self, message: ReadMessage, person: str, case_id: str) -> tuple[e.FileRef, ...]:
        attached = tuple(
            self._archive.put_file(file.name, file.media_type, file.content, person=person, case=case_id)
            for file in message.fit_files()
        )
        return attached + self._media.refs(message.key, message.incoming, person, case_id)

    def _lacking(self, message: ReadMessage, case_id: str) -> list[RecordFileNotKept]:
        """Files that are not beside the case, as facts: an agent knows that there were some, and why."""
        copied = self._media.lacking(message.key, message.incoming, case_id)
        after, unfit = len(message.incoming.media), message.unfit.items()
        return copied + [
            RecordFileNotKept(case_id=case_id, message=message.key, number=after + n, reason=why) for n, why in unfit
        ]

    # --- what an agent decides of a message that no case took --------------------------------------------------------

    def link(self, key: str, case_id: str, by: str, author: Person | None = None) -> Done:
        """The message joins this case on an agent's word; the same again changes nothing.

        With an `author`, what joins are the words that were handed on in it, and they are his."""
        via, case_id = case_id, self._desk.main_of(case_id)
        case = self._desk.case(case_id)
        if case is None:
            raise NoSuchCase("There is no such case to link this message to.")
        if key in case.messages:
            self._sequels.follow(key)
            return Done()
        message = in_the_name_of(author, self._undecided(key, case_id))
        person = self._senders.meet(message)
        adding = self._adding(message, case_id, person, "agent", via)
        self._archive.adopt(key, person, case_id)
        link = LinkMessage(message_id=key, case=case_id)
        beside = (*self._covered(message, case_id), *self._lacking(message, case_id))
        done = self._desk.execute(adding, link, *beside, by=by)
        self._sequels.follow(key)
        return done

    def open(self, key: str, by: str, author: Person | None = None) -> tuple[str, Done]:
        """A case of its own, on an agent's word, and its id, which derives from the message; `author` as in `link`."""
        case_id = refs.new_id(self._kept([key])[0].received_at, bytes.fromhex(key))
        if self._desk.case(case_id) is not None:
            self._sequels.follow(key)
            return case_id, Done()
        message = in_the_name_of(author, self._undecided(key, case_id))
        [opening] = self._openings([message])
        link = LinkMessage(message_id=key, case=case_id)
        self._archive.adopt(key, opening.requester, case_id)
        beside = (*self._held_back(message, case_id), *self._covered(message, case_id))
        done = self._desk.execute(opening, link, *beside, *self._lacking(message, case_id), by=by)
        self._sequels.follow(key)
        return case_id, done

    def _covered(self, message: ReadMessage, case_id: str) -> list[CaseCommand]:
        """What was written above the words that were handed on is a note of the town's, not the resident's."""
        forwarded = message.incoming.forwarded
        if forwarded is None or not forwarded.cover:
            return []
        text = self._archive.write_text(forwarded.cover, person="", case=case_id)
        return [AddNote(case_id=case_id, note_id=refs.derived_id(self._secret, "cover", message.key), text=text)]

    def _undecided(self, key: str, case_id: str) -> ReadMessage:
        """The message read again; refused before anything is written when another case has it."""
        messages.decide(messages.replay(self._log.history(key)), LinkMessage(message_id=key, case=case_id))
        return self._read([key])[0]

    def _held_back(self, message: ReadMessage, case_id: str) -> list[CaseCommand]:
        """A machine's mail is never acknowledged by a machine, whoever opens the case."""
        if message.incoming.machine not in ("", "hint"):
            return [WithholdReply(case_id=case_id, kind="receipt", reason="sent_by_machine")]
        return self._withheld(message, case_id)
