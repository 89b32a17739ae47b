"""How does a test start a process that need not import GRU first? It is forked from one that has done so once.

Importing costs one to two seconds of processor time. Where forking is not safe (not Linux) each imports it anew.
What is about the starting itself starts the real commands: `tests/cli/test_stopping.py`.
"""

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.context import ForkServerContext, SpawnContext

IMPORTED = ["gru.cli", "gru.storage.log.postgresql", "tests.journeys.hurried"]


def forked() -> ForkServerContext | SpawnContext:
    """Its `Process` is such a one. What it runs stands at the top of a module."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def end_with_the_tests() -> None:
    """Said by the process itself: nothing of it stays when the test process is killed."""
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    tests = multiprocessing.parent_process()
    assert tests
    tests.join()
    os.kill(os.getpid(), signal.SIGKILL)
