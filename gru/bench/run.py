"""In which order is it measured?

Every town is open at once and looked at in turns, so that what the machine does besides falls on all alike.
"""

import platform
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

from gru.bench import disk, figures, folds, memory, weekly
from gru.bench.burst import burst
from gru.bench.committee import reported
from gru.bench.figures import Found, Results
from gru.bench.mails import Mails
from gru.bench.meter import Pace
from gru.bench.pages import BARE, PAGES, Pages
from gru.bench.replies import Replies
from gru.bench.simulator import simulated
from gru.bench.towns import Plot, Tell, Town, clear, is_there, make, opened
from gru.bootstrap import build_office


def run(plots: Sequence[Plot], server: str, rounds: int, parts: Collection[str], tell: Tell) -> Results:
    """Make the towns that are not there, and measure these parts in each."""
    return _Run(plots, server, rounds, parts, tell).results()


class _Run:
    def __init__(self, plots: Sequence[Plot], server: str, rounds: int, parts: Collection[str], tell: Tell) -> None:
        self._plots = plots
        self._server = server
        self._rounds = rounds
        self._parts = parts
        self._tell = tell
        self._pace = Pace()
        self._found = {plot.name: Found(plot.kind, plot.cases) for plot in plots}

    def results(self) -> Results:
        for plot in self._plots:
            self._make(plot)
        with ExitStack() as stack:
            towns = [stack.enter_context(opened(plot)) for plot in self._plots]
            for part, measure in (("pages", self._pages), ("replies", self._replies), ("mails", self._mails)):
                if part in self._parts:
                    measure(towns)
            for town in towns:
                self._by_itself(town)
            machine = _machine(towns)
        for plot in self._plots:
            if "memory" in self._parts:
                self._tell(f"{plot.name}: memory of the processes")
                self._found[plot.name].memory = memory.megabytes(plot)
        return Results(machine, self._rounds, self._pace.slowness(), list(self._found.values()))

    def _make(self, plot: Plot) -> None:
        found = self._found[plot.name]
        if not is_there(plot, self._server):
            clear(plot, self._server)
        office = build_office(plot.settings)
        try:
            outdated = office.prepare()
            writing = make(office, plot.cases, lambda said: self._tell(f"{plot.name}: {said}"))
            empty = not all(office.projector.position(group) for group in office.projector.groups)
        finally:
            office.close()
        if writing is not None:
            found.year = figures.year(writing)
        with opened(plot) as town:
            if empty or outdated or "rebuild" in self._parts:
                found.rebuild = figures.folding(folds.rebuilt(town, lambda said: self._tell(f"{plot.name}: {said}")))
            for group in town.office.projector.groups:
                town.office.projector.catch_up(group, seconds=3600)

    def _turns(self, what: str) -> range:
        self._tell(f"{what}: {self._rounds} rounds")
        return range(self._rounds)

    def _pages(self, towns: Sequence[Town]) -> None:
        """The clock has counted by the week before anybody looks at figures."""
        for town in towns:
            self._tell(f"{town.plot.name}: counts by the week")
            self._found[town.plot.name].weekly = figures.weekly(weekly.kept(town))
        shown = [Pages(town) for town in towns]
        for pages in shown:
            pages.warm_up()
        for _ in self._turns("pages"):
            self._pace.feel()
            for name in (BARE, *PAGES):
                for pages in shown:
                    pages.round(name)
        smallest = {town.plot.kind: pages for town, pages in reversed(list(zip(towns, shown, strict=True)))}
        for town, pages in zip(towns, shown, strict=True):
            found, small = self._found[town.plot.name], smallest[town.plot.kind]
            found.pages = {name: figures.page(costs, pages.costs[BARE]) for name, costs in pages.costs.items()}
            if small is not pages:
                found.growth = figures.growth(pages.costs, small.costs)

    def _replies(self, towns: Sequence[Town]) -> None:
        writers = [Replies(town) for town in towns]
        for _ in self._turns("replies"):
            self._pace.feel()
            for writer in writers:
                writer.round()
        for town, writer in zip(towns, writers, strict=True):
            ways = {"at the desk": writer.at_the_desk, "through the form": writer.through_the_form}
            self._found[town.plot.name].replies = {name: figures.cost(costs) for name, costs in ways.items()}

    def _mails(self, towns: Sequence[Town]) -> None:
        boxes = [Mails(town) for town in towns]
        for number in self._turns("mails"):
            self._pace.feel()
            for box in boxes:
                box.round(together=number % 2 == 1)
        for town, box in zip(towns, boxes, strict=True):
            self._found[town.plot.name].mails = figures.mails(box.costs)

    def _by_itself(self, town: Town) -> None:
        found = self._found[town.plot.name]
        found.facts = town.office.log.head()
        if "live" in self._parts:
            self._tell(f"{town.plot.name}: facts as they come")
            folds.news(town)
            found.live = {group: figures.folding(folds.live(town, group)) for group in town.office.projector.groups}
        if "disk" in self._parts:
            found.disk = disk.bytes_used(town)
        if "simulator" in self._parts:
            found.simulator = figures.simulator(simulated(town, lambda said: self._tell(f"{town.plot.name}: {said}")))
        if "report" in self._parts:
            self._tell(f"{town.plot.name}: report to the committee")
            found.report = figures.report(reported(town))
        if "burst" in self._parts:
            found.burst = figures.burst(burst(town, self._rounds, lambda said: self._tell(f"{town.plot.name}: {said}")))


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
                found["postgresql"] = str(connection.exec_driver_sql("SHOW server_version").scalar())
    return found
