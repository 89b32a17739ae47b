"""Does `gru bench` measure what it says, on a town far too small to judge by?"""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from gru.bench import PARTS
from gru.bench.figures import Found, Results
from gru.bench.musts import verdicts
from gru.bench.pages import BARE, PAGES, QUEUE
from gru.cli.bench import bench

QUICK = tuple(part for part in PARTS if part not in ("memory", "burst"))


def measured(folder: Path, *options: str, parts: tuple[str, ...] = QUICK) -> tuple[dict[str, Any], str]:
    """What was written as JSON, and what was printed."""
    file = folder / "results.json"
    words = ["--cases", "120", "--rounds", "2", "--json", str(file), *(f"--part={part}" for part in parts), *options]
    result = CliRunner().invoke(bench, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(file.read_text("utf-8")), result.stdout


def test_a_small_town_is_made_measured_and_thrown_away(tmp_path: Path) -> None:
    told, tables = measured(tmp_path)
    [town] = told["towns"]
    assert (town["database"], town["cases"]) == ("sqlite", 120)
    assert set(town["pages"]) == {BARE, *PAGES}
    assert all(page["cpu_ms"] > 0 and page["statements"] >= 1 for page in town["pages"].values())
    assert town["pages"][BARE]["times_bare"] == 1
    assert town["mails"]["read_a_second"] > town["mails"]["one_by_one_a_second"] > 0
    assert town["replies"]["at the desk"]["statements"] > 5
    assert town["rebuild"]["facts"] > 120 * 10
    assert town["live"]["inline"]["folds_a_second"] > town["live"]["inline"]["facts_a_second"]
    assert town["simulator"]["cases"] >= 120 and town["simulator"]["flips"] > 0
    assert town["report"]["pages"] >= 4 and town["report"]["pdf_s"] > town["report"]["composing_s"] > 0
    assert set(town["disk"]) == {"log", "views", "work", "archive", "keys", "files"}
    assert all(must["what"] in tables for must in told["musts"])
    assert list(tmp_path.iterdir()) == [tmp_path / "results.json"]


@pytest.mark.full
def test_a_burst_is_measured_with_the_real_processes(tmp_path: Path) -> None:
    told, _ = measured(tmp_path, parts=("burst",))
    [burst] = [town["burst"] for town in told["towns"]]
    assert (burst["mails"], burst["lost"], burst["twice"]) == (120, 0, 0)
    assert burst["outcome: opened"] > 60


@pytest.mark.full
def test_the_same_on_postgresql_and_its_databases_are_dropped(tmp_path: Path, postgres_url: str) -> None:
    told, _ = measured(tmp_path, "--postgresql", postgres_url, "--only", "postgresql", parts=("pages", "disk"))
    [town] = told["towns"]
    assert town["database"] == "postgresql"
    assert set(town["disk"]) == {"log", "views", "work", "archive", "keys"}
    with psycopg.connect(postgres_url) as connection:
        assert not connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'gru_bench%'").fetchall()


@pytest.mark.full
def test_a_kept_town_is_measured_again_and_a_larger_one_beside_it(tmp_path: Path) -> None:
    folder = str(tmp_path / "towns")
    measured(tmp_path, "--folder", folder, parts=("disk",))
    told, _ = measured(tmp_path, "--folder", folder, "--cases", "240", parts=("pages",))
    small, large = told["towns"]
    assert (small["year"], small["growth"]) == ({}, {})
    assert large["year"]["facts_a_case"] > 10
    assert set(large["growth"]) == {BARE, *PAGES}


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (Found("sqlite", 10, pages={QUEUE: {"times_bare": 4.0, "statements": 8}}), [True, True]),
        (Found("sqlite", 10, pages={QUEUE: {"times_bare": 4.1, "statements": 9}}), [False, False]),
        (Found("sqlite", 10, growth={QUEUE: 1.31}), [False]),
        (Found("sqlite", 10, rebuild={"facts_a_second": 1}), []),
        (Found("postgresql", 10, rebuild={"facts_a_second": 49_999, "folds_a_second": 50_000}), [False, True]),
        (Found("sqlite", 10, mails={"one_by_one_a_second": 99.0, "thirteen_together_a_second": 100.0}), [True]),
        (Found("sqlite", 10, memory={"web": 150.0}), [True]),
        (Found("sqlite", 10, report={"composing_s": 1.0, "pdf_s": 10.1}), [True, False]),
    ],
)
def test_a_must_is_met_up_to_its_limit(found: Found, met: list[bool]) -> None:
    assert [verdict.met for verdict in verdicts(Results({}, 2, 1.0, [found]))] == met


def test_postgresql_alone_needs_a_server() -> None:
    result = CliRunner().invoke(bench, ["--only", "postgresql"])
    assert result.exit_code == 1
    assert "--postgresql" in result.output
