"""What becomes of many mails at once, some of them rubbish, and what does it cost?"""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.books import assert_balanced
from tests.journeys.post import letters, put_into_maildir, with_garbage
from tests.journeys.running import Running
from tests.servers import Outbox

PROCESSES = ("worker", "projector")

pytestmark = pytest.mark.timeout(300)
MAILS = 300


@pytest.mark.full
def test_three_hundred_mails_at_once_and_some_rubbish_each_get_an_outcome(
    maildir_town: Running, tmp_path: Path, smtp_server: Outbox
) -> None:
    town, raws = maildir_town, with_garbage(letters(MAILS, seed=7), seed=7)
    put_into_maildir(tmp_path / "mail", raws)
    assert town.gru("mail", "fetch", "--once").returncode == 0
    began = time.monotonic()
    town.start(*PROCESSES)
    town.wait_until(lambda: town.taken_in() >= 1, "the first message is taken in")
    before = {name: town.cpu_seconds(name) for name in PROCESSES}
    already = town.taken_in()
    town.wait_until(lambda: town.taken_in() >= MAILS, "every message has an outcome")
    in_seconds = time.monotonic() - began
    town.settle(MAILS)
    used = {name: town.cpu_seconds(name) - before[name] for name in PROCESSES}
    town.stop_all()
    books = assert_balanced(town, raws, smtp_server)
    outcomes = Counter(taken.outcome for [taken] in books.outcomes.values())
    print(
        f"\n{MAILS} mails: {dict(outcomes)}; all taken in after {in_seconds:.0f} s; CPU per mail with its receipt:"
        + ", ".join(f" {name} {1000 * seconds / (MAILS - already):.1f} ms" for name, seconds in used.items())
    )
