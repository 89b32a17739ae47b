"""Which case does this address mean, may this agent see it, and as of when is it looked at?"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import abort, request

from gru.domain import events as e
from gru.domain.case import Case, replay
from gru.domain.clocks import Calendar
from gru.domain.references import NUMBER
from gru.domain.rights import Act, Agent, may
from gru.domain.town import Town
from gru.storage.people import Person
from gru.web import current
from gru.web.agents.names import Names, names_for
from gru.web.dates import French
from gru.web.forms import local_instant, whole_number


class OutOfScope(Exception):
    """The case exists, and this agent may not see it or not do this to it: its department is named."""

    def __init__(self, ref: str, department: str) -> None:
        super().__init__(ref)
        self.ref = ref
        self.department = department


@dataclass(frozen=True)
class Sheet:
    """One case as one agent looks at it. `case` and `history` are as of `at`; `latest` is the case now."""

    ref: str
    agent: Agent
    latest: Case
    case: Case
    history: tuple[e.Recorded, ...]
    total: int
    at: datetime
    is_past: bool

    @property
    def base(self) -> str:
        return f"/agent/demandes/{self.ref}"

    @cached_property
    def town(self) -> Town:
        """The version the case is bound to, which its promises are judged by."""
        return current.office().town.counting(self.case.town_version, self.case.days_of)

    @cached_property
    def names(self) -> Names:
        office = current.office()
        return names_for(self.history, self.town, current.everybody(), office.archive)

    @property
    def french(self) -> French:
        return current.french()

    @cached_property
    def french_then(self) -> French:
        return French(self.at, self.french.zone) if self.is_past else self.french

    @property
    def calendar(self) -> Calendar:
        return self.town.calendar_of(self.case.department)

    @property
    def title(self) -> str:
        opened = self.history[0].event
        title = self.names.text(opened.title) if isinstance(opened, e.CaseOpened) else ""
        return title or self.names.type(self.case.type)

    @property
    def requester(self) -> Person | None:
        return self.names.people.get(self.case.requester)

    @property
    def crumb(self) -> str:
        department = self.names.department(self.case.department)
        return f"{self.ref} · {department} › {self.names.type(self.case.type)}"

    def may(self, act: Act) -> bool:
        return may(self.agent, act, self.latest)


def open_sheet(ref: str, act: Act = "see", *, at: datetime | None = None, fact: int | None = None) -> Sheet:
    """The case numbered `ref`, at a date or a fact; 404 when there is none, `OutOfScope` when it is hidden."""
    office, agent = current.office(), current.agent()
    case_id = office.desk.case_numbered(ref) if NUMBER.fullmatch(ref) else ""
    history = tuple(office.log.history(case_id)) if case_id else ()
    latest = replay(history)
    if latest is None:
        abort(404)
    if not may(agent, "see", latest) or (act != "see" and not may(agent, act, latest)):
        raise OutOfScope(ref, latest.department)
    then = _as_of(history, at, fact)
    case = replay(then) if then else None
    if case is None:
        raise NotYet(ref, latest.received_at)
    past = len(then) < len(history)
    now = current.now()
    instant = (at or then[-1].at) if past else now
    return Sheet(ref, agent, latest, case, then, len(history), instant, past)


def moment() -> tuple[datetime | None, int | None]:
    """As of which instant or fact the address asks for a case: `au` before `fait`."""
    written, fact = request.args.get("au", ""), request.args.get("fait", "")
    at = local_instant(written, current.french().zone) if written else None
    return at, whole_number(fact) if at is None else None


class NotYet(Exception):
    """The case did not exist at that date."""

    def __init__(self, ref: str, received_at: datetime) -> None:
        super().__init__(ref)
        self.ref = ref
        self.received_at = received_at


def _as_of(history: tuple[e.Recorded, ...], at: datetime | None, fact: int | None) -> tuple[e.Recorded, ...]:
    if fact is not None:
        return tuple(recorded for recorded in history if recorded.version <= max(1, fact))
    if at is not None:
        return tuple(recorded for recorded in history if recorded.at <= at)
    return history
