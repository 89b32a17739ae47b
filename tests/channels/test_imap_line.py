"""Are we told of new mail over IMAP, whatever becomes of the line, however much comes, however large it is?"""

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from gru.channels.base import ChannelBroken, Fetched, TryLater
from gru.channels.email.channel import EmailChannel
from gru.channels.email.smtp import MaildirTransport
from tests.channels.contract import MOMENT, number_of, numbers, settle, soon, timed
from tests.channels.imap_post import Post, letter, without
from tests.channels.tls import certificate, in_tls
from tests.servers.process import HOST, free_port

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


def test_a_message_that_comes_at_the_very_moment_we_begin_to_listen_is_heard(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is announced in one breath with the server's consent to IDLE."""
    source = post.open()
    settle(source)
    idle = IMAPClient.idle

    def brought_just_before(client: Any) -> None:
        if not post.mailbox.messages():
            post.bring(1)
        idle(client)

    with monkeypatch.context() as patch:
        patch.setattr(IMAPClient, "idle", brought_just_before)
        seconds = timed(lambda: source.wait(8))
    assert seconds < (5 if post.mailbox.software != "pymap" else 10), "pymap announces only what comes later"
    assert numbers(list(source.fetch())) == [1]


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
    forgotten = threading.Event()
    door = socket.create_server((HOST, 0))

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
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
    try:
        with memory() as peak:
            for fetched in source.fetch():
                count += 1
                fetched.settle()
        assert count == many
        assert peak() < 4_000_000
        assert list(source.fetch()) == []
    finally:
        empty(post)


@contextmanager
def memory() -> Iterator[Callable[[], int]]:
    """How much was taken at most inside the block, in bytes."""
    taken: list[int] = []
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield lambda: taken[0]
    finally:
        taken.append(tracemalloc.get_traced_memory()[1] - before)
        tracemalloc.stop()


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
    found = list[Fetched]()
    with memory() as peak:
        for fetched in source.fetch():
            found.append(fetched)
            fetched.settle()
    assert numbers(found) == [1, 2, 3]
    assert peak() < 9_000_000, "the mail has eleven million bytes"
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
