"""Is what was erased gone everywhere and for good, and everything else still there?"""

import pytest

from gru.domain.events import TextRef
from gru.storage.archive import Archive, NewText
from gru.storage.databases import Databases
from gru.storage.keys import Destroyed, Destruction, Keys
from gru.storage.people import Person
from gru.storage.schema import holders
from tests.storage.archive_kit import (
    CASE,
    MARIE,
    MASTER,
    NOW,
    OTHER_CASE,
    PAUL,
    SECRET,
    at_once,
    column,
    copy_rows,
    holds,
    keep,
    open_archive,
    restore_rows,
    stored_files,
)


@pytest.fixture
def archive(databases: Databases) -> Archive:
    return open_archive(databases)


# --- erasing ---


def test_after_erasing_a_person_no_word_of_hers_is_left_anywhere(archive: Archive, databases: Databases) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    hers = archive.write_text("J'habite au-dessus de la boulangerie", person=marie, case=CASE)
    his = archive.write_text("Le portail grince", person=paul, case=CASE)
    photo = archive.put_file("Marie devant chez elle.jpg", "image/jpeg", b"JFIF" * 90_000, person=marie, case=CASE)
    raw = keep(archive)
    archive.adopt(raw, marie, CASE)
    wrapped = column(databases.keys, holders, "wrapped", marie)

    archive.destroy_person(marie)
    archive.destroy_person(marie)

    assert archive.texts([hers.id, his.id]) == {hers.id: None, his.id: "Le portail grince"}
    assert (archive.file(photo.id), archive.people([marie])) == (None, {marie: None})
    assert archive.find_people(MARIE.email, MARIE.phone) == []
    assert archive.find_person(PAUL.email) == paul
    Keys(databases.keys, MASTER).scrub()
    words = [b"boulangerie", b"Dupr", b"marie.dupre", b"Lilas", b"devant chez elle", b"JFIFJFIF", b"lampadaire"]
    for engine in (databases.archive, databases.keys):
        for word in (*words, wrapped):
            assert not holds(engine, word), word
    assert stored_files(databases) == []


def test_another_process_forgets_an_erased_persons_keys_within_seconds(archive: Archive, databases: Databases) -> None:
    marie = archive.save_person(MARIE)
    ref = archive.write_text("mot", person=marie, case=CASE)
    quick = Archive(databases, Keys(databases.keys, MASTER, seconds=0.0), SECRET)
    assert quick.texts([ref.id]) == {ref.id: "mot"}
    archive.destroy_person(marie)
    assert quick.texts([ref.id]) == {ref.id: None}


def test_nothing_can_be_written_under_an_erased_persons_key(archive: Archive, databases: Databases) -> None:
    marie = archive.save_person(MARIE)
    archive.write_text("mot", person=marie, case=CASE)
    elsewhere = open_archive(databases)
    elsewhere.write_text("mot", person=marie, case=CASE)
    archive.destroy_person(marie)
    for process in (archive, elsewhere):
        with pytest.raises(Destroyed):
            process.write_text("mot", person=marie, case=CASE)
    with pytest.raises(Destroyed):
        archive.save_person(Person(id=marie, name="Marie"))


def test_destroying_a_case_takes_all_its_words_and_nobody_elses(archive: Archive) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    in_case = [archive.write_text("mot", person=one, case=CASE) for one in (marie, paul, "")]
    elsewhere = archive.write_text("reste", person=marie, case=OTHER_CASE)
    archive.destroy_case(CASE)
    assert list(archive.texts([ref.id for ref in in_case]).values()) == [None, None, None]
    assert archive.texts([elsewhere.id]) == {elsewhere.id: "reste"}
    assert archive.people([marie])[marie] is not None
    with pytest.raises(Destroyed):
        archive.write_text("mot", person=paul, case=CASE)


