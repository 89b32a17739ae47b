"""Can somebody look at a whole town, and send it a mail, with one command?"""

import shutil
from pathlib import Path

import pytest

from gru.bootstrap import open_office
from gru.cli.town import LEFT_FOR_THE_VISITOR
from gru.office.town_hall import SAMPLE
from gru.settings import read
from tests.cli.conftest import SECRETS, Gru

PROVEN = {"GRU_MAIL_AUTHSERV": "mx.val-des-tilleuls.example"}


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    box = tmp_path / "mail" / "in"
    settings = {"GRU_DATA": str(tmp_path / "town"), "GRU_MAILBOXES": f"maildir://{box}", **SECRETS, **PROVEN}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return box


def test_the_sample_mails_arrive_by_themselves_once_and_one_is_left_to_drop_in(mailbox: Path, command: Gru) -> None:
    assert command("demo", "--cases", 20).exit_code == 0
    samples = {path.read_bytes() for path in (SAMPLE / "mails").glob("*.eml")}
    left = (SAMPLE / "mails" / LEFT_FOR_THE_VISITOR).read_bytes()
    assert sorted(path.read_bytes() for path in (mailbox / "new").iterdir()) == sorted(samples - {left})
    assert "already" in command("demo").output
    assert len(list((mailbox / "new").iterdir())) == len(samples) - 1

    welcome = command("demo", "--welcome").output
    [copying] = [line.split() for line in welcome.splitlines() if line.strip().startswith("cp ")]
    shutil.copy(copying[1], copying[2])
    assert command("mail", "fetch", "--once").exit_code == 0
    with open_office(read()) as office:
        keys = office.archive.pending()
        outcomes = office.intake.take_in(*keys)
    assert len(keys) == len(samples)
    assert set(outcomes.values()) >= {"opened", "joined"}
