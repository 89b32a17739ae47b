"""What does the page of outgoing replies show, word by word?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty, Pager
from gru.web.labels import Label
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class SendingRow:
    """One reply: since when, in which case, what it is and on which way, how it stands."""

    href: str
    title: str
    sub: str
    since: str
    what: str
    standing: str
    way: Label


@dataclass(frozen=True, slots=True)
class SendingsPage:
    title: str
    note: str
    tabs: tuple[Link, ...]
    rows: tuple[SendingRow, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None
