"""Can an operator try other delays, and is a slip answered in a sentence?"""

from pathlib import Path

import pytest

from gru.demo.year import Year
from gru.office.rebuild import rebuild
from tests.cli.conftest import Gru, Place


@pytest.fixture
def lived(place: Place) -> Place:
    """A town with a few cases of the year that ends now."""
    office = place.office()
    office.prepare()
    Year(office, office.now(), 5).write(12, lambda done, of: None)
    rebuild(office.projector)
    office.close()
    return place


def test_both_figures_are_told_with_what_is_compared_and_what_flips(lived: Place, command: Gru) -> None:
    said = command("simulate", "--target", "type/VOI-ECLAIR/resolve=1 h", "--closed", "bureaux=2026-05-18",
                   "--calendar", "POP=ccas", "--pauses", "none", "--by", "department", "--flips", 5)  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "12 cases received" in said.output and "cut at position" in said.output
    assert "version 1 with these changes, pauses: none" in said.output
    assert "official" in said.output and "acknowledge" in said.output and "worse:" in said.output


def test_the_same_catalogue_changes_nothing(lived: Place, command: Gru) -> None:
    from gru.office.town_hall import SAMPLE

    said = command("simulate", "--town", SAMPLE, "--flips", 5)
    assert said.exit_code == 0 and "worse: 0" in said.output and "better: 0" in said.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--target", "resolve=3 jo"), "is no rule of the catalogue"),
        (("--target", "type/VOI-ECLAIR/finish=3 jo"), "is no delay such as"),
        (("--target", "type/VOI-ECLAIR/resolve=soon"), "is no time such as"),
        (("--target", "type/NIX/resolve=3 jo"), "is no rule of the catalogue"),
        (("--closed", "nix=2026-05-18"), "is not known"),
        (("--closed", "bureaux=tomorrow"), "names no day"),
        (("--calendar", "VOI=nix"), "is not known"),
        (("--go-on", "nix"), "There is no simulation nix"),
    ],
)
def test_a_slip_is_answered_in_a_sentence(place: Place, command: Gru, words: tuple[str, ...], sentence: str) -> None:
    said = command("simulate", *words)
    assert said.exit_code == 1 and sentence in said.output


def test_a_catalogue_that_cannot_be_read_is_refused_whole(place: Place, command: Gru, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    (folder / "templates").mkdir(parents=True)
    (folder / "catalogue.yaml").write_text("town: {}", "utf-8")
    said = command("simulate", "--town", folder)
    assert said.exit_code == 1 and "refused whole" in said.output
