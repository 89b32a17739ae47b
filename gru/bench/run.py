"""In which order is it measured?

Every town is open at once and looked at in turns, so that what the machine does besides falls on all alike.
"""

import platform
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from gru.bench import disk, folds, memory
from gru.bench.folds import Folding
from gru.bench.mails import Mails
from gru.bench.meter import Costs, middle_ratio
from gru.bench.pages import BARE, PAGES, Pages
from gru.bench.replies import Replies
from gru.bench.towns import Plot, Tell, Town, Writing, clear, is_there, make, opened
from gru.bootstrap import build_office


class Found(msgspec.Struct):
    """What one town was found to cost; a part that was not asked for is empty."""

    database: str
    cases: int
    facts: int = 0
    year: dict[str, float] = {}
    pages: dict[str, dict[str, float]] = {}
    growth: dict[str, float] = {}
    replies: dict[str, dict[str, float]] = {}
    mails: dict[str, float] = {}
    live: dict[str, dict[str, float]] = {}
    rebuild: dict[str, float] = {}
    disk: dict[str, int] = {}
    memory: dict[str, float] = {}


class Results(msgspec.Struct):
    machine: dict[str, str]
    rounds: int
    towns: list[Found]


def run(plots: Sequence[Plot], server: str, rounds: int, parts: Collection[str], tell: Tell) -> Results:
    """Make the towns that are not there, and measure these parts in each."""
    found = {plot.name: Found(plot.kind, plot.cases) for plot in plots}
    for plot in plots:
        _made(plot, server, found[plot.name], parts, tell)
    with ExitStack() as stack:
        towns = [stack.enter_context(opened(plot)) for plot in plots]
        in_turns(towns, found, rounds, parts, tell)
        for town in towns:
            _by_itself(town, found[town.plot.name], parts, tell)
        machine = _machine(towns)
    for plot in plots:
        if "memory" in parts:
            tell(f"{plot.name}: memory of the processes")
            found[plot.name].memory = memory.megabytes(plot)
    return Results(machine, rounds, list(found.values()))


def _made(plot: Plot, server: str, found: Found, parts: Collection[str], tell: Tell) -> None:
    if not is_there(plot, server):
        clear(plot, server)
    office = build_office(plot.settings)
    try:
        office.prepare()
        writing = make(office, plot.cases, lambda said: tell(f"{plot.name}: {said}"))
    finally:
        office.close()
    if writing is not None:
        found.year = _year(writing)
    if writing is not None or "rebuild" in parts:
        with opened(plot) as town:
            found.rebuild = _folding(folds.rebuilt(town, lambda said: tell(f"{plot.name}: {said}")))


def in_turns(towns: Sequence[Town], found: dict[str, Found], rounds: int, parts: Collection[str], tell: Tell) -> None:
    """Pages, replies and mails of all towns, a round of each after the other."""
    if "pages" in parts:
        _pages(towns, found, rounds, tell)
    if "replies" in parts:
        writers = [Replies(town) for town in towns]
        for number in range(rounds):
            tell(f"replies: round {number + 1} of {rounds}")
            for writer in writers:
                writer.round()
        for town, writer in zip(towns, writers, strict=True):
            found[town.plot.name].replies = {
                "at the desk": _cost(writer.at_the_desk),
                "through the form": _cost(writer.through_the_form),
            }
    if "mails" in parts:
        boxes = [Mails(town) for town in towns]
        for number in range(rounds):
            tell(f"mails: round {number + 1} of {rounds}")
            for box in boxes:
                box.round(together=number % 2 == 1)
        for town, box in zip(towns, boxes, strict=True):
            found[town.plot.name].mails = _mails(box)


def _pages(towns: Sequence[Town], found: dict[str, Found], rounds: int, tell: Tell) -> None:
    shown = [Pages(town) for town in towns]
    for pages in shown:
        pages.warm_up()
    for number in range(rounds):
        tell(f"pages: round {number + 1} of {rounds}")
        for name in (BARE, *PAGES):
            for pages in shown:
                pages.round(name)
    for town, pages in zip(towns, shown, strict=True):
        mine = found[town.plot.name]
        mine.pages = {name: _cost(costs) | _beside(costs, pages.costs[BARE]) for name, costs in pages.costs.items()}
        smallest = min(
            (each for each in zip(towns, shown, strict=True) if each[0].plot.kind == town.plot.kind),
            key=lambda each: each[0].plot.cases,
        )
        if smallest[0] is not town:
            mine.growth = {name: _growth(pages.costs[name], smallest[1].costs[name]) for name in PAGES}


def _by_itself(town: Town, found: Found, parts: Collection[str], tell: Tell) -> None:
    found.facts = town.office.log.head()
    if "live" in parts:
        tell(f"{town.plot.name}: facts as they come")
        folds.news(town)
        found.live = {group: _folding(folds.live(town, group)) for group in town.office.projector.groups}
    if "disk" in parts:
        found.disk = disk.bytes_used(town)


# --- figures ---------------------------------------------------------------------------------------------------------


def _cost(costs: Costs) -> dict[str, float]:
    return {"cpu_ms": costs.cpu * 1000, "database_ms": costs.database * 1000, "statements": costs.statements}


def _beside(costs: Costs, bare: Costs) -> dict[str, float]:
    """How many times the bare page; `whole` with the database server's own time."""
    return {
        "times_bare": middle_ratio([c.cpu for c in costs.all], [c.cpu for c in bare.all]),
        "times_bare_whole": middle_ratio([c.whole for c in costs.all], [c.whole for c in bare.all]),
    }


def _growth(large: Costs, small: Costs) -> float:
    return middle_ratio([cost.whole for cost in large.all], [cost.whole for cost in small.all])


def _mails(box: Mails) -> dict[str, float]:
    costs = box.costs
    found = {"read_a_second": 1 / costs.read.cpu}
    for name, each in (("one_by_one", costs.each), ("thirteen_together", costs.together)):
        if each.all:
            found[f"{name}_a_second"] = 1 / each.cpu
            found[f"{name}_statements"] = each.statements
            found[f"{name}_database_ms"] = each.database * 1000
    return found


def _folding(folding: Folding) -> dict[str, float]:
    return {
        "facts": folding.facts,
        "cpu_s": folding.cpu,
        "database_s": folding.database,
        "facts_a_second": folding.facts_a_second,
        "folds_a_second": folding.folds_a_second,
    }


def _year(writing: Writing) -> dict[str, float]:
    return {
        "cpu_s": writing.cpu,
        "cases_a_second": writing.cases / writing.cpu,
        "facts_a_case": writing.facts / writing.cases,
    }


def _machine(towns: Sequence[Town]) -> dict[str, str]:
    found = {"system": f"{platform.system()} {platform.machine()}", "python": platform.python_version()}
    processor = Path("/proc/cpuinfo")
    if processor.exists():
        lines = processor.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        found["processor"] = f"{len(names)} x {names[0]}" if names else ""
    found["sqlite"] = sqlite3.sqlite_version
    for town in towns:
        if town.plot.kind == "postgresql":
            with town.office.databases.views.connect() as connection:
                version = connection.exec_driver_sql("SHOW server_version").scalar()
            found["postgresql"] = str(version)
    return found
