"""Is all that a page names found in one statement, and is what was erased left out?"""

import pytest
from sqlalchemy import update

from gru.storage.archive import Archive, NewText
from gru.storage.databases import Databases, writing
from gru.storage.named import FileName, Named
from gru.storage.people import Person
from gru.storage.schema import CHUNK, texts
from gru.storage.sealing import Tampered
from tests.storage.archive_kit import CASE, MARIE, PAUL, open_archive, statements

UNKNOWN = "f" * 32


@pytest.fixture
def archive(databases: Databases) -> Archive:
    return open_archive(databases)


def test_texts_people_and_files_are_one_statement_on_the_archive_and_one_on_the_keys(
    archive: Archive, databases: Databases
) -> None:
    people = archive.save_people([Person(name=f"n{n}") for n in range(50)])
    refs = archive.write_texts([NewText(f"mot {n}", person, CASE) for n, person in enumerate(people)])
    file = archive.put_file("plan.png", "image/png", b"plan", person=people[0], case=CASE)
    fresh = open_archive(databases)
    with statements(databases.archive) as on_archive, statements(databases.keys) as on_keys:
        found = fresh.look_up(texts=[ref.id for ref in refs], people=[*people, UNKNOWN], files=[file.id])
    assert (len(on_archive), len(on_keys)) == (1, 1)
    assert list(found.texts.values()) == [f"mot {n}" for n in range(50)]
    assert [one.name for one in found.people.values() if one] == [f"n{n}" for n in range(50)]
    assert found.people[UNKNOWN] is None
    assert found.files == {file.id: FileName("plan.png", "image/png", 4)}
    with statements(databases.keys) as on_keys:
        fresh.look_up(texts=[ref.id for ref in refs], people=people)
    assert on_keys == []


def test_what_is_remembered_already_is_not_asked_again(archive: Archive, databases: Databases) -> None:
    marie = archive.save_person(MARIE)
    ref = archive.write_text("Bonjour", person=marie, case=CASE)
    fresh = open_archive(databases)
    fresh.texts([ref.id])
    with statements(databases.keys) as on_keys:
        found = fresh.look_up(texts=[ref.id], people=[marie])
    assert found.texts == {ref.id: "Bonjour"} and found.people[marie] is not None
    assert len(on_keys) == 1 and "data_keys" not in on_keys[0]


def test_nothing_is_asked_when_nothing_is_named(archive: Archive, databases: Databases) -> None:
    with statements(databases.archive, databases.keys) as said:
        assert archive.look_up() == Named({}, {}, {})
    assert said == []


def test_the_erased_are_none_and_the_others_stay(archive: Archive, databases: Databases) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    hers, his = archive.write_texts([NewText("sien", marie, CASE), NewText("lui", paul, CASE)])
    archive.destroy_person(marie)
    for one in (archive, open_archive(databases)):
        found = one.look_up(texts=[hers.id, his.id], people=[marie, paul])
        assert found.texts == {hers.id: None, his.id: "lui"}
        assert found.people[marie] is None and found.people[paul] is not None


def test_without_its_key_a_person_is_nobody_though_the_row_is_there(archive: Archive, databases: Databases) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    archive.keys.destroy_person(marie)
    found = open_archive(databases).look_up(people=[marie, paul]).people
    assert found[marie] is None and found[paul] is not None


def test_a_merged_person_is_the_one_he_became(archive: Archive) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    archive.merge_people(marie, paul)
    found = archive.look_up(people=[paul, marie]).people
    assert found[paul] == found[marie] and found[paul] is not None


def test_more_than_a_statement_carries_are_all_found(archive: Archive) -> None:
    refs = archive.write_texts([NewText("mot", f"{n % 50:032x}", CASE) for n in range(CHUNK + 3)])
    marie = archive.save_person(MARIE)
    found = archive.look_up(texts=[ref.id for ref in refs], people=[marie])
    assert set(found.texts.values()) == {"mot"} and found.people[marie] is not None


def test_a_changed_ciphertext_is_noticed(archive: Archive, databases: Databases) -> None:
    ref = archive.write_text("Bonjour", person="", case=CASE)
    with writing(databases.archive) as connection:
        connection.execute(update(texts).where(texts.c.id == ref.id).values(sealed=b"x" * 40))
    with pytest.raises(Tampered):
        archive.look_up(texts=[ref.id])
