"""Does `gru check` say in lines what is wrong, and end with a code that a script can read?"""

from pathlib import Path

import pytest

from tests.cli.conftest import Gru, Place


def test_a_town_that_can_work_ends_with_code_zero(place: Place, command: Gru) -> None:
    place.data.chmod(0o700)
    checked = command("check")
    assert checked.exit_code == 0, checked.output
    assert checked.output.endswith("Faults: 0. Warnings: 4.\n"), checked.output
    assert "scanner: is not set: files are not judged.  → GRU_CLAMD" in checked.output
    assert "outgoing mail: is written to the folder outbox and goes nowhere.  → GRU_SMTP_URL" in checked.output


def test_all_faults_of_the_settings_are_said_at_once(
    place: Place, command: Gru, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRU_SECRET", "court")
    monkeypatch.setenv("GRU_WEB_THREADS", "beaucoup")
    checked = command("check")
    assert checked.exit_code == 1
    assert checked.output.count("fault   settings: ") == 2


def test_where_there_is_no_town_none_is_made(
    command: Gru, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRU_DATA", str(tmp_path / "nowhere"))
    checked = command("check")
    assert (checked.exit_code, (tmp_path / "nowhere").exists()) == (1, False)
    assert "gru init" in checked.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRU_MAILBOXES", "pop3://user:geheim@mx.example/INBOX"),
        ("GRU_SMTP_URL", "carrier-pigeon://loft:geheim@mx.example"),
        ("GRU_SMTP_URL", "smtp://demande:geheim@127.0.0.1:1"),
        ("GRU_MAILBOXES", "imap://demande:geheim@127.0.0.1:1/INBOX"),
    ],
)
def test_mail_that_cannot_come_or_go_is_a_fault_without_its_password(
    place: Place, command: Gru, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    checked = command("check")
    assert checked.exit_code == 1, checked.output
    assert "geheim" not in checked.output
    assert "Traceback" not in checked.output


def test_a_database_that_is_away_is_a_fault(place: Place, command: Gru, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRU_DATABASE_URL", "postgresql://gru:geheim@127.0.0.1:1/gru")
    monkeypatch.setenv("GRU_KEYS_DATABASE_URL", "postgresql://gru:geheim@127.0.0.1:1/keys")
    checked = command("check")
    assert checked.exit_code == 1
    assert checked.output.count("does not answer") == 2
    assert "geheim" not in checked.output
