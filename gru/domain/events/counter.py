"""What happens to people who come in person, and to letters that leave on paper?"""

from datetime import date, datetime
from typing import Literal

from gru.domain.events.base import Channel, Event, event

VisitKind = Literal["walk_in", "appointment", "priority", "help"]

# --- a case: papers shown at the counter, letters ----------------------------------------------------------------


@event("case.documents_checked")
class DocumentsChecked(Event, frozen=True, kw_only=True):
    """Which documents (codes of the catalogue) were brought and copied, which are missing and until when."""

    received: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    before: datetime | None = None
    originals_returned: bool = False


@event("case.letter_printed")
class LetterPrinted(Event, frozen=True, kw_only=True):
    """The reply lies on paper; `batch` names the print run. Printed again, it is of another."""

    reply_id: str
    batch: str


@event("case.letter_signed")
class LetterSigned(Event, frozen=True, kw_only=True):
    reply_id: str


@event("case.letter_posted")
class LetterPosted(Event, frozen=True, kw_only=True):
    """Handed to the post: this, not the printing, is when the town answered. `registered` is the post's number."""

    reply_id: str
    posted_at: datetime
    registered: str = ""


@event("case.letter_returned")
class LetterReturned(Event, frozen=True, kw_only=True):
    """The post brought it back; `reason` as on the envelope: `unknown`, `moved`, `unclaimed`, `refused`, `other`."""

    reply_id: str
    reason: str


# --- a visit, its ticket -----------------------------------------------------------------------------------------


@event("visit.arrived")
class VisitArrived(Event, frozen=True, kw_only=True):
    """Somebody came and took a ticket. Nothing says who, nor what for."""

    site: str
    day: date
    number: int
    kind: VisitKind


@event("visit.called")
class VisitCalled(Event, frozen=True, kw_only=True):
    """Called to a post; said again when he did not hear."""

    post: str


@event("visit.served")
class VisitServed(Event, frozen=True, kw_only=True):
    """He was received, and is gone."""


@event("visit.left")
class VisitLeft(Event, frozen=True, kw_only=True):
    """He did not come to the post, or said that he would wait no longer."""

    reason: Literal["absent", "gave_up"]


@event("ticket.given")
class TicketGiven(Event, frozen=True, kw_only=True):
    """Stands in a stream of its own, so that a number is given once a day at a site."""

    site: str
    day: date
    number: int
    visit: str


# --- a question answered on the spot -----------------------------------------------------------------------------


@event("question.answered")
class QuestionAnswered(Event, frozen=True, kw_only=True):
    """Somebody asked and had his answer at once: no case, but counter work. `department` says what it was about."""

    site: str
    channel: Channel
    department: str


@event("question.struck")
class QuestionStruck(Event, frozen=True, kw_only=True):
    """It was counted by mistake."""
