"""Do the keys open what they should, for as long as they should, and nothing when another holds them?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, select, text, update

from gru.storage.databases import Databases, reading, writing
from gru.storage.keys import HOUSE, Destroyed, Destruction, Keys, Wanted
from gru.storage.migrations import CHAINS, migrate, pending
from gru.storage.schema import SCHEMAS, case_keys, data_keys, holders
from gru.storage.sealing import Memory, Tampered, seal, unseal
from gru.storage.seals import METADATA as SEALS

MASTER = b"m" * 32
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
MARIE, PAUL = "a" * 32, "b" * 32
CASE, OTHER_CASE = "c" * 32, "d" * 32
ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


@pytest.fixture
def keys(databases: Databases) -> Iterator[Keys]:
    yield open_keys(databases)


def open_keys(databases: Databases, master: bytes = MASTER) -> Keys:
    return Keys(databases.keys, master, clock=lambda: NOW)


# --- sealing ---


def test_what_is_sealed_opens_with_its_key_in_its_place_only() -> None:
    sealed = seal(b"k" * 32, "text:1", b"mot")
    assert unseal(b"k" * 32, "text:1", sealed) == b"mot"
    for key, place in ((b"l" * 32, "text:1"), (b"k" * 32, "text:2")):
        with pytest.raises(Tampered):
            unseal(key, place, sealed)
    with pytest.raises(Tampered):
        unseal(b"k" * 32, "text:1", b"")


def test_two_seals_of_one_value_differ() -> None:
    assert seal(b"k" * 32, "text:1", b"mot") != seal(b"k" * 32, "text:1", b"mot")


def test_memory_forgets_the_longest_unused_first() -> None:
    memory = Memory(30, 2)
    memory.put({"one": b"1", "two": b"2"}, 0)
    memory.get(["one"])
    memory.put({"three": b"3"}, 0)
    assert memory.get(["one", "two", "three"]) == {"one": b"1", "three": b"3"}


def test_memory_takes_nothing_that_was_read_before_it_was_cleared() -> None:
    memory = Memory(30, 2)
    before = memory.generation
    memory.clear()
    memory.put({"one": b"1"}, before)
    assert memory.get(["one"]) == {}


def test_memory_forgets_after_its_time() -> None:
    memory = Memory(0, 2)
    memory.put({"one": b"1"}, 0)
    assert memory.get(["one"]) == {}


# --- keys ---


def test_a_key_made_is_found_by_another_process(keys: Keys, databases: Databases) -> None:
    made = keys.make([Wanted(ONE, MARIE, CASE), Wanted(TWO, "", CASE), Wanted(THREE, HOUSE, "")])
    assert open_keys(databases).find([ONE, TWO, THREE, "f" * 32]) == dict(zip((ONE, TWO, THREE), made, strict=True))


def test_asked_again_an_id_keeps_its_key(keys: Keys) -> None:
    first = keys.make([Wanted(ONE, MARIE, CASE)], again=True)
    assert keys.make([Wanted(ONE, PAUL, OTHER_CASE)], again=True) == first


def test_a_key_that_was_destroyed_is_never_made_again(keys: Keys) -> None:
    keys.make([Wanted(ONE, MARIE, CASE)])
    keys.destroy_data([ONE])
    with pytest.raises(Destroyed):
        keys.make([Wanted(ONE, MARIE, CASE)], again=True)


def test_another_master_key_opens_nothing(keys: Keys, databases: Databases) -> None:
    keys.make([Wanted(ONE, MARIE, CASE), Wanted(TWO, "", CASE)])
    wrong = open_keys(databases, b"w" * 32)
    with pytest.raises(Tampered):
        wrong.find([ONE])
    with pytest.raises(Tampered):
        wrong.check()
    keys.check()


def test_short_secrets_and_long_memories_are_refused(databases: Databases) -> None:
    with pytest.raises(ValueError):
        Keys(databases.keys, b"short")
    with pytest.raises(ValueError):
        Keys(databases.keys, MASTER, seconds=31)


def test_a_wrapped_key_put_under_another_id_does_not_open(keys: Keys, databases: Databases) -> None:
    keys.make([Wanted(ONE, MARIE, CASE), Wanted(TWO, MARIE, CASE)])
    with writing(databases.keys) as connection:
        wrapped = connection.scalar(select(data_keys.c.wrapped).where(data_keys.c.id == ONE))
        connection.execute(update(data_keys).where(data_keys.c.id == TWO).values(wrapped=wrapped))
    with pytest.raises(Tampered):
        open_keys(databases).find([TWO])


def test_no_key_lies_in_the_table_as_it_is(keys: Keys, databases: Databases) -> None:
    [data_key] = keys.make([Wanted(ONE, MARIE, CASE)])
    person_key = keys.of_people([MARIE])[MARIE]
    with reading(databases.keys) as connection:
        stored = [
            bytes(value)
            for table in (holders, case_keys, data_keys)
            for value in connection.scalars(select(table.c.wrapped))
        ]
    assert len(stored) == 3
    assert not any(key in value for key in (data_key, person_key) for value in stored)


def test_moving_gives_a_key_another_wrapper_and_leaves_the_key(keys: Keys, databases: Databases) -> None:
    made = keys.make([Wanted(ONE, HOUSE, "")])
    keys.move([Wanted(ONE, MARIE, CASE)])
    keys.move([])
    assert open_keys(databases).find([ONE]) == {ONE: made[0]}
    assert keys.of_person(MARIE) == [(CASE, ONE)]
    keys.destroy_person(MARIE)
    assert keys.find([ONE]) == {}


def test_a_message_of_an_erased_person_cannot_be_moved_to_her(keys: Keys) -> None:
    keys.make([Wanted(ONE, HOUSE, "")])
    keys.destroy_person(MARIE)
    with pytest.raises(Destroyed):
        keys.move([Wanted(ONE, MARIE, CASE)])


def test_destroying_names_what_went_with_it(keys: Keys) -> None:
    keys.make([Wanted(ONE, MARIE, CASE), Wanted(TWO, PAUL, CASE), Wanted(THREE, MARIE, OTHER_CASE)])
    assert sorted(keys.destroy_person(MARIE)) == [ONE, THREE]
    assert keys.destroy_case(CASE) == [TWO]
    assert keys.destroyed() == [Destruction("case", CASE, NOW), Destruction("person", MARIE, NOW)]
    assert keys.destroyed(since=NOW.replace(hour=9)) == []


def test_the_house_cannot_be_erased(keys: Keys) -> None:
    keys.make([Wanted(ONE, "", CASE)])
    for person in ("", HOUSE):
        with pytest.raises(ValueError):
            keys.destroy_person(person)
    with pytest.raises(ValueError):
        keys.destroy_case("")
    assert list(keys.find([ONE])) == [ONE]


def test_what_remains_is_readable_after_scrubbing(keys: Keys, databases: Databases) -> None:
    keys.make([Wanted(ONE, MARIE, CASE), Wanted(TWO, PAUL, CASE)])
    keys.destroy_person(MARIE)
    keys.scrub()
    assert list(open_keys(databases).find([ONE, TWO])) == [TWO]


def test_a_new_master_key_opens_everything_once_all_was_wrapped_anew(keys: Keys, databases: Databases) -> None:
    made = keys.make([Wanted(ONE, MARIE, CASE)])
    assert keys.renew(b"n" * 32) == 1
    assert open_keys(databases, b"n" * 32).find([ONE]) == {ONE: made[0]}
    with pytest.raises(Tampered):
        open_keys(databases).find([ONE])
    assert keys.find([ONE]) == {ONE: made[0]}
    keys.check()


# --- the tables ---


def test_migrating_makes_the_tables_the_code_speaks_of(empty_databases: Databases) -> None:
    assert pending(empty_databases) == list(CHAINS)
    assert migrate(empty_databases)
    engines = {"archive": empty_databases.archive, "work": empty_databases.work, "keys": empty_databases.keys}
    for name, tables in SCHEMAS.items():
        wanted = MetaData()
        schema: Any = None if empty_databases.kind == "sqlite" else name
        for table in [*tables.sorted_tables, *(SEALS.sorted_tables if name == "work" else [])]:
            table.to_metadata(wanted, schema=schema)
        with reading(engines[name]) as connection:
            options = {
                "include_schemas": schema is not None,
                "include_name": lambda value, kind, parents, schema=schema: kind != "schema" or value == schema,
                "version_table_schema": schema,
            }
            assert compare_metadata(MigrationContext.configure(connection, opts=options), wanted) == []


def test_migrating_again_changes_nothing(empty_databases: Databases) -> None:
    migrate(empty_databases)
    assert (pending(empty_databases), migrate(empty_databases)) == ([], False)


def test_the_log_and_the_views_have_their_schemas_on_postgresql(empty_databases: Databases) -> None:
    migrate(empty_databases)
    if empty_databases.kind == "postgresql":
        with reading(empty_databases.work) as connection:
            schemas = set(connection.scalars(text("SELECT nspname FROM pg_namespace")))
        assert {"log", "views", "work", "archive"} <= schemas
        assert "keys" not in schemas
