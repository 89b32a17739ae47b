"""Do a folder and a table keep sealed bytes alike?"""

import os
from pathlib import Path

import pytest

from gru.storage.databases import Databases
from gru.storage.files import CHUNK_SIZE, FileStore, FolderStore, TableStore, file_store

ADDRESS = "ab" * 32


@pytest.fixture(params=["folder", "table"])
def store(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> FileStore:
    return FolderStore(tmp_path / "files") if request.param == "folder" else TableStore(databases.archive)


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 5 * CHUNK_SIZE])
def test_bytes_come_back_as_they_were_put(store: FileStore, size: int) -> None:
    body = os.urandom(size)
    store.put(ADDRESS, body)
    assert store.get(ADDRESS) == body


def test_an_address_without_bytes_has_none(store: FileStore) -> None:
    assert store.get(ADDRESS) is None


def test_putting_again_sets_the_bytes(store: FileStore) -> None:
    store.put(ADDRESS, b"x" * (2 * CHUNK_SIZE))
    store.put(ADDRESS, b"y")
    assert store.get(ADDRESS) == b"y"


def test_deleting_takes_one_file_and_twice_is_as_once(store: FileStore) -> None:
    other = "ac" * 32
    store.put(ADDRESS, b"x")
    store.put(other, b"y")
    store.delete(ADDRESS)
    store.delete(ADDRESS)
    assert (store.get(ADDRESS), store.get(other)) == (None, b"y")


def test_a_folder_is_for_its_owner_alone_and_holds_no_half_files(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    store.put(ADDRESS, b"x")
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in paths] == [ADDRESS]
    assert paths[0].stat().st_mode & 0o077 == 0


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path / "files")
    store.put(ADDRESS, b"before")

    def disk_is_full(handle: int) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", disk_is_full)
        with pytest.raises(OSError):
            store.put(ADDRESS, b"after")
    assert store.get(ADDRESS) == b"before"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [ADDRESS]


def test_each_kind_of_database_has_its_store(databases: Databases) -> None:
    kinds = {"sqlite": FolderStore, "postgresql": TableStore}
    assert type(file_store(databases)) is kinds[databases.kind]
