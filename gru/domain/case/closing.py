"""How does a case end, and how does it begin again?"""

from datetime import timedelta

from gru.domain import events as e
from gru.domain.case.correcting import corrections
from gru.domain.case.given import Command, Given, known
from gru.domain.case.promising import after_reopening
from gru.domain.case.state import Case
from gru.domain.case.waiting import ending
from gru.domain.errors import BadInput, CannotMerge, NotNow

RESIDENT_MAY_REOPEN = timedelta(days=30)


class CloseCase(Command, frozen=True, kw_only=True):
    """`main` for a duplicate, `body` (its code) for a redirection to another administration (CRPA L114-2)."""

    outcome: e.Outcome
    main: str = ""
    body: str = ""
    text: e.TextRef | None = None


def close_case(case: Case | None, command: CloseCase, given: Given) -> list[e.Event]:
    case = known(case)
    if case.status == "closed":
        if case.outcome == command.outcome:
            return []
        raise NotNow(f"Case {case.number} is closed already, with another outcome.", number=case.number)
    _check_outcome(case, command, given)
    closed = e.CaseClosed(outcome=command.outcome, main=command.main, body=command.body, text=command.text)
    return [*ending(case, case.open_waits, given.now, "closed", given), closed]


def _check_outcome(case: Case, command: CloseCase, given: Given) -> None:
    if command.outcome == "duplicate" and command.main in ("", case.id):
        raise BadInput("A duplicate must name its main case.", field="main")
    if command.outcome == "redirected" and command.body not in given.town.bodies:
        raise BadInput("A redirection must name the administration in charge.", field="body")


class ReopenCase(Command, frozen=True, kw_only=True):
    """`by_resident` within 30 days of closing; an agent may always."""

    reason: str
    text: e.TextRef | None = None
    by_resident: bool = False


def reopen_case(case: Case | None, command: ReopenCase, given: Given) -> list[e.Event]:
    """The first closure stays in the figures; a promise kept or open runs anew from today."""
    case = known(case)
    if case.status != "closed":
        return []
    if case.main:
        raise CannotMerge("This case is merged: undo that instead.", field="merged", number=case.number)
    if command.by_resident and case.closed_at and given.now - case.closed_at > RESIDENT_MAY_REOPEN:
        raise NotNow("This case has been closed for more than 30 days.", number=case.number)
    reopened = e.CaseReopened(reason=command.reason, text=command.text)
    return [reopened, *corrections(case, given), *after_reopening(case, given)]
