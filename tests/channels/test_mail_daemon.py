"""Does the mail process keep reading every mailbox, whatever becomes of lines, servers and stores?"""

import time

import pytest
import structlog

from gru.channels.base import ChannelBroken, RawMessage, TryLater
from gru.channels.email.imap import ImapAccount, ImapSource
from gru.channels.email.maildir import MaildirSource
from gru.office.mailroom import MESSAGE, Pace, Watch, read_once
from gru.storage.work import Work
from tests.channels.contract import soon
from tests.channels.daemons import HURRIED, SECRET, Office, Script, Stop, running, until
from tests.channels.imap_post import letter
from tests.channels.test_maildir import Folder
from tests.servers import Mailbox

# --- keeping and settling ------------------------------------------------------------------------------------------


def test_a_mail_that_comes_while_the_daemon_watches_is_kept_and_settled(folder: Folder) -> None:
    office = Office()
    with running(office, folder.open()):
        folder.bring(1)
        until(folder.done)
        folder.bring(2)
        until(lambda: len(folder.done()) == 2)
    assert office.numbers() == [1, 2]


def test_a_message_is_settled_only_once_it_is_kept() -> None:
    office, script = Office(), Script([1, 2, 3])
    office.cannot_keep = b"message 2"
    read_once(office, [script], Stop(), HURRIED)
    assert office.numbers() == script.settled == [1, 3]


def test_one_mail_that_cannot_be_kept_is_said_tried_again_and_holds_up_no_other(folder: Folder) -> None:
    office = Office()
    office.cannot_keep = b"message 2"
    with running(office, folder.open()):
        for number in (1, 2, 3):
            folder.bring(number)
        until(lambda: (False, "1 of its messages could not be kept") in office.signals)
        until(lambda: len(folder.done()) == 2)
        folder.bring(4)
        until(lambda: len(folder.done()) == 3)
        office.cannot_keep = b"\0"
        until(lambda: len(folder.done()) == 4)
        until(lambda: office.signals[-1] == (True, ""))
    assert sorted(office.numbers()) == [1, 2, 3, 4]


def test_several_mails_in_a_row_that_cannot_be_kept_do_not_hold_up_the_next() -> None:
    office, script = Office(), Script(list(range(11, 60)))
    office.cannot_keep = b"message 1"
    read_once(office, [script], Stop(), HURRIED)
    assert script.settled == list(range(20, 60))


def test_when_the_store_is_away_the_mailbox_is_not_read_to_its_end() -> None:
    office, fetched = Office(), list[int]()

    def go_away(message: RawMessage) -> str:
        fetched.append(1)
        office.is_away = True
        raise ConnectionError(SECRET)

    office.keep = go_away
    script = Script(list(range(1, 100)))
    with running(office, script):
        until(lambda: script.closed)
    assert (len(fetched), script.settled) == (1, [])


def test_when_a_hundred_cannot_be_kept_it_is_not_the_mails() -> None:
    office, script = Office(), Script(list(range(1, 1000)))
    office.cannot_keep = b"message"
    assert read_once(office, [script], Stop(), HURRIED) == ["script: the mail reader failed (RuntimeError)"]
    assert office.signals[-2:] == [
        (False, "100 of its messages could not be kept"), (False, "the mail reader failed (RuntimeError)"),
    ]  # fmt: skip


def test_no_word_of_a_mail_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    office = Office()
    office.cannot_keep = b"message"
    read_once(office, [Script([1]), Script([1, 2, 3])], Stop(), HURRIED)
    office.is_away = True
    read_once(office, [Script([1])], Stop(), HURRIED)
    written = capsys.readouterr().out
    assert "RuntimeError at keep" in written and "ConnectionError" in written
    assert SECRET not in written


# --- faults --------------------------------------------------------------------------------------------------------


def test_after_a_fault_the_daemon_tries_again_later_and_later() -> None:
    script = Script(*[TryLater("the mailbox is away")] * 5, [1])
    office = Office()
    with running(office, script):
        until(lambda: script.settled)
    pauses = [later - sooner for sooner, later in zip(script.tries, script.tries[1:6], strict=False)]
    assert pauses[0] < 0.3 < pauses[4] < 3
    assert office.signals[:5] == [(False, "the mailbox is away")] * 5
    assert script.closed >= 5


def test_a_success_makes_the_next_pause_short_again() -> None:
    fault = TryLater("away")
    script = Script(*[fault] * 5, [1], fault, [2])
    with running(Office(), script):
        until(lambda: script.settled == [1, 2])
    assert script.tries[7] - script.tries[6] < 0.3


