"""Does anything get lost or doubled when processes are killed in the middle of their work, again and again?"""

import random
import time
from pathlib import Path

import pytest

from tests.journeys.books import assert_balanced, numbers_left_out, sent_again
from tests.journeys.post import letters, put_into_imap, put_into_maildir
from tests.journeys.running import Running
from tests.servers import Mailbox, Outbox

PROCESSES = ("mail", "worker", "worker-2", "projector", "clock")

pytestmark = pytest.mark.timeout(300)


def kill_now_and_then(town: Running, outbox: Outbox, mails: int, kills: int, seed: int) -> list[str]:
    """At random moments between the first message and the last receipt; who was killed, in order."""
    chance = random.Random(seed)
    rounds = -(-kills // len(PROCESSES))
    victims = [name for _ in range(rounds) for name in chance.sample(PROCESSES, k=len(PROCESSES))][:kills]
    for moment, victim in zip(sorted(chance.uniform(0.02, 0.95) for _ in victims), victims, strict=True):
        wait_for_steps(town, outbox, moment * 2 * mails)
        time.sleep(chance.uniform(0, 0.1))
        town.kill(victim)
        town.start(victim)
    return victims


def wait_for_steps(town: Running, outbox: Outbox, steps: float) -> None:
    """A message taken in is a step, and so is a receipt sent."""
    town.wait_until(lambda: town.taken_in() + len(outbox.messages) >= steps, f"{steps:.0f} steps are done")


def kill_and_balance(town: Running, raws: list[bytes], outbox: Outbox, kills: int, seed: int) -> None:
    town.patience *= max(1, len(raws) / 100)
    began = time.monotonic()
    victims = kill_now_and_then(town, outbox, len(raws), kills, seed)
    town.settle(len(raws))
    took = time.monotonic() - began
    town.stop_all()
    books = assert_balanced(town, raws, outbox)
    print(
        f"\n{len(raws)} mails in {took:.0f} s, killed: {', '.join(victims)}; {len(books.opened)} cases,"
        f" {sum(books.sent.values())} receipts, {sent_again(outbox)} sent twice under one Message-ID,"
        f" {numbers_left_out(books)} numbers left out"
    )


LONG = [pytest.mark.full, pytest.mark.timeout(1800)]


@pytest.mark.parametrize(
    ("town_settings", "mails", "kills", "seed"),
    [
        ("sqlite", 60, 3, 1),  # PostgreSQL has its short one over IMAP, below
        pytest.param("sqlite", 1000, 10, 2, marks=LONG),
        pytest.param("postgresql", 1000, 10, 2, marks=LONG),
    ],
    indirect=["town_settings"],
)
def test_what_is_killed_over_a_maildir_loses_and_doubles_nothing(
    maildir_town: Running, tmp_path: Path, smtp_server: Outbox, mails: int, kills: int, seed: int
) -> None:
    raws = letters(mails, seed)
    put_into_maildir(tmp_path / "mail", raws[: mails // 2], "before")
    maildir_town.start(*PROCESSES)
    put_into_maildir(tmp_path / "mail", raws[mails // 2 :], "meanwhile")
    kill_and_balance(maildir_town, raws, smtp_server, kills, seed)


@pytest.mark.parametrize("town_settings", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("mails", "kills", "seed"), [(60, 3, 4)])
def test_what_is_killed_over_an_imap_mailbox_loses_and_doubles_nothing(
    imap_town: Running, imap_server: Mailbox, smtp_server: Outbox, mails: int, kills: int, seed: int
) -> None:
    raws = letters(mails, seed)
    put_into_imap(imap_server, raws[: mails // 2])
    imap_town.start(*PROCESSES)
    put_into_imap(imap_server, raws[mails // 2 :])
    kill_and_balance(imap_town, raws, smtp_server, kills, seed)
    assert imap_server.messages() == []
