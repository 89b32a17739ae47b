"""Which servers will the tests talk to on this machine, and which are missing? `python -m tests.servers`"""

import subprocess
import sys
from collections.abc import Callable

from tests.servers.browser import find_browser
from tests.servers.corpus import find_corpus
from tests.servers.imap import find_imap, imap_version
from tests.servers.needs import Missing, must_have_everything
from tests.servers.postgres import ENV, find_postgres, given_postgres, postgres_version
from tests.servers.redis import find_redis


def describe_postgres() -> str:
    if given_postgres():
        return f"the one named in {ENV}"
    programs = find_postgres()
    return f"{postgres_version(programs)} in {programs}"


def describe_redis() -> str:
    return _first_line([find_redis(), "--version"])


def describe_browser() -> str:
    return _first_line([find_browser(), "--version"])


def _first_line(command: list[str]) -> str:
    said = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return said[0].strip() if said else command[0]


NEEDED: dict[str, Callable[[], str]] = {
    "PostgreSQL": describe_postgres,
    "Redis": describe_redis,
    "IMAP": lambda: imap_version(find_imap()),
    "SMTP": lambda: "aiosmtpd",
    "Browser": describe_browser,
    "Corpus": lambda: str(find_corpus()),
}


def main() -> int:
    missing = 0
    for name, describe in NEEDED.items():
        try:
            print(f"{name:<12}{describe()}")
        except Missing as reason:
            missing += 1
            print(f"{name:<12}*** MISSING: {reason} ***")
    if missing and not must_have_everything():
        print("Tests that need what is missing will be skipped. With CI=true they fail.")
    return int(missing > 0 and must_have_everything())


if __name__ == "__main__":
    sys.exit(main())
