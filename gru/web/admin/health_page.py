"""What does the operator's page show?"""

from dataclasses import dataclass

from gru.web.pages import Row


@dataclass(frozen=True, slots=True)
class HealthPage:
    finding: str
    rows: tuple[Row, ...]
    warning: str = ""
