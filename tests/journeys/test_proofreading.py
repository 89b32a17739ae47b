"""Is it noticed when somebody changes or deletes words and files in the archive behind the program's back?"""

from email.message import EmailMessage

import pytest
from sqlalchemy import delete, update

from gru.domain import events as e
from gru.office.proofreading import proofread
from gru.storage.databases import writing
from gru.storage.schema import data_keys, texts
from gru.storage.sealing import seal
from tests.journeys.towns import Journey, mail, open_journey


def with_a_file() -> EmailMessage:
    made = mail()
    made.add_attachment(b"un trou, mesure a la main", maintype="text", subtype="plain", filename="mesure.txt")
    return made


@pytest.fixture
def opened(journey: Journey) -> e.CaseOpened:
    """A case with a title, words and a file, and its receipt."""
    journey.arrives(with_a_file())
    [one] = journey.office.log.read(0, 1000, {e.CaseOpened.NAME})
    assert isinstance(one.event, e.CaseOpened) and one.event.title and one.event.text and len(one.event.files) == 1
    return one.event


def faults(journey: Journey) -> dict[str, str]:
    return {one.id: one.fault for one in proofread(journey.office.log, journey.office.archive).misfits}


def test_what_nobody_touched_fits(journey: Journey, opened: e.CaseOpened) -> None:
    found = proofread(journey.office.log, journey.office.archive)
    assert (found.fitting, found.erased, found.misfits) == (4, 0, ())


def test_other_words_under_the_same_key_are_noticed(journey: Journey, opened: e.CaseOpened) -> None:
    assert opened.text
    id, office = opened.text.id, journey.office
    forged = seal(office.keys.find([id])[id], f"text:{id}", b"Je retire ma demande.")
    with writing(office.databases.archive) as connection:
        connection.execute(update(texts).where(texts.c.id == id).values(sealed=forged))
    assert faults(journey) == {id: "changed"}


def test_a_deleted_row_is_noticed_and_so_is_a_deleted_key(journey: Journey, opened: e.CaseOpened) -> None:
    assert opened.text and opened.title
    [file], office = opened.files, journey.office
    with writing(office.databases.archive) as connection:
        connection.execute(delete(texts).where(texts.c.id == opened.text.id))
    with writing(office.databases.keys) as connection:
        connection.execute(delete(data_keys).where(data_keys.c.id.in_([opened.title.id, file.id])))
    unexplained = dict.fromkeys([opened.title.id, file.id], "erased by no fact")
    with open_journey(office.settings) as without_memory:
        assert faults(without_memory) == {opened.text.id: "missing", **unexplained}


def test_what_was_erased_by_a_fact_fits(journey: Journey, opened: e.CaseOpened) -> None:
    office = journey.office
    person = office.archive.find_person(email="claire.aubry@courriel.example")
    assert person
    office.erasure.erase(person, by="system:operator")
    found = proofread(office.log, office.archive)
    assert (found.fitting, found.erased, found.misfits) == (0, 4, ())
