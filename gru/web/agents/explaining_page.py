"""What does the page of one clock show, line by line?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty
from gru.web.badges import Badge
from gru.web.pages import Link, LinkGroup, Row


@dataclass(frozen=True, slots=True)
class StretchRow:
    """From when to when, how long exactly, whether it is counted, why, whose time it was."""

    start: str
    end: str
    length: str
    counted: bool
    why: str
    whose: str


@dataclass(frozen=True, slots=True)
class PartView:
    """The stretches of one part and what they add up to."""

    title: str
    rows: tuple[StretchRow, ...]
    total: str
    skipped: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    why: str
    counted: bool
    length: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A fact that set the date."""

    fact: Link
    at: str
    why: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WaitRow:
    fact: Link
    who: str
    why: str
    start: str
    end: str
    effect: str


@dataclass(frozen=True, slots=True)
class ExplainedPage:
    """One clock of one case; `sum` says in one line what all stretches add up to."""

    ref: str
    back: str
    title: str
    note: str
    clocks: tuple[LinkGroup, ...]
    badge: Badge | None = None
    sum: str = ""
    rows: tuple[Row, ...] = ()
    causes: tuple[CauseRow, ...] = ()
    parts: tuple[PartView, ...] = ()
    total: str = ""
    moves: tuple[MoveRow, ...] = ()
    waits: tuple[WaitRow, ...] = ()
    csv: str = ""
    more: str = ""
    empty: Empty | None = None
