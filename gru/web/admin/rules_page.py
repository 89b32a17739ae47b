"""What do the pages about commitments, calendars and simulations show, word by word?"""

from dataclasses import dataclass

from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import Link, Row
from gru.web.reports.report_page import DataTable, Section


@dataclass(frozen=True, slots=True)
class DraftView:
    """What differs from the version adopted last, with what can be done with it."""

    table: DataTable
    simulate: FormView
    publish: str = ""
    discard: str = ""
    meanwhile: DataTable | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The rules in force, and the draft."""

    title: str
    text: str
    nav: tuple[Link, ...]
    tables: tuple[DataTable, ...]
    simulate: FormView
    draft: DraftView | None
    runs: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class YearView:
    """The days of one year on which a calendar is shut or opens otherwise, month by month; `hours` of an ordinary
    week, to be changed at `edit`."""

    title: str
    hours: str
    months: tuple[tuple[str, str], ...]
    edit: str


@dataclass(frozen=True, slots=True)
class CalendarsPage:
    title: str
    text: str
    nav: tuple[Link, ...]
    years: tuple[YearView, ...]
    action: str
    filters: tuple[Field, ...]
    form: FormView
    draft: DraftView | None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class RunPage:
    """One simulation: how far it is, what it compares, what it found."""

    title: str
    nav: tuple[Link, ...]
    facts: tuple[Row, ...]
    changes: DataTable | None
    done: int
    total: int
    progress: str
    running: bool
    again: str
    form: FormView | None
    finding: str = ""
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    action: str = ""
    filters: tuple[Field, ...] = ()
    publish: str = ""


@dataclass(frozen=True, slots=True)
class FlipsPage:
    title: str
    text: str
    back: str
    action: str
    filters: tuple[Field, ...]
    table: DataTable | None
    note: str = ""
    before: str = ""
    after: str = ""
    pager: str = ""
