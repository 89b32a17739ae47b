"""How does a page become a tagged PDF, in a bounded time and memory whatever stands in it?

typst runs in a process of its own, which can be stopped and may not grow. What residents wrote comes to it as data,
never as markup.
"""

import subprocess
import sys
import threading
from pathlib import Path

import msgspec

SECONDS = 15
MEMORY = 1_500_000_000
LARGEST = 200_000
"""Bytes of data for one paper."""

_TEMPLATES = Path(__file__).parent
_AT_ONCE = threading.BoundedSemaphore(2)


class NotTypeset(Exception):
    """The paper could not be made now; nothing else failed."""


def typeset(template: str, data: object) -> bytes:
    """The PDF of `template` (a file beside this one) filled with `data`. Raises `NotTypeset`."""
    given = msgspec.json.encode(data)
    if len(given) > LARGEST:
        raise NotTypeset("too much for one paper")
    command = [sys.executable, "-I", str(_TEMPLATES / "compiler.py"), str(_TEMPLATES / template), str(MEMORY)]
    with _AT_ONCE:
        try:
            done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False, env={})
        except (subprocess.TimeoutExpired, OSError) as error:
            raise NotTypeset(type(error).__name__) from error
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise NotTypeset(f"the compiler ended with {done.returncode}")
    return done.stdout
