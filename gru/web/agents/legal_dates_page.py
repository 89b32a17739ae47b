"""What does the page of legal dates show, word by word?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty, Pager
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class LegalRow:
    """One case: until or since when (`state`: late, soon, ""), what is at stake, by which text, how it stands."""

    href: str
    title: str
    sub: str
    day: str
    state: str
    standing: str
    what: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many duties were done in time; `few` says that they are too few to judge by."""

    label: str
    value: str
    detail: str
    few: str = ""


@dataclass(frozen=True, slots=True)
class LegalPage:
    title: str
    note: str
    tabs: tuple[Link, ...]
    day: str
    rates: tuple[Rate, ...] = ()
    weeks: tuple[Link, ...] = ()
    duties: tuple[Link, ...] = ()
    rows: tuple[LegalRow, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None
