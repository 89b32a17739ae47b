"""What do the tests of the mail process play: its office, its mailboxes, its end?"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gru.channels.base import Fetched, RawMessage, never
from gru.channels.email.arrival import arrived
from gru.office.mailroom import Pace, watch_all
from gru.storage.work import Work
from tests.channels.contract import MOMENT, timed
from tests.channels.imap_post import letter

HURRIED = Pace(poll_seconds=0.2, lease_seconds=0.9, first_pause=0.05, longest_pause=0.4, look_again_seconds=0.1)
SECRET = "the words of a resident"


class Stop:
    def __init__(self) -> None:
        self.event = threading.Event()

    def __bool__(self) -> bool:
        return self.event.is_set()

    def wait(self, seconds: float) -> bool:
        return self.event.wait(seconds)


class Office:
    """Remembers what it was asked; `broken` is raised by `keep` for messages that contain it, or by all calls."""

    def __init__(self, work: Work | None = None, holder: str = "first") -> None:
        self.kept: dict[bytes, RawMessage] = {}
        self.signals: list[tuple[bool, str]] = []
        self.leases: list[float] = []
        self.cannot_keep = b"\0"
        self.is_away = False
        self.may_lease = True
        self._work = work
        self._holder = holder

    def keep(self, message: RawMessage) -> str:
        self._be_there()
        if self.cannot_keep in message.raw:
            raise RuntimeError(SECRET)
        self.kept.setdefault(message.content_digest, message)
        return message.content_digest.hex()

    def lease(self, name: str, seconds: float) -> bool:
        self._be_there()
        self.leases.append(time.monotonic())
        return self._work.lease(name, self._holder, seconds) if self._work else self.may_lease

    def release(self, name: str) -> None:
        self._be_there()
        if self._work:
            self._work.release(name, self._holder)

    def signal(self, mailbox: str, ok: bool, note: str) -> None:
        self._be_there()
        self.signals.append((ok, note))

    def numbers(self) -> list[int]:
        return [int(message.external_id.split("@")[0]) for message in self.kept.values()]

    def _be_there(self) -> None:
        if self.is_away:
            raise ConnectionError(SECRET)


class Script:
    """A source that does one thing after another: messages, or an exception."""

    name = "script"

    def __init__(self, *acts: list[int] | Exception | Callable[[], None]) -> None:
        self.acts = list(acts)
        self.trouble = ""
        self.settled: list[int] = []
        self.closed = 0
        self.tries: list[float] = []

    def fetch(self) -> Iterator[Fetched]:
        self.tries.append(time.monotonic())
        act = self.acts.pop(0) if self.acts else []
        if isinstance(act, Exception):
            raise act
        for number in act if isinstance(act, list) else []:
            yield Letter(number, self)
        if callable(act):
            act()

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        time.sleep(min(seconds, 0.02))

    def close(self) -> None:
        self.closed += 1


class Letter:
    def __init__(self, number: int, script: Script) -> None:
        self.message = arrived(letter(number), "mairie@ville.example", MOMENT)
        self._number = number
        self._script = script

    def settle(self) -> None:
        self._script.settled.append(self._number)


@contextmanager
def running(office: Office, *sources: object, pace: Pace = HURRIED) -> Iterator[Stop]:
    """A daemon, stopped at the end of the block, which must not take long."""
    stop = Stop()
    thread = threading.Thread(target=watch_all, args=(office, sources, stop, pace))
    thread.start()
    try:
        yield stop
    finally:
        stop.event.set()
        assert timed(lambda: thread.join(20)) < 4


def until(what: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)
