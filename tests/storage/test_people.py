"""Is one person known by all of her addresses, and is she one however often she is met?"""

import pytest

from gru.storage.archive import Archive
from gru.storage.databases import Databases
from gru.storage.keys import Destroyed, Keys
from gru.storage.people import Person, tidy_email, tidy_phone
from tests.storage.archive_kit import CASE, MARIE, OTHER_CASE, PAUL, at_once, open_archive, statements


@pytest.fixture
def archive(databases: Databases) -> Archive:
    return open_archive(databases)


# --- people ---


def test_a_person_is_as_saved_last(archive: Archive) -> None:
    marie = archive.save_person(MARIE)
    again = Person(id=marie, name="Marie Martin", email="marie@exemple.fr")
    assert archive.save_person(again) == marie
    assert archive.people([marie, "f" * 32]) == {marie: again, "f" * 32: None}
    assert archive.find_person("marie.dupre@exemple.fr") == ""
    assert archive.find_person("marie@exemple.fr") == marie


def test_fifty_people_are_one_statement_on_the_archive_and_one_on_the_keys(
    archive: Archive, databases: Databases
) -> None:
    ids = archive.save_people([Person(name=f"n{n}") for n in range(50)])
    fresh = open_archive(databases)
    with statements(databases.archive) as on_archive, statements(databases.keys) as on_keys:
        assert [one.name for one in fresh.people(ids).values() if one] == [f"n{n}" for n in range(50)]
    assert (len(on_archive), len(on_keys)) == (1, 1)


def test_a_person_is_found_however_the_address_is_written(archive: Archive) -> None:
    marie = archive.save_person(MARIE)
    assert archive.find_person(email=" Marie.DUPRE@exemple.fr ") == marie
    assert archive.find_people(phone="+33 6.12.34.56.78") == archive.find_people(phone="0033612345678") == [marie]


def test_a_telephone_leads_to_everybody_who_gave_it_and_says_of_nobody_who_he_is(archive: Archive) -> None:
    marie = archive.meet_person(MARIE)
    paul, unknown = archive.meet_people(
        [Person(name="Paul", email="paul@x.fr", phone=MARIE.phone), Person(name="?", phone=MARIE.phone)]
    )
    assert len({marie, paul, unknown}) == 3
    assert archive.find_people(phone=MARIE.phone) == sorted([marie, paul, unknown])
    assert archive.find_person("paul@x.fr") == paul
    assert archive.find_person() == ""


def test_an_agent_is_not_mistaken_for_a_resident(archive: Archive) -> None:
    agent = archive.save_person(Person(name="Agent", email="a@mairie.fr", kind="agent"))
    assert archive.find_person("a@mairie.fr") == ""
    assert archive.find_person("a@mairie.fr", kind="agent") == agent


def test_a_new_sender_met_by_six_threads_at_once_is_one_person(archive: Archive) -> None:
    assert len(set(at_once([lambda: archive.meet_person(MARIE)] * 6))) == 1
    assert len(archive.find_people(MARIE.email)) == 1


def test_of_many_met_at_once_each_is_one_person(archive: Archive) -> None:
    marie = archive.save_person(MARIE)
    paul, nobody = Person(name="Paul", email="paul@x.fr"), Person(name="Sans adresse")
    met = archive.meet_people([paul, Person(email=MARIE.email), nobody, Person(name="P.", email="Paul@x.fr"), nobody])
    assert met[1] == marie
    assert met[0] == met[3] == archive.find_person("paul@x.fr")
    assert len(set(met)) == 4
    assert archive.people(met)[met[2]] is not None
    assert archive.meet_people([]) == []


def test_what_is_no_phone_number_is_compared_by_its_digits() -> None:
    assert tidy_phone("n° -1-") == "1"
    assert tidy_phone("  ") == ""
    assert tidy_email(" A@B.FR") == "a@b.fr"


# --- merging ---


def test_merged_people_are_one_under_both_ids_and_both_addresses(archive: Archive) -> None:
    marie = archive.save_person(Person(name="Marie Dupré", email="marie@exemple.fr"))
    again = archive.save_person(Person(email="m.dupre@travail.fr", phone="0612345678", messenger="psid-1"))
    archive.merge_people(marie, again)
    archive.merge_people(marie, again)
    one = Person(
        id=marie,
        name="Marie Dupré",
        email="marie@exemple.fr",
        phone="0612345678",
        messenger="psid-1",
        also=("m.dupre@travail.fr",),
    )
    assert archive.people([marie, again]) == {marie: one, again: one}
    assert archive.find_person("m.dupre@travail.fr") == archive.find_person(messenger="psid-1") == marie
    assert archive.save_person(Person(id=again, name="Marie D.")) == marie


def test_erasing_either_of_merged_people_erases_what_both_wrote(archive: Archive) -> None:
    first, second, third, paul = archive.save_people([MARIE, PAUL, Person(name="trois"), Person(name="autre")])
    refs = [archive.write_text("mot", person=one, case=CASE) for one in (first, second, third)]
    other = archive.write_text("reste", person=paul, case=CASE)
    archive.merge_people(second, third)
    archive.merge_people(first, second)
    late = archive.write_text("après", person=third, case=OTHER_CASE)
    ids = [ref.id for ref in (*refs, late)]
    assert list(archive.texts(ids).values()) == ["mot", "mot", "mot", "après"]
    archive.destroy_person(third)
    assert archive.texts(ids) == dict.fromkeys(ids)
    assert archive.people([first, second, third]) == dict.fromkeys([first, second, third])
    assert archive.texts([other.id]) == {other.id: "reste"}


def test_erasing_reaches_people_whose_merging_was_cut_short(
    archive: Archive, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    marie, again = archive.save_people([MARIE, PAUL])
    ref = archive.write_text("mot", person=again, case=CASE)

    def power_cut(self: Keys, into: str, gone: str) -> None:
        raise OSError

    with monkeypatch.context() as cut:
        cut.setattr(Keys, "merge", power_cut)
        with pytest.raises(OSError):
            archive.merge_people(marie, again)
    archive.destroy_person(marie)
    assert archive.texts([ref.id]) == {ref.id: None}


def test_an_erased_person_cannot_be_merged(archive: Archive) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    archive.destroy_person(paul)
    with pytest.raises(ValueError):
        archive.merge_people(marie, paul)


def test_another_process_that_remembers_her_key_cannot_save_an_erased_person(
    archive: Archive, databases: Databases
) -> None:
    marie = archive.save_person(MARIE)
    elsewhere = open_archive(databases)
    assert elsewhere.people([marie])[marie] is not None
    archive.destroy_person(marie)
    with pytest.raises(Destroyed):
        elsewhere.save_person(Person(id=marie, email=MARIE.email))
    assert archive.find_person(MARIE.email) == ""
