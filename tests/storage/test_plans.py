"""Does SQLite find many ids by the index, however many rows the table has?"""

import re
from pathlib import Path

import pytest
from sqlalchemy import Executable

from gru.storage import key_rows, keys, named, people
from gru.storage.databases import open_sqlite, reading
from gru.storage.schema import among_ids, texts

QUESTIONS: dict[str, tuple[str, Executable]] = {
    "texts": ("archive", texts.select().where(among_ids(texts.c.id))),
    "people": ("archive", people._PEOPLE),
    "contacts": ("archive", people._KNOWN),
    "data keys": ("keys", keys._DATA_KEYS),
    "holders": ("keys", keys._HOLDERS),
    "merged": ("keys", key_rows._MERGED),
    "data keys and holders": ("keys", keys._BOTH),
    "all that a page names": ("archive", named.question(("texts", "people", "files"))),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_table_is_read_from_end_to_end(sqlite_tables: Path, name: str) -> None:
    place, question = QUESTIONS[name]
    databases = open_sqlite(sqlite_tables)
    engine = databases.archive if place == "archive" else databases.keys
    said = re.sub(rf"\b{place}\.", "", str(question.compile(engine)))
    with reading(engine) as connection:
        given = ('["a", "b"]',) * said.count("?")
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)]
    databases.close()
    assert [step for step in plan if step.startswith("SCAN") and "json_each" not in step] == []
