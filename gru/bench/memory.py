"""How much memory does each process of the Procfile hold when it is idle after some work?"""

import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gru.bench.pages import COMMITTEE, RECEPTION
from gru.bench.towns import Plot, names_of
from gru.bootstrap import open_office
from gru.web.auth import IDLE, LONGEST

PROCESSES = {"web": ("web",), "mail": ("mail", "fetch"), "worker": ("worker",), "projector": ("project",),
             "clock": ("tick",)}  # fmt: skip
SETTLED = 8.0
VISITS = ((RECEPTION, "/agent/demandes?agent=tous"), (RECEPTION, "/agent/demandes?echeance=retard"),
          (COMMITTEE, "/pilotage/respect"), (RECEPTION, "/suivi"))  # fmt: skip


class DidNotStart(Exception):
    """A process that is to be measured does not run."""


def megabytes(plot: Plot) -> dict[str, float]:
    """Of each process by itself; `web` is the one that answers, `web (gunicorn)` the one that watches over it."""
    found: dict[str, float] = {}
    for name, words in PROCESSES.items():
        with running(plot, words) as (process, port):
            if name == "web":
                _visit(plot, process, port)
            time.sleep(SETTLED)
            if process.poll() is not None:
                raise DidNotStart(f"gru {' '.join(words)} ended with {process.returncode}")
            family = _resident(process.pid)
            found[name] = max(family.values()) / 1024
            if name == "web":
                found["web (gunicorn)"] = family[process.pid] / 1024
    return found


@contextmanager
def running(plot: Plot, words: tuple[str, ...]) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """`gru <words>` for the town of this plot, and the port it listens on if it does."""
    port = _free_port()
    mailbox = plot.settings.data / "mailbox"
    for part in ("new", "cur", "tmp"):
        (mailbox / part).mkdir(parents=True, exist_ok=True)
    given = _environment(plot) | {"GRU_LISTEN": f"127.0.0.1:{port}", "GRU_MAILBOXES": f"maildir://{mailbox}"}
    start = [sys.executable, "-c", "from gru.cli import main; main()", *words]
    env = shutil.which("env") or "env"
    command = [env, *(f"{name}={value}" for name, value in given.items()), *start]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def _environment(plot: Plot) -> dict[str, str]:
    settings = plot.settings
    return {
        "GRU_DATA": str(settings.data.resolve()),
        "GRU_DATABASE_URL": settings.database_url,
        "GRU_KEYS_DATABASE_URL": settings.keys_database_url,
        "GRU_SECRET": settings.secret.hex(),
        "GRU_MASTER_KEY": settings.master_key.hex(),
        "GRU_MAIL_ADDRESS": settings.mail_address,
        "GRU_SMTP_URL": "",
        "GRU_REDIS_URL": "",
    }


def _visit(plot: Plot, process: "subprocess.Popen[bytes]", port: int) -> None:
    """Look at some pages, as an agent does, once it answers."""
    tokens = _tokens(plot)
    _wait_until_open(process, port)
    for name, path in VISITS * 5:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path, headers={"Cookie": f"agent={tokens[name]}"})
        status = connection.getresponse().status
        connection.close()
        if status != 200:
            raise DidNotStart(f"{path} answers {status}")


def _tokens(plot: Plot) -> dict[str, str]:
    """Sessions of those who visit."""
    with open_office(plot.settings) as office:
        agents = names_of(office)
        return {
            name: office.access.open_session(agents[name], idle=IDLE, longest=LONGEST)
            for name in {name for name, _ in VISITS}
        }


def _wait_until_open(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise DidNotStart("gru web does not answer")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _resident(root: int) -> dict[int, int]:
    """Kilobytes of a process and of all that come from it."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    family = {root}
    for _ in range(3):
        family |= {pid for pid, parent, _ in rows if parent in family}
    return {pid: kilobytes for pid, _, kilobytes in rows if pid in family}
