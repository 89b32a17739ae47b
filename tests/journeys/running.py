"""How do the real processes run in a town of their own, how are they killed, and when is everything done?"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from gru.bootstrap import Office, open_office
from gru.office.reactions import POSITION
from gru.settings import read
from tests.forked import forked
from tests.journeys import hurried
from tests.journeys.towns import environment_for

COMMANDS = {
    "mail": ("mail", "fetch"),
    "worker": ("worker",),
    "projector": ("project",),
    "clock": ("tick",),
}
"""By the first word of a process's name: `worker-2` is another worker."""

LOOK_AGAIN_SECONDS = 0.2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    returncode: int | None
    stdout: str
    stderr: str


class Running:
    """A town whose processes run; `office` is the test's own, to look into it. `patience` is for busy machines."""

    def __init__(self, office: Office, environment: Mapping[str, str], folder: Path) -> None:
        self.office = office
        self.patience = 200.0
        ours = {name: value for name, value in os.environ.items() if not name.startswith("GRU_")}
        self._environment = {**ours, **environment}
        self._folder = folder
        self._processes: dict[str, BaseProcess] = {}

    def are_told(self, settings: Mapping[str, str]) -> None:
        """Processes started from now on have these settings."""
        self._environment |= settings

    # --- processes -------------------------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        for name in names:
            log = self._log(name)
            self._processes[name] = self._begin(COMMANDS[name.split("-")[0]], log, log)

    def kill(self, name: str) -> None:
        """Without a word of warning."""
        process = self._processes.pop(name)
        assert process.exitcode is None, f"{name} has ended by itself: {self.said(name)[-2000:]}"
        process.kill()
        process.join(10)

    def stop_all(self, patience: float = 30) -> dict[str, tuple[int, float]]:
        """All asked to end at once: each one's exit code, and how many seconds it took."""
        began, ended = time.monotonic(), dict[str, tuple[int, float]]()
        for process in self._processes.values():
            process.terminate()
        while len(ended) < len(self._processes) and time.monotonic() < began + patience:
            for name, code in self.ended_by_themselves():
                ended.setdefault(name, (code, time.monotonic() - began))
            time.sleep(0.02)
        self.end()
        return ended

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.join(10)
        self._processes.clear()

    def ended_by_themselves(self) -> list[tuple[str, int]]:
        """Who did, and with which exit code."""
        polled = [(name, process.exitcode) for name, process in self._processes.items()]
        return [(name, code) for name, code in polled if code is not None]

    def said(self, name: str) -> str:
        log = self._log(name)
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def cpu_seconds(self, name: str) -> float:
        """What the process has used so far; 0 where no one says (not Linux)."""
        if sys.platform != "linux":
            return 0.0
        fields = Path(f"/proc/{self._processes[name].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def gru(self, *words: str) -> Said:
        """What the operator's command says."""
        said, wrong = self._log("gru"), self._log("gru-wrong")
        for file in (said, wrong):
            file.unlink(missing_ok=True)
        process = self._begin(words, said, wrong)
        process.join(300)
        process.kill()
        return Said(process.exitcode, said.read_text("utf-8"), wrong.read_text("utf-8"))

    def _begin(self, words: Sequence[str], said: Path, wrong: Path) -> BaseProcess:
        process = forked().Process(target=hurried.run, args=(words, self._environment, said, wrong))
        process.start()
        return process

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    # --- waiting ---------------------------------------------------------------------------------------------------

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        give_up = time.monotonic() + self.patience
        while not true():
            ended = self.ended_by_themselves()
            assert not ended, f"{ended} ended by itself while waiting until {what}: {self.said(ended[0][0])[-3000:]}"
            assert time.monotonic() < give_up, f"not within {self.patience} s: {what}; {self.standing()}"
            time.sleep(LOOK_AGAIN_SECONDS)

    def taken_in(self) -> int:
        """How many messages have an outcome."""
        return len(self.office.log.raw(0, 1_000_000, {"message.taken_in"}))

    def is_done(self) -> bool:
        """Nothing waits: no message, no effect, no event to react to or to project."""
        office, head = self.office, self.office.log.head()
        return (
            office.archive.oldest_pending() is None
            and office.work.position(POSITION) == head
            and office.work.backlog().pending == 0
            and all(office.projector.position(group) >= head for group in office.projector.groups)
        )

    def settle(self, messages: int) -> None:
        """Until so many messages have an outcome and everything that follows from it is done."""
        self.wait_until(
            lambda: self.taken_in() >= messages and self.is_done(),
            f"{messages} messages are taken in and done",
        )

    def standing(self) -> str:
        office = self.office
        positions = {group: office.projector.position(group) for group in office.projector.groups}
        return (
            f"taken in {self.taken_in()}, pending since {office.archive.oldest_pending()}, head {office.log.head()},"
            f" reactions {office.work.position(POSITION)}, effects {office.work.backlog()}, projected {positions}"
        )


@contextmanager
def running_town(folder: Path, **settings: str) -> Iterator[Running]:
    """A founded town with nothing running yet; at the end nothing runs any more."""
    environment = {**environment_for(folder / "town"), "GRU_MAIL_POLL_SECONDS": "2", **settings}
    with open_office(read(environment)) as office:
        town = Running(office, environment, folder)
        try:
            yield town
        finally:
            town.end()
