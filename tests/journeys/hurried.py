"""How does a process of the town run when nobody has minutes? As always, but leases of the dead end in seconds."""

import ctypes
import sys

import gru.mailroom
import gru.office.reactions
from gru.cli import main

LEASE_SECONDS = 5
DIES_WITH_PARENT = 1, 9  # PR_SET_PDEATHSIG, SIGKILL


def hurry() -> None:
    gru.office.reactions.LEASE_SECONDS = LEASE_SECONDS
    gru.mailroom.LEASE_SECONDS = LEASE_SECONDS


if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(*DIES_WITH_PARENT)
    hurry()
    main()
