"""Which figures follow from what was counted?"""

from collections.abc import Mapping

import msgspec

from gru.bench.burst import Burst
from gru.bench.committee import Reported
from gru.bench.folds import Folding
from gru.bench.mails import MailCosts
from gru.bench.meter import Costs, middle_ratio
from gru.bench.simulator import Simulated
from gru.bench.towns import Writing
from gru.bench.weekly import Kept

Figures = dict[str, float]


class Found(msgspec.Struct):
    """What one town was found to cost; a part that was not asked for is empty."""

    database: str
    cases: int
    facts: int = 0
    year: Figures = {}
    weekly: Figures = {}
    pages: dict[str, Figures] = {}
    growth: Figures = {}
    replies: dict[str, Figures] = {}
    mails: Figures = {}
    live: dict[str, Figures] = {}
    rebuild: Figures = {}
    disk: dict[str, int] = {}
    burst: Figures = {}
    simulator: Figures = {}
    report: Figures = {}
    memory: Figures = {}


class Results(msgspec.Struct):
    """`slowness`: how many times as long as at its quietest the machine took for the same steps."""

    machine: dict[str, str]
    rounds: int
    slowness: float
    towns: list[Found]


def cost(costs: Costs) -> Figures:
    return {"cpu_ms": costs.cpu * 1000, "database_ms": costs.database * 1000, "statements": costs.statements}


def weekly(found: Kept) -> Figures:
    """Of all weeks, and of looking whether they are at hand."""
    return {
        "anew_s": found.anew.cpu + found.anew.database,
        "again_ms": (found.again.cpu + found.again.database) * 1000,
        "again_statements": found.again.statements,
    }


def page(costs: Costs, bare: Costs) -> Figures:
    """With how many times the bare page it is; `whole` counts the database server's own time too."""
    return cost(costs) | {
        "times_bare": middle_ratio([c.cpu for c in costs.all], [c.cpu for c in bare.all]),
        "times_bare_whole": middle_ratio([c.whole for c in costs.all], [c.whole for c in bare.all]),
    }


def growth(large: Mapping[str, Costs], small: Mapping[str, Costs]) -> Figures:
    """How many times each page of the small town the same page of the large one is."""
    return {
        name: middle_ratio([c.whole for c in large[name].all], [c.whole for c in small[name].all]) for name in large
    }


def mails(costs: MailCosts) -> Figures:
    found = {"read_a_second": 1 / costs.read.cpu}
    for name, each in (("one_by_one", costs.each), ("thirteen_together", costs.together)):
        if each.all:
            found[f"{name}_a_second"] = 1 / each.cpu
            found[f"{name}_statements"] = each.statements
            found[f"{name}_database_ms"] = each.database * 1000
    return found


def folding(found: Folding) -> Figures:
    return {
        "facts": found.facts,
        "cpu_s": found.cpu,
        "database_s": found.database,
        "seconds": found.seconds,
        "facts_a_cpu_second": found.facts / found.cpu,
        "facts_a_second": found.facts / found.seconds,
        "folds_a_second": found.folds / found.seconds,
    }


def burst(found: Burst) -> Figures:
    told: Figures = {
        "mails": found.mails,
        "seconds": found.seconds,
        "lost": found.lost,
        "twice": found.twice,
        "looks": len(found.during.all),
        "quiet_ms": found.quiet.cpu * 1000,
        "quiet_statements": found.quiet.statements,
    }
    if found.during.all:
        told |= {
            "during_ms": found.during.cpu * 1000,
            "during_statements": found.during.statements,
            "times_quiet": found.during.cpu / found.quiet.cpu,
        }
    return told | {f"outcome: {name}": count for name, count in found.outcomes.items()}


def simulator(found: Simulated) -> Figures:
    """`cpu_s_200_000`: what as many cases would take at this pace."""
    return {
        "cases": found.cases,
        "flips": found.flips,
        "cpu_s": found.cpu,
        "database_s": found.database,
        "cpu_s_200_000": found.cpu * 200_000 / found.cases,
        "growth_mb": found.growth,
    }


def report(found: Reported) -> Figures:
    return {
        "composing_s": found.composing,
        "pdf_s": found.pdf,
        "pdf_seconds": found.seconds,
        "statements": found.statements,
        "pages": found.pages,
    }


def year(writing: Writing) -> Figures:
    return {
        "cpu_s": writing.cpu,
        "cases_a_second": writing.cases / writing.cpu,
        "facts_a_case": writing.facts / writing.cases,
    }
