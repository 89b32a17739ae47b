"""How is a town copied while it works, and put back?

First the log, then the archive with its files, then the work: what the later copies know beyond the log is dropped when
they come back. The keys go to a place of their own: whoever has both can read everything, and a short life of their
copies is what makes an erasure true. `backup.json` is written last: without it a folder is no backup.
"""

import hmac
import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Container, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path

import msgspec
from sqlalchemy import Engine, select, update

from gru.storage.databases import Databases, Kind, reading, writing
from gru.storage.keys import Keys
from gru.storage.schema import in_chunks, messages
from gru.storage.sealing import Tampered
from gru.storage.standing import CannotCopy, Place, places_of
from gru.storage.work import Work

Progress = Callable[[str], None]

PLACES = ("log", "archive", "work")
"""In this order; the views are made anew from the log."""

MANIFEST = "backup.json"
REACTIONS = "reactions"
HELD = "held_after_restore"
"""Why an effect waits for somebody to ask for it: it may have been done after the copy was made."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. `town` and `master` tell whose it is, and tell nothing else; `parts` are SHA-256."""

    kind: Kind
    made_at: datetime
    town: str
    parts: dict[str, str]
    files: int = 0
    master: str = ""


class Copies:
    """Makes backups of one town, and puts them back."""

    def __init__(self, databases: Databases, secret: bytes, master: bytes, now: Callable[[], datetime]) -> None:
        self._databases = databases
        self._town = _fingerprint(secret)
        self._master_key = master
        self._master = _fingerprint(master)
        self._places = places_of(databases)
        self._now = now

    # --- out ---------------------------------------------------------------------------------------------------

    def make(self, to: Path, keys_to: Path | None, progress: Progress) -> None:
        """Copy everything but the views into the empty folder `to`, the keys into `keys_to` when it is given."""
        if keys_to is not None and keys_to.resolve() == to.resolve():
            raise CannotCopy("The keys need a folder of their own: whoever has both can read everything.")
        with _said():
            for folder in (to, keys_to):
                if folder is not None:
                    _make_empty(folder)
            made_at = self._now()
            parts: dict[str, str] = {}
            for name in PLACES:
                parts |= self._copied(self._places[name], to, progress)
                if name == "archive":
                    files = self._copied_files(to, progress)
            _write(to, Manifest(self._databases.kind, made_at, self._town, parts, files))
            if keys_to is not None:
                parts = self._copied(self._places["keys"], keys_to, progress)
                _write(keys_to, Manifest(self._databases.kind, made_at, self._town, parts, master=self._master))

    def _copied(self, place: Place, to: Path, progress: Progress) -> dict[str, str]:
        progress(f"copying {place.name}")
        path = to / place.file
        place.copy_to(path)
        _sync(path)
        return {place.file: _digest(path)}

    def _copied_files(self, to: Path, progress: Progress) -> int:
        """File by file: one that is erased meanwhile is passed over, one that is only half written too."""
        source = self._folder_of_files()
        if source is None or not source.is_dir():
            return 0
        progress("copying files")
        count = 0
        for path in source.rglob("*"):
            if path.is_file() and path.suffix != ".part":
                target = to / "files" / path.relative_to(source)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                try:
                    shutil.copy2(path, target)
                except FileNotFoundError:
                    continue
                count += 1
        return count

    # --- back --------------------------------------------------------------------------------------------------

    def put_back(
        self, source: Path | None, keys_from: Path | None, progress: Progress, only: Collection[str] = ()
    ) -> Manifest:
        """Put a backup into a town that has lost these parts; what is wrong is said before anything is changed.

        Afterwards nothing is mailed, and no row of the views holds, before `Recovery` has run.
        """
        wanted = [name for name in PLACES if source is not None and (not only or name in only)]
        with _said():
            manifest = self._checked(source, wanted, progress) if source is not None else None
            of_keys = self._checked(keys_from, ["keys"], progress) if keys_from is not None else None
            for name in [*wanted, *(["keys"] if keys_from is not None else [])]:
                if not self._places[name].is_empty():
                    raise CannotCopy(self._refusal(name))
            self._check_keys(of_keys)
            if source is not None:
                self._put_places_back(source, wanted, progress)
            if keys_from is not None:
                progress("putting keys back")
                self._places["keys"].put_back(keys_from / self._places["keys"].file)
        found = manifest or of_keys
        if found is None:
            raise CannotCopy("Say which backup: a folder, or --keys with a folder of keys.")
        return found

    def _put_places_back(self, source: Path, wanted: Collection[str], progress: Progress) -> None:
        for name in wanted:
            progress(f"putting {name} back")
            place = self._places[name]
            place.put_back(source / place.file)
            if name == "work":
                Work(self._databases.work, clock=self._now).suspend(REACTIONS, HELD)
            if name == "archive" and (source / "files").is_dir():
                folder = self._folder_of_files()
                assert folder is not None
                progress("putting files back")
                shutil.copytree(source / "files", folder, dirs_exist_ok=True)

    def _checked(self, folder: Path, wanted: Collection[str], progress: Progress) -> Manifest:
        path = folder / MANIFEST
        if not path.is_file():
            raise CannotCopy(f"{folder} holds no complete backup: there is no {MANIFEST} in it.")
        try:
            manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        except msgspec.DecodeError:
            raise CannotCopy(f"{path} cannot be read: it was damaged.") from None
        if manifest.kind != self._databases.kind:
            raise CannotCopy(f"{folder} is a backup of {manifest.kind}, and this town is set to another database.")
        if manifest.town != self._town:
            raise CannotCopy(f"{folder} is of another town, or GRU_SECRET is not the one that town had.")
        for file in (self._places[name].file for name in wanted):
            if file not in manifest.parts:
                raise CannotCopy(f"{folder} holds no {file}: is it the folder of the {_other(manifest)}?")
            progress(f"checking {file}")
            if not (folder / file).is_file() or _digest(folder / file) != manifest.parts[file]:
                raise CannotCopy(f"{folder / file} is missing or damaged: take another backup.")
        if "archive" in wanted and _number_of_files(folder) < manifest.files:
            raise CannotCopy(f"{folder / 'files'} lacks files that were in this backup: take another one.")
        return manifest

    def _check_keys(self, of_keys: Manifest | None) -> None:
        """The keys must be here, or come along, and fit the master key."""
        if of_keys is not None:
            if of_keys.master != self._master:
                raise CannotCopy("These keys were wrapped by another GRU_MASTER_KEY: nothing could be read with them.")
            return
        if self._places["keys"].is_empty():
            raise CannotCopy("The keys are not here: name their last copy with --keys FOLDER.")
        try:
            Keys(self._databases.keys, self._master_key, clock=self._now).check()
        except Tampered:
            raise CannotCopy("GRU_MASTER_KEY is not the one that the keys here were made with.") from None

    def _refusal(self, name: str) -> str:
        if name == "keys":
            return "The keys are here: leave --keys away. They know what was erased since, and an older copy does not."
        return (
            f"There is a {name} here already. A backup is put back into an empty town, or with --only into the parts"
            " that were lost."
        )

    def _folder_of_files(self) -> Path | None:
        if self._databases.kind == "postgresql":
            return None
        return Path(str(self._databases.archive.url.database)).parent / "files"


