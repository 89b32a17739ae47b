"""In which rows do the keys stand, and in which order are they locked?

Whoever makes or destroys holders and case keys holds the lock on the shape. Whoever writes under a case key holds that
row, so that it is not destroyed before what it wraps is there; destroying takes the rows of case keys first.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, select, text
from sqlalchemy.sql.elements import ColumnElement

from gru.storage.schema import among_ids, case_keys, data_keys, destroyed, holders, in_chunks, put_new

_SHAPE_LOCK = 0x47525531
_MERGED = select(holders.c.id, holders.c.same_as).where(among_ids(holders.c.id), holders.c.same_as.is_not(None))
_DESTROYED = select(destroyed.c.id).where(destroyed.c.kind == bindparam("kind"), among_ids(destroyed.c.id))


class Destroyed(Exception):
    """The key that is asked for was destroyed: nothing can be read or written under it again."""


def lock_shape(connection: Connection) -> None:
    """On SQLite whoever writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SHAPE_LOCK})


def roots_of(connection: Connection, people: Collection[str]) -> dict[str, str]:
    """Whom each of these persons became by merging."""
    roots = {person: person for person in people}
    for chunk in in_chunks(people):
        roots.update({row.id: row.same_as for row in connection.execute(_MERGED, {"ids": chunk})})
    return roots


def take_case_keys(connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[str, str]]:
    """Under the lock on the shape: wait for those who are writing under these keys, and keep others from it."""
    query = select(case_keys.c.id, case_keys.c.case_id).where(which).order_by(case_keys.c.id)
    return connection.execute(query.with_for_update()).all()


def delete_case_keys(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    """Under the lock on the shape: the ids of the data that went with them."""
    gone: list[str] = []
    for chunk in in_chunks([row.id for row in take_case_keys(connection, which)]):
        gone += connection.scalars(select(data_keys.c.id).where(data_keys.c.case_key.in_(chunk)))
        connection.execute(delete(data_keys).where(data_keys.c.case_key.in_(chunk)))
        connection.execute(delete(case_keys).where(case_keys.c.id.in_(chunk)))
    return gone


def note_destroyed(connection: Connection, kind: str, ids: Collection[str], at: datetime) -> None:
    put_new(connection, destroyed, [{"kind": kind, "id": id, "at": at} for id in ids])


def refuse_destroyed(connection: Connection, kind: str, ids: Collection[str]) -> None:
    for chunk in in_chunks(ids):
        if gone := connection.scalars(_DESTROYED, {"kind": kind, "ids": chunk}).all():
            raise Destroyed(f"the key of {kind} {', '.join(sorted(gone))} was destroyed")
