"""What can happen to a case?"""

from datetime import date, datetime
from typing import Literal

from gru.domain.events.base import (
    Channel,
    CommitmentKind,
    Confidentiality,
    Event,
    FileRef,
    LegalClock,
    Outcome,
    Party,
    Priority,
    Proof,
    Regime,
    ReplyKind,
    TextRef,
    event,
)

# --- a case: reception -------------------------------------------------------------------------------------------


@event("case.opened")
class CaseOpened(Event, frozen=True, kw_only=True):
    """A request reached the town. `received_at` may lie before the recording: then `late_reason` says why.

    `proven` when our own server vouched for the sender's address (DMARC); only then are his words quoted back.
    """

    channel: Channel
    site: str
    received_at: datetime
    town_version: int
    department: str
    requester: str = ""
    message: str = ""
    title: TextRef | None = None
    text: TextRef | None = None
    files: tuple[FileRef, ...] = ()
    place: TextRef | None = None
    district: str = ""
    cell: str = ""
    reply_channel: Channel = "email"
    late_reason: str = ""
    assisted: bool = False
    consent: bool = False
    proven: bool = False


@event("case.registered")
class CaseRegistered(Event, frozen=True, kw_only=True):
    """The case bears a number; the year is that of reception."""

    number: str


@event("case.message_received")
class MessageReceived(Event, frozen=True, kw_only=True):
    """Somebody wrote again; `proof` says why these words may stand in this case; `via` the duplicate he wrote to."""

    message: str
    channel: Channel
    received_at: datetime
    proof: Proof
    author: str = ""
    proven: bool = False
    text: TextRef | None = None
    files: tuple[FileRef, ...] = ()
    via: str = ""


@event("case.requester_identified")
class RequesterIdentified(Event, frozen=True, kw_only=True):
    person: str


@event("case.place_set")
class PlaceSet(Event, frozen=True, kw_only=True):
    """`cell` is the square of some 100 m in which the place lies, `""` when nobody can say."""

    place: TextRef
    district: str
    cell: str = ""


# --- a case: who has it ------------------------------------------------------------------------------------------


@event("case.qualified")
class CaseQualified(Event, frozen=True, kw_only=True):
    """What the request is. Said again when it was mistaken: the last one holds."""

    type: str
    department: str
    confidentiality: Confidentiality
    priority: Priority = "normal"
    danger: bool = False
    regime: Regime = "none"


@event("case.assigned")
class CaseAssigned(Event, frozen=True, kw_only=True):
    """An agent has the case; `""` gives it back to the department."""

    agent: str


@event("case.transferred")
class CaseTransferred(Event, frozen=True, kw_only=True):
    department: str
    reason: str
    explanation: TextRef | None = None


# --- a case: promises and the law --------------------------------------------------------------------------------


@event("case.commitment_promised")
class CommitmentPromised(Event, frozen=True, kw_only=True):
    """The town's promise of one kind, as a UTC instant, under the version in force at reception.

    Promised again under the type's rule once the type is known; the last promise of a kind holds.
    """

    kind: CommitmentKind
    due: datetime
    warn_at: datetime
    rule: str
    calendar: str
    town_version: int


@event("case.commitment_moved")
class CommitmentMoved(Event, frozen=True, kw_only=True):
    """An open promise has another date; `reason` is `pause`, `calendar`, `prolongation`, `reopening`, `merge`
    or `merge_undone`. `rule` and `calendar` where it is counted by others from now on, `""` where by the same."""

    kind: CommitmentKind
    due: datetime
    warn_at: datetime
    reason: str
    explanation: TextRef | None = None
    rule: str = ""
    calendar: str = ""


@event("case.commitment_lifted")
class CommitmentLifted(Event, frozen=True, kw_only=True):
    """A promise that does not apply after all, such as making safe what proves harmless."""

    kind: CommitmentKind
    reason: str


@event("case.breach_noticed")
class BreachNoticed(Event, frozen=True, kw_only=True):
    """The clock passed the warning (`late=False`) or the limit (`late=True`) of this promise."""

    kind: CommitmentKind
    due: datetime
    late: bool


@event("case.legal_date_set")
class LegalDateSet(Event, frozen=True, kw_only=True):
    """What the law counts: `receipt` (AEE), `acknowledgement` (ARE), `silence`; `due` is the UTC end of a day."""

    clock: LegalClock
    due: datetime
    regime: Regime
    basis: str = ""


@event("case.legal_date_lifted")
class LegalDateLifted(Event, frozen=True, kw_only=True):
    """The law counts nothing here after all: the request is of another type."""

    clock: LegalClock


@event("case.legal_date_passed")
class LegalDatePassed(Event, frozen=True, kw_only=True):
    """The date went by. An implicit decision never closes a case and stops nobody from answering."""

    clock: LegalClock
    due: datetime


# --- a case: waiting ---------------------------------------------------------------------------------------------


