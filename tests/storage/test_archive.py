"""Does what people wrote and sent come back as it was, and is a changed word noticed?"""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from gru.domain.references import new_id
from gru.storage.archive import Archive, NewText, StoredFile
from gru.storage.databases import Databases, reading, writing
from gru.storage.keys import Wanted
from gru.storage.messages import Arriving, Kept
from gru.storage.named import FileName
from gru.storage.schema import archive_tables, contents, files, texts
from gru.storage.sealing import Tampered
from tests.storage.archive_kit import (
    CASE,
    MARIE,
    NOW,
    RAW,
    at_once,
    forget_rows,
    keep,
    open_archive,
    statements,
    stored_files,
)
from tests.storage.conftest import AT


@pytest.fixture
def archive(databases: Databases) -> Archive:
    return open_archive(databases)


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


def test_the_digest_of_an_event_tells_whether_its_file_still_fits(archive: Archive, databases: Databases) -> None:
    kept, redacted, lost, changed = (
        archive.put_file("a.txt", "text/plain", word, person="", case=CASE) for word in (b"1", b"2", b"3", b"4")
    )
    archive.redact(redacted.id)
    with writing(databases.archive) as connection:
        connection.execute(delete(files).where(files.c.id == lost.id))
        sealed = connection.execute(select(files.c.sealed).where(files.c.id == kept.id)).scalar_one()
        connection.execute(update(files).where(files.c.id == changed.id).values(sealed=sealed))
    assert [archive.check_file(ref) for ref in (kept, redacted, lost, changed)] == [
        "fits",
        "erased",
        "missing",
        "changed",
    ]


# --- messages ---


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


def test_many_messages_are_kept_at_once_in_their_order_and_again_change_nothing(archive: Archive) -> None:
    new = [Arriving("facebook", "facebook:1", f"m_{n}", b"%d" % n, AT, names=("thread:1:7",)) for n in range(30)]
    keys = archive.keep_all(new)
    assert archive.keep_all(list(reversed(new))) == list(reversed(keys))
    assert archive.pending(100) == keys
    assert keys == [archive.message_key(one) for one in new]
    assert archive.message_key_for("facebook", "m_3") == [keys[3]]
    assert sorted(archive.message_key_for("facebook", "thread:1:7")) == sorted(keys)
    assert archive.message_key_for("email", "thread:1:7") == []


def test_one_destroyed_message_among_many_holds_up_no_other(archive: Archive) -> None:
    new = [Arriving("facebook", "facebook:1", f"m_{n}", b"%d" % n, AT) for n in range(3)]
    archive.keys.make([Wanted(archive.message_key(new[1]), "house", "")])
    archive.keys.destroy_data([archive.message_key(new[1])])
    keys = archive.keep_all(new)
    assert archive.pending(100) == [keys[0], keys[2]]
    kept = archive.kept(keys[1])
    assert kept is not None and kept.raw is None


def test_messages_of_one_name_are_found_newest_first_within_a_time(archive: Archive) -> None:
    hour = timedelta(hours=1)
    new = [Arriving("facebook", "f", f"m_{n}", b"%d" % n, AT + n * hour, names=("thread",)) for n in range(4)]
    keys = archive.keep_all(new)
    assert archive.named("facebook", "thread") == list(reversed(keys))
    assert archive.named("facebook", "thread", since=AT + 2 * hour) == [keys[3], keys[2]]
    assert archive.named("facebook", "thread", before=AT + hour, limit=1) == [keys[1]]


def test_what_left_is_found_by_what_it_is_called_over_there(archive: Archive) -> None:
    for _ in range(2):
        archive.name("facebook-sent", "m_9", "ab" * 16)
    assert archive.message_key_for("facebook-sent", "m_9") == ["ab" * 16]
    assert archive.named("facebook-sent", "m_9") == [], "a reply is no message that came in"
