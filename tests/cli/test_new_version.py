"""Can an operator publish a new form from one moment to the next, and what is he told when he may not?"""

import shutil
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gru.office.town_hall import SAMPLE
from tests.cli.conftest import Gru, Place


def with_a_question(folder: Path) -> Path:
    shutil.copytree(SAMPLE, folder)
    catalogue = folder / "catalogue.yaml"
    before = "  - {code: depuis_quand,"
    words = catalogue.read_text("utf-8")
    assert words.count(before) == 1
    asked = '  - {code: passants, label: "Qui est gêné ?", datatype: string}\n'
    words = words.replace(before, asked + before).replace("[description, danger, photo]", "[description, passants]")
    catalogue.write_text(words, "utf-8")
    return folder


def test_a_new_form_holds_from_the_moment_it_is_adopted_and_again_changes_nothing(
    place: Place, command: Gru, tmp_path: Path
) -> None:
    folder = with_a_question(tmp_path / "new")
    adopted = command("init", "--town", folder)
    assert (adopted.exit_code, adopted.output.strip()) == (0, "Val-des-Tilleuls has adopted version 2.")
    again = command("init", "--town", folder)
    assert again.exit_code == 0 and "nothing changed" in again.output
    town = place.office().town
    asked = [town.version(number).types["VOI-CHAUSSEE"].fields for number in (1, 2)]
    assert asked == [("description", "danger", "photo"), ("description", "passants")]


def test_the_sample_never_takes_the_place_of_a_towns_own_catalogue(place: Place, command: Gru, tmp_path: Path) -> None:
    command("init", "--town", with_a_question(tmp_path / "new"))
    again = command("init")
    assert again.exit_code == 0 and "nothing changed" in again.output
    assert place.office().town.latest().number == 2


def test_a_past_that_was_promised_otherwise_is_refused_in_a_sentence(
    place: Place, command: Gru, tmp_path: Path
) -> None:
    refused = command("init", "--town", with_a_question(tmp_path / "new"), "--from", "2020-01-01")
    assert refused.exit_code == 1 and refused.output.startswith("Error: A new version cannot hold from before")


def test_a_day_begins_at_the_towns_own_midnight_and_today_is_from_now(
    place: Place, command: Gru, tmp_path: Path
) -> None:
    today = place.office().now().astimezone(ZoneInfo("Europe/Paris")).date()
    for number, day in ((1, today), (2, today + timedelta(days=30))):
        folder = with_a_question(tmp_path / f"new{number}")
        catalogue = folder / "catalogue.yaml"
        catalogue.write_text(
            catalogue.read_text("utf-8").replace("Qui est gêné ?", f"Qui est gêné ? ({number})"), "utf-8"
        )
        adopted = command("init", "--town", folder, "--from", day.isoformat())
        assert adopted.exit_code == 0, adopted.output
    town = place.office().town
    assert town.version(2).valid_from <= place.office().now()
    assert town.version(3).valid_from == datetime.combine(today + timedelta(days=30), time(0), ZoneInfo("Europe/Paris"))
