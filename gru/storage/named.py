"""What stands behind the ids a page names, texts, people and files, when they are all asked for at once?

One statement of the archive, of the parts that are wanted. Its rows are opened by whoever has the keys.
"""

from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Executable, Row, func, literal_column, select, union_all

from gru.storage.people import Person
from gru.storage.schema import among_ids, files, in_chunks, people, texts

Ids = dict[str, list[str]]
"""The wanted ids by kind: `texts`, `people`, `files`."""

_became = people.alias("became")
_nothing: ColumnElement[str] = literal_column("''")
_zero: ColumnElement[int] = literal_column("0")
_TEXTS = select(
    literal_column("'texts'").label("kind"), texts.c.id, _nothing.label("root"), _zero.label("size"), texts.c.sealed
)
_PEOPLE = select(
    literal_column("'people'").label("kind"),
    people.c.id,
    _became.c.id.label("root"),
    _zero.label("size"),
    _became.c.sealed,
)
_FILES = select(
    literal_column("'files'").label("kind"), files.c.id, _nothing.label("root"), files.c.size, files.c.sealed
)
_PARTS = {
    "texts": _TEXTS.where(among_ids(texts.c.id, "texts")),
    "people": _PEOPLE.join(_became, _became.c.id == func.coalesce(people.c.same_as, people.c.id)).where(
        among_ids(people.c.id, "people")
    ),
    "files": _FILES.where(among_ids(files.c.id, "files")),
}


class FileName(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    size: int


class Named(msgspec.Struct, frozen=True):
    """All that was asked for; `None` for the erased and the unknown. A merged person is the one he became."""

    texts: dict[str, str | None]
    people: dict[str, Person | None]
    files: dict[str, FileName | None]


def sealed_rows(connection: Connection, ids: Ids) -> Iterator[Row[Any]]:
    """`kind`, `id` and `sealed` of each that is there; of a person the `root` he became, of a file its `size`."""
    kinds = tuple(kind for kind in _PARTS if ids.get(kind))
    for chunks in zip_longest(*(in_chunks(ids[kind]) for kind in kinds), fillvalue=()):
        yield from connection.execute(question(kinds), dict(zip(kinds, chunks, strict=True)))


@cache
def question(kinds: tuple[str, ...]) -> Executable:
    parts = [_PARTS[kind] for kind in kinds]
    return union_all(*parts) if len(parts) > 1 else parts[0]
