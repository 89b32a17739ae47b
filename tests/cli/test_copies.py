"""Can an operator copy a town, lose it, put it back and make it true again, told at each step what to do?"""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Gru, Place

MAIL = (
    b"From: Marie Zoltowska <marie.zoltowska@courriel.example>\r\nSubject: Panne\r\nMessage-ID: <z@c.example>\r\n\r\n"
)


def taken_in(place: Place, command: Gru, tmp_path: Path) -> str:
    """Marie has written, and her receipt was called for; her id."""
    letter = tmp_path / "marie.eml"
    letter.write_bytes(MAIL + b"Bonjour, le lampadaire est en panne.\r\n")
    assert command("mail", "drop", letter).exit_code == 0
    office = place.office()
    [key] = office.archive.pending()
    office.intake.attempt(key)
    while office.reactions.react():
        pass
    for group in office.projector.groups:
        office.projector.catch_up(group)
    marie = office.archive.find_person(email="marie.zoltowska@courriel.example")
    office.close()
    return marie


def test_a_lost_town_is_put_back_and_what_waited_is_listed_then_sent(
    place: Place, command: Gru, tmp_path: Path
) -> None:
    taken_in(place, command, tmp_path)
    made = command("backup", tmp_path / "b", "--keys", tmp_path / "k")
    assert made.exit_code == 0, made.output
    assert "keep them away" in made.output
    shutil.rmtree(place.data)

    back = command("restore", tmp_path / "b", "--keys", tmp_path / "k")
    assert back.exit_code == 0, back.output
    assert "1 letters wait; `gru recover --send` lets them leave:" in back.output
    assert "receipt" in back.output
    assert "certificate" in back.output
    assert "gru agent add" in back.output  # nobody had a password in this town

    sent = command("recover", "--send")
    assert sent.exit_code == 0, sent.output
    assert "1 letters leave as soon as `gru worker` runs." in sent.output
    assert "No letter waits." in command("recover").output
    assert command("verify").exit_code == 0


def test_a_backup_without_keys_says_what_that_means(place: Place, command: Gru, tmp_path: Path) -> None:
    assert "no word could ever be read again" in command("backup", tmp_path / "b").output


def test_misuse_ends_in_a_sentence_and_code_one(place: Place, command: Gru, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "photo.jpg").touch()
    for words in (
        ("backup", tmp_path / "b"),
        ("restore", tmp_path / "b"),
        ("restore", tmp_path / "nothing"),
        ("restore",),
    ):
        refused = command(*words)
        assert (refused.exit_code, refused.output.count("Error: ")) == (1, 1), refused.output
        assert "Traceback" not in refused.output


def test_the_wrong_secret_is_noticed_before_anything_is_put_back(
    place: Place, command: Gru, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("backup", tmp_path / "b", "--keys", tmp_path / "k")
    shutil.rmtree(place.data)
    monkeypatch.setenv("GRU_SECRET", "ee" * 32)
    refused = command("restore", tmp_path / "b", "--keys", tmp_path / "k")
    assert refused.exit_code == 1
    assert "GRU_SECRET" in refused.output
    assert not (place.data / "log.db").exists()


def test_certificates_name_whom_an_older_copy_must_forget(place: Place, command: Gru, tmp_path: Path) -> None:
    marie = taken_in(place, command, tmp_path)
    command("backup", tmp_path / "b", "--keys", tmp_path / "k")
    erased = command("person", "erase", "--yes", "marie.zoltowska@courriel.example")
    assert erased.exit_code == 0, erased.output
    certificates = tmp_path / "certificates"
    certificates.write_text(erased.stdout)
    assert json.loads(erased.stdout)["person"] == marie
    shutil.rmtree(place.data)
    back = command("restore", tmp_path / "b", "--keys", tmp_path / "k", "--certificates", certificates)
    assert back.exit_code == 0, back.output
    assert "1 people erased again." in back.output
    office = place.office()
    assert office.archive.people([marie]) == {marie: None}
    office.close()


def test_a_file_that_holds_no_certificates_stops_a_restore_at_once(place: Place, command: Gru, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("bonjour\n")
    refused = command("recover", "--certificates", tmp_path / "wrong")
    assert refused.exit_code == 1
    assert "Nothing was changed" in refused.output


def test_only_the_work_is_put_back_when_only_it_was_lost(place: Place, command: Gru, tmp_path: Path) -> None:
    office = place.office()
    agent = next(iter(office.town.agents()))
    office.access.set_password(agent, "a@ville.example", "motdepasse-long")
    office.close()
    command("backup", tmp_path / "b")
    for path in place.data.glob("work.db*"):
        path.unlink()
    back = command("restore", tmp_path / "b", "--only", "work")
    assert back.exit_code == 0, back.output
    office = place.office()
    assert office.access.check_password("a@ville.example", "motdepasse-long") == agent
    assert office.work.position("reactions") == office.log.head()
    office.close()


def test_a_log_that_was_cut_is_not_recovered_without_a_word(place: Place, command: Gru, tmp_path: Path) -> None:
    taken_in(place, command, tmp_path)
    anchor = command("anchor").output.strip()
    position = int(anchor.split()[1])
    with sqlite3.connect(place.data / "log.db") as log:
        log.execute("DELETE FROM event WHERE rowid = ?", (position,))
    log.close()
    assert command("verify").exit_code == 1
    told = command("recover")
    assert told.exit_code == 0, told.output
    assert f"1 seals dropped: they prove facts behind position {position - 1}, which this log lacks." in told.output
    assert "`gru verify --anchor`" in told.output
    assert "seals dropped" not in command("recover").output
    assert command("verify").exit_code == 0
    refused = command("verify", "--anchor", anchor)
    assert (refused.exit_code, "anchor" in refused.output) == (1, True), refused.output
