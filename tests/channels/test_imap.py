"""Is a mailbox read over IMAP without loss, told of new mail, and left as people expect it? On a real server."""

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from gru.channels.base import ChannelBroken, Fetched, RawMessage, TryLater
from gru.channels.email.channel import EmailChannel
from gru.channels.email.imap import Cursor, ImapAccount, ImapSource, Passage
from gru.channels.email.smtp import MaildirTransport
from tests.channels.contract import MOMENT, SourceContract, number_of, numbers, settle, soon, timed
from tests.channels.tls import certificate, in_tls
from tests.servers import Mailbox
from tests.servers.process import HOST, free_port

DONE = "Traités"


class Cursors:
    """How far each mailbox was read, as *work* remembers it."""

    def __init__(self) -> None:
        self.known: dict[str, Cursor] = {}

    def move(self, mailbox: str, cursor: Cursor) -> None:
        self.known[mailbox] = cursor


class Post:
    """A mailbox; what is read is moved to `done`, or stays and the cursor moves."""

    def __init__(self, mailbox: Mailbox, done: str, folder: str = "INBOX") -> None:
        self.mailbox = mailbox
        self.done = done
        self.folder = folder
        self.cursors = Cursors()
        self.sources: list[ImapSource] = []

    def open(self, **changes: Any) -> ImapSource:
        largest = changes.pop("largest", 60_000_000)
        account = {
            "host": self.mailbox.host,
            "port": self.mailbox.line.port,
            "encrypted": False,
            "user": self.mailbox.user,
            "password": self.mailbox.password,
            "folder": self.folder,
            "done": self.done,
        }
        source = ImapSource(
            ImapAccount(**{**account, **changes}),
            "mairie@ville.example",
            self.cursors.known.get,
            self.cursors.move,
            largest,
        )
        self.sources.append(source)
        return source

    def bring(self, number: int) -> None:
        self.mailbox.append(letter(number), self.folder)

    def take_away(self, number: int) -> None:
        with self.mailbox.client(self.folder) as client:
            found = [uid for uid in client.search("ALL") if f"message {number}\r".encode() in _raw(client, uid)]
            client.delete_messages(found)
            client.uid_expunge(found)

    def cursor(self) -> int:
        return next(iter(self.cursors.known.values())).uid


def _raw(client: Any, uid: int) -> bytes:
    raw: bytes = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    return raw


def letter(number: int, body: str = "") -> bytes:
    head = f"Message-ID: <{number}@courriel.example>\r\nFrom: jeanne@courriel.example\r\nSubject: {number}\r\n\r\n"
    return f"{head}message {number}\r\n{body}".encode()


@contextmanager
def opened(mailbox: Mailbox, done: str, folder: str = "INBOX") -> Iterator[Post]:
    post = Post(mailbox, done, folder)
    yield post
    mailbox.line.up()
    for source in post.sources:
        source.close()


@pytest.fixture(params=[DONE, ""], ids=["moved", "left"])
def post(request: pytest.FixtureRequest, imap_server: Mailbox) -> Iterator[Post]:
    """Both ways."""
    with opened(imap_server, request.param) as found:
        yield found


@pytest.fixture
def moving(imap_server: Mailbox) -> Iterator[Post]:
    with opened(imap_server, DONE) as found:
        yield found


@pytest.fixture
def leaving(imap_server: Mailbox) -> Iterator[Post]:
    with opened(imap_server, "") as found:
        yield found


class TestMovingSource(SourceContract):
    @pytest.fixture
    def place(self, moving: Post) -> Post:
        return moving


class TestLeavingSource(SourceContract):
    @pytest.fixture
    def place(self, leaving: Post) -> Post:
        return leaving


@contextmanager
def without(monkeypatch: pytest.MonkeyPatch, *capabilities: str) -> Iterator[None]:
    """As on a server that cannot do it."""
    has = IMAPClient.has_capability
    with monkeypatch.context() as patch:
        patch.setattr(
            IMAPClient, "has_capability", lambda self, name: str(name) not in capabilities and has(self, name)
        )
        yield


def flags(mailbox: Mailbox, folder: str = "INBOX") -> list[set[bytes]]:
    with mailbox.client(folder) as client:
        found = client.get_flags(client.search("ALL"))
    return [set(each) - {b"\\Recent"} for _, each in sorted(found.items())]


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


def test_a_message_the_server_does_not_give_is_said_and_holds_up_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        post.bring(number)
    source = post.open()
    fetch = IMAPClient.fetch

    def refuses_the_second(client: Any, uids: list[int], items: list[str]) -> Any:
        second = sorted(client.search("ALL"))[1:2]
        if "BODY.PEEK[]" in items and set(uids) & set(second):
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


