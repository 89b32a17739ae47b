"""May a machine write to this address now? Never to the town itself, and to nobody without end (channels.md B.1)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from gru.office.town_hall import TownBook
from gru.storage.access import Access

MOST_A_DAY = 3
"""Automatic messages to one address in 24 hours."""

DAY = timedelta(hours=24)
COUNTED = "automatic_message"
ASK_AGAIN = timedelta(hours=1)
"""What may wait is asked for again: a day's letters are forgotten one by one."""

NO_MACHINE_WRITES_BACK = frozenset({"sender_asks_none", "sent_by_machine"})
"""Reasons for which no receipt left that hold for every letter to this sender."""


class Restraint:
    """Everything that writes by itself asks it first."""

    def __init__(self, *, access: Access, town: TownBook, own_address: str, now: Callable[[], datetime]) -> None:
        self._access = access
        self._town = town
        self._own_address = own_address
        self._now = now

    def is_ours(self, address: str) -> bool:
        """Two programs that thank each other never end."""
        ours = {self._own_address, *self._town.in_force(self._now()).mailboxes}
        return mailbox(address) in {mailbox(one) for one in ours}

    def allows(self, address: str) -> bool:
        """Counts one more. To be asked last: what fails on the way, and is tried again, counts once."""
        return self._access.allow(COUNTED, mailbox(address), MOST_A_DAY, DAY)


def mailbox(address: str) -> str:
    """Where mail to an address ends: what follows a plus is the owner's business (RFC 5233)."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.split('+', 1)[0]}@{domain}"