@event("case.wait_started")
class WaitStarted(Event, frozen=True, kw_only=True):
    """The case waits on somebody since `since`.

    `stops` is what the version said to which the case is bound: does this wait stop the town's clock? Before towns had
    a choice nothing was said, and the wait for an indispensable document of the resident stopped it.
    """

    wait_id: str
    party: Party
    reason: str
    since: datetime
    indispensable: bool = False
    until: datetime | None = None
    text: TextRef | None = None
    stops: bool | None = None

    @property
    def incomplete(self) -> bool:
        """The file is not complete: this stops the law's clock (CRPA L114-5)."""
        return self.party == "resident" and self.indispensable

    @property
    def stops_town(self) -> bool:
        """It stops the clock of what the town promised."""
        return self.incomplete if self.stops is None else self.stops


@event("case.wait_ended")
class WaitEnded(Event, frozen=True, kw_only=True):
    wait_id: str
    ended_at: datetime
    reason: str


# --- a case: words -----------------------------------------------------------------------------------------------


@event("case.reply_written")
class ReplyWritten(Event, frozen=True, kw_only=True):
    """A reply is ready to leave; `human` when a person wrote or approved it. Answered counts at `ReplySent`.

    `public` when everybody may read it; `elsewhere` when it was typed and sent in another program, such as Meta's own
    inbox, and only comes to be known here. `words_kept` is the share of its template's words still in it, in percent.
    """

    reply_id: str
    kind: ReplyKind
    channel: Channel
    human: bool
    to: str = ""
    text: TextRef | None = None
    files: tuple[FileRef, ...] = ()
    template: str = ""
    not_before: datetime | None = None
    public: bool = False
    elsewhere: bool = False
    words_kept: int | None = None


@event("case.reply_withdrawn")
class ReplyWithdrawn(Event, frozen=True, kw_only=True):
    reply_id: str


@event("case.reply_sent")
class ReplySent(Event, frozen=True, kw_only=True):
    """`by_link`: its files were too large to travel, and the tracking page where they lie was named instead."""

    reply_id: str
    sent_at: datetime
    by_link: bool = False


@event("case.reply_withheld")
class ReplyWithheld(Event, frozen=True, kw_only=True):
    """A duty to write was not done by machine (`reason`): an agent has it now."""

    kind: ReplyKind
    reason: str


@event("case.delivery_failed")
class DeliveryFailed(Event, frozen=True, kw_only=True):
    """The reply did not reach its reader, perhaps days later; when not `permanent` it is tried again."""

    reply_id: str
    reason: str
    permanent: bool


@event("case.note_added")
class NoteAdded(Event, frozen=True, kw_only=True):
    note_id: str
    text: TextRef
    files: tuple[FileRef, ...] = ()


@event("case.difficulty_declared")
class DifficultyDeclared(Event, frozen=True, kw_only=True):
    """What gets in the agents' way; an unsigned one is recorded by `agent:` without a name."""

    difficulty_id: str
    reason: str
    text: TextRef | None = None


@event("case.reply_reached")
class ReplyReached(Event, frozen=True, kw_only=True):
    """The reader's telephone has these replies, or he has `read` them, as the channel says."""

    reply_ids: tuple[str, ...]
    reached_at: datetime
    read: bool = False


@event("case.message_edited")
class MessageEdited(Event, frozen=True, kw_only=True):
    """Its author changed `message` where he had written it; the first words stay, these stand beside them."""

    message: str
    edit: str
    edited_at: datetime
    text: TextRef


@event("case.message_removed")
class MessageRemoved(Event, frozen=True, kw_only=True):
    """Its author took `message` back where he had written it: its words are no longer shown."""

    message: str
    removal: str
    removed_at: datetime


@event("case.file_not_kept")
class FileNotKept(Event, frozen=True, kw_only=True):
    """File `number` of `message` could not be copied (`reason`): whoever needs it must ask for it again."""

    message: str
    number: int
    reason: str


@event("case.text_redacted")
class TextRedacted(Event, frozen=True, kw_only=True):
    """One text or file was made unreadable by destroying its key."""

    id: str
    reason: str


@event("case.intervention_planned")
class InterventionPlanned(Event, frozen=True, kw_only=True):
    day: date
    moment: Literal["day", "morning", "afternoon"] = "day"


@event("case.made_safe")
class MadeSafe(Event, frozen=True, kw_only=True):
    """The danger is off: a cone is set, a cable cut. The defect may remain."""

    made_safe_at: datetime


# --- a case: its end and its neighbours --------------------------------------------------------------------------


@event("case.closed")
class CaseClosed(Event, frozen=True, kw_only=True):
    """Closed with an outcome; `main` for a duplicate, `body` for a redirection to another administration."""

    outcome: Outcome
    main: str = ""
    body: str = ""
    text: TextRef | None = None


@event("case.reopened")
class CaseReopened(Event, frozen=True, kw_only=True):
    reason: str
    text: TextRef | None = None


@event("case.linked")
class CaseLinked(Event, frozen=True, kw_only=True):
    other: str


@event("case.unlinked")
class CaseUnlinked(Event, frozen=True, kw_only=True):
    other: str


@event("case.links_renewed")
class LinksRenewed(Event, frozen=True, kw_only=True):
    """The tracking link and code of this generation open the case; those before open nothing any more.

    `identity` is what was shown at the counter to have them renewed, `""` when nobody had to show anything.
    """

    generation: int
    identity: str = ""


@event("case.person_erased")
class PersonErased(Event, frozen=True, kw_only=True):
    """This person's words and name can no longer be read; every fold drops what it copied."""

    person: str
