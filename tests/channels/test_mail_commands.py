"""What does an operator see who fetches mail, looks into one, or drops one in?"""

import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gru.cli.mail import mail
from gru.settings import BadSetting
from gru.storage.archive import Archive
from gru.storage.databases import open_sqlite
from gru.storage.keys import Keys
from gru.storage.migrations import migrate
from gru.storage.work import Sign, Work
from tests.channels.contract import MOMENT
from tests.channels.imap_post import DONE, letter
from tests.channels.test_maildir import Folder
from tests.servers import Mailbox

SECRET, MASTER = "11" * 32, "22" * 32


class Town:
    """An empty one, and what lies in it."""

    def __init__(self, folder: Path) -> None:
        self._databases = open_sqlite(folder)
        migrate(self._databases)
        self._archive = Archive(
            self._databases, Keys(self._databases.keys, bytes.fromhex(MASTER)), bytes.fromhex(SECRET)
        )

    def kept(self) -> list[str]:
        """The Message-IDs of the mails that wait to be taken in."""
        keys = self._archive.pending(1000)
        return sorted(kept.external_id for key in keys if (kept := self._archive.kept(key)))

    def signs(self) -> list[Sign]:
        return Work(self._databases.work).signs()

    def close(self) -> None:
        self._databases.close()


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("GRU_DATA", str(tmp_path / "ville"))
    monkeypatch.setenv("GRU_SECRET", SECRET)
    monkeypatch.setenv("GRU_MASTER_KEY", MASTER)
    monkeypatch.setenv("GRU_MAIL_ADDRESS", "mairie@ville.example")
    monkeypatch.delenv("GRU_MAILBOXES", raising=False)
    monkeypatch.delenv("GRU_DATABASE_URL", raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    found = Town(tmp_path / "ville")
    yield found
    found.close()
    for number, handler in handlers.items():  # the command takes them for itself
        signal.signal(number, handler)


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in (2, 1):
        (folder / f"{number}.eml").write_bytes(letter(number))
    (folder / "notes.txt").write_text("no mail")
    return folder


def gru_mail(*words: str | Path) -> Result:
    return CliRunner().invoke(mail, [str(word) for word in words])


def lines(result: Result) -> Sequence[str]:
    return result.stdout.splitlines()


# --- inspect -------------------------------------------------------------------------------------------------------


def test_each_mail_of_a_folder_is_one_line_of_json_in_order(mails: Path) -> None:
    result = gru_mail("inspect", "--jsonl", mails)
    read = [json.loads(line) for line in lines(result)]
    assert result.exit_code == 0
    assert [(each["file"], each["message_id"]) for each in read] == [
        ("1.eml", "1@courriel.example"), ("2.eml", "2@courriel.example"),
    ]  # fmt: skip


def test_without_jsonl_a_mail_is_shown_indented(mails: Path) -> None:
    result = gru_mail("inspect", mails / "1.eml")
    assert json.loads(result.stdout)["subject"] == "1"
    assert len(lines(result)) > 10


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"From: =?x?q?="])
def test_any_file_can_be_looked_into(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "odd").write_bytes(raw)
    result = gru_mail("inspect", "--jsonl", tmp_path / "odd")
    assert result.exit_code == 0 and json.loads(result.stdout)["file"] == "odd"


