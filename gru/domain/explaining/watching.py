"""What did the case know when a date was last counted, and which facts moved it?"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from gru.domain import events as e
from gru.domain.case import Case, evolve
from gru.domain.clocks import Pause
from gru.domain.explaining.telling import Told
from gru.domain.town import Town

Towns = Callable[[int, int], Town]
"""A version of the town, counting the days of another one; 0 for its own."""

A_MINUTE = 60


class History(msgspec.Struct, frozen=True):
    """The facts of one case, oldest first, looked at at an instant that is not before the last of them."""

    facts: Sequence[e.Recorded]
    at: datetime

    def states(self) -> Iterator[tuple[Case | None, e.Recorded, Case]]:
        """Each fact between what was before and what was after it."""
        case: Case | None = None
        for recorded in self.facts:
            before, case = case, evolve(case, recorded)
            yield before, recorded, case

    @property
    def case(self) -> Case:
        *_, (_, _, case) = self.states()
        return case


def town_of(case: Case, towns: Towns) -> Town:
    return towns(case.town_version, case.days_of)


def waits_told(history: History, *, law: bool = False) -> tuple[Told, ...]:
    """Every wait of the case, in the order in which it was told, and whether it stops the town's clock or the law's."""
    waits = history.case.waits
    found = []
    for recorded in history.facts:
        if isinstance(recorded.event, e.WaitStarted):
            wait = waits[recorded.event.wait_id]
            late = (recorded.at - wait.since).total_seconds() > A_MINUTE
            found.append(
                Told(
                    recorded.version,
                    wait.since,
                    wait.ended_at,
                    wait.until,
                    wait.party,
                    wait.reason,
                    wait.incomplete if law else wait.stopping,
                    late,
                )
            )
    return tuple(found)


def beside(case: Case, stopping: Sequence[Pause], now: datetime) -> list[Pause]:
    """The pauses that stop the clock, and all waits until now, which say whose time it was and stop nothing."""
    waits = [Pause(wait.since, wait.ended_at or now, wait.party, wait.reason, False) for wait in case.waits.values()]
    return [*stopping, *waits]
