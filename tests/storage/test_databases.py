"""Are the embedded databases where nobody else can read them?"""

from pathlib import Path

from gru.storage.databases import open_sqlite


def test_the_folder_of_a_town_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "towns" / "ours"
    open_sqlite(folder).close()
    assert folder.stat().st_mode & 0o777 == 0o700
