"""How does each page of the town stand with Facebook: does it work, must it wait, was it refused?

A hold is a lease that nobody works under: all processes see it, and it ends by itself.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from gru.channels.facebook.graph import Hold
from gru.storage.work import Work

FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0


def part(page: str) -> str:
    """Under which name a page gives its signs of life, beside the mailboxes."""
    return f"mailbox:facebook:{page}"


class PageStanding:
    def __init__(self, work: Work, now: Callable[[], datetime]) -> None:
        self._work = work
        self._now = now

    def held(self, page: str) -> Hold | None:
        found = self._work.last_lease(_lease(page))
        if found is None or found[1] <= self._now():
            return None
        return Hold(found[1], found[0].partition(":")[0])

    def limited(self, page: str, seconds: float) -> datetime:
        """From a minute to an hour, doubled each time it is not enough; longer only when Facebook says so."""
        found, times = self._work.last_lease(_lease(page)), 1
        if found is not None and found[0].startswith("limit:"):
            times = min(int(found[0].partition(":")[2]) + 1, 12)
        pause = max(seconds, min(FIRST_PAUSE * 2 ** (times - 1), LONGEST_PAUSE))
        return self._hold(page, f"limit:{times}", pause)

    def stop(self, page: str, reason: str, seconds: float) -> datetime:
        return self._hold(page, reason, seconds)

    def works(self, page: str) -> None:
        """What held it is over."""
        found = self._work.last_lease(_lease(page))
        if found is not None:
            self._work.release(_lease(page), found[0])
            self._work.sign(part(page), True)

    def alarm(self, page: str, sentence: str) -> None:
        self._work.sign(part(page), False, sentence)

    def _hold(self, page: str, holder: str, seconds: float) -> datetime:
        self._work.lease(_lease(page), holder, seconds)
        return self._now() + timedelta(seconds=seconds)


def _lease(page: str) -> str:
    return f"facebook hold:{page}"[:200]
