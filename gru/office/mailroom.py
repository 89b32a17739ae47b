"""How does the mail process keep reading every mailbox, whatever becomes of lines, servers and other daemons?

Each message is kept first and settled in its mailbox afterwards: a daemon killed between the two keeps it again, and
keeping again changes nothing. One daemon reads a mailbox at a time: it holds a lease, prolonged by a thread of its
own for as long as it reads or waits, and another takes over when it runs out.
"""

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import structlog

from gru.channels.base import ChannelBroken, ChannelError, Fetched, RawMessage, Source, TryLater

LEASE_SECONDS = 90.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
LOOK_AGAIN_SECONDS = 5.0
"""How often a daemon that stands by asks for the lease."""

SIGN_OF_LIFE_SECONDS = 30.0
END_SECONDS = 5.0
MOST_UNKEPT = 100
"""So many in a row that cannot be kept: it is not the mails."""

MESSAGE = "message"
"""The note beside a good signal when messages came."""

logger = structlog.get_logger()


class Keeper(Protocol):
    """What is needed of the office."""

    def keep(self, message: RawMessage) -> str:
        """Durably, before it is read; the same message again changes nothing."""
        ...

    def lease(self, name: str, seconds: float) -> bool:
        """Take or prolong it; False while another holds it."""
        ...

    def release(self, name: str) -> None: ...

    def signal(self, mailbox: str, ok: bool, note: str) -> None:
        """`ok`: its server answered, and messages came when `note` is `MESSAGE`; else `note` says what is wrong."""
        ...


class Stop(Protocol):
    def __bool__(self) -> bool: ...

    def wait(self, seconds: float) -> bool:
        """Whether it was set within so long."""
        ...


@dataclass(frozen=True)
class Pace:
    """How long things take; tests are in a hurry."""

    poll_seconds: float = 60.0
    lease_seconds: float = LEASE_SECONDS
    first_pause: float = FIRST_PAUSE
    longest_pause: float = LONGEST_PAUSE
    look_again_seconds: float = LOOK_AGAIN_SECONDS


def watch_all(keeper: Keeper, sources: Sequence[Source], stop: Stop, pace: Pace) -> None:
    """One thread for each mailbox, until `stop`; a line that hangs does not hold up the end."""
    readers = [
        threading.Thread(target=Watch(keeper, source, stop, pace).run, name=source.name, daemon=True)
        for source in sources
    ]
    for reader in readers:
        reader.start()
    while not stop.wait(1.0):
        pass
    ends = time.monotonic() + END_SECONDS
    for reader in readers:
        reader.join(max(0.0, ends - time.monotonic()))


def read_once(keeper: Keeper, sources: Sequence[Source], stop: Stop, pace: Pace) -> list[str]:
    """Fetch what waits in every mailbox; a sentence for each that could not be read whole."""
    return [
        f"{source.name}: {sentence}" for source in sources if (sentence := Watch(keeper, source, stop, pace).once())
    ]


class Watch:
    """Reads one mailbox."""

    def __init__(self, keeper: Keeper, source: Source, stop: Stop, pace: Pace) -> None:
        self._keeper = keeper
        self._source = source
        self._stop = stop
        self._pace = pace
        self._pause = pace.first_pause
        self._log = logger.bind(mailbox=source.name)

    def run(self) -> None:
        """Until told to stop. Nothing else ends it: after a fault it waits, longer each time, and begins again."""
        while not self._stop:
            try:
                self._turn()
            except Exception as error:
                self._failed(error)
                self._stop.wait(self._pause)
                self._pause = min(self._pause * 2, self._pace.longest_pause)

    def once(self) -> str:
        """What is wrong, `""` when everything was kept."""
        try:
            with self._lease() as lease:
                if not lease.is_held:
                    return "another process reads it now"
                return self._round(lease)
        except Exception as error:
            self._failed(error)
            return _sentence(error)
        finally:
            self._source.close()

    def _turn(self) -> None:
        with self._lease() as lease:
            if lease.is_held:
                try:
                    self._read(lease)
                finally:
                    self._source.close()
        if not self._stop:
            self._stop.wait(self._pace.look_again_seconds)

    def _read(self, lease: "Lease") -> None:
        """For as long as the lease is ours. Messages left out are tried again after a pause, or when others come."""
        while lease.is_held and not self._stop:
            patience = self._pace.poll_seconds
            if self._round(lease):
                patience = min(patience, self._pause)
                self._pause = min(self._pause * 2, self._pace.longest_pause)
            else:
                self._pause = self._pace.first_pause
            self._source.wait(patience, lambda: bool(self._stop) or not lease.is_held)

    def _round(self, lease: "Lease") -> str:
        """What had to be left out, in a sentence."""
        signs = Signs(self._keeper, self._source.name)
        unkept = fetch_all(self._keeper, self._source, lambda: lease.is_held and not self._stop, signs)
        trouble = self._source.trouble or (_unkept(unkept) if unkept else "")
        signs.ended(trouble)
        if trouble:
            self._log.error("mailbox is not read whole", error=trouble)
        return trouble

    def _lease(self) -> "Lease":
        return Lease(self._keeper, f"mailbox:{self._source.name}", self._pace.lease_seconds)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ChannelBroken):
            self._log.error("mailbox needs an operator", error=str(error), again_in=self._pause)
        elif isinstance(error, TryLater):
            self._log.warning("mailbox does not answer", error=str(error), again_in=self._pause)
        else:
            self._log.error("mail reader failed", where=_where(error), again_in=self._pause)
        try:
            self._keeper.signal(self._source.name, False, _sentence(error))
        except Exception as fault:
            self._log.error("sign of life cannot be recorded", where=_where(fault))


