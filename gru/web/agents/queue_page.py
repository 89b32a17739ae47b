"""What does the queue show, word by word?"""

from dataclasses import dataclass

from gru.web.badges import Badge
from gru.web.forms import Field
from gru.web.labels import Label
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class QueueRow:
    ref: str
    href: str
    title: str
    sub: str
    badge: Badge
    status: Label
    channel: Label
    received: str
    unread: str = ""
    attention: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force; `href` leads to the same queue without it."""

    name: str
    value: str
    href: str = ""
    remove: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A column; `sorted` is what aria-sort says when the queue is sorted by it."""

    label: str
    href: str = ""
    sorted: str = ""
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    title: str
    text: str = ""
    href: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class QueuePage:
    title: str
    total: str
    summary: str
    caption: str
    action: str
    sorted_by: str
    rows: tuple[QueueRow, ...] = ()
    chips: tuple[Chip, ...] = ()
    filters: tuple[Field, ...] = ()
    sorts: tuple[Link, ...] = ()
    headers: tuple[Header, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None
    note: str = ""
    unknown: str = ""
