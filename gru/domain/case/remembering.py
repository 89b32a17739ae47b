"""What else is worth remembering: notes, difficulties, neighbours, deadlines noticed, words erased?"""

from datetime import datetime

from gru.domain import events as e
from gru.domain.case.given import Command, Given, known, still_open
from gru.domain.case.nearing import reached
from gru.domain.case.promising import MEETS, PAUSED_KINDS
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, NotNow


class AddNote(Command, frozen=True, kw_only=True):
    note_id: str
    text: e.TextRef
    files: tuple[e.FileRef, ...] = ()


def add_note(case: Case | None, command: AddNote, given: Given) -> list[e.Event]:
    if command.note_id in known(case).remarks:
        return []
    return [e.NoteAdded(note_id=command.note_id, text=command.text, files=command.files)]


class DeclareDifficulty(Command, frozen=True, kw_only=True):
    difficulty_id: str
    reason: str
    text: e.TextRef | None = None


def declare_difficulty(case: Case | None, command: DeclareDifficulty, given: Given) -> list[e.Event]:
    if command.difficulty_id in known(case).remarks:
        return []
    if not command.reason:
        raise BadInput("A difficulty must state its reason.", field="reason")
    return [e.DifficultyDeclared(difficulty_id=command.difficulty_id, reason=command.reason, text=command.text)]


class LinkCase(Command, frozen=True, kw_only=True):
    other: str


def link_case(case: Case | None, command: LinkCase, given: Given) -> list[e.Event]:
    case = known(case)
    if command.other == case.id:
        raise BadInput("A case cannot be linked to itself.", field="other")
    return [] if command.other in case.links else [e.CaseLinked(other=command.other)]


class UnlinkCase(Command, frozen=True, kw_only=True):
    other: str


def unlink_case(case: Case | None, command: UnlinkCase, given: Given) -> list[e.Event]:
    return [e.CaseUnlinked(other=command.other)] if command.other in known(case).links else []


class ProlongCommitment(Command, frozen=True, kw_only=True):
    """The town says why it needs longer; the legal date does not move with it."""

    kind: e.CommitmentKind
    due: datetime
    explanation: e.TextRef


def prolong_commitment(case: Case | None, command: ProlongCommitment, given: Given) -> list[e.Event]:
    commitment = still_open(case).commitments.get(command.kind)
    if commitment is None or commitment.kept_at is not None:
        raise NotNow("This promise is not open.", kind=command.kind)
    if command.due <= max(commitment.due, given.now):
        raise BadInput("The new date must lie after the one promised, and after today.", field="due")
    return [
        e.CommitmentMoved(
            kind=command.kind,
            due=command.due,
            warn_at=given.now + (command.due - given.now) * 0.8,
            reason="prolongation",
            explanation=command.explanation,
        )
    ]


class NoticeBreach(Command, frozen=True, kw_only=True):
    """`due` as the clock read it: when the promise moved meanwhile, nothing is noticed."""

    kind: e.CommitmentKind
    due: datetime
    late: bool


def notice_breach(case: Case | None, command: NoticeBreach, given: Given) -> list[e.Event]:
    case = known(case)
    commitment = case.commitments.get(command.kind)
    if commitment is None or commitment.due != command.due or commitment.kept_at is not None:
        return []
    if case.status == "closed" or (command.kind in PAUSED_KINDS and case.paused_since is not None):
        return []
    if commitment.breached or (commitment.warned and not command.late):
        return []
    return [e.BreachNoticed(kind=command.kind, due=command.due, late=command.late)]


class NoticeLegalDate(Command, frozen=True, kw_only=True):
    """`due` as the clock read it; whether it nears or went by is judged by `given.now`."""

    clock: e.LegalClock
    due: datetime


def notice_legal_date(case: Case | None, command: NoticeLegalDate, given: Given) -> list[e.Event]:
    """Recorded for a case still unanswered; it closes nothing. The law goes on counting for one that was merged."""
    case = known(case)
    day = case.legal.get(command.clock)
    if day is None or day.passed or day.due != command.due:
        return []
    if (case.status == "closed" and not case.main) or _is_met(case, command.clock):
        return []
    if given.now >= day.due:
        return [e.LegalDatePassed(clock=command.clock, due=day.due)]
    hours = reached(command.clock, case.received_at, day.due, given.now)
    if hours == 0 or 0 < day.near <= hours:
        return []
    return [e.LegalDateNear(clock=command.clock, due=day.due, hours=hours)]


def _is_met(case: Case, clock: e.LegalClock) -> bool:
    """What the law asked was done, or its clock stands still while an indispensable document is awaited."""
    return case.has_sent(*MEETS[clock]) or (clock == "silence" and case.incomplete_since is not None)


class RenewLinks(Command, frozen=True, kw_only=True):
    """`generation` is the one in force as the asker knows it, so that asking twice renews once."""

    generation: int
    identity: str = ""


def renew_links(case: Case | None, command: RenewLinks, given: Given) -> list[e.Event]:
    if known(case).link_generation != command.generation:
        return []
    return [e.LinksRenewed(generation=command.generation + 1, identity=command.identity)]


class ErasePerson(Command, frozen=True, kw_only=True):
    person: str


def erase_person(case: Case | None, command: ErasePerson, given: Given) -> list[e.Event]:
    return [] if command.person in known(case).erased else [e.PersonErased(person=command.person)]


class RedactText(Command, frozen=True, kw_only=True):
    """`id` of a text or file whose key is destroyed."""

    id: str
    reason: str


def redact_text(case: Case | None, command: RedactText, given: Given) -> list[e.Event]:
    if command.id in known(case).remarks:
        return []
    return [e.TextRedacted(id=command.id, reason=command.reason)]
