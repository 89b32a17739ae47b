"""How does a process run when the test has no minutes? As always, but what a dead one held is free in seconds."""

import faulthandler
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import gru.office.reactions
import gru.processes
from gru.cli import main
from gru.office import mailroom
from tests.forked import end_with_the_tests

SECONDS = 5


def hurry() -> None:
    gru.office.reactions.LEASE_SECONDS = SECONDS
    gru.processes.SEND_AGAIN_SECONDS = SECONDS
    mailroom.Pace = partial(mailroom.Pace, lease_seconds=SECONDS)


def run(words: Sequence[str], environment: Mapping[str, str], said: Path, wrong: Path) -> None:
    """`gru …`, in a process of its own; what it says goes behind what these files hold."""
    end_with_the_tests()
    for stream, file in ((1, said), (2, wrong)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), stream)
    faulthandler.enable()
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["gru", *words]
    hurry()
    main()
