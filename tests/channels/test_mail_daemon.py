"""Does the mail process keep reading every mailbox, whatever becomes of lines, servers, stores and other daemons?"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from gru.channels.base import ChannelBroken, Fetched, RawMessage, TryLater, never
from gru.channels.email.arrival import arrived
from gru.channels.email.imap import ImapAccount, ImapSource
from gru.channels.email.maildir import MaildirSource
from gru.mailroom import MESSAGE, Lease, Pace, Watch, read_once, watch_all
from gru.storage.databases import Databases, open_sqlite
from gru.storage.migrations import migrate
from gru.storage.work import Work
from tests.channels.contract import MOMENT, soon, timed
from tests.channels.test_imap import letter
from tests.channels.test_maildir import Folder
from tests.servers import Mailbox

ROOT = Path(__file__).resolve().parents[2]
HURRIED = Pace(poll_seconds=0.2, lease_seconds=0.9, first_pause=0.05, longest_pause=0.4, look_again_seconds=0.1)
SECRET = "the words of a resident"


class Stop:
    def __init__(self) -> None:
        self.event = threading.Event()

    def __bool__(self) -> bool:
        return self.event.is_set()

    def wait(self, seconds: float) -> bool:
        return self.event.wait(seconds)


class Office:
    """Remembers what it was asked; `broken` is raised by `keep` for messages that contain it, or by all calls."""

    def __init__(self, work: Work | None = None, holder: str = "first") -> None:
        self.kept: dict[bytes, RawMessage] = {}
        self.signals: list[tuple[bool, str]] = []
        self.leases: list[float] = []
        self.cannot_keep = b"\0"
        self.is_away = False
        self.may_lease = True
        self._work = work
        self._holder = holder

    def keep(self, message: RawMessage) -> str:
        self._be_there()
        if self.cannot_keep in message.raw:
            raise RuntimeError(SECRET)
        self.kept.setdefault(message.content_digest, message)
        return message.content_digest.hex()

    def lease(self, name: str, seconds: float) -> bool:
        self._be_there()
        self.leases.append(time.monotonic())
        return self._work.lease(name, self._holder, seconds) if self._work else self.may_lease

    def release(self, name: str) -> None:
        self._be_there()
        if self._work:
            self._work.release(name, self._holder)

    def signal(self, mailbox: str, ok: bool, note: str) -> None:
        self._be_there()
        self.signals.append((ok, note))

    def numbers(self) -> list[int]:
        return [int(message.external_id.split("@")[0]) for message in self.kept.values()]

    def _be_there(self) -> None:
        if self.is_away:
            raise ConnectionError(SECRET)


class Script:
    """A source that does one thing after another: messages, or an exception."""

    name = "script"

    def __init__(self, *acts: list[int] | Exception | Callable[[], None]) -> None:
        self.acts = list(acts)
        self.trouble = ""
        self.settled: list[int] = []
        self.closed = 0
        self.tries: list[float] = []

    def fetch(self) -> Iterator[Fetched]:
        self.tries.append(time.monotonic())
        act = self.acts.pop(0) if self.acts else []
        if isinstance(act, Exception):
            raise act
        for number in act if isinstance(act, list) else []:
            yield Letter(number, self)
        if callable(act):
            act()

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        time.sleep(min(seconds, 0.02))

    def close(self) -> None:
        self.closed += 1


class Letter:
    def __init__(self, number: int, script: Script) -> None:
        self.message = arrived(letter(number), "mairie@ville.example", MOMENT)
        self._number = number
        self._script = script

    def settle(self) -> None:
        self._script.settled.append(self._number)


@contextmanager
def running(office: Office, *sources: object, pace: Pace = HURRIED) -> Iterator[Stop]:
    """A daemon, stopped at the end of the block, which must not take long."""
    stop = Stop()
    thread = threading.Thread(target=watch_all, args=(office, sources, stop, pace))
    thread.start()
    try:
        yield stop
    finally:
        stop.event.set()
        assert timed(lambda: thread.join(20)) < 4


def until(what: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "boite")


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    places = open_sqlite(tmp_path / "data")
    migrate(places)
    yield places
    places.close()


@pytest.fixture
def work(databases: Databases) -> Work:
    return Work(databases.work)


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


def test_when_nothing_can_be_kept_the_mailbox_is_not_read_to_its_end() -> None:
    office, script = Office(), Script(list(range(1, 100)))
    office.cannot_keep = b"message"
    assert read_once(office, [script], Stop(), HURRIED) == ["script: the mail reader failed (RuntimeError)"]
    assert office.signals == [(False, "the mail reader failed (RuntimeError)")]


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
    monkeypatch.setattr("gru.mailroom.SIGN_OF_LIFE_SECONDS", 0.0)
    office = Office()
    read_once(office, [Script([1, 2, 3])], Stop(), HURRIED)
    assert office.signals == [(True, MESSAGE)] * 4


# --- one daemon for a mailbox --------------------------------------------------------------------------------------


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


DAEMON = """
import sys
from pathlib import Path
from gru.channels.email.maildir import MaildirSource
from gru.mailroom import Pace, watch_all
from gru.storage.databases import open_sqlite
from gru.storage.work import Work
from tests.channels.test_mail_daemon import Office, Stop
work = Work(open_sqlite(Path(sys.argv[1])).work)
source = MaildirSource(Path(sys.argv[2]), "mairie@ville.example")
watch_all(Office(work, "killed"), [source], Stop(), Pace(poll_seconds=0.2, lease_seconds=3))
"""


def test_a_second_daemon_takes_over_when_the_first_is_killed(work: Work, folder: Folder, tmp_path: Path) -> None:
    mailbox = f"mailbox:{folder.open().name}"
    words = [sys.executable, "-c", DAEMON, str(tmp_path / "data"), str(folder.path)]
    first = subprocess.Popen(words, cwd=ROOT)
    try:
        until(lambda: work.holder(mailbox) == "killed", 60)
        second = Office(work, "second")
        with running(second, folder.open()):
            time.sleep(4)
            assert work.holder(mailbox) == "killed", "a lease that is prolonged is not taken"
            first.send_signal(signal.SIGKILL)
            first.wait(10)
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

    office.keep = keep_and_lose  # type: ignore[method-assign]
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

    office.keep = keep_slowly  # type: ignore[method-assign]
    with running(office, script):
        until(lambda: len(script.settled) > 3)
    assert len(script.settled) < 500
    assert script.settled == office.numbers()


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
