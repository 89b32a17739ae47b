"""What does a report show: a question, a finding, a picture, and the numbers that lead to their cases?"""

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from gru.web.forms import Field
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class Cell:
    """`number` and `day` are what an export writes, where the text alone does not say it (`exports.cell_of`)."""

    text: str
    href: str = ""
    number: float | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class DataTable:
    """The first column names the row; so many `words` columns are read, not compared."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    finding: str
    table: DataTable | None = None
    chart: Markup | None = None
    key: tuple[tuple[str, str], ...] = ()
    title: str = ""
    note: str = ""
    cases: Link | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question's own module answers; the page around it is the same for all."""

    sections: tuple[Section, ...]
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a page of figures answers, and in a sentence how."""

    href: str
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    title: str
    cut: str
    policy: str
    action: str
    sections: tuple[Section, ...]
    nav: tuple[Link, ...] = ()
    filters: tuple[Field, ...] = ()
    exports: tuple[Link, ...] = ()
    may_miss: str = ""
    """Said to who may not see every case that is counted."""
    same: Link | None = None
    """Where the same figures are found again, whatever happens meanwhile."""


@dataclass(frozen=True, slots=True)
class CutPage:
    """Figures as of an earlier fact that are not at hand; without an `action` they are being made."""

    title: str
    said: str
    action: str
    button: str
    position: str
    back: Link
