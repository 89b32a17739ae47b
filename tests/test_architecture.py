"""Is the house still as docs/architecture.md draws it?"""

import ast
import re
import sys
from pathlib import Path

from gru.cli import gru
from gru.domain.events import BY_NAME, UPCASTERS
from gru.settings import ALL as SETTINGS
from projections import ALL as PROJECTIONS

ROOT = Path(__file__).parents[1]
LONGEST = 450
MANY = 10


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Top-level names a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_a_module_begins_with_the_question_it_answers() -> None:
    for path in modules("gru", "projections"):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert said, f"{path} has no docstring"
        assert "?" in said.split("\n\n")[0], f"the first paragraph of {path} asks nothing"


def test_a_module_can_be_read_in_one_sitting() -> None:
    for path in modules("gru", "projections"):
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST, path


def test_every_folder_says_what_lives_in_it_and_a_large_one_names_each_of_its_modules() -> None:
    for folder in sorted({path.parent for path in modules("gru", "projections")}):
        said = (folder / "__init__.py").read_text("utf-8")
        inside = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
        inside.discard("__init__")
        unnamed = {name for name in inside if not re.search(rf"\b{name}\b", said)}
        assert len(inside) <= MANY or not unnamed, (folder.relative_to(ROOT), unnamed)
    for folder in ("tests", "docs", "docs/decisions", "benchmarks", "bin", "deploy", "gru/sample"):
        assert (ROOT / folder / "README.md").exists(), folder


def test_the_domain_knows_the_standard_library_and_msgspec_only() -> None:
    for path in modules("gru/domain"):
        assert imported(path) <= set(sys.stdlib_module_names) | {"msgspec", "gru"}, path


def test_the_domain_asks_neither_the_clock_nor_chance() -> None:
    for path in modules("gru/domain"):
        assert not imported(path) & {"random", "secrets", "time", "os", "socket", "pathlib", "subprocess"}, path
        words = path.read_text("utf-8")
        assert ".now(" not in words, path
        assert ".today(" not in words, path


def test_only_the_settings_read_the_environment() -> None:
    readers = [p for p in modules("gru", "projections") if "os.environ" in p.read_text("utf-8")]
    allowed = {"gru/settings.py", "gru/storage/standing.py"}  # the latter hands its own on to pg_dump
    assert {str(p.relative_to(ROOT)) for p in readers} <= allowed


def test_every_line_of_the_procfile_is_a_command() -> None:
    for line in (ROOT / "Procfile").read_text("utf-8").splitlines():
        _, command = line.split(":", 1)
        words = command.split()
        assert words[0] == "gru"
        found = gru.commands[words[1]]
        for word in words[2:]:
            found = found.commands[word]


def test_every_setting_is_documented_for_the_operator() -> None:
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [setting.name for setting in SETTINGS if setting.name not in runbook] == []


def test_every_projection_says_its_question_and_has_a_name_of_its_own() -> None:
    assert len({projection.name for projection in PROJECTIONS}) == len(PROJECTIONS)
    for projection in PROJECTIONS:
        assert projection.question.endswith("?"), projection.name


def test_every_event_has_a_stable_name_and_each_older_version_an_upcaster() -> None:
    for name, event in BY_NAME.items():
        assert (event.NAME, "." in name, event.__doc__ is None) == (name, True, event.__doc__ is None)
        for version in range(1, event.VERSION):
            assert version in UPCASTERS[name], f"{name} of version {version} cannot be read any more"


def test_the_recipes_name_files_that_exist() -> None:
    words = (ROOT / "CONTRIBUTING.md").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    named = {
        part.strip("`.,:;()[]") for part in words.replace("]", " ").split() if part.startswith("`") and "/" in part
    }
    paths = {name.split(":")[0].split(" ")[0] for name in named if "GRU" not in name}
    missing = [name for name in paths if not (ROOT / name).exists() and not name.startswith(("bin/test", "-o"))]
    assert missing == []
