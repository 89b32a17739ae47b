"""What does the page of acknowledgements show, word by word?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty, Pager
from gru.web.labels import Label
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty of one case: until when, what is owed, how it stands."""

    href: str
    title: str
    sub: str
    due: str
    late: bool
    what: str
    law: str
    standing: str
    channel: Label


@dataclass(frozen=True, slots=True)
class DutiesPage:
    title: str
    note: str
    tabs: tuple[Link, ...]
    rows: tuple[DutyRow, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None
