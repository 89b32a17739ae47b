"""What do the pages of the committee show?"""

from dataclasses import dataclass

from gru.office.papers import Document
from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import Link, Row
from gru.web.reports.report_page import Section


@dataclass(frozen=True, slots=True)
class ListedReport:
    href: str
    period: str
    title: str
    state: str
    detail: str
    files: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportsPage:
    title: str
    decisions: Link
    rows: tuple[ListedReport, ...]
    empty: str
    form: FormView | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """A figure that changed since the words around it were written."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class CommitteeReport:
    """A report as it is read: a draft of now, or a frozen version; `fault` where it is not what was frozen."""

    document: Document
    state: str
    draft: bool
    back: Link
    proof: tuple[Row, ...] = ()
    actions: tuple[Link, ...] = ()
    correct: FormView | None = None
    versions: tuple[Link, ...] = ()
    flags: tuple[Flag, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SectionForm:
    """One section as it is written; `theirs` is what somebody else wrote meanwhile."""

    field: Field
    seen: str
    flags: tuple[Flag, ...] = ()
    again: str = ""
    theirs: str | None = None


@dataclass(frozen=True, slots=True)
class FigureRow:
    name: str
    meaning: str
    now: str


@dataclass(frozen=True, slots=True)
class WritePage:
    title: str
    period: str
    action: str
    back: Link
    sections: tuple[SectionForm, ...]
    figures: tuple[FigureRow, ...]
    whose: tuple[FigureRow, ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedDecision:
    href: str
    day: str
    title: str
    whom: str
    kind: str


@dataclass(frozen=True, slots=True)
class DecisionsPage:
    title: str
    back: Link
    rows: tuple[ListedDecision, ...]
    empty: str
    form: FormView | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """One decision, and what changed around the day it took effect."""

    title: str
    lead: str
    cut: str
    back: Link
    sections: tuple[Section, ...]
    strike: FormView | None = None
