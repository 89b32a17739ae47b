"""Does each process do its work, and end by itself within seconds of SIGTERM?"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from gru.bootstrap import Office
from gru.channels.base import RawMessage
from gru.office.vitals import PARTS
from tests.cli.conftest import Place
from tests.servers.process import free_port

MAIL = b"From: Claire <claire@courriel.example>\r\nSubject: Panne\r\nMessage-ID: <c@c.example>\r\n\r\nBonjour.\r\n"
PATIENCE = 60.0
SECONDS_TO_END = 20.0
"""On a machine that runs all tests at once; alone each takes one to three."""


def keep_one(office: Office) -> None:
    office.keep(RawMessage("email", "demande", "<c@c.example>", office.now(), b"d" * 32, MAIL))


def take_one_in(office: Office) -> None:
    keep_one(office)
    [key] = office.archive.pending()
    office.intake.attempt(key)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


DOES: dict[str, tuple[str, Callable[[Office], None], Callable[[Office], bool]]] = {
    "worker": ("worker", keep_one, lambda office: office.archive.pending() == []),
    "projector": ("project", take_one_in, lambda office: office.projector.lag("inline") == 0),
    "clock": ("tick", take_one_in, lambda office: office.blocks.last() is not None),
    "mail": ("mail fetch", lambda office: None, lambda office: len(office.archive.pending()) == 1),
    "web": ("web", lambda office: None, lambda office: answers(f"http://{office.settings.listen}/sante")),
}


@pytest.mark.parametrize("process", DOES)
def test_a_process_does_its_work_and_ends_cleanly_when_told(place: Place, tmp_path: Path, process: str) -> None:
    words, before, is_done = DOES[process]
    (tmp_path / "mail" / "new").mkdir(parents=True)
    (tmp_path / "mail" / "new" / "1.eml").write_bytes(MAIL)
    place.environment |= {"GRU_LISTEN": f"127.0.0.1:{free_port()}", "GRU_MAILBOXES": f"maildir://{tmp_path / 'mail'}"}
    office = place.office()
    before(office)
    command = [sys.executable, "-c", "from gru.cli import main; main()", *words.split()]
    said = (tmp_path / "said").open("wb")
    running = subprocess.Popen(command, env=os.environ | place.environment, stdout=said, stderr=said)
    try:
        until = time.monotonic() + PATIENCE
        while not is_done(office) and time.monotonic() < until and running.poll() is None:
            time.sleep(0.1)
        assert is_done(office), (tmp_path / "said").read_text()
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        code = running.wait(30)
        assert (code, time.monotonic() - began < SECONDS_TO_END) == (0, True), (tmp_path / "said").read_text()
        if f"process:{process}" in PARTS:
            assert f"process:{process}" in {sign.name for sign in office.work.signs() if sign.worked_at}
    finally:
        running.kill()
        running.wait()
        said.close()
        office.close()