def test_redacting_takes_one_text_and_leaves_its_neighbours(archive: Archive) -> None:
    secret, rest = archive.write_texts([NewText("mon numéro de compte", "", CASE), NewText("bonjour", "", CASE)])
    archive.redact(secret.id)
    assert archive.texts([secret.id, rest.id]) == {secret.id: None, rest.id: "bonjour"}


def test_an_older_archive_with_todays_keys_gives_nothing_back(archive: Archive, databases: Databases) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    raw = keep(archive)
    backups = [copy_rows(databases.archive)]  # the message still lies under the intake key in this one
    archive.adopt(raw, marie, CASE)
    hers = archive.write_text("mot de Marie", person=marie, case=CASE)
    redacted = archive.write_text("numéro", person=paul, case=CASE)
    closed = archive.write_text("ancien", person=paul, case=OTHER_CASE)
    photo = archive.put_file("a.jpg", "image/jpeg", b"JFIF", person=marie, case=CASE)
    kept = archive.write_text("reste", person=paul, case=CASE)
    backups.append(copy_rows(databases.archive))
    archive.destroy_person(marie)
    archive.destroy_case(OTHER_CASE)
    archive.redact(redacted.id)
    for backup in backups:
        restore_rows(databases.archive, backup)
        back = open_archive(databases)
        ids = [hers.id, redacted.id, closed.id]
        assert back.texts(ids) == dict.fromkeys(ids)
        assert back.people([marie]) == {marie: None}
        assert back.file(photo.id) is None
        message = back.kept(raw)
        assert message is not None and message.raw is None
    assert back.texts([kept.id]) == {kept.id: "reste"}


def test_after_older_keys_came_back_erasures_are_applied_again(archive: Archive, databases: Databases) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    hers, his = archive.write_texts([NewText("mot", marie, CASE), NewText("reste", paul, CASE)])
    redacted, closed = archive.write_texts([NewText("numéro", paul, CASE), NewText("ancien", paul, OTHER_CASE)])
    keys_backup, archive_backup = copy_rows(databases.keys), copy_rows(databases.archive)
    archive.destroy_person(marie)
    archive.destroy_case(OTHER_CASE)
    archive.redact(redacted.id)
    keys = Keys(databases.keys, MASTER)
    done = keys.destroyed()
    assert {(one.kind, one.id) for one in done} == {("person", marie), ("case", OTHER_CASE), ("data", redacted.id)}

    restore_rows(databases.keys, keys_backup)
    restore_rows(databases.archive, archive_backup)
    back = open_archive(databases)
    assert back.texts([hers.id]) == {hers.id: "mot"}
    back.destroy_again([*done, Destruction("person", "e" * 32, NOW)])
    back.destroy_again(done)
    ids = [hers.id, redacted.id, closed.id]
    assert back.texts(ids) == dict.fromkeys(ids)
    assert back.texts([his.id]) == {his.id: "reste"}
    assert {*done} <= {*keys.destroyed()}


def test_all_words_of_a_person_can_be_listed_for_her(archive: Archive) -> None:
    marie, paul = archive.save_people([MARIE, PAUL])
    ref = archive.write_text("mot", person=marie, case=CASE)
    photo = archive.put_file("a.jpg", "image/jpeg", b"JFIF", person=marie, case=OTHER_CASE)
    archive.write_text("mot", person=paul, case=CASE)
    assert sorted(archive.words_of(marie)) == sorted([(CASE, ref.id), (OTHER_CASE, photo.id)])


def test_writing_while_the_author_is_erased_either_fails_or_is_erased_too(archive: Archive) -> None:
    for _ in range(10):
        marie = archive.save_person(MARIE)
        archive.write_text("mot", person=marie, case=CASE)

        def write(author: str = marie) -> TextRef:
            return archive.write_text("mot", person=author, case=CASE)

        def erase(author: str = marie) -> None:
            archive.destroy_person(author)

        erased, *results = at_once([erase, write, write, write, write])
        assert erased is None
        for result in results:
            match result:
                case TextRef(id):
                    assert archive.texts([id]) == {id: None}
                case _:
                    assert isinstance(result, Destroyed)
