"""What does the operator's page show?"""

from dataclasses import dataclass

from gru.web.pages import Link, Row


@dataclass(frozen=True, slots=True)
class HealthPage:
    finding: str
    rows: tuple[Row, ...]
    warning: str = ""
    nav: tuple[Link, ...] = ()
