"""What does it cost to judge twelve months of cases under other rules, and how much memory meanwhile?"""

import os
from dataclasses import dataclass
from pathlib import Path

from gru.bench.towns import Tell, Town
from gru.domain.clocks import Amount
from gru.domain.simulating import CalendarChange, Changes
from gru.domain.town import Targets

BY = "system:bench"
MEGABYTE = 1e6


@dataclass(frozen=True)
class Simulated:
    """`cpu` seconds of this process, `database` seconds of the server's; `growth` of resident memory, in megabytes."""

    cases: int
    flips: int
    cpu: float
    database: float
    growth: float


def simulated(town: Town, tell: Tell) -> Simulated:
    """Another promise to resolve for every type, another calendar for every second department, and a closure."""
    office = town.office
    latest = office.town.latest()
    targets = {
        f"type/{code}": Targets(first_response=Amount(2, "jo"), resolve=Amount(6, "jo")) for code in latest.types
    }
    calendars = sorted(latest.calendars)
    changes = Changes(
        targets=targets,
        calendars={calendars[0]: CalendarChange(shut=(office.today(),))},
        departments=dict.fromkeys(sorted(latest.departments)[::2], calendars[-1]),
    )
    before, most = _resident(), 0.0

    def progress(done: int, total: int) -> None:
        nonlocal most
        most = max(most, _resident() - before)
        if done % 50_000 == 0:
            tell(f"simulation: {done} of {total}")

    with town.meter.reading() as found:
        run = office.simulating.go(office.simulating.ask(changes, latest.number, BY, queued=False), progress=progress)
    return Simulated(run.tally.cases, run.flips, found.cost.cpu, found.cost.database, most)


def _resident() -> float:
    """Megabytes of this process; 0 where the machine does not say."""
    said = Path("/proc/self/statm")
    return int(said.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE if said.exists() else 0.0
