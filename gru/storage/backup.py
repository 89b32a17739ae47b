"""How is a town copied while it works, and put back?

First the log, then the archive with its files, then the work: what the later copies speak of beyond the log is unknown
to it and is dropped on restore. The keys go to a place of their own: whoever has both can read everything, and a short
life of their copies is what makes erasing true.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gru.storage.databases import Databases

Progress = Callable[[str], None]

PLACES = ("log", "archive", "work")
"""In this order."""


class CannotCopy(Exception):
    """The sentence says what stood in the way; what was copied so far is no backup."""


def copy_out(databases: Databases, data: Path, to: Path, keys_to: Path | None, progress: Progress) -> None:
    """Copy everything but the views into the empty folder `to`, the keys into `keys_to` when it is given."""
    _empty(to)
    if keys_to is not None:
        _empty(keys_to)
    for place in PLACES:
        _copy_place(databases, data, place, to)
        progress(place)
        if place == "archive" and databases.kind == "sqlite" and (data / "files").is_dir():
            shutil.copytree(data / "files", to / "files")
            progress("files")
    if keys_to is not None:
        _copy_place(databases, data, "keys", keys_to)
        progress("keys")
    (to / "COMPLETE").write_text("log archive work\n", encoding="ascii")


def copy_in(databases: Databases, data: Path, source: Path, keys_from: Path | None, progress: Progress) -> None:
    """Put a complete backup into a town without a log; `keys_from` only when the keys were lost too."""
    if not (source / "COMPLETE").exists():
        raise CannotCopy(f"{source} holds no complete backup.")
    for place in PLACES:
        _put_back(databases, data, place, source)
        progress(place)
    if (source / "files").is_dir():
        shutil.copytree(source / "files", data / "files", dirs_exist_ok=True)
        progress("files")
    if keys_from is not None:
        _put_back(databases, data, "keys", keys_from)
        progress("keys")


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CannotCopy(f"{folder} is not empty.")


# --- SQLite: the library's online copy ---------------------------------------------------------------------------


def _copy_place(databases: Databases, data: Path, place: str, to: Path) -> None:
    if databases.kind == "postgresql":
        _dump(databases, place, to)
        return
    source, target = sqlite3.connect(data / f"{place}.db"), sqlite3.connect(to / f"{place}.db")
    with source, target:
        source.backup(target)
    source.close()
    target.close()


def _put_back(databases: Databases, data: Path, place: str, source: Path) -> None:
    if databases.kind == "postgresql":
        _load(databases, place, source)
        return
    if (data / f"{place}.db").exists():
        raise CannotCopy(f"{data} holds a {place} already: restore into an empty folder.")
    data.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source / f"{place}.db", data / f"{place}.db")


# --- PostgreSQL: its own tools -----------------------------------------------------------------------------------


def _dump(databases: Databases, place: str, to: Path) -> None:
    target = str(to / f"{place}.dump")
    _run(["pg_dump", "--format=custom", f"--schema={place}", f"--file={target}"], _server(databases, place))


def _load(databases: Databases, place: str, source: Path) -> None:
    server = _server(databases, place)
    command = ["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={server['PGDATABASE']}"]
    _run([*command, str(source / f"{place}.dump")], server)


def _server(databases: Databases, place: str) -> Mapping[str, str]:
    """Where the database is, in the variables its tools read: a password in a command line is seen by everybody."""
    engine = databases.keys if place == "keys" else databases.views
    parts = urlsplit(engine.url.render_as_string(hide_password=False))
    found = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.strip("/")),
    }
    return {name: value for name, value in found.items() if value}


def _run(command: list[str], server: Mapping[str, str]) -> None:
    try:
        subprocess.run(command, env=os.environ | server, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotCopy(f"{command[0]} is not installed: install PostgreSQL's client programs.") from None
    except subprocess.CalledProcessError as error:
        raise CannotCopy(f"{command[0]} failed: {error.stderr.strip()[-500:]}") from None
