"""Which signs in a message point to a case, and does its sender belong to that case?"""

from collections.abc import Iterator

from sqlalchemy import Engine

from gru.channels.base import Failure, Incoming, RawMessage
from gru.domain import events as e
from gru.domain import references as refs
from gru.domain.belonging import Claim
from gru.domain.case import CaseCommand, RecordFailure, RefuseSurveys
from gru.domain.status import ASIDE
from gru.office.desk import Desk
from gru.office.sequels import Sequels
from gru.storage.archive import Archive
from gru.storage.databases import reading
from gru.storage.log import Log
from projections import deliveries

MOST_SIGNS = 20
"""Of each kind of sign, how many are looked at: a hostile mail carries thousands."""

UNPROVEN = "bounce_unproven"
"""The reason of a failure for good that anybody who saw our mail could have reported."""


class Clues:
    def __init__(
        self, *, log: Log, views: Engine, desk: Desk, archive: Archive, sequels: Sequels, secret: bytes
    ) -> None:
        self._log = log
        self._views = views
        self._desk = desk
        self._archive = archive
        self._sequels = sequels
        self._secret = secret

    def of(self, message: RawMessage, incoming: Incoming, person: str) -> Iterator[Claim]:
        """Signed address, then known messages, then a number in the subject (channels.md B.2), then a conversation.

        A form asks for something of its own: it joins nothing, whatever its words quote.
        """
        if incoming.type:
            return
        for recipient in incoming.recipients[:MOST_SIGNS]:
            yield from self._signed(recipient)
        for failure in incoming.failures[:MOST_SIGNS]:
            yield from self._failed(failure)
        for reference in incoming.references[:MOST_SIGNS]:
            yield from self._referred(message.channel, reference, person, incoming.proven)
        for number in refs.NUMBER.findall(incoming.subject)[:MOST_SIGNS]:
            if case_id := self._desk.case_numbered(number):
                yield Claim(case_id, "number", self._belongs(case_id, person), incoming.proven)
        thread, at = incoming.thread, message.received_at
        if thread and (case_id := self._sequels.case_of_conversation(message.channel, thread, at)):
            yield Claim(case_id, "conversation", self._belongs(case_id, person), incoming.proven)

    def _signed(self, recipient: str) -> Iterator[Claim]:
        match = refs.SIGNED_ADDRESS.search(recipient)
        if match is None:
            return
        number, tag = match[1], match[2].lower()
        case_id = self._desk.case_numbered(number)
        case = self._desk.case(case_id) if case_id else None
        if case is None:
            return
        people = self._archive.people(case.everyone).values()
        true = {refs.address_tag(self._secret, number, known.email) for known in people if known}
        yield Claim(case_id, "signed_address" if tag in true else "number", False)

    def _failed(self, failure: Failure) -> Iterator[Claim]:
        """A report names our message, or came back to the signed address of the reply (VERP)."""
        if told := self._told_of(failure):
            yield Claim(told.case_id, "our_report", True)

    def _referred(self, channel: e.Channel, reference: str, person: str, proven: bool) -> Iterator[Claim]:
        if ours := refs.read_reply_reference(self._secret, reference):
            yield Claim(ours[0], "our_message", self._belongs(ours[0], person))
        elif reference:
            for key in self._archive.message_key_for(channel, reference):
                for recorded in self._log.history(key):
                    if isinstance(recorded.event, (e.MessageTakenIn, e.MessageLinked)) and recorded.event.case:
                        case_id = recorded.event.case
                        yield Claim(case_id, "their_message", self._belongs(case_id, person), proven)

    def _belongs(self, case_id: str, person: str) -> bool:
        case = self._desk.case(case_id)
        return bool(person) and case is not None and person in case.everyone

    def failures(self, incoming: Incoming, case_id: str) -> list[CaseCommand]:
        """A bounce fails the reply it speaks of, when that reply is the case's."""
        told = (self._told_of(failure) for failure in incoming.failures[:MOST_SIGNS])
        return [one for one in told if one and one.case_id == case_id]

    def complaints(self, incoming: Incoming) -> list[CaseCommand]:
        """Who called our mail spam is asked for no opinion again; what others in the case got says nothing of him."""
        told = self._told_of(incoming.complaint) if incoming.complaint else None
        case = self._desk.case(told.case_id) if told else None
        reply = case.replies.get(told.reply_id) if case and told else None
        if case is None or reply is None or reply.kind in ASIDE:
            return []
        return [RefuseSurveys(case_id=case.id)]

    def _told_of(self, failure: Failure) -> RecordFailure | None:
        """What a report may say of which reply. Only what came back to the signed return address, which our own mail
        server alone was given, ends anything; a Message-ID is read by everybody the mail was shown to."""
        if reply_id := refs.read_return_tag(self._secret, failure.reply_tag):
            with reading(self._views) as connection:
                case_id = deliveries.case_of(connection, reply_id)
            if case_id:
                return RecordFailure(
                    case_id=case_id, reply_id=reply_id, reason=failure.reason, permanent=failure.permanent
                )
        if ours := refs.read_reply_reference(self._secret, failure.original_id):
            reason = UNPROVEN if failure.permanent else failure.reason
            return RecordFailure(case_id=ours[0], reply_id=ours[1], reason=reason, permanent=False)
        return None
