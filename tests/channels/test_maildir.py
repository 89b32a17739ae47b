"""Are mails read from a folder that others write to at the same time?"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from gru.channels.base import ChannelBroken, Fetched, Source
from gru.channels.email.channel import EmailChannel
from gru.channels.email.maildir import MaildirSource
from gru.channels.email.smtp import MaildirTransport
from tests.channels.contract import MOMENT, SourceContract, numbers, settle, timed


class Folder:
    """Files whose time of writing is told apart by their number, not by the order of their names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> Source:
        return MaildirSource(self.path, "mairie@ville.example")

    def bring(self, number: int) -> None:
        self.put(f"{99 - number}.eml", letter(number), MOMENT.timestamp() + number)

    def put(self, name: str, raw: bytes, written: float = MOMENT.timestamp()) -> Path:
        for part in ("tmp", "new", "cur"):
            (self.path / part).mkdir(parents=True, exist_ok=True)
        (self.path / "tmp" / name).write_bytes(raw)
        os.utime(self.path / "tmp" / name, (written, written))
        return (self.path / "tmp" / name).rename(self.path / "new" / name)

    def take_away(self, number: int) -> None:
        (self.path / "new" / f"{99 - number}.eml").unlink()

    def done(self) -> list[str]:
        return sorted(path.name for path in (self.path / "cur").iterdir())


def letter(number: int, body: bytes = b"") -> bytes:
    head = f"Message-ID: <{number}@courriel.example>\r\nFrom: jeanne@courriel.example\r\nSubject: {number}\r\n\r\n"
    return head.encode() + f"message {number}\r\n".encode() + body


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "boite")


class TestMaildirSource(SourceContract):
    @pytest.fixture
    def place(self, folder: Folder) -> Folder:
        return folder


def test_what_is_settled_lies_in_cur_marked_as_seen(folder: Folder) -> None:
    folder.bring(1)
    settle(folder.open())
    assert folder.done() == ["98.eml:2,S"]
    assert list((folder.path / "new").iterdir()) == []


def test_marks_a_file_came_with_are_left_on_it(folder: Folder) -> None:
    folder.put("7:2,FR", letter(1))
    settle(folder.open())
    assert folder.done() == ["7:2,FRS"]


def test_a_file_of_the_same_name_that_is_done_already_is_not_overwritten(folder: Folder) -> None:
    for number in (1, 2):
        folder.put("demande.eml", letter(number))
        settle(folder.open())
    assert len(folder.done()) == 2


def test_a_message_was_received_when_its_file_was_written(folder: Folder) -> None:
    folder.put("1", letter(1), MOMENT.timestamp())
    [fetched] = folder.open().fetch()
    assert fetched.message.received_at == MOMENT


def test_directories_and_hidden_files_are_not_mails(folder: Folder) -> None:
    folder.bring(1)
    (folder.path / "new" / "dossier").mkdir()
    (folder.path / "new" / ".isyncuidmap").write_text("1")
    source = folder.open()
    assert numbers(list(source.fetch())) == [1]
    assert source.trouble == ""


def test_a_file_that_cannot_be_read_is_said_and_holds_up_no_other(folder: Folder) -> None:
    for number in (1, 2, 3):
        folder.bring(number)
    source = folder.open()
    found: list[Fetched] = []
    for fetched in source.fetch():
        if not found:
            unreadable(folder.path / "new" / "97.eml")
        found.append(fetched)
    assert numbers(found) == [1, 3]
    assert source.trouble == "1 of the files in the folder cannot be read"


def unreadable(path: Path) -> None:
    """For root too: a file that became a directory after it was listed."""
    path.unlink()
    path.mkdir()


def test_a_file_without_permission_holds_up_no_other(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        folder.bring(number)
    open_as_before = Path.open

    def open_unless_forbidden(path: Path, *how: Any) -> Any:  # root may read everything, so a mode would not do
        if path.name == "98.eml":
            raise PermissionError
        return open_as_before(path, *how)

    monkeypatch.setattr(Path, "open", open_unless_forbidden)
    source = folder.open()
    assert numbers(list(source.fetch())) == [2]
    assert source.trouble == "1 of the files in the folder cannot be read"


def test_what_cannot_be_read_does_not_keep_the_reader_busy(folder: Folder) -> None:
    folder.bring(1)
    source = folder.open()
    unreadable(folder.path / "new" / "98.eml")
    assert list(source.fetch()) == []
    assert timed(lambda: source.wait(1.5)) > 1


def test_files_that_come_while_others_are_read_come_the_next_time(folder: Folder) -> None:
    folder.bring(1)
    source = folder.open()
    for fetched in source.fetch():
        folder.bring(2)
        fetched.settle()
    assert timed(lambda: source.wait(20)) < 4
    assert numbers(list(source.fetch())) == [2]


def test_of_a_mail_too_large_the_beginning_is_kept_and_said_to_be_one(folder: Folder) -> None:
    folder.put("1", letter(1, b"x" * 3_000_000))
    [fetched] = MaildirSource(folder.path, "mairie@ville.example", largest=2_000_000).fetch()
    assert len(fetched.message.raw) < 1_400_000
    assert fetched.message.external_id == "1@courriel.example"
    channel = EmailChannel(
        address="a@ville.example", instance="i", authserv="", transport=MaildirTransport(folder.path)
    )
    incoming = channel.parse(fetched.message)
    assert "too-large" in incoming.defects
    assert incoming.text.startswith("message 1")


def test_two_large_mails_that_differ_in_length_only_are_two(folder: Folder) -> None:
    for number, size in ((1, 3_000_000), (2, 3_000_001)):
        folder.put(str(number), letter(1, b"x" * size))
    one, two = MaildirSource(folder.path, "mairie@ville.example", largest=2_000_000).fetch()
    assert one.message.content_digest != two.message.content_digest


def test_a_folder_is_made_when_it_is_first_read(folder: Folder) -> None:
    source = folder.open()
    assert not folder.path.exists()
    assert list(source.fetch()) == []
    assert sorted(path.name for path in folder.path.iterdir()) == ["cur", "new", "tmp"]


def test_a_folder_that_is_none_calls_an_operator(tmp_path: Path) -> None:
    (tmp_path / "boite").write_text("a file")
    source = MaildirSource(tmp_path / "boite", "mairie@ville.example")
    with pytest.raises(ChannelBroken, match="cannot be read and written"):
        list(source.fetch())
    with pytest.raises(ChannelBroken):
        source.wait(1)


def test_a_folder_that_went_away_is_made_again(folder: Folder) -> None:
    source = folder.open()
    settle(source)
    shutil.rmtree(folder.path)
    source.wait(0.1)
    folder.bring(1)
    assert numbers(list(source.fetch())) == [1]


def test_a_very_long_place_still_has_a_short_name_of_its_own() -> None:
    places = [MaildirSource(Path("/srv") / ("x" * 300) / end, "") for end in ("a", "b")]
    names = {source.name for source in places}
    assert len(names) == 2 and all(len(name) <= 150 for name in names)
