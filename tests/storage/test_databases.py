"""Are the embedded databases where nobody else can read them?"""

from pathlib import Path

from gru.storage.databases import Databases, open_sqlite, reading


def test_the_folder_of_a_town_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "towns" / "ours"
    open_sqlite(folder).close()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_postgresql_answers_without_compiling_the_question_first(databases: Databases) -> None:
    if databases.kind == "postgresql":
        with reading(databases.views) as connection:
            assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
