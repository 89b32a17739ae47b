"""Where do the bytes of files lie: a folder beside SQLite, or chunks in PostgreSQL?

A store knows neither names nor keys: it is given sealed bytes and an address that says nothing.
"""

import os
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Engine, delete, select

from gru.storage.databases import Databases, reading, writing
from gru.storage.schema import file_chunks

CHUNK_SIZE = 256 * 1024


class FileStore(Protocol):
    """Bytes by address. `put` is durable on return and may be done again; a missing address has no bytes."""

    def put(self, address: str, body: bytes) -> None: ...

    def get(self, address: str) -> bytes | None: ...

    def delete(self, address: str) -> None: ...


class FolderStore:
    """One file per address, in folders of its first letters; written beside, then renamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, address: str, body: bytes) -> None:
        path = self._path(address)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{uuid4().hex}.part")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent, self._folder):
            _sync_folder(folder)

    def get(self, address: str) -> bytes | None:
        try:
            return self._path(address).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, address: str) -> None:
        path = self._path(address)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync_folder(path.parent)

    def _path(self, address: str) -> Path:
        return self._folder / address[:2] / address[2:4] / address


class TableStore:
    """Chunks of 256 KB in the archive's schema."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, address: str, body: bytes) -> None:
        starts = range(0, max(len(body), 1), CHUNK_SIZE)
        with writing(self._engine) as connection:
            connection.execute(delete(file_chunks).where(file_chunks.c.address == address))
            for number, start in enumerate(starts):
                row = {"address": address, "number": number, "body": body[start : start + CHUNK_SIZE]}
                connection.execute(file_chunks.insert(), row)

    def get(self, address: str) -> bytes | None:
        query = select(file_chunks.c.body).where(file_chunks.c.address == address).order_by(file_chunks.c.number)
        with reading(self._engine) as connection:
            chunks = connection.scalars(query).all()
        return b"".join(chunks) if chunks else None

    def delete(self, address: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(file_chunks).where(file_chunks.c.address == address))


def file_store(databases: Databases) -> FileStore:
    """The store that goes with these databases: on SQLite the folder `files` beside `archive.db`."""
    if databases.kind == "postgresql":
        return TableStore(databases.archive)
    return FolderStore(Path(str(databases.archive.url.database)).parent / "files")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
