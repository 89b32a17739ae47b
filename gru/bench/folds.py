"""How many facts are folded in a second of processor time, as they come and in a rebuild?"""

import os
import time
from dataclasses import dataclass

from gru.bench.towns import SEED, UNTIL, Tell, Town
from gru.bootstrap import Office
from gru.demo.year import Year
from gru.office.rebuild import rebuild
from projections.base import Group

NEWS = 300
"""Cases that happen while it is watched how they are folded."""


@dataclass(frozen=True)
class Folding:
    """`facts` of the log, `folds` of all projections together; `cpu` seconds of this process and its children, of the
    server's, and the `seconds` that went by."""

    facts: int
    folds: int
    cpu: float
    database: float
    seconds: float


def live(town: Town, group: Group) -> Folding:
    """Facts that have just been written, in batches, into tables that are full."""
    office = town.office
    before = office.projector.position(group)
    began = time.monotonic()
    with town.meter.reading() as found:
        while office.projector.step(group):
            pass
    seconds = time.monotonic() - began
    facts, folds = _counted(office, before, office.projector.position(group), [group])
    return Folding(facts, folds, found.cost.cpu, found.cost.database, seconds)


def news(town: Town, number: int = NEWS) -> None:
    """More cases happen; they are not projected yet."""
    Year(town.office, UNTIL, SEED + town.office.log.head()).write(number, lambda done, of: None)


def rebuilt(town: Town, tell: Tell) -> Folding:
    """Every table anew from the whole history."""
    office = town.office
    began = told = time.monotonic()
    beside = _children_cpu()

    def progress(what: str, done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > 2:
            told = time.monotonic()
            tell(f"rebuild, {what}: {done} of {total}")

    with town.meter.reading() as found:
        rebuild(office.projector, progress=progress)
    seconds, cpu = time.monotonic() - began, found.cost.cpu + _children_cpu() - beside
    facts, folds = _counted(office, 0, office.log.head(), list(office.projector.groups))
    return Folding(facts, folds, cpu, found.cost.database, seconds)


def _children_cpu() -> float:
    """Of the processes we began and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _counted(office: Office, after: int, upto: int, groups: list[Group]) -> tuple[int, int]:
    """How many facts lie there, and how many folds they are in these groups."""
    projections = [p for group in groups for p in office.projector.group(group)]
    wanting: dict[str, int] = {}
    for projection in projections:
        for kind in projection.events:
            wanting[kind.NAME] = wanting.get(kind.NAME, 0) + 1
    facts = folds = 0
    while raws := office.log.raw(after, 10_000):
        raws = [raw for raw in raws if raw[0] <= upto]
        if not raws:
            break
        facts += len(raws)
        folds += sum(wanting.get(raw[3], 0) for raw in raws)
        after = raws[-1][0]
    return facts, folds
