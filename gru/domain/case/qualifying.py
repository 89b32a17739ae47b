"""What is asked, who examines it, and what does that promise?"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from gru.domain import events as e
from gru.domain.case.given import Command, Given, still_open
from gru.domain.case.promising import at_reception, requalified
from gru.domain.case.state import Case
from gru.domain.errors import BadInput, NotNow
from gru.domain.town import RequestType


class QualifyCase(Command, frozen=True, kw_only=True):
    """`""` takes the type's own department or confidentiality."""

    type: str
    department: str = ""
    confidentiality: e.Confidentiality | Literal[""] = ""
    priority: e.Priority = "normal"
    danger: bool = False


def qualify_case(case: Case | None, command: QualifyCase, given: Given) -> list[e.Event]:
    case = still_open(case)
    qualified = _qualified(command, given)
    if _already(case, qualified):
        return []
    if (case.type, case.danger) == (qualified.type, qualified.danger):
        return [qualified]
    return [qualified, *requalified(case, qualified, given)]


def first_promises(opened: e.CaseOpened, type_code: str, given: Given, *, danger: bool) -> Iterator[e.Event]:
    """What is promised at reception: the type's rules when it is known, else those for every request."""
    if type_code:
        said = _qualified(QualifyCase(case_id="", type=type_code, danger=danger), given)
        yield said
        yield from at_reception(opened, type_code, said.department, danger, given)
    else:
        yield from at_reception(opened, "", opened.department, danger, given)


def _qualified(command: QualifyCase, given: Given) -> e.CaseQualified:
    kind = _type(command.type, given)
    department = command.department or kind.department
    if department not in given.town.departments:
        raise BadInput(f"{department} is no department of the town.", field="department", value=department)
    return e.CaseQualified(
        type=kind.code,
        department=department,
        confidentiality=command.confidentiality or kind.confidentiality,
        priority="urgent" if command.danger else command.priority,
        danger=command.danger,
        regime=kind.legal.regime,
    )


def _type(code: str, given: Given) -> RequestType:
    kind = given.town.types.get(code)
    if kind is None:
        raise BadInput(f"{code} is no request type of the catalogue.", field="type", value=code)
    return kind


def _already(case: Case, said: e.CaseQualified) -> bool:
    now = (case.type, case.department, case.confidentiality, case.priority, case.danger)
    return now == (said.type, said.department, said.confidentiality, said.priority, said.danger)


class AssignCase(Command, frozen=True, kw_only=True):
    """`""` gives the case back to its department."""

    agent: str


def assign_case(case: Case | None, command: AssignCase, given: Given) -> list[e.Event]:
    return [] if still_open(case).agent == command.agent else [e.CaseAssigned(agent=command.agent)]


class TransferCase(Command, frozen=True, kw_only=True):
    department: str
    reason: str
    explanation: e.TextRef | None = None


def transfer_case(case: Case | None, command: TransferCase, given: Given) -> list[e.Event]:
    """To another department of the same town: no clock is reset (same legal person, CRPA L114-2)."""
    case = still_open(case)
    if command.department not in given.town.departments:
        raise BadInput(
            f"{command.department} is no department of the town.", field="department", value=command.department
        )
    if not command.reason:
        raise BadInput("A transfer must state its reason.", field="reason")
    if case.department == command.department:
        return []
    return [e.CaseTransferred(department=command.department, reason=command.reason, explanation=command.explanation)]


class PlanIntervention(Command, frozen=True, kw_only=True):
    day: date
    moment: Literal["day", "morning", "afternoon"] = "day"


def plan_intervention(case: Case | None, command: PlanIntervention, given: Given) -> list[e.Event]:
    said = e.InterventionPlanned(day=command.day, moment=command.moment)
    return [] if still_open(case).intervention == said else [said]


class MakeSafe(Command, frozen=True, kw_only=True):
    made_safe_at: datetime


def make_safe(case: Case | None, command: MakeSafe, given: Given) -> list[e.Event]:
    promise = still_open(case).commitments.get("make_safe")
    if promise is None:
        raise NotNow("No danger was declared in this case.")
    if promise.kept_at is not None:
        return []
    return [e.MadeSafe(made_safe_at=min(command.made_safe_at, given.now))]
