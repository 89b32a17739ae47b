"""What must be known of a case to write a letter about it?

Plain values the caller has at hand: codes, instants, words already read from the archive. What is left out is a field
that was not filled; a letter that needs it is refused, and says which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gru.domain.events import Channel, CommitmentKind, LegalClock, Outcome


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing asked of the resident, and why."""

    label: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """What is asked of the resident; only what is indispensable stops the clock (CRPA L114-5, L114-5-1)."""

    indispensable: bool
    before: datetime
    items: tuple[Item, ...]
    asked_at: datetime | None = None
    consequence: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the town answers. A `ground_fact` makes it a refusal, which states its `ground_law` too (CRPA L211-5)."""

    text: str = ""
    granted: bool = False
    to_do: tuple[str, ...] = ()
    ground_fact: str = ""
    ground_law: str = ""
    alternative: str = ""
    public_sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """To another department (`reason`) or another body (`body`, its code)."""

    reason: str = ""
    body: str = ""
    at: datetime | None = None
    reference: str = ""
    check_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Lateness:
    promised: datetime
    new_date: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """To a department: what is awaited, until when, in which situation the case is and for how long (in words)."""

    label: str
    due: datetime
    situation: str
    since: str


@dataclass(frozen=True, kw_only=True)
class Closing:
    outcome: Outcome
    at: datetime
    reopen_before: datetime
    summary: str = ""
    main: str = ""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    letter: str
    number: str
    at: datetime
    ahead: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """To a third party: what he is asked, where, by when, under which link; `resident` when he may be named."""

    question: str
    before: datetime
    link: str
    link_until: datetime
    asked_at: datetime
    place: str = ""
    resident: str = ""


@dataclass(frozen=True, kw_only=True)
class News:
    """To somebody who follows a case: it is answered, or closed with an outcome. Nothing of the requester's."""

    closed: bool
    outcome: Outcome | None = None
    own_number: str = ""
    own_link: str = ""
    stop_link: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportNote:
    """To the committee: the days a report is about, where it stands, and its frozen version (0: a draft)."""

    first: datetime
    last: datetime
    link: str
    version: int = 0
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """One case as a letter sees it.

    `proven`: the sender is who he says, on our own server's word (DMARC), or came in person; what an unproven one
    wrote is never quoted. `due` holds the dates of the commitments and `legal` those of the law. `name` is the
    resident's, « Nadia Fictive »; `civility` « Madame » when it is known.
    """

    number: str
    received_at: datetime
    now: datetime
    type: str = ""
    department: str = ""
    channel: Channel = "email"
    site: str = ""
    proven: bool = False
    message: str = ""
    place: str = ""
    summary: str = ""
    name: str = ""
    civility: str = ""
    reply_channel: Channel = "email"
    due: Mapping[CommitmentKind, datetime] = field(default_factory=dict)
    legal: Mapping[LegalClock, datetime] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    tracking_url: str = ""
    tracking_code: str = ""
    agent_url: str = ""
    agent: str = ""
    signatory: str = ""
    signatory_title: str = ""
    appeal_until: datetime | None = None
    complete_at: datetime | None = None
    supplement: Supplement | None = None
    answer: Answer | None = None
    transfer: Transfer | None = None
    lateness: Lateness | None = None
    reminder: Reminder | None = None
    closing: Closing | None = None
    ticket: Ticket | None = None
    asked: Asked | None = None
    news: News | None = None
    report: ReportNote | None = None