def fetch_all(keeper: Keeper, source: Source, go_on: Callable[[], bool], signs: "Signs") -> int:
    """Keep, then settle, all that waits; how many could not be kept. They stay unsettled and hold up no other."""
    unkept = in_a_row = 0
    for fetched in source.fetch():
        if not go_on():
            break
        fault = _keep(keeper, fetched)
        if fault is None:
            in_a_row = 0
            signs.came()
            continue
        unkept, in_a_row = unkept + 1, in_a_row + 1
        logger.error("mail could not be kept", mailbox=source.name, where=_where(fault))
        signs.unkept(unkept)
        if in_a_row >= MOST_UNKEPT:
            raise fault
    return unkept


def _keep(keeper: Keeper, fetched: Fetched) -> Exception | None:
    try:
        keeper.keep(fetched.message)
    except Exception as error:
        return error
    fetched.settle()
    return None


class Signs:
    """Says that a mailbox lives: now and then while many messages come, and at the end of each round."""

    def __init__(self, keeper: Keeper, mailbox: str) -> None:
        self._keeper = keeper
        self._mailbox = mailbox
        self._note = ""
        self._next = time.monotonic() + SIGN_OF_LIFE_SECONDS

    def came(self) -> None:
        self._note = MESSAGE
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SIGN_OF_LIFE_SECONDS
            self._keeper.signal(self._mailbox, True, MESSAGE)

    def unkept(self, count: int) -> None:
        """At once: where this fails too the store is away, and no other message need be fetched."""
        self._keeper.signal(self._mailbox, False, _unkept(count))

    def ended(self, trouble: str) -> None:
        self._keeper.signal(self._mailbox, True, self._note)
        if trouble:
            self._keeper.signal(self._mailbox, False, trouble)


class Lease:
    """Asked for at the beginning of a `with`, prolonged inside it, given back at its end."""

    def __init__(self, keeper: Keeper, name: str, seconds: float) -> None:
        self.is_held = False
        self._keeper = keeper
        self._name = name
        self._seconds = seconds
        self._ends_at = 0.0
        self._over = threading.Event()
        self._prolonging = threading.Thread(target=self._prolong, name=f"lease {name}", daemon=True)

    def __enter__(self) -> "Lease":
        self._ask()
        if self.is_held:
            self._prolonging.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._prolonging.is_alive():
            self._prolonging.join(END_SECONDS)
        if self.is_held:
            self.is_held = False
            self._keeper.release(self._name)

    def _prolong(self) -> None:
        """A store that is away for a moment takes no lease from us; one that ran out is lost."""
        while self.is_held and not self._over.wait(self._seconds / 3):
            try:
                self._ask()
            except Exception as error:
                logger.warning("lease cannot be prolonged", lease=self._name, where=_where(error))
                self.is_held = time.monotonic() < self._ends_at

    def _ask(self) -> None:
        asked = time.monotonic()
        self.is_held = self._keeper.lease(self._name, self._seconds)
        if self.is_held:
            self._ends_at = asked + self._seconds


def _unkept(count: int) -> str:
    return f"{count} of its messages could not be kept"


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ChannelError) else f"the mail reader failed ({type(error).__name__})"


def _where(error: Exception) -> str:
    """File and line of each frame, without any value: a fault of a store carries words of the mail."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at " + " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