def await_again(archive: Engine, taken_in: Container[str]) -> int:
    """Messages were ticked off whose outcome the log does not know: they are to be taken in again; how many."""
    ticked = select(messages.c.key).where(messages.c.ticked_at.is_not(None), messages.c.sealed.is_not(None))
    with reading(archive) as connection:
        lost = [key for key in connection.scalars(ticked) if key not in taken_in]
    for chunk in in_chunks(lost, 500):
        with writing(archive) as connection:
            connection.execute(update(messages).where(messages.c.key.in_(chunk)).values(ticked_at=None))
    return len(lost)


# --- folders and files -------------------------------------------------------------------------------------------


@contextmanager
def _said() -> Iterator[None]:
    """A full disk, a right that is missing: in a sentence."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise CannotCopy(f"The copy stopped half-way ({error}). What was written so far is no backup.") from error


def _make_empty(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CannotCopy(f"{folder} is not empty: each backup needs a folder of its own.")


def _write(folder: Path, manifest: Manifest) -> None:
    path = folder / f"{MANIFEST}.part"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    _sync(path)
    path.rename(folder / MANIFEST)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _number_of_files(folder: Path) -> int:
    return sum(1 for path in (folder / "files").rglob("*") if path.is_file())


def _other(manifest: Manifest) -> str:
    return "keys" if manifest.master else "town"


def _fingerprint(secret: bytes) -> str:
    return hmac.new(secret, b"gru backup", sha256).hexdigest()[:32]
