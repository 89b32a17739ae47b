"""Which messages were kept in a period, and which of them still wait? Without a word of theirs."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Engine, select

from gru.storage.databases import reading
from gru.storage.schema import in_chunks, messages


class KeptRow(msgspec.Struct, frozen=True):
    """`ticked` once something was made of it; `erased` when its words are gone."""

    key: str
    kept_at: datetime
    ticked: bool
    erased: bool


def kept_between(engine: Engine, channel: str, start: datetime, end: datetime) -> list[KeptRow]:
    """Every message of a channel kept from `start` until before `end`, oldest first."""
    c = messages.c
    query = select(c.key, c.kept_at, c.ticked_at.is_not(None), c.sealed.is_(None))
    query = query.where(c.channel == channel, c.kept_at >= start, c.kept_at < end).order_by(c.kept_at, c.key)
    with reading(engine) as connection:
        return [KeptRow(key, kept_at, bool(ticked), bool(gone)) for key, kept_at, ticked, gone in
                connection.execute(query)]  # fmt: skip


def known(engine: Engine, keys: Collection[str]) -> set[str]:
    """Which of these messages were ever kept."""
    found: set[str] = set()
    with reading(engine) as connection:
        for chunk in in_chunks(list(keys)):
            found |= set(connection.scalars(select(messages.c.key).where(messages.c.key.in_(chunk))))
    return found
