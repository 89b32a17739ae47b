"""What does a decision need to be told besides the case and the wish?"""

from datetime import datetime

import msgspec

from gru.domain.case.state import Case
from gru.domain.errors import BadInput, CaseIsClosed, NoSuchCase
from gru.domain.town import Town


class Given(msgspec.Struct, frozen=True):
    """`now` in UTC; `town` in the version the case is bound to (at opening: that in force at reception)."""

    now: datetime
    town: Town


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A wish about one case."""

    case_id: str


def known(case: Case | None) -> Case:
    if case is None:
        raise NoSuchCase("There is no such case.")
    return case


def still_open(case: Case | None) -> Case:
    case = known(case)
    if case.status == "closed":
        raise CaseIsClosed(f"Case {case.number} is closed: reopen it first.", number=case.number)
    return case


def not_in_future(at: datetime, given: Given, what: str) -> datetime:
    if at > given.now:
        raise BadInput(f"{what} may not lie in the future.", field=what)
    return at
