"""Does mail leave, must it wait, and who is told when it cannot?

A provider that takes no more for now is left alone for a while by all processes: a hold is a lease that nobody works
under, and it ends by itself. Mail kept back meanwhile counts no attempt against its patience.
"""

import time
from collections.abc import Callable
from datetime import datetime

from gru.channels.base import ChannelBroken, Paused, TryLater, Undeliverable
from gru.channels.email.channel import Transport
from gru.channels.email.smtp import Away, Limited
from gru.office.vitals import OUTGOING
from gru.storage.work import Work

PART = f"{OUTGOING}email"
"""Under which name the way out gives its signs of life."""

HOLD = "mail hold"
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0
SIGN_SECONDS = 60.0
"""While mail leaves it is said so often that it does."""


class WayOut:
    """A transport that remembers, for all processes, how the mail server stands."""

    def __init__(self, inner: Transport, work: Work, now: Callable[[], datetime]) -> None:
        self._inner = inner
        self._work = work
        self._now = now
        self._said_at = float("-inf")

    def send(self, envelope_sender: str, recipient: str, message: bytes, *, awaited: bool = False) -> None:
        """`Paused` without asking while the provider wants rest. Who meets the limit himself is tried later, and
        later each time: one reader's server that always says so holds up nobody else's mail for long."""
        held = self._work.last_lease(HOLD)
        if held is not None and held[1] > self._now():
            raise Paused("the mail server takes no more for now", held[1])
        try:
            self._inner.send(envelope_sender, recipient, message, awaited=awaited)
        except Limited as error:
            self._rest(held[0] if held else "")
            self._failed(str(error))
            raise
        except (ChannelBroken, Away) as error:
            self._failed(str(error))
            raise
        except (TryLater, Undeliverable):
            self._works(held)  # the server speaks of this mail or its reader, not of us
            raise
        self._works(held)

    def _rest(self, times: str) -> None:
        """From a minute to an hour, doubled each time it was not enough."""
        before = int(times) if times.isdecimal() else 0
        pause = min(FIRST_PAUSE * 2 ** min(before, 10), LONGEST_PAUSE)
        self._work.lease(HOLD, str(before + 1), pause)

    def _works(self, held: tuple[str, datetime] | None) -> None:
        if held is not None:
            self._work.release(HOLD, held[0])
        if time.monotonic() - self._said_at > SIGN_SECONDS:
            self._said_at = time.monotonic()
            self._work.sign(PART, True)

    def _failed(self, sentence: str) -> None:
        self._said_at = float("-inf")
        self._work.sign(PART, False, sentence)
