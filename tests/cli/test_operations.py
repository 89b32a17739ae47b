"""Does the operator's handbook name what there is, and nothing that is not there?

`python -m tests.cli.test_operations` writes the table of settings anew.
"""

import configparser
import re
from pathlib import Path

import click
import pytest

from gru.cli import gru
from gru.office.vitals import Vitals
from gru.settings import ALL
from tests.cli.conftest import Place

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = ROOT / "docs" / "operations.md"
UNITS = ROOT / "deploy" / "systemd"
PROCESSES = ("web", "mail", "worker", "projector", "clock")
DAYS_PROMISED = 14
BEGIN, END = "<!-- settings -->\n", "<!-- end of settings -->"


def table() -> str:
    rows = [f"| `{one.name}` | {one.meaning} | {_default(one.default)} |" for one in ALL]
    return "\n".join(["| Setting | What it is for | Default |", "|---|---|---|", *rows, ""])


def _default(value: str | None) -> str:
    return "must be set" if value is None else f"`{value}`" if value else "empty"


def handbook() -> str:
    return HANDBOOK.read_text("utf-8")


def test_the_handbook_names_every_setting_as_the_program_reads_it() -> None:
    between = handbook().partition(BEGIN)[2].partition(END)[0]
    assert between == table(), "run `python -m tests.cli.test_operations`"


def test_every_setting_it_speaks_of_exists() -> None:
    assert set(re.findall(r"\bGRU_[A-Z_]+\b", handbook())) <= {setting.name for setting in ALL}


def test_every_metric_is_explained_and_none_that_is_not_there(place: Place) -> None:
    office = place.office()
    office.prepare()
    office.work.sign("mailbox:imap:a", True, "message")
    vitals: Vitals = office.vitals
    shown = set(re.findall(r"^# TYPE (\w+)", vitals.metrics().decode(), re.MULTILINE))
    office.close()
    assert set(re.findall(r"^\| `(gru_\w+)`", handbook(), re.MULTILINE)) == shown


def test_every_command_it_speaks_of_exists_with_its_options() -> None:
    spoken = re.findall(r"(?m)(?:^|`)gru ((?:[a-z-]+ )?[a-z-]+)((?: --[a-z-]+| [A-Z]+| \S+@\S+| /\S+)*)", handbook())
    assert len(spoken) > 30
    for words, rest in spoken:
        command = _command(words.split())
        known = {option for one in command.params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, (words, rest)


def _command(words: list[str]) -> click.Command:
    found = gru.commands[words[0]]
    if isinstance(found, click.Group):
        return found.commands[words[1]]
    return found


def test_every_place_it_points_to_is_there() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", handbook(), re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", handbook())) <= anchors


# --- units -------------------------------------------------------------------------------------------------------


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read_string((UNITS / name).read_text())
    return read


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_has_a_unit_that_runs_what_the_procfile_runs_and_may_touch_little(process: str) -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    service = unit(f"gru-{process}.service")["Service"]
    assert service["ExecStart"] == f"/opt/gru/.venv/bin/{lines[process]}"
    assert service["EnvironmentFile"] == "/etc/gru/gru.env"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["ProtectHome"]) == ("yes", "strict", "yes")
    assert (service["User"], service["UMask"], service["StateDirectoryMode"]) == ("gru", "0077", "0700")
    assert f"gru-{process}.service" in unit("gru.target")["Unit"]["Wants"]


def test_the_backup_copies_the_keys_to_another_folder_and_deletes_their_old_copies() -> None:
    service = unit("gru-backup.service")["Service"]
    assert "gru backup /var/backups/gru/town/" in service["ExecStart"]
    assert "--keys /var/backups/gru-keys/" in service["ExecStart"]
    after = service["ExecStopPost"].split()  # also when no copy could be made
    assert "/var/backups/gru-keys" in after and int(after[after.index("-mtime") + 1]) + 1 < DAYS_PROMISED


if __name__ == "__main__":
    before, _, rest = handbook().partition(BEGIN)
    HANDBOOK.write_text(before + BEGIN + table() + END + rest.partition(END)[2], "utf-8")