def test_what_cannot_be_read_is_said_in_a_sentence_and_holds_up_no_other(mails: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = gru_mail("inspect", "--jsonl", tmp_path / "missing.eml", tmp_path / "empty", mails / "1.eml")
    assert result.exit_code == 1
    assert len(lines(result)) == 1
    assert result.stderr.splitlines() == [
        f"{tmp_path}/missing.eml: cannot be read (No such file or directory).",
        f"{tmp_path}/empty: this folder holds no .eml file.",
    ]


def test_a_command_without_a_file_says_what_is_missing() -> None:
    for command in ("inspect", "drop"):
        result = gru_mail(command)
        assert result.exit_code == 2
        assert "Missing argument 'PATHS...'" in result.stderr


# --- drop ----------------------------------------------------------------------------------------------------------


def test_a_mail_dropped_in_is_kept_once(town: Town, mails: Path) -> None:
    for _ in range(2):
        result = gru_mail("drop", mails)
        assert result.exit_code == 0
        assert [line.split(":")[0] for line in lines(result)] == ["1.eml", "2.eml"]
    assert town.kept() == ["1@courriel.example", "2@courriel.example"]


def test_a_file_without_a_word_is_not_dropped_in(town: Town, tmp_path: Path) -> None:
    (tmp_path / "empty.eml").write_bytes(b"\r\n")
    result = gru_mail("drop", tmp_path / "empty.eml")
    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path}/empty.eml: is empty, there is nothing to keep.\n"
    assert town.kept() == []


# --- fetch ---------------------------------------------------------------------------------------------------------


def test_fetching_once_keeps_what_lies_in_every_mailbox(
    town: Town, tmp_path: Path, imap_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path / "boite")
    folder.bring(1)
    imap_server.append(letter(2))
    url = f"imap://{imap_server.user}:{imap_server.password}@{imap_server.host}:{imap_server.line.port}"
    monkeypatch.setenv("GRU_MAILBOXES", f"maildir://{folder.path} {url}/INBOX?done=Trait%C3%A9s")
    result = gru_mail("fetch", "--once")
    assert (result.exit_code, result.stderr) == (0, "")
    assert town.kept() == ["1@courriel.example", "2@courriel.example"]
    assert (len(folder.done()), imap_server.messages(DONE)) == (1, [letter(2)])
    assert len(town.signs()) == 2
    assert all(sign.worked_at and sign.message_at and not sign.failed_at for sign in town.signs())


def test_the_same_mail_in_two_mailboxes_is_kept_once(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [Folder(tmp_path / name) for name in ("mairie", "voirie")]
    for number, folder in enumerate(folders):
        folder.put("1", f"Delivered-To: {number}@ville.example\r\n".encode() + letter(7), MOMENT.timestamp())
    monkeypatch.setenv("GRU_MAILBOXES", " ".join(f"maildir://{folder.path}" for folder in folders))
    assert gru_mail("fetch", "--once").exit_code == 0
    assert town.kept() == ["7@courriel.example"]


def test_a_mailbox_that_cannot_be_read_is_named_with_its_reason_and_its_sign_is_kept(
    town: Town, imap_server: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path / "boite")
    folder.bring(1)
    url = f"imap://mairie:wrong@{imap_server.host}:{imap_server.line.port}/INBOX"
    monkeypatch.setenv("GRU_MAILBOXES", f"{url} maildir://{folder.path}")
    result = gru_mail("fetch", "--once")
    assert result.exit_code == 1
    assert result.stderr == f"imap:mairie@{imap_server.host}/INBOX: the mailbox refuses our login\n"
    assert town.kept() == ["1@courriel.example"]
    [failing] = [sign for sign in town.signs() if sign.is_failing]
    assert failing.name == f"mailbox:imap:mairie@{imap_server.host}/INBOX"
    assert failing.failure == "the mailbox refuses our login"


def test_fetching_once_from_nowhere_says_so(town: Town) -> None:
    result = gru_mail("fetch", "--once")
    assert result.exit_code == 2
    assert "No mailbox is set: GRU_MAILBOXES is empty." in result.stderr


def test_a_mailbox_that_is_written_wrongly_is_a_bad_setting(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRU_MAILBOXES", "imaps://ville.example/INBOX")
    result = gru_mail("fetch", "--once")
    assert isinstance(result.exception, BadSetting)
    assert str(result.exception) == "GRU_MAILBOXES: A mailbox is written imaps://user:password@host/INBOX?done=Folder."
