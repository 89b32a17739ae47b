"""What must hold, and does it?"""

from collections.abc import Callable, Iterator

import msgspec

from gru.bench.figures import Found, Results
from gru.bench.pages import FIGURES, OWN_QUEUE, QUEUE, WORKED_WITH

MAILS_A_SECOND = 100
TIMES_BARE = 4
STATEMENTS = 8
GROWTH = 1.3
FIGURES_MS = 200
FACTS_A_SECOND = 50_000
WEB_MEGABYTES = 150
TIMES_QUIET = 2
SIMULATED_SECONDS = 60
SIMULATOR_MEGABYTES = 60
REPORT_SECONDS = 1
REPORT_PDF_SECONDS = 10


class Verdict(msgspec.Struct, frozen=True):
    """`where` it was found to be `figure`, which must be `limit` at least or at most."""

    what: str
    where: str
    figure: float
    limit: float
    at_least: bool

    @property
    def met(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def verdicts(results: Results) -> list[Verdict]:
    """Of every must that was measured, in every town; the first that is not met comes first in its kind."""
    return [verdict for judge in _JUDGES for town in results.towns for verdict in judge(town)]


def _at_least(what: str, town: Found, figure: float, limit: float) -> Verdict:
    return Verdict(what, f"{town.database}, {town.cases:,} cases", figure, limit, True)


def _at_most(what: str, town: Found, figure: float, limit: float) -> Verdict:
    return Verdict(what, f"{town.database}, {town.cases:,} cases", figure, limit, False)


def _mails(town: Found) -> Iterator[Verdict]:
    """As a worker takes them in while many wait; one that comes alone is told of, and has time."""
    if town.mails:
        figure = town.mails["thirteen_together_a_second"]
        yield _at_least("mails taken in and projected in a CPU second", town, figure, MAILS_A_SECOND)


def _queue(town: Found) -> Iterator[Verdict]:
    for name in (QUEUE, OWN_QUEUE):
        if name in town.pages:
            yield _at_most(f"{name}: times the bare page", town, town.pages[name]["times_bare"], TIMES_BARE)


def _statements(town: Found) -> Iterator[Verdict]:
    for name in (QUEUE, OWN_QUEUE):
        if name in town.pages:
            yield _at_most(f"{name}: statements", town, town.pages[name]["statements"], STATEMENTS)


def _figures(town: Found) -> Iterator[Verdict]:
    for name in FIGURES:
        if name in town.pages:
            page = town.pages[name]
            yield _at_most(f"{name}: ms", town, page["cpu_ms"] + page["database_ms"], FIGURES_MS)


def _growth(town: Found) -> Iterator[Verdict]:
    """A page that is worked with grows with nothing; one of figures with the cases of its weeks."""
    for name in WORKED_WITH:
        if name in town.growth:
            yield _at_most(f"{name}: growth from the smallest town", town, town.growth[name], GROWTH)


def _rebuild(town: Found) -> Iterator[Verdict]:
    if town.rebuild and town.database == "postgresql":
        yield _at_least("facts rebuilt a second", town, town.rebuild["facts_a_second"], FACTS_A_SECOND)
        yield _at_least("folds a second in a rebuild", town, town.rebuild["folds_a_second"], FACTS_A_SECOND)


def _burst(town: Found) -> Iterator[Verdict]:
    if town.burst:
        lost = town.burst["lost"] + town.burst["twice"]
        yield _at_most("burst: mails without exactly one outcome", town, lost, 0)
    if "during_ms" in town.burst:
        yield _at_most("burst: times the quiet queue", town, town.burst["times_quiet"], TIMES_QUIET)
        quiet, during = town.burst["quiet_statements"], town.burst["during_statements"]
        yield _at_most("burst: statements of the queue", town, during, TIMES_QUIET * quiet)


def _memory(town: Found) -> Iterator[Verdict]:
    if "web" in town.memory:
        yield _at_most("web worker: megabytes", town, town.memory["web"], WEB_MEGABYTES)


def _simulator(town: Found) -> Iterator[Verdict]:
    if town.simulator:
        seconds = town.simulator["cpu_s_200_000"]
        yield _at_most("simulator: CPU seconds for 200,000 cases", town, seconds, SIMULATED_SECONDS)
        yield _at_most("simulator: megabytes grown by", town, town.simulator["growth_mb"], SIMULATOR_MEGABYTES)


def _report(town: Found) -> Iterator[Verdict]:
    if town.report:
        yield _at_most("report: CPU seconds of its page", town, town.report["composing_s"], REPORT_SECONDS)
        yield _at_most("report: CPU seconds of its PDF", town, town.report["pdf_s"], REPORT_PDF_SECONDS)


_JUDGES: tuple[Callable[[Found], Iterator[Verdict]], ...] = (
    _mails,
    _queue,
    _statements,
    _figures,
    _growth,
    _rebuild,
    _burst,
    _memory,
    _simulator,
    _report,
)
