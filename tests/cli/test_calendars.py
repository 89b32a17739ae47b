"""Can an operator put a calendar right, and is he told what moved and what cannot be?"""

import shutil
from pathlib import Path

from gru.office.town_hall import SAMPLE
from tests.cli.conftest import Gru, Place

FROM = "2030-01-01"


def with_a_closure(folder: Path) -> Path:
    shutil.copytree(SAMPLE, folder)
    catalogue = folder / "catalogue.yaml"
    words = catalogue.read_text("utf-8")
    closures = "closures:\n"
    assert words.count(closures) == 1
    added = '  - {day: 2029-03-05, label: "deuil", calendars: [bureaux]}\n'
    catalogue.write_text(words.replace(closures, closures + added), "utf-8")
    return folder


def test_the_days_of_the_last_version_are_counted_by_open_cases(place: Place, command: Gru, tmp_path: Path) -> None:
    done = command("init", "--town", with_a_closure(tmp_path / "right"), "--from", FROM)
    assert done.exit_code == 0, done.output
    corrected = command("correct-calendars")
    assert corrected.exit_code == 0, corrected.output
    assert "cases looked at" in corrected.output and "legal dates moved" in corrected.output
    again = command("correct-calendars")
    assert again.exit_code == 0 and "0 promises and 0 legal dates moved" in again.output


def test_the_first_version_or_one_that_is_not_there_corrects_nothing(place: Place, command: Gru) -> None:
    for words in ((), ("--version", "7")):
        refused = command("correct-calendars", *words)
        assert refused.exit_code == 1 and "Nothing was changed." in refused.output
