"""Do lint, form, types and floors hold, can the tests be collected? Two at a time: each keeps one core busy."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

CHECKED = ["gru", "projections", "tests/servers", "tests/conftest.py"]
CHECKS = {
    "Types": ["mypy", "--strict", *CHECKED],
    "Tests to be collected": ["python", "-m", "pytest", "--collect-only", "-q", "-m", "not full"],
    "Servers for the tests": ["python", "-m", "tests.servers"],
    "Floors": ["lint-imports", "--no-cache", "--no-logo"],
    "Lint": ["ruff", "check", "--quiet", "."],
    "Format": ["ruff", "format", "--check", "--quiet", "."],
}
"""To collect the tests compiles what each of their workers would compile at the same time, while types are checked."""
AT_ONCE = 2
SHOWN = 8


def main():
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {pool.submit(check, command): name for name, command in CHECKS.items()}
        broken = [started[done] for done in as_completed(started) if not told(started[done], *done.result())]
    if broken:
        print(f"\n*** NOT IN ORDER: {', '.join(broken)}. The tests run all the same. ***", flush=True)
    return int(bool(broken))


def check(command):
    """Whether it holds, what it said, and how many seconds it took."""
    began = time.monotonic()
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, **both)
    return done.returncode == 0, done.stdout, time.monotonic() - began


def told(name, holds, said, seconds):
    """The last lines of what it said, or all where something is wrong."""
    if holds:
        said = "".join(said.splitlines(keepends=True)[-SHOWN:])
    print(f"\n{f'── {name} ':─<78}\n{said}{'in order' if holds else '*** NOT IN ORDER'} ({seconds:.0f} s)", flush=True)
    return holds


if __name__ == "__main__":
    sys.exit(main())
