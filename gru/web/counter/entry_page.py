"""What does the one screen of the counter show, word by word?"""

from dataclasses import dataclass

from gru.web.counter.known import Similar
from gru.web.forms import Choices, Field, FieldError
from gru.web.pages import Link


@dataclass(frozen=True, slots=True)
class Pick:
    """One choice among radios or boxes; `sub` in smaller letters."""

    value: str
    label: str
    sub: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """The waiting room at a glance, the ticket that stands before the agent, and whether the kiosk calls."""

    href: str
    text: str
    visit: str = ""
    ticket: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class EntryPage:
    title: str
    channels: Choices
    channel: str
    sites: Choices
    site: str
    words: Field
    motives: tuple[Pick, ...]
    no_motive: str
    announce: tuple[str, ...]
    place: Field
    said: Field
    danger: Field
    phone: Field
    email: Field
    name: Field
    address: Field
    known: tuple[Pick, ...]
    contact: Field
    anonymous: Field
    consent: Field
    documents: tuple[Pick, ...]
    documents_for: str
    originals: Field
    files: Field
    late_at: Field
    late_why: Field
    similar: tuple[Similar, ...]
    apart: tuple[str, ...]
    looked: bool
    tally: Choices
    links: tuple[Link, ...]
    key: str
    typist: str
    button: str
    strip: Strip | None = None
    errors: tuple[FieldError, ...] = ()
