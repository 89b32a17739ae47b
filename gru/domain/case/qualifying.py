"""What is asked, who examines it, and what does that promise?"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from gru.domain import events as e
from gru.domain.case.given import Command, Given, still_open
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
    return [qualified, *_promises_of(case, qualified, given)]


def first_promises(opened: e.CaseOpened, type_code: str, given: Given, *, danger: bool) -> Iterator[e.Event]:
    """What is promised at reception: the type's rules when it is known, else those for every request."""
    if type_code:
        said = _qualified(QualifyCase(case_id="", type=type_code, danger=danger), given)
        yield said
        yield from _promised(type_code, said.department, opened, given, danger)
    else:
        yield from _promised("", opened.department, opened, given, danger)


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


def _promises_of(case: Case, said: e.CaseQualified, given: Given) -> Iterator[e.Event]:
    """The type's own promises, counted from reception; what is kept already stays as it was promised."""
    if (case.type, case.danger) == (said.type, said.danger):
        return
    for event in _promised(said.type, said.department, case, given, said.danger):
        if not _holds_already(case, event):
            yield event


def _holds_already(case: Case, event: e.Event) -> bool:
    match event:
        case e.CommitmentPromised():
            before = case.commitments.get(event.kind)
            kept = before is not None and before.kept_at is not None
            return kept or (before is not None and (before.due, before.rule) == (event.due, event.rule))
        case e.LegalDateSet():
            known = case.legal.get(event.clock)
            return known is not None and (known.due, known.regime) == (event.due, event.regime)
    return False


def _promised(
    type_code: str, department: str, received: e.CaseOpened | Case, given: Given, danger: bool
) -> Iterator[e.Event]:
    town, channel, at = given.town, received.channel, received.received_at
    for promise in town.promises(type_code, department, channel, at, danger):
        yield e.CommitmentPromised(
            kind=promise.kind,
            due=promise.due,
            warn_at=promise.warn_at,
            rule=promise.rule,
            calendar=promise.calendar,
            town_version=town.number,
        )
    for day in town.legal_dates(type_code, channel, at):
        yield e.LegalDateSet(clock=day.clock, due=day.due, regime=day.regime, basis=day.basis)


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
