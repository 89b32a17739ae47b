"""What does a resident see while he files a request?"""

from dataclasses import dataclass

from gru.office.papers import FilingSheet
from gru.web.forms import Field, FieldError
from gru.web.pages import Link, LinkGroup, Row


@dataclass(frozen=True, slots=True)
class HomePage:
    """`found` when something was looked for; `groups` else."""

    query: str
    groups: tuple[LinkGroup, ...] = ()
    found: tuple[Link, ...] = ()
    resume: Link | None = None
    help: str = ""
    action: str = "/deposer"


@dataclass(frozen=True, slots=True)
class SheetPage:
    """What a request is about before it is begun; no `action`: it cannot be filed here, `instead` says where.
    `notice`: where the draft went that this browser had."""

    title: str
    action: str
    duration: str
    facts: tuple[Row, ...] = ()
    steps: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    to_show: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    places: tuple[Row, ...] = ()
    resume: str = ""
    notice: str = ""
    busy: bool = False
    help: str = ""
    all: str = "/deposer"


@dataclass(frozen=True, slots=True)
class AddedFile:
    id: str
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture one may point at, so many pixels wide and high; `other` leads to a plan of more."""

    name: str
    source: str
    size: int
    alt: str
    hint: str
    other: Link | None = None


@dataclass(frozen=True, slots=True)
class StepPage:
    """One question. `warning` is said where danger is asked; `notes` explain; `later` leads to the link (`""`: there is
    none), `kept` says for how long his answers are; `position`: his own may be asked for; `script`: one makes this page
    easier."""

    title: str
    action: str
    back: str
    progress: str
    request: str
    fields: tuple[Field, ...] = ()
    errors: tuple[FieldError, ...] = ()
    button: str = ""
    warning: str = ""
    notes: tuple[str, ...] = ()
    plan: Plan | None = None
    position: bool = False
    script: bool = False
    files: tuple[AddedFile, ...] = ()
    upload: bool = False
    help: str = ""
    later: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    label: str
    value: str
    href: str
    change: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    request: str
    action: str
    back: str
    rows: tuple[Answered, ...]
    progress: str
    warning: str = ""
    mail: str = ""
    trap: Field | None = None
    errors: tuple[FieldError, ...] = ()
    restart: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class ThanksPage:
    """`number` is empty while the form waits to be registered; `paper` is what a kiosk prints."""

    title: str
    number: str = ""
    code: str = ""
    link: str = ""
    pdf: str = ""
    lines: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    warning: str = ""
    again: str = ""
    other: str = "/deposer"
    paper: FilingSheet | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class LaterPage:
    title: str
    action: str
    back: str
    link: str = ""
    fields: tuple[Field, ...] = ()
    errors: tuple[FieldError, ...] = ()
    text: str = ""
    button: str = ""
    help: str = ""