def test_a_refused_login_alarms_and_is_tried_again_without_end(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    script = Script(*[ChannelBroken("the mailbox refuses our login")] * 4, [1])
    office = Office()
    with running(office, script):
        until(lambda: script.settled)
    assert office.signals[:4] == [(False, "the mailbox refuses our login")] * 4
    written = capsys.readouterr().out
    assert written.count("mailbox needs an operator") == 4 and "error" in written


def test_a_fault_of_our_own_does_not_end_the_daemon() -> None:
    office, script = Office(), Script(KeyError("x"), ZeroDivisionError(), [1])
    with running(office, script):
        until(lambda: script.settled)
    assert office.signals[:2] == [
        (False, "the mail reader failed (KeyError)"), (False, "the mail reader failed (ZeroDivisionError)"),
    ]  # fmt: skip


def test_a_store_that_is_away_does_not_end_the_daemon() -> None:
    office, script = Office(), Script([1])
    office.is_away = True
    with running(office, script):
        time.sleep(0.5)
        assert script.settled == []
        office.is_away = False
        until(lambda: script.settled)


def test_one_broken_mailbox_does_not_hold_up_another(folder: Folder) -> None:
    office = Office()
    broken = Script(*[ChannelBroken("the mailbox refuses our login")] * 1000)
    with running(office, broken, folder.open()):
        folder.bring(1)
        until(folder.done)


def test_what_a_source_leaves_out_is_said(folder: Folder) -> None:
    office, script = Office(), Script([1])
    script.trouble = "the mailbox does not give all of its messages"
    assert read_once(office, [script], Stop(), HURRIED) == [f"script: {script.trouble}"]
    assert office.signals == [(True, MESSAGE), (False, script.trouble)]


# --- signs of life -------------------------------------------------------------------------------------------------


def test_each_look_is_a_sign_of_life_and_says_whether_messages_came() -> None:
    office = Office()
    read_once(office, [Script([1, 2]), Script()], Stop(), HURRIED)
    assert office.signals == [(True, MESSAGE), (True, "")]


def test_a_long_fetch_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru.office.mailroom.SIGN_OF_LIFE_SECONDS", 0.0)
    office = Office()
    read_once(office, [Script([1, 2, 3])], Stop(), HURRIED)
    assert office.signals == [(True, MESSAGE)] * 4


# --- before a real mailbox -----------------------------------------------------------------------------------------


def imap(mailbox: Mailbox) -> ImapSource:
    account = ImapAccount(mailbox.host, mailbox.line.port, False, mailbox.user, mailbox.password, "INBOX", "Done")
    return ImapSource(account, "mairie@ville.example", lambda _: None, lambda *_: None)


def test_a_mailbox_is_watched_through_a_cut_line_and_a_server_that_went_away(imap_server: Mailbox) -> None:
    office = Office()
    with running(office, imap(imap_server), pace=Pace(poll_seconds=20, first_pause=0.1, longest_pause=0.5)):
        imap_server.append(letter(1))
        until(lambda: office.numbers() == [1])
        imap_server.line.cut()
        imap_server.append(letter(2))
        until(lambda: office.numbers() == [1, 2])
        imap_server.line.down()
        until(lambda: not office.signals[-1][0])
        time.sleep(1)
        imap_server.line.up()
        imap_server.append(letter(3))
        until(lambda: office.numbers() == [1, 2, 3])
        until(lambda: len(imap_server.messages("Done")) == 3)
        until(lambda: office.signals[-1][0])
    assert imap_server.messages() == []


def test_a_daemon_that_waits_for_mail_stops_soon_and_leaves_no_lease(imap_server: Mailbox, work: Work) -> None:
    office, source = Office(work), imap(imap_server)
    with running(office, source, pace=Pace(poll_seconds=600)):
        until(lambda: office.signals)
        time.sleep(0.5)
    until(lambda: work.holder(f"mailbox:{source.name}") == "")


def test_a_watch_is_told_apart_by_its_mailbox(folder: Folder) -> None:
    """Two sources at once: each has its lease."""
    office = Office()
    others = Folder(folder.path.with_name("autre"))
    with (
        soon(lambda: others.bring(2)),
        running(office, folder.open(), MaildirSource(others.path, "voirie@ville.example")),
    ):
        folder.bring(1)
        until(lambda: sorted(office.numbers()) == [1, 2])
    assert {message.source for message in office.kept.values()} == {"mairie@ville.example", "voirie@ville.example"}


def test_one_look_closes_the_line(folder: Folder) -> None:
    script = Script([1])
    assert Watch(Office(), script, Stop(), HURRIED).once() == ""
    assert script.closed == 1
