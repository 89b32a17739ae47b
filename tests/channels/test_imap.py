"""Is a mailbox read over IMAP without loss, and left as people expect it? On a real server."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from gru.channels.base import RawMessage, TryLater
from gru.channels.email.imap import ImapAccount, ImapSource, Passage
from tests.channels.contract import SourceContract, number_of, numbers, settle
from tests.channels.imap_post import DONE, Post, flags, letter, opened, without
from tests.servers import Mailbox


class TestMovingSource(SourceContract):
    @pytest.fixture
    def place(self, moving: Post) -> Post:
        return moving


class TestLeavingSource(SourceContract):
    @pytest.fixture
    def place(self, leaving: Post) -> Post:
        return leaving


# --- as people expect it -------------------------------------------------------------------------------------------


def test_reading_marks_nothing_as_seen(post: Post) -> None:
    post.bring(1)
    list(post.open().fetch())
    assert flags(post.mailbox) == [set()]


def test_what_is_kept_lies_in_the_done_folder_as_it_came(moving: Post) -> None:
    moving.bring(1)
    settle(moving.open())
    assert moving.mailbox.messages() == []
    assert moving.mailbox.messages(DONE) == [letter(1)]
    assert flags(moving.mailbox, DONE) == [set()]


def test_what_is_left_in_place_is_left_as_it_was(leaving: Post) -> None:
    leaving.bring(1)
    settle(leaving.open())
    assert leaving.mailbox.messages() == [letter(1)]
    assert flags(leaving.mailbox) == [set()]
    assert leaving.mailbox.folders() == ["INBOX"]


@pytest.mark.parametrize("missing", [("MOVE",), ("MOVE", "UIDPLUS")])
def test_without_move_a_message_is_copied_and_only_that_one_expunged(
    moving: Post, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    moving.bring(1)
    moving.bring(2)
    with moving.mailbox.client() as client:
        client.delete_messages(client.search("ALL")[1:])  # by an agent who may change his mind
    source = moving.open()
    with without(monkeypatch, *missing):
        settle(source)
        assert list(source.fetch()) == []
    assert moving.mailbox.messages(DONE) == [letter(1)]
    expunged = "UIDPLUS" not in missing
    assert moving.mailbox.messages() == ([letter(2)] if expunged else [letter(1), letter(2)])


def test_the_done_folder_is_made_and_when_somebody_removes_it_made_again(moving: Post) -> None:
    moving.bring(1)
    source = moving.open()
    settle(source)
    moving.mailbox.delete_folder(DONE)
    moving.bring(2)
    with pytest.raises(TryLater):
        settle(source)
    settle(source)
    assert moving.mailbox.messages(DONE) == [letter(2)]


def test_a_message_was_received_when_the_server_says_so_to_the_second(post: Post) -> None:
    before_summer_time_ended = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    with post.mailbox.client() as client:
        client.append("INBOX", letter(1), (), before_summer_time_ended)
    [fetched] = post.open().fetch()
    assert fetched.message.received_at == before_summer_time_ended


# --- people at the same mailbox ------------------------------------------------------------------------------------


def test_a_message_moved_by_a_person_after_it_was_listed_is_skipped(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gru.channels.email.imap.FETCH_AT_ONCE", 1)
    for number in (1, 2, 3):
        post.bring(number)
    source, found = post.open(), list[int]()
    for fetched in source.fetch():
        found.append(number_of(fetched))
        if len(found) == 1:
            post.take_away(2)
        fetched.settle()
    assert found in ([1, 3], [1, 2, 3]), "a server may give what its other connections no longer see"
    assert source.trouble == ""
    assert list(source.fetch()) == []


@pytest.mark.parametrize("refused", ["BODY.PEEK[]", "RFC822.SIZE"])
def test_a_message_the_server_does_not_give_is_said_and_holds_up_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    for number in (1, 2, 3):
        post.bring(number)
    source = post.open()
    fetch = IMAPClient.fetch

    def refuses_the_second(client: Any, uids: list[int], items: list[str]) -> Any:
        second = sorted(client.search("ALL"))[1:2]
        if refused in items and set(uids) & set(second):
            raise IMAPClientError("fetch failed: cannot read")
        return fetch(client, uids, items)

    with monkeypatch.context() as patch:
        patch.setattr(IMAPClient, "fetch", refuses_the_second)
        found = [fetched for fetched in source.fetch()]
        assert numbers(found) == [1, 3]
        assert source.trouble == "the mailbox does not give all of its messages"
        if not post.done:
            for fetched in found:
                fetched.settle()
            assert list(source.fetch()) == [], "what was kept already is not fetched again for its sake"
    again = [number_of(fetched) for fetched in source.fetch()]
    assert again == ([1, 2, 3] if post.done else [2])
    assert source.trouble == ""


# --- how far it was read -------------------------------------------------------------------------------------------


def test_the_last_message_is_not_read_for_ever(leaving: Post) -> None:
    for number in (1, 2):
        leaving.bring(number)
    settle(leaving.open())
    with leaving.mailbox.client() as client:
        assert client.search(["UID", f"{leaving.cursor() + 1}:*"]) == [leaving.cursor()], "the trap is real"
    assert list(leaving.open().fetch()) == []


def test_a_mailbox_numbered_anew_is_read_again_whole_and_each_mail_is_seen_to_be_the_same(
    imap_server: Mailbox,
) -> None:
    imap_server.create_folder("Demandes")
    with opened(imap_server, "", "Demandes") as post:
        kept: dict[tuple[str, bytes], RawMessage] = {}
        source = post.open()
        for number in (1, 2):
            post.bring(number)
        keep(source, kept)
        source.close()
        imap_server.delete_folder("Demandes")
        time.sleep(1.1)  # Dovecot counts UIDVALIDITY in seconds
        imap_server.create_folder("Demandes")
        for number in (1, 2, 3):
            post.bring(number)
        assert keep(source, kept) == 3
        assert sorted(each.external_id[0] for each in kept.values()) == ["1", "2", "3"]
        assert keep(source, kept) == 0


def keep(source: ImapSource, kept: dict[tuple[str, bytes], RawMessage]) -> int:
    """As the archive does: by what is the same for two deliveries. How many were fetched."""
    count = 0
    for fetched in source.fetch():
        kept.setdefault((fetched.message.external_id, fetched.message.content_digest), fetched.message)
        fetched.settle()
        count += 1
    return count


def test_a_mailbox_numbered_anew_while_we_watch_it_is_noticed(imap_server: Mailbox) -> None:
    imap_server.create_folder("Demandes")
    with opened(imap_server, "", "Demandes") as post:
        post.bring(1)
        source = post.open()
        settle(source)
        imap_server.delete_folder("Demandes")
        time.sleep(1.1)
        imap_server.create_folder("Demandes")
        post.bring(2)
        assert patiently(lambda: numbers(list(source.fetch()))) == [2]


def patiently(act: Callable[[], Any], times: int = 3) -> Any:
    """As the daemon: when the line broke, once more."""
    for _ in range(times):
        try:
            return act()
        except TryLater:
            continue
    return act()


def test_the_cursor_stops_before_what_is_open_and_jumps_when_it_is_closed() -> None:
    passage = Passage(1, [3, 5, 8, 9], set())
    assert [passage.close(uid) for uid in (5, 9)] == [0, 0]
    assert passage.open == [3, 8]
    assert passage.close(3) == 5
    assert passage.close(8) == 9
    assert Passage(1, [3, 5, 8], {5, 70}).open == [3, 8]


@pytest.mark.parametrize("done", [DONE, ""])
def test_a_mailbox_with_more_messages_than_one_answer_holds_is_asked_in_pieces(
    imap_server: Mailbox, monkeypatch: pytest.MonkeyPatch, done: str
) -> None:
    monkeypatch.setattr("gru.channels.email.imap_line.MOST_IN_ONE_ANSWER", 2)
    imap_server.create_folder("Demandes")
    with opened(imap_server, done, "Demandes") as post:
        for number in range(1, 6):
            post.bring(number)
        post.take_away(2)
        source = post.open()
        assert numbers(list(source.fetch())) == [1, 3, 4, 5]
        settle(source)
        assert list(source.fetch()) == []


def test_messages_are_moved_together_but_for_one_a_person_took_away(
    moving: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves, move = list[int](), IMAPClient.move

    def counted(client: Any, uids: list[int], folder: str) -> Any:
        moves.append(len(uids))
        return move(client, uids, folder)

    monkeypatch.setattr(IMAPClient, "move", counted)
    for number in range(1, 6):
        moving.bring(number)
    source = moving.open()
    for fetched in source.fetch():
        if number_of(fetched) == 4:
            moving.take_away(2)
        fetched.settle()
    assert sorted(moving.mailbox.messages(DONE)) == [letter(number) for number in (1, 3, 4, 5)]
    assert moving.mailbox.messages() == []
    assert moves[0] == 5 and len(moves) <= 2


def test_what_was_settled_before_the_reader_stopped_is_moved_when_the_line_is_closed(moving: Post) -> None:
    for number in (1, 2, 3):
        moving.bring(number)
    source = moving.open()
    for fetched in source.fetch():
        fetched.settle()
        if number_of(fetched) == 2:
            break
    source.close()
    assert moving.mailbox.messages() == [letter(3)]


# --- settings ------------------------------------------------------------------------------------------------------


def test_a_mailbox_is_written_as_one_address() -> None:
    url = "imaps://mairie%40ville.example:p%40ss@imap.ville.example/Bo%C3%AEte/Demandes?done=Trait%C3%A9s"
    assert ImapAccount.from_url(url) == ImapAccount(
        "imap.ville.example", 993, True, "mairie@ville.example", "p@ss", "Boîte/Demandes", "Traités"
    )
    assert ImapAccount.from_url("imap://a:b@host:1143") == ImapAccount("host", 1143, False, "a", "b", "INBOX", "")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("pop3://a:secret@host", "A mailbox is written"),
        ("imaps://host/INBOX", "A mailbox is written"),
        ("imaps://a:secret@host:many/INBOX", "must be a number"),
        ("imaps://a:secret@host/INBOX?don=Traites", "not don"),
        ("imaps://a:secret@host/Demandes?done=Demandes", "cannot be moved to the folder"),
    ],
)
def test_an_address_that_is_no_mailbox_is_answered_in_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        ImapAccount.from_url(url)
    assert "secret" not in str(caught.value)
