"""Whenever this, then that: which deeds does the history call for, and how is each done once?"""

import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
import structlog

from gru.channels.base import ChannelBroken, TryLater
from gru.domain.policies import EVENTS, called_for
from gru.office.deeds import Deed, NotYet
from gru.storage.log import Log
from gru.storage.work import Effect, NotStarted, Work

POSITION = "reactions"
BATCH = 500
LEASE_SECONDS = 120.0
"""What a killed process was at is another's after so long; who is still at it says so in time."""

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=4)
GIVE_UP_AFTER = 60
"""Attempts: they take nearly nine days."""

NAMES = frozenset(event.NAME for event in EVENTS)

logger = structlog.get_logger()


class Reactions:
    """Turns events into effect rows, and effect rows into deeds. The rows are the truth, queues only nudge.

    `NotStarted` when *work* is new or was lost: a town that mailed before must not mail twice."""

    def __init__(
        self,
        *,
        log: Log,
        work: Work,
        deeds: Mapping[str, Deed],
        given_up: Mapping[str, Deed],
        now: Callable[[], datetime],
        holder: str,
    ) -> None:
        self._log = log
        self._work = work
        self._deeds = deeds
        self._given_up = given_up
        self._now = now
        self._holder = holder

    def react(self) -> int:
        """Read one batch of the log and write what it calls for, with the position, in one transaction.

        How many positions were passed; 0 when there is nothing new. Refuses to start without a position.
        """
        at = self._work.position(POSITION)
        if at is None:
            raise NotStarted(POSITION)
        head = self._log.head()
        if head < at:
            raise NotStarted(POSITION)
        if head == at:
            return 0
        recorded = self._log.read(at, BATCH, NAMES)
        to = recorded[-1].position if len(recorded) == BATCH else head
        effects = [
            Effect(
                key=f"{one.position}:{number}:{deed.kind}",
                kind=deed.kind,
                payload=msgspec.to_builtins(deed),
                next_at=self._now(),
            )
            for one in recorded
            for number, deed in enumerate(called_for(one))
        ]
        self._work.react(POSITION, at, to, effects)
        return to - at

    def perform(self, key: str) -> bool:
        """Claim the effect, do it, tick it off. `False` when somebody else has it or it is done."""
        effect = self._work.claim(key, self._holder, LEASE_SECONDS)
        if effect is None:
            return False
        try:
            with self._held(key):
                self._deeds[effect.kind](str(effect.payload["case"]), str(effect.payload["reply"]), effect.key)
        except NotYet as wait:
            self._work.later(key, wait.at, "not yet", tried=False)
        except (TryLater, ChannelBroken) as error:
            self._retry(effect, type(error).__name__)
        except Exception as error:
            logger.error("effect failed", key=key, kind=effect.kind, where=_where(error))
            self._retry(effect, type(error).__name__)
        else:
            self._work.done(key)
        return True

    @contextmanager
    def _held(self, key: str) -> Iterator[None]:
        """However long it takes, such as a heavy mail on a slow line: nobody else begins it meanwhile."""
        over = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(key, over), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep(self, key: str, over: threading.Event) -> None:
        while not over.wait(LEASE_SECONDS / 3):
            try:
                self._work.prolong(key, self._holder, LEASE_SECONDS)
            except Exception:
                logger.exception("effect cannot be held", key=key)

    def _retry(self, effect: Effect, error: str) -> None:
        if effect.attempts >= GIVE_UP_AFTER and self._is_told(effect):
            self._work.give_up(effect.key, error)
            return
        wait = min(FIRST_RETRY * 2 ** min(effect.attempts, 10), LAST_RETRY)
        self._work.later(effect.key, self._now() + wait, error)

    def _is_told(self, effect: Effect) -> bool:
        """Whether history says now that no machine could do it; while it cannot be said, it is tried on."""
        try:
            self._given_up[effect.kind](str(effect.payload["case"]), str(effect.payload["reply"]), effect.key)
        except Exception as error:
            logger.error("effect cannot be given up", key=effect.key, kind=effect.kind, where=_where(error))
            return False
        return True


def _where(error: Exception) -> str:
    """File and line of each frame, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
