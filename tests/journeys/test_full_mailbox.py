"""What becomes of mail when the town's own mailbox is full? On a real server that takes no more."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from imapclient.exceptions import IMAPClientError

from gru.channels.email.imap import Cursor, ImapSource
from gru.channels.email.imap_line import ImapAccount
from gru.storage.work import Sign
from tests.journeys.test_leaving import Leaving, opening
from tests.servers import Mailbox, Outbox, find_imap_with_quota, imap_with_quota, need
from tests.servers.imap import PASSWORD, USER

ROOM = 200
"""Kilobytes the mailbox holds."""

LETTER = b"From: claire@courriel.example\r\nSubject: Un trou\r\nMessage-ID: <1@courriel.example>\r\n\r\nBonjour\r\n"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    need(find_imap_with_quota)
    with imap_with_quota(ROOM) as found:
        yield found


def fill(mailbox: Mailbox) -> None:
    """Until not one small mail more is taken."""
    for size in (100_000, 10_000, 1_000, 100):
        with pytest.raises(IMAPClientError, match=r"(?i)quota"):
            while True:
                mailbox.append(b"Subject: x\r\n\r\n" + b"x" * size, "Archives")


@contextmanager
def source(mailbox: Mailbox, done: str = "") -> Iterator[ImapSource]:
    address = f"imap://{USER}:{PASSWORD}@{mailbox.host}:{mailbox.line.port}/INBOX"
    account = ImapAccount.from_url(address + (f"?done={done}" if done else ""))
    cursors: dict[str, Cursor] = {}
    found = ImapSource(account, "town", cursors.get, cursors.__setitem__)
    try:
        yield found
    finally:
        found.close()


@pytest.mark.parametrize("done", ["", "Traites"])
def test_what_lies_in_a_full_mailbox_is_read_and_moved_and_somebody_is_told(mailbox: Mailbox, done: str) -> None:
    mailbox.create_folder("Archives")
    mailbox.create_folder("Traites")
    mailbox.append(LETTER)
    with source(mailbox, done) as town:
        assert [one.message.raw for one in town.fetch()] == [LETTER]
        assert town.trouble == ""
        fill(mailbox)
        for one in town.fetch():
            one.settle()
        assert "the mailbox is full to" in town.trouble
        assert list(town.fetch()) == []
    assert len(mailbox.messages("Traites" if done else "INBOX")) == 1


def test_a_mail_that_left_is_never_sent_again_because_its_copy_finds_no_room(
    mailbox: Mailbox, sqlite_town: Path, tmp_path: Path, smtp_server: Outbox
) -> None:
    mailbox.create_folder("Archives")
    mailbox.create_folder("Partis")
    where = f"imap://{USER}:{PASSWORD}@{mailbox.host}:{mailbox.line.port}/Partis"
    with opening(sqlite_town, tmp_path, smtp_server, GRU_MAIL_SENT=where) as town:
        town.settle()
        fill(mailbox)
        before = len(mailbox.messages("Partis"))
        reply = town.write(1)
        town.settle()
        assert town.state(reply) == "sent" and copies(town).is_failing
        assert "it is full, or refuses us" in copies(town).failure
        town.later(minutes=10)
        assert len(town.mails()) == 1 and len(mailbox.messages("Partis")) == before
        with mailbox.client("Archives") as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()
        town.later(minutes=30)
        [sent] = town.mails()
        lying = [email.message_from_bytes(raw, policy=email.policy.default) for raw in mailbox.messages("Partis")]
        assert [one["Message-ID"] for one in lying].count(sent["Message-ID"]) == 1
        assert not copies(town).is_failing


def copies(town: Leaving) -> Sign:
    [sign] = [one for one in town.journey.office.work.signs() if one.name == "outgoing:copies"]
    return sign
