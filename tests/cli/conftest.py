"""In which town are the operator's commands tried? In the sample one, on SQLite, as the environment names it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gru.bootstrap import Office, build_office
from gru.cli import gru
from gru.settings import read
from tests.journeys.towns import ADDRESS
from tests.made import sqlite_town as sqlite_town

SECRETS = {"GRU_SECRET": "ab" * 32, "GRU_MASTER_KEY": "cd" * 32, "GRU_MAIL_ADDRESS": ADDRESS}

Gru = Callable[..., Result]


@dataclass
class Place:
    """A town's folder, and the settings of the commands that work on it."""

    data: Path
    environment: dict[str, str]

    def office(self) -> Office:
        return build_office(read(self.environment))


@pytest.fixture
def place(sqlite_town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    data = tmp_path / "town"
    shutil.copytree(sqlite_town, data)
    environment = {"GRU_DATA": str(data), **SECRETS}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Place(data, environment)


@pytest.fixture
def command() -> Gru:
    """`gru …` with these words; what was said, and the exit code."""
    return lambda *words: CliRunner().invoke(gru, [str(word) for word in words])
