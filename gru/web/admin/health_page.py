"""What does the operator's page show?"""

from dataclasses import dataclass

from gru.web.pages import Link, Row


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A fact one projection could not fold: which, where in the log, since when, and where in the program."""

    projection: str
    position: str
    fact: str
    since: str
    error: str


@dataclass(frozen=True, slots=True)
class HealthPage:
    finding: str
    rows: tuple[Row, ...]
    warning: str = ""
    parked: tuple[ParkedRow, ...] = ()
    nav: tuple[Link, ...] = ()
