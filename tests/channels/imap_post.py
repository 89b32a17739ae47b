"""What does a mailbox look like to those who bring mails to it, and to us who read it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from imapclient import IMAPClient

from gru.channels.email.imap import Cursor, ImapAccount, ImapSource
from tests.servers import Mailbox

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
