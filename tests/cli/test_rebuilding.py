"""Is an operator told when his rebuild must wait for another's?"""

from pathlib import Path

from gru.office.rebuild import REBUILD
from gru.storage.alone import alone
from projections.queue import Queue
from tests.cli.conftest import Gru, Place


def test_a_rebuild_while_another_runs_is_refused_in_a_sentence(place: Place, command: Gru) -> None:
    office = place.office()
    office.prepare()
    before = office.projector.position("inline")
    with alone(office.databases.views, REBUILD):
        refused = command("rebuild", Queue.name)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: Another rebuild has been running since 2"), refused.output
    assert office.projector.position("inline") == before
    office.close()
    assert command("rebuild", Queue.name).exit_code == 0


def test_nothing_is_put_back_while_a_rebuild_runs(place: Place, command: Gru, tmp_path: Path) -> None:
    assert command("backup", tmp_path / "copy").exit_code == 0
    office = place.office()
    office.databases.work.dispose()
    (place.data / "work.db").unlink()
    with alone(office.databases.views, REBUILD):
        refused = command("restore", tmp_path / "copy", "--only", "work")
    office.close()
    assert refused.exit_code == 1
    assert "Another rebuild has been running since" in refused.output
    assert command("restore", tmp_path / "copy", "--only", "work").exit_code == 0
