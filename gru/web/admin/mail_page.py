"""What do the pages about the mail show, word by word?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty
from gru.web.forms import Field
from gru.web.pages import Link
from gru.web.reports.report_page import DataTable


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """`astray` and `unkept` are the keys of the messages nothing explains."""

    title: str
    cut: str
    finding: str
    well: bool
    nav: tuple[Link, ...]
    action: str
    filters: tuple[Field, ...]
    table: DataTable | None = None
    empty: Empty | None = None
    astray: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()
