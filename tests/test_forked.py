"""Is a process that was forked ready at once, and is nothing of it left when the tests are killed?"""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.forked import end_with_the_tests, forked
from tests.servers.process import HOST, listens

ROOT = Path(__file__).resolve().parents[1]
RUN_TO_BE_KILLED = """
from tests.forked import forked
from tests.test_forked import stay
process = forked().Process(target=stay)
process.start()
process.join()
"""


def stay() -> None:
    """On a port, for ever."""
    end_with_the_tests()
    with socket.create_server((HOST, 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            time.sleep(1)


def end_with(code: int) -> None:
    is_ready = "gru.cli" in sys.modules or sys.platform != "linux"
    sys.exit(code if is_ready else 99)


def test_it_need_not_import_gru_and_its_exit_code_comes_back() -> None:
    process = forked().Process(target=end_with, args=(3,))
    process.start()
    process.join(60)
    assert process.exitcode == 3


def test_it_ends_with_the_tests_even_when_they_are_killed() -> None:
    run = subprocess.Popen([sys.executable, "-c", RUN_TO_BE_KILLED], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout
    port = int(run.stdout.readline())
    assert listens(port)
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)  # until nobody can say anything more
    assert not listens(port)
