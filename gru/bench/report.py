"""How are the results told: as JSON for programs, as tables for people?"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from gru.bench.figures import Found, Results
from gru.bench.musts import verdicts

Cells = Sequence[str]


def as_json(results: Results) -> str:
    told = msgspec.to_builtins(results)
    told["musts"] = [msgspec.to_builtins(v) | {"met": v.met} for v in verdicts(results)]
    return msgspec.json.format(msgspec.json.encode(_rounded(told)), indent=2).decode()


def as_tables(results: Results) -> str:
    """In Markdown, which reads well on a terminal too."""
    machine = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    said = f"Measured on {machine}; medians of {results.rounds} rounds."
    slow = f"The machine did other things too: it took {results.slowness:.2f} times as long as when it was quietest."
    parts = [f"{said} {slow}", *_tables(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _tables(results: Results) -> Iterable[str]:
    musts = [
        (v.what, v.where, _number(v.figure), f"{'≥' if v.at_least else '≤'} {_number(v.limit)}",
         "met" if v.met else "**not met**")
        for v in verdicts(results)
    ]  # fmt: skip
    yield _table("What must hold", ("must", "where", "found", "limit", ""), musts)
    for title, rows in (
        ("Pages: CPU ms of the process, of the database server, statements, times the bare page", _pages),
        ("A year counted by the week, for the pages of figures", _weekly),
        ("Growth of a page from the smallest town of its database, with the server's time", _growth),
        ("Writing a reply until the pages show it: CPU ms, server ms, statements", _replies),
        ("Mails in a CPU second", _mails),
        ("Facts folded in a second", _folding),
        ("Inventing a year", _year),
        ("A burst of mails", _burst),
        ("Simulator", _simulator),
        ("Report to the committee", _report),
        ("Memory, MB", _memory),
        ("Disk, MB (bytes a case)", _disk),
    ):
        yield _by_town(title, results.towns, rows)


def _by_town(title: str, towns: Sequence[Found], rows: Callable[[Found], dict[str, str]]) -> str:
    columns = [rows(town) for town in towns]
    names = list(dict.fromkeys(name for column in columns for name in column))
    heads = ("", *(f"{town.database} {town.cases:,}" for town in towns))
    return _table(title, heads, [(name, *(column.get(name, "") for column in columns)) for name in names])


def _table(title: str, heads: Cells, rows: Sequence[Cells]) -> str:
    if not rows:
        return ""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]

    def line(cells: Cells) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((f"### {title}", "", line(heads), rule, *map(line, rows)))


# --- rows ----------------------------------------------------------------------------------------------------------


def _pages(town: Found) -> dict[str, str]:
    return {name: f"{_costs(page)} · {page['times_bare']:.1f}×" for name, page in town.pages.items()}


def _costs(one: dict[str, float]) -> str:
    return f"{one['cpu_ms']:.1f} + {one['database_ms']:.1f} · {one['statements']:.0f}"


def _weekly(town: Found) -> dict[str, str]:
    names = {
        "anew_s": "all of it: CPU seconds, the server's too",
        "again_ms": "looking whether it is at hand: ms",
        "again_statements": "… statements",
    }
    return {said: _number(town.weekly[name]) for name, said in names.items() if town.weekly}


def _growth(town: Found) -> dict[str, str]:
    return {name: f"{times:.2f}" for name, times in town.growth.items()}


def _replies(town: Found) -> dict[str, str]:
    return {name: _costs(one) for name, one in town.replies.items()}


def _mails(town: Found) -> dict[str, str]:
    names = {
        "read_a_second": "only read",
        "one_by_one_a_second": "taken in and projected, one by one",
        "one_by_one_statements": "… statements a mail",
        "one_by_one_database_ms": "… server ms a mail",
        "thirteen_together_a_second": "taken in and projected, thirteen together",
        "thirteen_together_statements": "… statements a mail, together",
        "thirteen_together_database_ms": "… server ms a mail, together",
    }
    return {said: _number(town.mails[name]) for name, said in names.items() if name in town.mails}


def _folding(town: Found) -> dict[str, str]:
    ways = {f"live, {group}": each for group, each in town.live.items()} | {"rebuild, all": town.rebuild}
    return {
        name: f"{_number(each['facts_a_second'])} ({_number(each['folds_a_second'])} folds)"
        for name, each in ways.items()
        if each
    }


def _burst(town: Found) -> dict[str, str]:
    return {name.replace("_", " "): _number(figure) for name, figure in town.burst.items()}


def _simulator(town: Found) -> dict[str, str]:
    names = {
        "cases": "cases judged twice",
        "flips": "promises that flip",
        "cpu_s": "CPU seconds",
        "database_s": "… of the server",
        "cpu_s_200_000": "CPU seconds for 200,000 cases",
        "growth_mb": "memory grown by, MB",
    }
    return {said: _number(town.simulator[name]) for name, said in names.items() if town.simulator}


def _report(town: Found) -> dict[str, str]:
    names = {
        "composing_s": "its page: CPU seconds",
        "statements": "… statements",
        "pdf_s": "its PDF: CPU seconds",
        "pdf_seconds": "… on the clock",
        "pages": "… pages",
    }
    return {said: _number(town.report[name]) for name, said in names.items() if town.report}


def _year(town: Found) -> dict[str, str]:
    if not town.year:
        return {}
    names = {"cases_a_second": "cases in a CPU second", "facts_a_case": "facts of a case"}
    return {said: _number(town.year[name]) for name, said in names.items()}


def _memory(town: Found) -> dict[str, str]:
    return {name: f"{megabytes:.0f}" for name, megabytes in town.memory.items()}


def _disk(town: Found) -> dict[str, str]:
    each = {name: f"{size / 1e6:,.1f} ({size / town.cases:,.0f})" for name, size in town.disk.items()}
    total = sum(town.disk.values())
    return each | {"all": f"{total / 1e6:,.1f} ({total / town.cases:,.0f})"} if each else {}


def _number(figure: float) -> str:
    if figure >= 100 or figure == int(figure):
        return f"{figure:,.0f}"
    return f"{figure:.2f}"


def _rounded(told: object) -> object:
    match told:
        case float():
            return float(f"{told:.5g}")
        case dict():
            return {name: _rounded(value) for name, value in told.items()}
        case list():
            return [_rounded(value) for value in told]
    return told
