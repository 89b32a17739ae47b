"""What do the tests of the projector and of its rebuilds share: a place, some busy cases, a projection that breaks?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, String, Table

from gru.domain import events as e
from gru.domain.events import Recorded
from projections.base import NO_WORDS, VIEWS, OneRow, Row, Words
from tests.projections.places import (
    AGENT,
    KINDS,
    MONDAY,
    Place,
    empty_place,
    new,
    promise,
    qualified,
    reply,
)

trial = Table("trial", VIEWS, Column("case_id", String(32), primary_key=True), Column("notes", Integer, nullable=False))
VIEWS.remove(trial)


class Trial(OneRow):
    """Counts the notes of a case, and breaks when it is told to."""

    name = "trial"
    question = "How many notes has a case?"
    table = trial
    events = (e.CaseOpened, e.NoteAdded)

    def __init__(self, poison: str = "", unstorable: str = "") -> None:
        self.poison = poison
        self.unstorable = unstorable

    def fold(self, state: Row | None, recorded: Recorded, words: Words = NO_WORDS) -> Row | None:
        match recorded.event:
            case e.NoteAdded(note_id=self.poison):
                raise ValueError("what a resident wrote")
            case e.NoteAdded(note_id=self.unstorable):
                return {"case_id": recorded.stream_id, "notes": None}
            case e.NoteAdded():
                return {"case_id": recorded.stream_id, "notes": (state or {"notes": 0})["notes"] + 1}
        return {"case_id": recorded.stream_id, "notes": 0}


@pytest.fixture(name="place", params=KINDS)
def place_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = empty_place(request.param, request, tmp_path)
    yield place
    place.close()


@pytest.fixture
def place_on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = empty_place("postgresql", request, tmp_path)
    yield place
    place.close()


def note(place: Place, case: str, key: str = "") -> None:
    place.record(case, e.NoteAdded(note_id=key or new(), text=place.archive.text("x")))


def busy(place: Place, cases: int = 8) -> list[str]:
    """Some cases that have been worked on."""
    opened = [place.open(f"2026-{number:06}") for number in range(cases)]
    for case in opened:
        answer = new()
        place.record(case, promise("resolve", MONDAY), qualified("VOI"), e.CaseAssigned(agent="a"), by=AGENT)
        place.record(case, reply(answer, text=place.archive.text("Réponse")))
        place.record(case, e.ReplySent(reply_id=answer, sent_at=MONDAY), e.CaseClosed(outcome="resolved"))
    return opened
