"""What does the page of one case show, word by word?"""

from dataclasses import dataclass, field

from gru.web.agents.difficulties_page import Declaring
from gru.web.badges import Badge
from gru.web.forms import Choices, Field, FieldError, FormView
from gru.web.labels import Label
from gru.web.pages import FileLink, Link, Row


@dataclass(frozen=True, slots=True)
class Change:
    """Before → after; no `before` where there was nothing to replace."""

    field: str
    after: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class FactView:
    """One fact of the thread, or, with `folded`, a run of quiet ones told in one line."""

    number: int
    title: str = ""
    icon: str = ""
    dot: str = ""
    time: str = ""
    iso: str = ""
    who: str = ""
    source: str = ""
    href: str = ""
    proof: str = ""
    changes: tuple[Change, ...] = ()
    text: str = ""
    gone: str = ""
    card: str = ""
    files: tuple[FileLink, ...] = ()
    also: "FactView | None" = None
    folded: tuple["FactView", ...] = ()
    summary: str = ""
    origin: str = ""
    """The number of the merged case it stands in, when that is not this one."""


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """`state`: "" kept, `run` open, `stop` paused, `late` missed; `used` is the share of time gone, in percent."""

    label: str
    text: str
    detail: str
    state: str
    icon: str
    used: int | None = None
    fact: Link | None = None
    calc: Link | None = None
    """How its date is counted."""


@dataclass(frozen=True, slots=True)
class AgentView:
    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class ResidentView:
    rows: tuple[Row, ...] = ()
    none: str = ""
    dial: str = ""
    others: Link | None = None


@dataclass(frozen=True, slots=True)
class LinkedCase:
    href: str
    label: str
    detail: str
    id: str = ""
    number: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Likely:
    """A case that may be the same, and why."""

    href: str
    label: str
    detail: str
    reasons: tuple[str, ...]
    join: Link | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class ThirdPartyView:
    """`state`: run while an answer is awaited, late once none came, "" when it is over."""

    name: str
    text: str
    detail: str
    state: str
    icon: str


@dataclass(frozen=True, slots=True)
class Merged:
    """This case is followed in another one."""

    text: str
    main: Link | None = None
    undo: Link | None = None


@dataclass(frozen=True, slots=True)
class TimeTravel:
    """Where on the line of facts the page stands: `shown` of `last`."""

    last: int
    shown: int
    text: str
    when: str
    count: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    banner: str
    since: str


@dataclass(frozen=True, slots=True)
class Composer:
    """`kind` is `reply` or `note`: two forms with two drafts. `asked` when the page was opened to write."""

    kind: str
    action: str
    reply_href: str
    note_href: str
    label: str
    button: str
    can_reply: bool = True
    asked: bool = False
    text: str = ""
    error: str = ""
    warning: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    kinds: Choices = ()
    wait: str = ""
    models: Choices = ()
    insert: str = ""
    preview: str = ""
    otherwise: str = ""
    """Where the same words are sent another way."""


@dataclass(frozen=True, slots=True)
class Task:
    """A reply that a person has to tell, or that did not arrive: what is the matter, and what can be done."""

    text: str
    icon: str
    state: str
    forms: tuple[FormView, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """A button that opens a list of links; a `short` one shows three dots for its name."""

    label: str
    links: tuple[Link, ...]
    short: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    ref: str
    href: str
    title: str
    crumb: str
    status: Label
    back: Link
    time: TimeTravel
    resident: ResidentView
    badge: Badge | None = None
    badge_calc: Link | None = None
    marks: tuple[Label, ...] = ()
    agent: AgentView | None = None
    take: FormView | None = None
    menus: tuple[Menu, ...] = ()
    past: Past | None = None
    composer: Composer | None = None
    tabs: tuple[Link, ...] = ()
    facts: tuple[FactView, ...] = ()
    cancel: dict[int, FormView] = field(default_factory=dict)
    """By number of the fact: the replies that may still be taken back."""
    masks: dict[int, tuple[Link, ...]] = field(default_factory=dict)
    """By number of the fact: what of it may be made unreadable."""
    leaving: tuple[tuple[str, FormView], ...] = ()
    """The same once more above the thread, each with how long it still waits."""
    tasks: tuple[Task, ...] = ()
    older: str = ""
    commitments: tuple[CommitmentView, ...] = ()
    legal: tuple[str, ...] = ()
    calc: tuple[Link, ...] = ()
    """How the dates of the law, and how long it took, are counted."""
    place: tuple[Row, ...] = ()
    linked: tuple[LinkedCase, ...] = ()
    files: tuple[FileLink, ...] = ()
    merged: Merged | None = None
    likely: tuple[Likely, ...] = ()
    third_parties: tuple[ThirdPartyView, ...] = ()
    third_party_links: tuple[Link, ...] = ()
    difficulty: Declaring | None = None
    """What gets in the way, said in one click."""


@dataclass(frozen=True, slots=True)
class ActionPage:
    ref: str
    crumb: str
    title: str
    back: str
    forms: tuple[FormView, ...]
    text: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A reply as it will leave: the headers a person sees, the exact text, the files."""

    ref: str
    back: str
    title: str
    note: str
    rows: tuple[Row, ...]
    text: str
    form: FormView
    wait: str
    files: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """What happened since, the form as it was filled, and the same wish once more under the new version."""

    ref: str
    back: str
    action: str
    lines: tuple[str, ...]
    button: str
    leave: str
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ProofPage:
    ref: str
    back: str
    title: str
    what: str
    rows: tuple[Row, ...]
    raw: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class LoginPage:
    action: str
    fields: tuple[Field, ...]
    errors: tuple[FieldError, ...] = ()
    notice: str = ""
