"""Can what people wrote be read as long as it should, and by nobody and nowhere afterwards?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, Table, delete, event, inspect, select, text, update

from gru.domain.events import TextRef
from gru.domain.references import new_id
from gru.storage.archive import Archive, FileName, Kept, NewText, StoredFile
from gru.storage.databases import Databases, checkpoint, reading, writing
from gru.storage.keys import Destroyed, Destruction, Keys
from gru.storage.migrations import migrate
from gru.storage.people import Person, tidy_email, tidy_phone
from gru.storage.schema import archive_tables, contents, files, holders, keys_tables, texts
from gru.storage.sealing import Tampered

SECRET = b"s" * 32
MASTER = b"m" * 32
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CASE, OTHER_CASE = "c" * 32, "d" * 32
MARIE = Person(name="Marie Dupré", email="marie.dupre@exemple.fr", phone="06 12 34 56 78", address="3 rue des Lilas")
PAUL = Person(name="Paul Martin", email="paul@exemple.fr")
RAW = b"Message-ID: <1@exemple.fr>\r\nSubject: Lampadaire\r\n\r\nLe lampadaire du quai est en panne."


@pytest.fixture
def archive(databases: Databases) -> Archive:
    migrate(databases)
    return open_archive(databases)


def open_archive(databases: Databases) -> Archive:
    """A second one is what another process has: it remembers no key."""
    return Archive(databases, Keys(databases.keys, MASTER, clock=lambda: NOW), SECRET, clock=lambda: NOW)


@contextmanager
def statements(*engines: Engine) -> Iterator[list[str]]:
    """The queries that are sent, without BEGIN and COMMIT."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        if not args[2].startswith("BEGIN"):
            sent.append(args[2])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """What each call returned, or the error it raised, when all start together."""
    gate = Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error

    threads = [Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# --- texts ---


def test_what_is_written_can_be_read(archive: Archive) -> None:
    marie = archive.save_person(MARIE)
    ref = archive.write_text("Le lampadaire est cassé.", person=marie, case=CASE)
    assert archive.texts([ref.id]) == {ref.id: "Le lampadaire est cassé."}


def test_another_process_with_the_same_keys_can_read_it(archive: Archive, databases: Databases) -> None:
    ref = archive.write_text("Bonjour", person="", case=CASE)
    assert open_archive(databases).texts([ref.id]) == {ref.id: "Bonjour"}


def test_a_text_nobody_wrote_is_none(archive: Archive) -> None:
    assert archive.texts(["f" * 32]) == {"f" * 32: None}


def test_a_text_without_case_and_person_is_refused_because_nobody_could_erase_it(archive: Archive) -> None:
    with pytest.raises(ValueError):
        archive.write_text("Bonjour", person="", case="")


def test_a_text_with_a_broken_character_is_kept_all_the_same(archive: Archive) -> None:
    ref = archive.write_text("Caf\udce9", person="", case=CASE)
    assert archive.texts([ref.id]) == {ref.id: "Caf?"}


def test_a_text_written_again_under_its_id_is_the_same_text(archive: Archive) -> None:
    id = new_id(NOW, b"0123456789")
    first = archive.write_text("Bonjour", person="", case=CASE, id=id)
    assert archive.write_text("Bonjour", person="", case=CASE, id=id) == first


def test_another_text_under_the_same_id_is_refused(archive: Archive) -> None:
    id = new_id(NOW, b"0123456789")
    archive.write_text("Bonjour", person="", case=CASE, id=id)
    with pytest.raises(ValueError):
        archive.write_text("Bonsoir", person="", case=CASE, id=id)


def test_equal_texts_have_different_digests_and_different_bytes(archive: Archive, databases: Databases) -> None:
    first, second = archive.write_texts([NewText("oui", "", CASE), NewText("oui", "", CASE)])
    with reading(databases.archive) as connection:
        sealed = connection.scalars(select(texts.c.sealed).where(texts.c.id.in_([first.id, second.id]))).all()
    assert first.digest != second.digest
    assert len({bytes(one)[12:] for one in sealed}) == 2


def test_many_texts_are_written_and_read_in_order(archive: Archive) -> None:
    new = [NewText(f"texte {n}", f"{n % 50:032x}", f"{n % 300:032x}", at=NOW) for n in range(6_000)]
    refs = archive.write_texts(new)
    read = archive.texts([ref.id for ref in refs])
    assert [read[ref.id] for ref in refs] == [one.text for one in new]


def test_fifty_texts_are_one_statement_on_the_archive_and_one_on_the_keys(
    archive: Archive, databases: Databases
) -> None:
    refs = archive.write_texts([NewText("mot", f"{n:032x}", f"{n:032x}") for n in range(50)])
    fresh = open_archive(databases)
    with statements(databases.archive) as on_archive, statements(databases.keys) as on_keys:
        fresh.texts([ref.id for ref in refs])
    assert (len(on_archive), len(on_keys)) == (1, 1)
    with statements(databases.keys) as on_keys:
        fresh.texts([ref.id for ref in refs])
    assert on_keys == []


def test_a_changed_ciphertext_is_noticed(archive: Archive, databases: Databases) -> None:
    ref = archive.write_text("Bonjour", person="", case=CASE)
    with writing(databases.archive) as connection:
        sealed = bytes(connection.execute(select(texts.c.sealed).where(texts.c.id == ref.id)).scalar_one())
        changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        connection.execute(update(texts).where(texts.c.id == ref.id).values(sealed=changed))
    with pytest.raises(Tampered):
        archive.texts([ref.id])
    assert archive.check_texts([ref]) == {ref.id: "changed"}


def test_the_bytes_of_one_text_under_the_id_of_another_are_noticed(archive: Archive, databases: Databases) -> None:
    first, second = archive.write_texts([NewText("oui", "", CASE), NewText("non", "", CASE)])
    with writing(databases.archive) as connection:
        sealed = connection.execute(select(texts.c.sealed).where(texts.c.id == first.id)).scalar_one()
        connection.execute(update(texts).where(texts.c.id == second.id).values(sealed=sealed))
    with pytest.raises(Tampered):
        archive.texts([second.id])


def test_the_digest_of_an_event_tells_whether_its_text_still_fits(archive: Archive, databases: Databases) -> None:
    kept, redacted, lost = archive.write_texts([NewText(word, "", CASE) for word in ("un", "deux", "trois")])
    archive.redact(redacted.id)
    with writing(databases.archive) as connection:
        connection.execute(delete(texts).where(texts.c.id == lost.id))
    wrong = type(kept)(kept.id, "0" * 32)
    assert archive.check_texts([kept, redacted, lost]) == {kept.id: "fits", redacted.id: "erased", lost.id: "missing"}
    assert archive.check_texts([wrong]) == {kept.id: "changed"}


# --- files ---


def test_a_file_comes_back_with_its_name_and_bytes(archive: Archive) -> None:
    content = bytes(range(256)) * 4_000
    ref = archive.put_file("plan du quai.png", "image/png", content, person="", case=CASE)
    assert (ref.media_type, ref.size) == ("image/png", len(content))
    assert archive.file(ref.id) == StoredFile("plan du quai.png", "image/png", len(content), content)
    assert archive.file_names([ref.id, "f" * 32]) == {
        ref.id: FileName("plan du quai.png", "image/png", len(content)),
        "f" * 32: None,
    }


def test_an_empty_file_is_a_file(archive: Archive) -> None:
    ref = archive.put_file("vide.txt", "text/plain", b"", person="", case=CASE)
    assert archive.file(ref.id) == StoredFile("vide.txt", "text/plain", 0, b"")


def test_a_file_put_again_under_its_id_is_the_same_file_and_another_is_refused(archive: Archive) -> None:
    id = new_id(NOW, b"0123456789")
    first = archive.put_file("a.txt", "text/plain", b"un", person="", case=CASE, id=id)
    assert archive.put_file("a.txt", "text/plain", b"un", person="", case=CASE, id=id) == first
    with pytest.raises(ValueError):
        archive.put_file("a.txt", "text/plain", b"deux", person="", case=CASE, id=id)


def test_a_redacted_file_is_gone_from_its_store_too(archive: Archive, databases: Databases) -> None:
    ref = archive.put_file("a.txt", "text/plain", b"un" * 300_000, person="", case=CASE)
    assert stored_files(databases)
    archive.redact(ref.id)
    assert archive.file(ref.id) is None
    assert archive.file_names([ref.id]) == {ref.id: None}
    assert stored_files(databases) == []


# --- messages ---


def keep(archive: Archive, raw: bytes = RAW, external_id: str = "<1@exemple.fr>") -> str:
    return archive.keep("email", "imap:mairie", external_id, raw, NOW)


def test_a_message_kept_is_as_it_came(archive: Archive) -> None:
    key = keep(archive)
    assert archive.kept(key) == Kept(key, "email", "imap:mairie", "<1@exemple.fr>", NOW, RAW)
    assert archive.kept("f" * 32) is None


def test_the_same_message_twice_is_kept_once(archive: Archive) -> None:
    assert keep(archive) == keep(archive)
    assert archive.pending() == [keep(archive)]


def test_another_body_under_the_same_message_id_is_another_message(archive: Archive) -> None:
    keys = {keep(archive), keep(archive, raw=b"autre")}
    assert len(keys) == 2
    assert set(archive.message_key_for("email", "<1@exemple.fr>")) == keys


def test_the_channel_says_what_does_not_differ_between_two_deliveries(archive: Archive) -> None:
    first = archive.keep("email", "a", "<1@x>", b"Received: a\r\n\r\nmot", NOW, content_digest=b"mot")
    assert archive.keep("email", "b", "<1@x>", b"Received: b\r\n\r\nmot", NOW, content_digest=b"mot") == first


def test_one_message_kept_by_six_threads_at_once_is_one_message(archive: Archive) -> None:
    keys = at_once([lambda: keep(archive)] * 6)
    assert keys == [keep(archive)] * 6
    kept = archive.kept(keep(archive))
    assert kept is not None and kept.raw == RAW


def test_messages_are_found_by_what_their_senders_call_them(archive: Archive) -> None:
    key = keep(archive)
    asked = ["<1@exemple.fr>", "<2@exemple.fr>", " <1@exemple.fr> "]
    assert archive.message_keys_for("email", asked) == {asked[0]: [key], asked[1]: [], asked[2]: [key]}
    assert archive.message_key_for("facebook", "<1@exemple.fr>") == []


def test_a_message_is_pending_until_it_is_ticked(archive: Archive) -> None:
    first, second = keep(archive), keep(archive, raw=b"autre")
    assert sorted(archive.pending()) == sorted([first, second])
    assert archive.oldest_pending() == NOW
    archive.tick(first)
    assert archive.pending() == [second]
    archive.tick(second)
    assert (archive.pending(), archive.oldest_pending()) == ([], None)


def test_a_message_that_failed_waits_for_its_next_try(archive: Archive) -> None:
    key = keep(archive)
    later = NOW + timedelta(minutes=5)
    assert (archive.fail(key, retry_at=later), archive.fail(key, retry_at=later)) == (1, 2)
    assert (archive.pending(now=NOW), archive.pending(now=later), archive.pending()) == ([], [key], [key])
    kept = archive.kept(key)
    assert kept is not None and kept.failures == 2


def test_an_adopted_message_is_erased_with_its_sender(archive: Archive) -> None:
    marie, key, other = archive.save_person(MARIE), keep(archive), keep(archive, raw=b"autre")
    archive.adopt(key, marie, CASE)
    archive.adopt(key, marie, CASE)
    assert archive.kept(key) == Kept(key, "email", "imap:mairie", "<1@exemple.fr>", NOW, RAW)
    archive.destroy_person(marie)
    assert archive.kept(key) == Kept(key, "email", "", "", NOW, None)
    kept = archive.kept(other)
    assert kept is not None and kept.raw == b"autre"
    assert archive.message_key_for("email", "<1@exemple.fr>") == [other]


def test_an_erased_message_that_is_delivered_again_is_not_kept_again(archive: Archive, databases: Databases) -> None:
    key = keep(archive)
    archive.redact(key)
    assert keep(archive) == key
    assert archive.pending() == []
    forget_rows(databases.archive, [archive_tables.tables["archive.messages"]])
    assert keep(archive) == key
    kept = archive.kept(key)
    assert kept is not None and kept.raw is None
    assert archive.pending() == []


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
    assert archive.find_person(phone="+33 6.12.34.56.78") == archive.find_person(phone="0033612345678") == marie


def test_the_email_counts_before_the_phone_and_the_oldest_before_the_others(archive: Archive) -> None:
    marie, paul = archive.save_people([MARIE, Person(name="Paul", email="paul@x.fr", phone=MARIE.phone)])
    assert archive.find_person("paul@x.fr", MARIE.phone) == paul
    assert archive.find_person("inconnu@x.fr", MARIE.phone) == min(marie, paul)
    assert archive.find_people(phone=MARIE.phone) == sorted([marie, paul])
    assert archive.find_person() == ""


def test_an_agent_is_not_mistaken_for_a_resident(archive: Archive) -> None:
    agent = archive.save_person(Person(name="Agent", email="a@mairie.fr", kind="agent"))
    assert archive.find_person("a@mairie.fr") == ""
    assert archive.find_person("a@mairie.fr", kind="agent") == agent


def test_a_new_sender_met_by_six_threads_at_once_is_one_person(archive: Archive) -> None:
    assert len(set(at_once([lambda: archive.meet_person(MARIE)] * 6))) == 1
    assert len(archive.find_people(MARIE.email)) == 1


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
    assert archive.find_person(MARIE.email, MARIE.phone) == ""
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


# --- contents ---


def test_a_towns_version_is_kept_once_and_checked_when_read(archive: Archive, databases: Databases) -> None:
    digest = archive.keep_content(b'{"town": "Saint-Aubin"}')
    assert archive.keep_content(b'{"town": "Saint-Aubin"}') == digest
    assert archive.content(digest) == b'{"town": "Saint-Aubin"}'
    with pytest.raises(KeyError):
        archive.content("0" * 64)
    with writing(databases.archive) as connection:
        connection.execute(update(contents).values(body=b"autre"))
    with pytest.raises(Tampered):
        archive.content(digest)


# --- what the tests look into ---


def column(engine: Engine, table: Table, name: str, id: str) -> bytes:
    with reading(engine) as connection:
        return bytes(connection.execute(select(table.c[name]).where(table.c.id == id)).scalar_one())


def tables_of(engine: Engine) -> list[Table]:
    with reading(engine) as connection:
        found = inspect(connection)
        schemas = {"archive": archive_tables, "keys": keys_tables}
        [tables] = [
            tables
            for schema, tables in schemas.items()
            if found.has_table(tables.sorted_tables[0].name, None if engine.dialect.name == "sqlite" else schema)
        ]
    return list(tables.tables.values())


def copy_rows(engine: Engine) -> dict[Table, list[dict[str, Any]]]:
    with reading(engine) as connection:
        return {
            table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables_of(engine)
        }


def restore_rows(engine: Engine, backup: dict[Table, list[dict[str, Any]]]) -> None:
    forget_rows(engine, list(backup))
    with writing(engine) as connection:
        for table, rows in backup.items():
            if rows:
                connection.execute(table.insert(), rows)


def forget_rows(engine: Engine, tables: Sequence[Table]) -> None:
    with writing(engine) as connection:
        for table in tables:
            connection.execute(delete(table))


def holds(engine: Engine, word: bytes) -> bool:
    """Whether these bytes lie in a file of the database; on PostgreSQL in any column, and in the tables' files."""
    if engine.dialect.name == "sqlite":
        assert checkpoint(engine)
        path = Path(str(engine.url.database))
        return any(word in one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables_of(engine):
            rows = connection.execute(select(table)).all()
            if any(word in _bytes(value) for row in rows for value in row):
                return True
            name = f"{table.schema}.{table.name}"
            connection.execute(text(f"VACUUM FULL {name}"))
            connection.execute(text("CHECKPOINT"))
            if connection.scalar(text(f"SELECT {_in_file(name)} OR {_in_toast(name)}"), {"word": word}):
                return True
    return False


def _in_file(table: str) -> str:
    return f"position(:word IN pg_read_binary_file(pg_relation_filepath('{table}'))) > 0"


def _in_toast(table: str) -> str:
    toast = f"(SELECT nullif(reltoastrelid, 0)::regclass FROM pg_class WHERE oid = '{table}'::regclass)"
    return f"coalesce(position(:word IN pg_read_binary_file(pg_relation_filepath({toast}))) > 0, false)"


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def stored_files(databases: Databases) -> list[str]:
    if databases.kind == "sqlite":
        folder = Path(str(databases.archive.url.database)).parent / "files"
        return [str(path) for path in folder.rglob("*") if path.is_file()]
    with reading(databases.archive) as connection:
        chunks = connection.execute(text("SELECT address FROM archive.file_chunks")).scalars()
        return [*chunks, *connection.execute(select(files.c.id)).scalars()]
