"""Is a cut that is kept always one of this history?"""

from pathlib import Path

import pytest

from gru.office.cuts import NotMade
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey, mail
from tests.office.test_recovery import back_up, lose, restored


def test_a_cut_at_a_fact_that_was_lost_does_not_speak_for_the_fact_in_its_place(
    journey: Journey, tmp_path: Path
) -> None:
    journey.arrives(mail())
    kept = journey.office.log.head()
    journey.office.cuts.make(kept)
    back_up(journey, tmp_path / "backup", None)
    journey.arrives(mail("Paul <paul@courriel.example>", "Banc", "Un banc.", "<p@courriel.example>"))
    journey.office.cuts.make(kept + 1)
    journey.office.log.close()
    lose(journey, "log")
    with restored(journey, journey.office.settings, tmp_path / "backup", only=["log"]) as (town, _):
        cuts = town.office.cuts
        assert not cuts.is_fact(kept + 1)
        town.arrives(mail("Luc <luc@courriel.example>", "Arbre", "Un arbre.", "<l@courriel.example>"))
        assert cuts.is_fact(kept + 1)
        with pytest.raises(NotMade), cuts.opened(kept + 1):
            """Nothing is read there."""
        with cuts.opened(kept):
            """The cut before the loss is one of this history."""