def test_a_mailbox_with_more_messages_than_one_answer_holds_is_asked_in_pieces(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gru.channels.email.imap_line.MOST_IN_ONE_ANSWER", 2)
    for number in range(1, 6):
        post.bring(number)
    post.take_away(2)
    source = post.open()
    assert numbers(list(source.fetch())) == [1, 3, 4, 5]
    settle(source)
    assert list(source.fetch()) == []


# --- the line ------------------------------------------------------------------------------------------------------


def test_the_server_speaks_of_new_mail_within_two_seconds(post: Post) -> None:
    source = post.open()
    settle(source)
    came = list[float]()

    def bring() -> None:
        came.append(time.monotonic())
        post.bring(1)

    with soon(bring):
        source.wait(30)
    assert time.monotonic() - came[0] < 2


def test_without_idle_the_waiting_lasts_until_the_next_look(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    source = post.open()
    with without(monkeypatch, "IDLE"):
        settle(source)
        post.bring(1)
        assert 1 < timed(lambda: source.wait(1.5)) < 4
        assert numbers(list(source.fetch())) == [1]


def test_without_idle_a_waiting_source_stops_when_told(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    source = post.open()
    with without(monkeypatch, "IDLE"):
        settle(source)
        began = time.monotonic()
        assert timed(lambda: source.wait(30, lambda: time.monotonic() > began + 0.5)) < 4


def test_a_connection_the_server_closes_while_we_wait_is_noticed_at_once(post: Post) -> None:
    """Asked by `idle_check`, the library answers `[]` at once for ever: a reader at 100 % that is deaf."""
    source = post.open()
    settle(source)
    began, spent = time.monotonic(), time.process_time()
    with soon(post.mailbox.line.cut), pytest.raises(TryLater):
        source.wait(30)
    assert time.monotonic() - began < 5
    assert time.process_time() - spent < 1
    post.bring(1)
    assert numbers(list(source.fetch())) == [1]


def test_a_line_that_went_silent_is_noticed_when_idle_is_begun_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gru.channels.email.imap_line.TIMEOUT_SECONDS", 1.0)
    with through_a_router(post.mailbox.line.port) as (port, forget):
        source = post.open(port=port)
        settle(source)
        with soon(forget), pytest.raises(TryLater):
            source.wait(3)


@contextmanager
def through_a_router(to_port: int) -> Iterator[tuple[int, Callable[[], None]]]:
    """One that can forget a connection: it stays open and carries nothing any more."""
    import socket

    forgotten = threading.Event()
    door = socket.create_server((HOST, 0))

    def carry(source: socket.socket, sink: socket.socket) -> None:
        while some := source.recv(65536):
            if not forgotten.is_set():
                sink.sendall(some)

    def welcome() -> None:
        near, _ = door.accept()
        far = socket.create_connection((HOST, to_port))
        ends.extend((near, far))
        for pair in ((near, far), (far, near)):
            threading.Thread(target=carry, args=pair, daemon=True).start()

    ends: list[socket.socket] = []
    threading.Thread(target=welcome, daemon=True).start()
    try:
        yield int(door.getsockname()[1]), forgotten.set
    finally:
        for end in (door, *ends):
            end.close()


def test_a_line_cut_in_mid_fetch_loses_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru.channels.email.imap.FETCH_AT_ONCE", 1)
    for number in (1, 2, 3):
        post.bring(number)
    source, found = post.open(), list[int]()

    def read() -> None:
        for fetched in source.fetch():
            found.append(number_of(fetched))
            fetched.settle()
            if len(found) == 2:
                post.mailbox.line.cut()

    with pytest.raises(TryLater):
        read()
    read()
    assert found == [1, 2, 3]


def test_a_line_cut_between_keeping_and_settling_gives_the_message_again(moving: Post) -> None:
    moving.bring(1)
    source = moving.open()
    [fetched] = source.fetch()
    moving.mailbox.line.cut()
    with pytest.raises(TryLater):
        fetched.settle()
    assert [again.message for again in source.fetch()] == [fetched.message]


def test_a_message_fetched_on_a_connection_that_is_gone_cannot_move_another(moving: Post) -> None:
    moving.bring(1)
    source = moving.open()
    [fetched] = source.fetch()
    source.close()
    settle(source)
    moving.bring(2)
    with pytest.raises(TryLater):
        fetched.settle()
    assert moving.mailbox.messages() == [letter(2)]


def test_an_old_connection_is_opened_anew(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru.channels.email.imap.RENEW_SECONDS", 0.0)
    source = post.open()
    settle(source)
    post.bring(1)
    settle(source)
    source.wait(0.1)
    assert list(source.fetch()) == []


def test_a_server_that_is_not_there_is_tried_later(post: Post) -> None:
    post.mailbox.line.down()
    source = post.open()
    for act in (lambda: list(source.fetch()), lambda: source.wait(1)):
        with pytest.raises(TryLater, match="the mailbox is away"):
            act()
    post.mailbox.line.up()
    assert list(source.fetch()) == []
    with pytest.raises(TryLater):
        list(post.open(port=free_port()).fetch())


# --- what an operator must see to ----------------------------------------------------------------------------------


def test_a_refused_login_calls_an_operator_and_the_password_is_not_in_the_sentence(post: Post) -> None:
    with pytest.raises(ChannelBroken) as caught:
        list(post.open(password="wrong-Secret").fetch())
    assert str(caught.value) == "the mailbox refuses our login"


def test_a_line_cut_during_the_login_is_no_refusal(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    login = IMAPClient.login

    def cut_first(client: Any, user: str, password: str) -> Any:
        post.mailbox.line.cut()
        return login(client, user, password)

    monkeypatch.setattr(IMAPClient, "login", cut_first)
    with pytest.raises(TryLater):
        list(post.open().fetch())


@pytest.mark.parametrize(
    "words", ["[UNAVAILABLE] Temporary authentication failure", "Too many simultaneous connections"]
)
def test_a_login_that_is_refused_for_a_while_is_tried_later(
    post: Post, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    from imapclient.exceptions import LoginError

    def busy(*_: object) -> None:
        raise LoginError(words)

    monkeypatch.setattr(IMAPClient, "login", busy)
    with pytest.raises(TryLater):
        list(post.open().fetch())


def test_a_folder_that_is_not_there_calls_an_operator(post: Post) -> None:
    with pytest.raises(ChannelBroken, match="no such folder"):
        list(post.open(folder="Demandes").fetch())


def test_a_certificate_nobody_vouches_for_calls_an_operator(post: Post, tmp_path: Path) -> None:
    with in_tls(post.mailbox.line.port, certificate(tmp_path)) as port:
        source = post.open(port=port, encrypted=True)
        with pytest.raises(ChannelBroken, match="certificate"):
            list(source.fetch())


def test_a_mailbox_is_read_and_waited_for_over_tls(post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with in_tls(post.mailbox.line.port, pem) as port:
        source = post.open(port=port, encrypted=True)
        post.bring(1)
        settle(source)
        with soon(lambda: post.bring(2)):
            assert timed(lambda: source.wait(30)) < 4
        assert numbers(list(source.fetch())) == [2]
        with soon(post.mailbox.line.cut), pytest.raises(TryLater):
            source.wait(30)
        source.close()


# --- much, and large -----------------------------------------------------------------------------------------------


LONG_PATIENCE = [pytest.mark.full, pytest.mark.timeout(600)]


@pytest.mark.parametrize("many", [400, pytest.param(10_000, marks=LONG_PATIENCE)])
def test_a_burst_of_mails_is_read_with_little_memory_though_one_of_them_cannot_be_understood(
    post: Post, many: int
) -> None:
    body = "Le lampadaire est en panne. " * 80
    unparsable = many // 2
    with post.mailbox.client() as client:
        for start in range(0, many, 100):
            some = range(start, start + 100)
            client.multiappend("INBOX", [b"\xff\x01: =?x" if n == unparsable else letter(n, body) for n in some])
    source, count = post.open(), 0
    tracemalloc.start()
    for fetched in source.fetch():
        count += 1
        fetched.settle()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == many
    assert peak < 4_000_000
    assert list(source.fetch()) == []
    empty(post)


def empty(post: Post) -> None:
    """In pieces: a server needs its time to remove ten thousand."""
    for folder in filter(None, (post.folder, post.done)):
        with post.mailbox.client(folder) as client:
            while uids := client.search("ALL")[:200]:
                client.delete_messages(uids, silent=True)
                client.expunge()


def test_of_a_mail_too_large_only_the_beginning_is_fetched_and_kept(post: Post) -> None:
    post.bring(1)
    post.mailbox.append(letter(2, "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 150_000))
    post.bring(3)
    source = post.open(largest=1_000_000)
    tracemalloc.start()
    found = list[Fetched]()
    for fetched in source.fetch():
        found.append(fetched)
        fetched.settle()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert numbers(found) == [1, 2, 3]
    assert peak < 9_000_000, "the mail has eleven million bytes"
    large = found[1].message
    assert large.raw.startswith(b"X-GRU-Cut: ") and len(large.raw) < 1_400_000
    assert large.external_id == "2@courriel.example"
    incoming = reader().parse(large)
    assert "too-large" in incoming.defects
    assert incoming.text.startswith("message 2")
    assert list(source.fetch()) == []


def test_a_large_mail_is_the_same_mail_when_it_comes_by_another_way(moving: Post) -> None:
    long = letter(1, ("y" * 70 + "\r\n") * 20_000)
    for way in (b"", b"Received: from a by b\r\nDelivered-To: voirie@ville.example\r\n"):
        moving.mailbox.append(way + long)
    moving.mailbox.append(long + b"fin\r\n")
    one, two, other = (fetched.message.content_digest for fetched in moving.open(largest=1_000_000).fetch())
    assert one == two != other


def reader() -> EmailChannel:
    return EmailChannel(
        address="demande@ville.example",
        instance="i",
        authserv="",
        transport=MaildirTransport(Path("unused")),
        now=lambda: MOMENT,
    )


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
