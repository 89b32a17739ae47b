"""How is a case told in a test? Wishes go in at given instants, facts come out."""

from datetime import UTC, datetime, timedelta

from gru.domain import case as cases
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, Given, OpenCase, PairCommand
from gru.domain.town import Town
from tests.domain.towns import sample_town

CASE = "01890000000070008000000000000001"
OTHER = "01890000000070008000000000000002"
PERSON = "01890000000070008000000000000003"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = e.TextRef("01890000000070008000000000000004", "d1")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


class Story:
    """One case told from its opening; `facts` is its whole history."""

    def __init__(self, at: datetime = MONDAY, town: Town | None = None, *, id: str = CASE, **opening: object) -> None:
        self.id, self.town = id, town or sample_town()
        self.facts: list[e.Recorded] = []
        self.case: Case | None = None
        values: dict[str, object] = {
            "channel": "email", "site": "EN-LIGNE", "received_at": at, "number": "2026-000001", "requester": PERSON,
            "message": "m1", "title": TEXT, "text": TEXT,
        }  # fmt: skip
        self.tell(OpenCase(case_id=id, **(values | opening)), at)

    def tell(
        self, command: CaseCommand | PairCommand, at: datetime, by: str = "agent:1", *, main: "Story | None" = None
    ) -> list[e.Event]:
        """What follows here from the wish, which is remembered; what follows from one about two cases in the `main`
        one is remembered there."""
        if isinstance(command, PairCommand):
            both = self.case, main.case if main else None
            given = Given(at, self.town), Given(at, main.town if main else self.town)
            events, there = cases.decide_both(*both, command, *given)
            if main:
                main.take(there, at, by)
        else:
            events = cases.decide(self.case, command, Given(at, self.town))
        self.take(events, at, by)
        return events

    def take(self, events: list[e.Event], at: datetime, by: str = "agent:1") -> None:
        for event in events:
            recorded = e.Recorded(self.id, len(self.facts) + 1, at, by, len(self.facts) + 1, b"", event)
            self.facts.append(recorded)
            self.case = cases.evolve(self.case, recorded)

    @property
    def now(self) -> Case:
        assert self.case is not None
        return self.case
