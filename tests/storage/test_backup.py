"""Does a backup hold all it should, and does each misuse end in a sentence before anything is changed?"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from gru.storage.archive import Archive, open_archive
from gru.storage.backup import HELD, Copies
from gru.storage.databases import Databases, open_sqlite, reading, writing
from gru.storage.keys import Keys
from gru.storage.log import Append, Log
from gru.storage.standing import CannotCopy, forget_views, places_of
from gru.storage.work import Effect, Work
from tests.servers import find_postgres
from tests.storage.conftest import new_stream, opened

SECRET, MASTER = b"s" * 32, b"m" * 32
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CASE = "c" * 32


@pytest.fixture(autouse=True)
def tools(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own programs, also where they are not on the path."""
    if databases.kind == "postgresql":
        monkeypatch.setenv("PATH", f"{find_postgres()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def archive(databases: Databases, log: Log) -> Archive:
    """A town with one fact, one text, one file and one effect."""
    log.append([Append(new_stream(), 0, b"", (opened(),))], at=NOW, by="system:intake")
    archive = open_archive(databases, secret=SECRET, master=MASTER, clock=lambda: NOW)
    archive.write_text("mot", person="", case=CASE)
    archive.put_file("a.txt", "text/plain", b"fichier", person="", case=CASE)
    work = Work(databases.work, clock=lambda: NOW)
    work.start("reactions", 1)
    work.add_effects([effect("1:0:deliver")])
    return archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def keys_folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def effect(key: str) -> Effect:
    return Effect(key=key, kind="deliver", payload={}, next_at=NOW)


def copies(databases: Databases, secret: bytes = SECRET, master: bytes = MASTER) -> Copies:
    return Copies(databases, secret, master, lambda: NOW)


def silent(what: str) -> None: ...


def lose(databases: Databases, *names: str) -> None:
    for name in names:
        if databases.kind == "sqlite":
            for engine in (databases.archive, databases.work, databases.keys):
                engine.dispose()
            for path in Path(str(databases.work.url.database)).parent.glob(f"{name}.db*"):
                path.unlink()
        else:
            with writing(databases.keys if name == "keys" else databases.work) as connection:
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(CannotCopy) as refused:
        call()
    return str(refused.value)


def put_back(
    databases: Databases, source: Path | None, keys_from: Path | None = None, *only: str
) -> Callable[[], object]:
    return lambda: copies(databases).put_back(source, keys_from, silent, only)


# --- out and back ------------------------------------------------------------------------------------------------


def test_everything_but_the_views_comes_back(
    archive: Archive, databases: Databases, log: Log, folder: Path, keys_folder: Path
) -> None:
    copies(databases).make(folder, keys_folder, silent)
    ids = [id for _, id in archive.keys.of_person("house")]
    [word] = [id for id, text in archive.texts(ids).items() if text]
    [file] = [id for id in ids if id != word]
    head = log.head()
    log.close()
    lose(databases, "log", "archive", "work", "keys")
    said: list[str] = []
    manifest = copies(databases).put_back(folder, keys_folder, said.append)
    assert manifest.made_at == NOW
    back = open_archive(databases, secret=SECRET, master=MASTER, clock=lambda: NOW)
    assert back.texts([word]) == {word: "mot"}
    found = back.file(file)
    assert found is not None and found.content == b"fichier"
    places = places_of(databases)
    assert not any(places[name].is_empty() for name in ("log", "archive", "work", "keys"))
    assert head == 1
    assert "putting log back" in said


def test_after_putting_the_work_back_nothing_leaves_by_itself(
    archive: Archive, databases: Databases, folder: Path
) -> None:
    copies(databases).make(folder, None, silent)
    lose(databases, "work")
    copies(databases).put_back(folder, None, silent, ["work"])
    work = Work(databases.work, clock=lambda: NOW)
    assert work.position("reactions") is None
    assert work.due_effects(NOW) == []
    assert [(one.key, one.error) for one in work.failed_effects()] == [("1:0:deliver", HELD)]


def test_a_folder_without_its_last_file_is_no_backup(archive: Archive, databases: Databases, folder: Path) -> None:
    copies(databases).make(folder, None, silent)
    (folder / "backup.json").unlink()
    assert "no complete backup" in refusal(put_back(databases, folder))


def test_only_its_owner_may_read_a_backup(archive: Archive, databases: Databases, folder: Path) -> None:
    copies(databases).make(folder, None, silent)
    assert folder.stat().st_mode & 0o077 == 0


def test_a_file_that_is_erased_or_half_written_while_it_is_copied_is_passed_over(
    archive: Archive, databases: Databases, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if databases.kind == "postgresql":
        return
    stored = Path(str(databases.archive.url.database)).parent / "files"
    (stored / "aa").mkdir(exist_ok=True)
    (stored / "aa" / "half.part").write_bytes(b"half")
    (stored / "aa" / "gone").symlink_to(stored / "nothing")
    copies(databases).make(folder, None, silent)
    assert json.loads((folder / "backup.json").read_text())["files"] == 1


# --- misuse ------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_empty_is_refused(archive: Archive, databases: Databases, folder: Path) -> None:
    folder.mkdir()
    (folder / "photo.jpg").touch()
    assert "is not empty" in refusal(lambda: copies(databases).make(folder, None, silent))


def test_the_keys_may_not_lie_beside_what_they_open(archive: Archive, databases: Databases, folder: Path) -> None:
    assert "folder of their own" in refusal(lambda: copies(databases).make(folder, folder, silent))
    assert not folder.exists()


def test_a_town_that_is_there_is_not_written_over(
    archive: Archive, databases: Databases, folder: Path, keys_folder: Path
) -> None:
    copies(databases).make(folder, keys_folder, silent)
    assert "There is a log here already" in refusal(put_back(databases, folder))
    assert "The keys are here" in refusal(put_back(databases, None, keys_folder))


def test_a_backup_of_another_town_is_refused(archive: Archive, databases: Databases, folder: Path) -> None:
    copies(databases).make(folder, None, silent)
    other = copies(databases, secret=b"t" * 32)
    assert "another town" in refusal(lambda: other.put_back(folder, None, silent))


def test_keys_that_another_master_key_wrapped_are_refused(
    archive: Archive, databases: Databases, keys_folder: Path, folder: Path
) -> None:
    copies(databases).make(folder, keys_folder, silent)
    lose(databases, "keys")
    other = copies(databases, master=b"n" * 32)
    assert "another GRU_MASTER_KEY" in refusal(lambda: other.put_back(None, keys_folder, silent))


def test_without_any_keys_nothing_is_put_back(archive: Archive, databases: Databases, folder: Path) -> None:
    copies(databases).make(folder, None, silent)
    lose(databases, "archive", "keys")
    assert "--keys" in refusal(put_back(databases, folder, None, "archive"))
    assert places_of(databases)["archive"].is_empty()


def test_a_master_key_that_does_not_fit_the_keys_here_is_refused(
    archive: Archive, databases: Databases, folder: Path
) -> None:
    copies(databases).make(folder, None, silent)
    lose(databases, "work")
    other = copies(databases, master=b"n" * 32)
    assert "GRU_MASTER_KEY" in refusal(lambda: other.put_back(folder, None, silent, ["work"]))


def test_a_damaged_part_is_refused_before_anything_is_changed(
    archive: Archive, databases: Databases, folder: Path
) -> None:
    copies(databases).make(folder, None, silent)
    lose(databases, "archive", "work")
    [part] = folder.glob("work.*")
    part.write_bytes(part.read_bytes()[:-1])
    assert "missing or damaged" in refusal(put_back(databases, folder, None, "archive", "work"))
    assert places_of(databases)["archive"].is_empty()


def test_a_folder_of_keys_given_for_the_town_is_named_so(
    archive: Archive, databases: Databases, folder: Path, keys_folder: Path
) -> None:
    copies(databases).make(folder, keys_folder, silent)
    lose(databases, "work")
    assert "folder of the keys" in refusal(put_back(databases, keys_folder, None, "work"))


def test_a_backup_of_another_kind_of_database_is_refused(
    archive: Archive, databases: Databases, folder: Path, tmp_path: Path
) -> None:
    copies(databases).make(folder, None, silent)
    manifest = json.loads((folder / "backup.json").read_text())
    manifest["kind"] = "postgresql" if databases.kind == "sqlite" else "sqlite"
    (folder / "backup.json").write_text(json.dumps(manifest))
    assert "another database" in refusal(put_back(databases, folder))


def test_missing_programs_of_postgresql_are_named(
    archive: Archive, databases: Databases, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if databases.kind == "sqlite":
        return
    monkeypatch.setenv("PATH", "")
    assert "pg_dump is not installed" in refusal(lambda: copies(databases).make(folder, None, silent))


def test_without_a_folder_there_is_nothing_to_put_back(archive: Archive, databases: Databases) -> None:
    assert "which backup" in refusal(put_back(databases, None))


def test_a_folder_that_holds_no_town_cannot_be_copied(tmp_path: Path, folder: Path) -> None:
    nowhere = open_sqlite(tmp_path / "nowhere")
    assert "no " in refusal(lambda: copies(nowhere).make(folder, None, silent))


# --- what a restore asks of the work and the views ---------------------------------------------------------------


def test_effects_of_lost_facts_are_dropped_done_or_not(databases: Databases) -> None:
    work = Work(databases.work, clock=lambda: NOW)
    keys = ["9:0:deliver", "10:0:acknowledge", "11:0:deliver", "100:0:deliver", "report:week"]
    work.add_effects([effect(key) for key in keys])
    work.done("100:0:deliver")
    assert work.drop_effects_behind(10) == 2
    assert set(work.effects_of(keys)) == {"9:0:deliver", "10:0:acknowledge", "report:week"}
    assert work.drop_effects_behind(10) == 0


def test_a_suspended_follower_has_no_position_and_its_effects_wait(databases: Databases) -> None:
    work = Work(databases.work, clock=lambda: NOW)
    work.start("reactions", 7)
    work.add_effects([effect("1:0:deliver"), effect("2:0:deliver")])
    work.done("1:0:deliver")
    work.suspend("reactions", HELD)
    assert work.position("reactions") is None
    assert [one.key for one in work.failed_effects()] == ["2:0:deliver"]
    assert work.try_again("2:0:deliver", NOW)
    assert [one.key for one in work.due_effects(NOW)] == ["2:0:deliver"]


def test_forgotten_views_leave_no_table(databases: Databases) -> None:
    with writing(databases.views) as connection:
        if databases.kind == "sqlite":
            connection.execute(text("CREATE VIRTUAL TABLE search_fts USING fts5(words, content='')"))
            connection.execute(text("CREATE TABLE search (id INTEGER)"))
        else:
            connection.execute(text("CREATE TABLE views.search (id INTEGER)"))
    forget_views(databases.views)
    forget_views(databases.views)
    count = "sqlite_master" if databases.kind == "sqlite" else "pg_tables WHERE schemaname = 'views'"
    with reading(databases.views) as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {count}")) == 0


def test_keys_that_were_only_looked_at_are_empty(databases: Databases) -> None:
    keys = Keys(databases.keys, MASTER)
    keys.check()
    assert places_of(databases)["keys"].is_empty()
    keys.make_people(["p" * 32])
    assert not places_of(databases)["keys"].is_empty()
