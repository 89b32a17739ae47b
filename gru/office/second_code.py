"""How does a resident show, besides his link, that a secret case is his? By a code sent to his own address.

The code is derived from the case and the quarter of an hour, so nothing is stored that could be read; how often it is
sent and tried is counted.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from gru.channels.base import Channel, Outgoing
from gru.domain import references as refs
from gru.domain.case import Case
from gru.storage.access import Access, Limit
from gru.storage.archive import Archive
from gru.storage.people import Person

SLOT = timedelta(minutes=15)
"""A code holds until the end of the slot after the one it was asked for in: 15 minutes at least."""

SENDING = timedelta(hours=1)
MOST_SENT = 5
TRYING = timedelta(minutes=15)
MOST_TRIED = 10
MOST_TRIED_ANYWHERE = 30


class SecondCode:
    def __init__(
        self,
        *,
        archive: Archive,
        access: Access,
        channels: Mapping[str, Channel],
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._archive = archive
        self._access = access
        self._channels = channels
        self._secret = secret
        self._now = now

    def reader(self, case: Case) -> Person | None:
        """Who is sent the code: the requester, when he left a mail address."""
        person = self._archive.people([case.requester]).get(case.requester) if case.requester else None
        return person if person is not None and person.email else None

    def send(self, case: Case, person: Person, *, sender: str, subject: str, text: Callable[[str], str]) -> bool:
        """Send the code of now; False when it was sent too often. Raises what the channel raises."""
        if not self._access.allow("second_code_sent", case.id, MOST_SENT, SENDING):
            return False
        name = refs.new_id(self._now(), secrets.token_bytes(10))
        self._channels["email"].send(
            Outgoing(
                external_id=name,
                return_tag=refs.return_tag(self._secret, name),
                address=person.email,
                name=person.name,
                sender=sender,
                reply_to="",
                subject=subject,
                text=text(self._code(case, 0)),
                automatic=True,
                awaited=True,
            )
        )
        return True

    def fits(self, case: Case, given: str, place: str) -> bool | None:
        """Whether this code opens the case; `None` when it was tried too often, from this place or from all."""
        limits = (
            Limit("second_code", f"{place} {case.id}", MOST_TRIED),
            Limit("second_code_anywhere", case.id, MOST_TRIED_ANYWHERE),
        )
        if not self._access.allow_all(limits, TRYING):
            return None
        tidy = "".join(letter for letter in given if not letter.isspace()).encode()
        return any([hmac.compare_digest(tidy, _bare(self._code(case, ago))) for ago in (0, 1)])

    def _code(self, case: Case, ago: int) -> str:
        """Eight digits, in two groups; of the slot so many before this one."""
        slot = int(self._now().timestamp() // SLOT.total_seconds()) - ago
        words = f"second code\0{case.id}\0{case.link_generation}\0{slot}".encode()
        number = int.from_bytes(hmac.digest(self._secret, words, sha256)[:8], "big") % 10**8
        return f"{number // 10**4:04d} {number % 10**4:04d}"


def _bare(code: str) -> bytes:
    return code.replace(" ", "").encode()
