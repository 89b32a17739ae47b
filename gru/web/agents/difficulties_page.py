"""What do the pages about difficulties show, word by word?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty, Pager
from gru.web.forms import Choices, Field, FieldError, FormView
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class DifficultyRow:
    """One difficulty: what, when and where, its words, how it stands, its answer, and what the reader may do."""

    reason: str
    about: str
    state: str
    standing: str
    words: str = ""
    answer: str = ""
    case: Link | None = None
    links: tuple[Link, ...] = ()
    settle: FormView | None = None


@dataclass(frozen=True, slots=True)
class Declaring:
    """The form: words and signature first, then one button for each reason."""

    action: str
    reasons: Choices
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DifficultiesPage:
    """What everybody may read: his own, and those nobody signed."""

    title: str
    lead: str
    form: Declaring
    mine: tuple[DifficultyRow, ...] = ()
    unsigned: tuple[DifficultyRow, ...] = ()
    to_answer: Link | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class AnsweringPage:
    """What those in charge answer."""

    title: str
    note: str
    back: Link
    tabs: tuple[Link, ...]
    rows: tuple[DifficultyRow, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """One difficulty and the form for its answer."""

    title: str
    back: Link
    row: DifficultyRow
    form: FormView
    errors: tuple[FieldError, ...] = ()
