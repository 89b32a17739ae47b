"""Does one daemon at a time read a mailbox, and does another take over?"""

import time
from pathlib import Path

from gru.channels.base import RawMessage, TryLater
from gru.channels.email.maildir import MaildirSource
from gru.office.mailroom import Lease, Pace, read_once, watch_all
from gru.storage.databases import open_sqlite
from gru.storage.work import Work
from tests.channels.daemons import HURRIED, Office, Script, Stop, running, until
from tests.channels.test_maildir import Folder
from tests.forked import end_with_the_tests, forked


def test_a_second_daemon_stands_by_and_takes_over_when_the_first_stops(work: Work, folder: Folder) -> None:
    first, second = Office(work, "first"), Office(work, "second")
    with running(first, folder.open()):
        until(lambda: first.signals)
        with running(second, folder.open()):
            folder.bring(1)
            until(lambda: first.numbers() == [1])
            time.sleep(1.2)
            assert second.signals == []
    assert work.holder(f"mailbox:{folder.open().name}") == ""
    with running(second, folder.open()):
        folder.bring(2)
        until(lambda: second.numbers() == [2])
    assert first.numbers() == [1]


def read_until_killed(data: Path, folder: Path) -> None:
    """What the first daemon does, in a process of its own."""
    end_with_the_tests()
    office = Office(Work(open_sqlite(data).work), "killed")
    source = MaildirSource(folder, "mairie@ville.example")
    watch_all(office, [source], Stop(), Pace(poll_seconds=0.2, lease_seconds=3))


def test_a_second_daemon_takes_over_when_the_first_is_killed(work: Work, folder: Folder, tmp_path: Path) -> None:
    mailbox = f"mailbox:{folder.open().name}"
    first = forked().Process(target=read_until_killed, args=(tmp_path / "data", folder.path))
    first.start()
    try:
        until(lambda: work.holder(mailbox) == "killed", 60)
        second = Office(work, "second")
        with running(second, folder.open()):
            time.sleep(4)
            assert work.holder(mailbox) == "killed", "a lease that is prolonged is not taken"
            first.kill()
            first.join(10)
            folder.bring(1)
            until(lambda: second.numbers() == [1])
    finally:
        first.kill()


def test_the_lease_is_prolonged_during_a_long_fetch_and_a_long_wait(work: Work) -> None:
    office, other = Office(work, "first"), Office(work, "second")
    slow = Script(lambda: time.sleep(2.5))
    with running(office, slow):
        until(lambda: slow.tries)
        for _ in range(20):
            assert not other.lease("mailbox:script", 0.9)
            time.sleep(0.1)


def test_a_lease_that_is_lost_ends_the_fetch_and_the_mailbox_is_let_go() -> None:
    office, script = Office(), Script([1, 2, 3])
    keep = office.keep

    def keep_and_lose(message: RawMessage) -> str:
        office.may_lease = False
        time.sleep(1)
        return keep(message)

    office.keep = keep_and_lose
    with running(office, script):
        until(lambda: script.closed)
    assert script.settled == [1]


def test_a_store_that_is_away_for_a_moment_takes_no_lease_from_us() -> None:
    office = Office()
    with Lease(office, "mailbox:x", 0.9) as lease:
        office.is_away = True
        time.sleep(0.5)
        assert lease.is_held
        time.sleep(1)
        assert not lease.is_held
        office.is_away = False


def test_a_mailbox_that_another_daemon_reads_is_not_read_once_more(work: Work) -> None:
    work.lease("mailbox:script", "another", 60)
    script = Script([1])
    assert read_once(Office(work), [script], Stop(), HURRIED) == ["script: another process reads it now"]
    assert script.tries == []


def test_the_lease_is_given_back_after_a_fault(work: Work) -> None:
    read_once(Office(work), [Script(TryLater("away"))], Stop(), HURRIED)
    assert work.holder("mailbox:script") == ""


def test_a_daemon_stops_in_the_middle_of_a_fetch() -> None:
    office, script = Office(), Script(list(range(1, 1000)))
    keep = office.keep

    def keep_slowly(message: RawMessage) -> str:
        time.sleep(0.02)
        return keep(message)

    office.keep = keep_slowly
    with running(office, script):
        until(lambda: len(script.settled) > 3)
    assert len(script.settled) < 500
    assert script.settled == office.numbers()
