"""How does a process run when the test has no minutes? As always, but what a dead one held is free in seconds."""

import ctypes
import sys
from functools import partial

import gru.office.reactions
import gru.processes
from gru.cli import main
from gru.office import mailroom

SECONDS = 5
DIES_WITH_PARENT = 1, 9  # PR_SET_PDEATHSIG, SIGKILL


def hurry() -> None:
    gru.office.reactions.LEASE_SECONDS = SECONDS
    gru.processes.SEND_AGAIN_SECONDS = SECONDS
    mailroom.Pace = partial(mailroom.Pace, lease_seconds=SECONDS)


if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(*DIES_WITH_PARENT)
    hurry()
    main()
