"""Can a resident go on where he stopped, and nobody else?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gru.storage.databases import Databases, reading
from gru.storage.drafts import KEPT, Drafts
from gru.storage.migrations import migrate
from gru.storage.schema import draft_files
from gru.storage.schema import drafts as table
from gru.storage.sealing import Tampered

SECRET = b"s" * 32
WORDS = b"Un trou devant le 14 rue des Acacias"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drafts(databases: Databases, clock: Clock) -> Iterator[Drafts]:
    migrate(databases)
    yield Drafts(databases.work, SECRET, clock=clock)


def test_what_was_begun_is_read_again_with_its_link(drafts: Drafts) -> None:
    token = drafts.begin(b"one")
    drafts.write(token, WORDS)
    file = drafts.put_file(token, b"a photo")
    assert drafts.read(token) == WORDS
    assert drafts.file(token, file) == b"a photo"


def test_another_link_opens_nothing(drafts: Drafts) -> None:
    token, other = drafts.begin(WORDS), drafts.begin(b"other")
    file = drafts.put_file(token, b"a photo")
    assert drafts.read(token + "x") is None
    assert drafts.read("") is None
    assert drafts.file(other, file) is None


def test_the_tables_show_neither_words_nor_link_and_the_secret_alone_opens_nothing(
    drafts: Drafts, databases: Databases
) -> None:
    token = drafts.begin(WORDS)
    drafts.put_file(token, WORDS)
    with reading(databases.work) as connection:
        rows = [*connection.execute(select(table)).all(), *connection.execute(select(draft_files)).all()]
    assert len(rows) == 2
    for row in rows:
        assert WORDS not in row.sealed and b"Acacias" not in row.sealed
        assert token not in str(row)


def test_a_row_moved_under_another_draft_does_not_open(drafts: Drafts, databases: Databases) -> None:
    mine, yours = drafts.begin(WORDS), drafts.begin(b"yours")
    with reading(databases.work) as connection:
        ids = connection.scalars(select(table.c.id)).all()
        sealed = {row.id: row.sealed for row in connection.execute(select(table))}
    assert len(ids) == 2
    with databases.work.begin() as connection:
        for id in ids:
            other = next(one for one in ids if one != id)
            connection.execute(table.update().where(table.c.id == id).values(sealed=sealed[other]))
    for token in (mine, yours):
        with pytest.raises(Tampered):
            drafts.read(token)


def test_a_draft_lives_a_month_after_it_was_last_touched(drafts: Drafts, clock: Clock) -> None:
    token = drafts.begin(b"one")
    clock.now += KEPT - timedelta(days=1)
    drafts.write(token, b"two")
    clock.now += KEPT - timedelta(days=1)
    assert drafts.read(token) == b"two"
    clock.now += timedelta(days=1)
    assert drafts.read(token) is None


def test_what_is_over_is_dropped_with_its_files_and_the_rest_stays(
    drafts: Drafts, databases: Databases, clock: Clock
) -> None:
    old = drafts.begin(b"old")
    drafts.put_file(old, b"photo")
    clock.now += KEPT
    new = drafts.begin(b"new")
    kept = drafts.put_file(new, b"photo")
    assert drafts.prune() == 1
    with reading(databases.work) as connection:
        assert len(connection.execute(select(draft_files)).all()) == 1
    assert drafts.read(new) == b"new" and drafts.file(new, kept) == b"photo"


def test_once_sent_only_what_says_so_is_left(drafts: Drafts) -> None:
    token = drafts.begin(WORDS)
    file = drafts.put_file(token, b"photo")
    drafts.close(token, b"sent")
    assert drafts.read(token) == b"sent"
    assert drafts.file(token, file) is None


def test_a_file_taken_away_and_a_draft_forgotten_are_gone(drafts: Drafts) -> None:
    token = drafts.begin(WORDS)
    one, two = drafts.put_file(token, b"1"), drafts.put_file(token, b"2")
    drafts.drop_file(token, one)
    assert drafts.file(token, one) is None and drafts.file(token, two) == b"2"
    drafts.forget(token)
    assert drafts.read(token) is None and drafts.file(token, two) is None


def test_moved_it_opens_with_its_new_link_alone_and_its_files_go_along(drafts: Drafts) -> None:
    old, new = drafts.begin(WORDS), "another link"
    file = drafts.put_file(old, b"photo")
    drafts.move(old, new, b"gone")
    assert (drafts.read(new), drafts.file(new, file)) == (WORDS, b"photo")
    assert (drafts.read(old), drafts.file(old, file)) == (b"gone", None)


def test_moved_twice_to_the_same_link_it_keeps_what_was_written_there(drafts: Drafts) -> None:
    old, new = drafts.begin(WORDS), "another link"
    drafts.move(old, new, b"gone")
    drafts.write(new, b"more words")
    drafts.move(old, new, b"gone")
    assert drafts.read(new) == b"more words"


def test_what_is_over_is_not_moved(drafts: Drafts, clock: Clock) -> None:
    old, new = drafts.begin(WORDS), "another link"
    clock.now += KEPT
    drafts.move(old, new, b"gone")
    assert drafts.read(new) is None
