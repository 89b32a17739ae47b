"""How is a real server started on a free loopback port, for one test run, and nothing left of it?"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
MEMORY = "/dev/shm"
KEEPER = Path(__file__).with_name("keeper.py")


class DidNotStart(Exception):
    """With the server's last words."""


@dataclass
class Plan:
    """What to run in a directory of its own; `alive` says whether the server on that port answers."""

    command: list[str]
    alive: Callable[[int], bool]
    prepare: list[list[str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    stop_with: signal.Signals = signal.SIGTERM
    refuses_root: bool = False


@dataclass
class Running:
    port: int
    plan: Plan
    keeper: "subprocess.Popen[bytes]"
    directory: Path

    def stop(self) -> None:
        """As if the server went down; what it keeps on disk stays."""
        self._tell(b"-")
        self._wait(lambda: not listens(self.port), "does not stop")

    def start(self) -> None:
        self._tell(b"+")
        self.wait_until_alive()

    def wait_until_alive(self) -> None:
        self._wait(lambda: self.plan.alive(self.port), "does not answer")

    def end(self) -> None:
        if self.keeper.stdin and not self.keeper.stdin.closed:
            self.keeper.stdin.close()
        self.keeper.wait(15)

    def _tell(self, word: bytes) -> None:
        assert self.keeper.stdin
        self.keeper.stdin.write(word)
        self.keeper.stdin.flush()

    def _wait(self, until: Callable[[], bool], otherwise: str) -> None:
        give_up = time.monotonic() + 20
        while not until():
            if time.monotonic() > give_up or self._has_ended():
                raise DidNotStart(f"{self.plan.command[0]} {otherwise}:\n{self._last_words()}")
            time.sleep(0.02)

    def _has_ended(self) -> bool:
        return self.keeper.poll() is not None

    def _last_words(self) -> str:
        log = self.directory / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


@contextmanager
def throwaway(make_plan: Callable[[Path, int], Plan]) -> Iterator[Running]:
    """A server by this plan, in a directory and on a port of its own, until the block ends."""
    running = _launch(make_plan)
    try:
        yield running
    finally:
        running.end()


def _launch(make_plan: Callable[[Path, int], Plan], tries: int = 3) -> Running:
    running = _begin(make_plan)
    try:
        running.wait_until_alive()
    except BaseException as error:
        running.end()
        if tries == 1 or not isinstance(error, DidNotStart):
            raise
        return _launch(make_plan, tries - 1)  # somebody else may have taken the port
    return running


def _begin(make_plan: Callable[[Path, int], Plan]) -> Running:
    directory = Path(tempfile.mkdtemp(prefix="gru-", dir=_ground()))
    port = free_port()
    try:
        plan = make_plan(directory, port)
        user, group = _hand_over(directory) if plan.refuses_root and os.geteuid() == 0 else (None, None)
        task = {
            "command": plan.command,
            "prepare": plan.prepare,
            "environment": plan.environment,
            "stop_with": int(plan.stop_with),
            "directory": str(directory),
            "user": user,
            "group": group,
        }
        command = [sys.executable, "-I", str(KEEPER), json.dumps(task)]
        keeper = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return Running(port, plan, keeper, directory)


def _ground() -> str:
    """Where the tests' folders lie in memory the servers' do too. Sockets need short names."""
    memory = os.environ.get("PYTEST_DEBUG_TEMPROOT", "")
    runs_programs = memory == MEMORY and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    return memory if runs_programs else "/tmp"


def _hand_over(directory: Path) -> tuple[int, int]:
    user, group = nobody()
    for path in (directory, *directory.rglob("*")):
        os.chown(path, user, group, follow_symlinks=False)
    return user, group


def nobody() -> tuple[int, int]:
    """An ordinary user, for servers that refuse to run as root."""
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex((HOST, port)) == 0


def says(port: int, answer: bytes, asked: bytes = b"") -> bool:
    """Whether the server on this port greets, or answers, so."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as line:
            line.sendall(asked)
            return line.recv(len(answer)) == answer
    except OSError:
        return False
