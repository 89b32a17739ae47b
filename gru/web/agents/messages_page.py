"""What do the pages of messages that no case took show, word by word?"""

from dataclasses import dataclass

from gru.web.agents.queue_page import Empty, Pager
from gru.web.forms import FieldError, FormView
from gru.web.labels import Label
from gru.web.pages import Link, Row


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`gone` when its words were erased; `suggested` only for who may see that case."""

    key: str
    href: str
    subject: str
    sender: str
    why: str
    channel: Label
    received: str
    suggested: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class MessagesPage:
    title: str
    summary: str
    tabs: tuple[Link, ...]
    rows: tuple[MessageRow, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None
    order: Link | None = None
    """To the same list, told from its other end."""


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One message; `forms` are what may still be decided, `decided` what was; `handed_on` are another's words in it,
    and `whose` says who he seems to be."""

    title: str
    back: str
    rows: tuple[Row, ...]
    text: str
    quoted: str = ""
    handed_on: str = ""
    whose: str = ""
    files: tuple[Row, ...] = ()
    gone: str = ""
    decided: str = ""
    case: Link | None = None
    forms: tuple[FormView, ...] = ()
    errors: tuple[FieldError, ...] = ()
