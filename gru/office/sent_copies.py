"""How is a copy of each mail that left put into the town's mailbox?

A copy is work of its own, written down before the sending is recorded: a mailbox that is full or away holds up no
letter, and what was cut off is done again. Looked for by its Message-ID first, it lies there once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

from gru.channels.base import ChannelError, Outgoing
from gru.channels.email.sent_folder import SentFolder
from gru.domain import events as e
from gru.office.deeds import NotYet
from gru.office.delivery import Delivery
from gru.office.vitals import OUTGOING
from gru.storage.log import Log
from gru.storage.work import Work

PART = f"{OUTGOING}copies"
NOT_RECORDED = timedelta(seconds=30)

Compose = Callable[[Outgoing, datetime], EmailMessage]


class SentCopies:
    def __init__(
        self,
        *,
        folder: SentFolder | None,
        delivery: Delivery,
        compose: Compose,
        log: Log,
        work: Work,
        now: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._delivery = delivery
        self._compose = compose
        self._log = log
        self._work = work
        self._now = now

    def keep(self, case_id: str, reply_id: str, cause: str) -> None:
        """Nothing when no folder is set any more, or when the words were erased meanwhile."""
        sent = self._sent(case_id, reply_id)
        if sent is None:
            raise NotYet(self._now() + NOT_RECORDED)
        outgoing = self._delivery.as_sent(case_id, reply_id)
        if self._folder is None or outgoing is None:
            return
        mail = self._compose(outgoing, sent.sent_at)
        try:
            self._folder.put(str(mail["Message-ID"]), bytes(mail), sent.sent_at)
        except ChannelError as error:
            self._work.sign(PART, False, str(error))
            raise
        self._work.sign(PART, True)

    def _sent(self, case_id: str, reply_id: str) -> e.ReplySent | None:
        for recorded in self._log.history(case_id):
            if isinstance(recorded.event, e.ReplySent) and recorded.event.reply_id == reply_id:
                return recorded.event
        return None
