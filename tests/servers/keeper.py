"""How does a server end with the test run that started it, even when that is killed?

A process of its own: it starts the server, obeys `-` (stop) and `+` (start) on its standard input, and when
that closes, because the run ended in whatever way, ends the server and removes its directory.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any


class Keeper:
    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.directory = Path(task["directory"])
        self.who: dict[str, Any] = {}
        if task["user"] is not None:
            self.who = {"user": task["user"], "group": task["group"], "extra_groups": []}
        self.log = (self.directory / "log").open("wb")
        self.server: subprocess.Popen[bytes] | None = None

    def keep(self) -> int:
        try:
            for command in self.task["prepare"]:
                if subprocess.run(command, **self.options()).returncode:
                    return 1
            self.start()
            return self.listen()
        finally:
            self.stop()
            self.await_goodbye()
            shutil.rmtree(self.directory, ignore_errors=True)

    def listen(self) -> int:
        """Until nobody is there to speak to us, or the server ends by itself."""
        parent = os.getppid()
        while os.getppid() == parent:
            if self.server and self.server.poll() is not None:
                return 1
            if not select.select([0], [], [], 0.25)[0]:
                continue
            word = os.read(0, 1)
            if not word:
                return 0
            if word == b"+":
                self.start()
            else:
                self.stop()
        return 0

    def await_goodbye(self) -> None:
        """Leave the log to be read by whoever asks why the server ended."""
        parent = os.getppid()
        while os.getppid() == parent:
            if select.select([0], [], [], 0.25)[0] and not os.read(0, 1):
                return

    def start(self) -> None:
        if self.server is None:
            self.server = subprocess.Popen(self.task["command"], start_new_session=True, **self.options())

    def stop(self) -> None:
        server, self.server = self.server, None
        if server is None:
            return
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(self.task["stop_with"])
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(5)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    def options(self) -> dict[str, Any]:
        outputs = {"stdin": subprocess.DEVNULL, "stdout": self.log, "stderr": subprocess.STDOUT}
        environment = {**os.environ, **self.task["environment"]}
        return {"cwd": self.directory, "env": environment, **outputs, **self.who}


def end(_number: int, _frame: object) -> None:
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(Keeper(json.loads(sys.argv[1])).keep())
