"""Does a sticker, a button or a reaction open Meta's window again, and call nobody?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gru.domain import events as e
from tests.journeys.pages import PageTown, copied, page_town
from tests.journeys.test_a_comment_becomes_a_case import answer, the_case


@pytest.fixture
def town(sqlite_town: Path, tmp_path: Path) -> Iterator[PageTown]:
    with page_town(copied(sqlite_town, tmp_path / "town")) as opened:
        yield opened


WAYS: list[dict[str, Any]] = [
    {},
    {"postback": {"mid": "m_bouton", "title": "Parler à un agent", "payload": "AGENT"}},
    {"postback": {"title": "Parler à un agent", "payload": "AGENT"}},
    {"reaction": {"mid": "m_1", "action": "react", "emoji": "❤", "reaction": "love"}},
    {"referral": {"ref": "affiche", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
]


@pytest.mark.parametrize("how", WAYS, ids=["sticker", "button", "old-button", "reaction", "link"])
def test_who_was_there_without_a_word_can_be_answered_again(town: PageTown, how: dict[str, Any]) -> None:
    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    before = the_case(town).version
    town.journey.watch.pass_(days=9)
    town.graph.be_there("Nadia Fictive", **how)
    town.deliver()
    assert the_case(town).version == before, "it called somebody"
    answer(town, the_case(town), "Nous y sommes.")
    said = town.graph.talks[town.graph.id_of("Nadia Fictive")]
    assert (said[-1].text, said[-1].tag) == ("Nous y sommes.", "")


def test_another_who_was_there_opens_nobodys_window(town: PageTown) -> None:
    town.graph.write("Nadia Fictive", "Où en est-on ?")
    town.deliver()
    town.journey.watch.pass_(days=9)
    town.graph.be_there("Marcel Exemple")
    town.deliver()
    answer(town, the_case(town), "Nous y sommes.")
    [failed] = town.events(the_case(town), e.DeliveryFailed)
    assert isinstance(failed, e.DeliveryFailed) and failed.reason == "window_closed"
