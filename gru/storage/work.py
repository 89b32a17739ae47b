"""What must still be done, by whom, and how far has each follower come?

Rows that are neither history nor rebuildable: effects, leases, numbers, positions of reactions, cursors of mailboxes,
signs of life.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, func, inspect, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql.elements import ColumnElement

from gru.domain.references import case_number
from gru.storage.databases import reading, writing
from gru.storage.schema import (
    cursors,
    effects,
    in_chunks,
    insert_into,
    leases,
    now_utc,
    numbers,
    positions,
    put,
    put_new,
    signs,
)


class NotStarted(Exception):
    """A follower has no position: *work* is new or was lost. Starting at 0 would do everything a second time."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The {name} do not start: how far they had come is not known, because the work database is new or was"
            " lost, and beginning anew would send every letter a second time. Run `gru restore FOLDER --only work`"
            " with the last backup, or `gru recover` without one."
        )


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done once, from `next_at` on. `key` says what, so that the same is not written twice."""

    key: str
    kind: str
    payload: dict[str, Any]
    next_at: datetime
    attempts: int = 0
    error: str = ""
    state: str = "pending"


class Backlog(msgspec.Struct, frozen=True):
    """What the metrics show; `oldest` is the earliest `next_at` that has gone by undone."""

    pending: int
    failed: int
    oldest: datetime | None


class Sign(msgspec.Struct, frozen=True):
    """The last signs of life of one part: a process, or a mailbox. `failure` is a sentence without content."""

    name: str
    worked_at: datetime | None
    message_at: datetime | None
    failed_at: datetime | None
    failure: str

    @property
    def is_failing(self) -> bool:
        return self.failed_at is not None and (self.worked_at is None or self.failed_at >= self.worked_at)


class Work:
    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    # --- numbers ---

    def next_number(self, year: int) -> str:
        """`2026-000123`: given to nobody else. One that is not used leaves a hole."""
        return self.next_numbers(year, 1)[0]

    def next_numbers(self, year: int, count: int) -> list[str]:
        with writing(self._engine) as connection:
            insert = insert_into(connection, numbers).values(year=year, last=count)
            upsert = insert.on_conflict_do_update(index_elements=["year"], set_={"last": numbers.c.last + count})
            last: int = connection.execute(upsert.returning(numbers.c.last)).scalar_one()
        return [case_number(year, number) for number in range(last - count + 1, last + 1)]

    def skip_numbers(self, year: int, last: int) -> None:
        """No number up to `last` is given any more: after an older *work* came back."""
        with writing(self._engine) as connection:
            insert = insert_into(connection, numbers).values(year=year, last=last)
            behind = numbers.c.last < last
            connection.execute(insert.on_conflict_do_update(index_elements=["year"], set_={"last": last}, where=behind))

    # --- leases ---

    def lease(self, name: str, holder: str, seconds: float) -> bool:
        """Take or prolong `name` for `seconds`; False while another holds it."""
        now = self._clock()
        row = {"name": name, "holder": holder, "expires_at": now + timedelta(seconds=seconds)}
        mine = (leases.c.holder == holder) | (leases.c.expires_at <= now)
        with writing(self._engine) as connection:
            insert = insert_into(connection, leases).values(row)
            set_ = {"holder": row["holder"], "expires_at": row["expires_at"]}
            upsert = insert.on_conflict_do_update(index_elements=["name"], set_=set_, where=mine)
            return connection.execute(upsert.returning(leases.c.name)).first() is not None

    def last_lease(self, name: str) -> tuple[str, datetime] | None:
        """Who took it last, and until when; it may be over."""
        query = select(leases.c.holder, leases.c.expires_at).where(leases.c.name == name)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return (row.holder, row.expires_at) if row is not None else None

    def release(self, name: str, holder: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    def holder(self, name: str) -> str:
        """Who holds this lease now, "" if nobody does."""
        query = select(leases.c.holder).where(leases.c.name == name, leases.c.expires_at > self._clock())
        with reading(self._engine) as connection:
            return connection.scalar(query) or ""

    # --- positions, and the effects they lead to ---

    def position(self, name: str) -> int | None:
        """Up to where this follower has read the log; None when it was never started, or all of *work* is gone."""
        try:
            with reading(self._engine) as connection:
                return connection.scalar(select(positions.c.position).where(positions.c.name == name))
        except DatabaseError:
            if self.is_made():
                raise
            return None

    def is_made(self) -> bool:
        """Whether the tables are there at all."""
        schema = None if self._engine.dialect.name == "sqlite" else positions.schema
        return inspect(self._engine).has_table(positions.name, schema=schema)

    def positions(self) -> dict[str, int]:
        with reading(self._engine) as connection:
            return {row.name: row.position for row in connection.execute(select(positions))}

    def start(self, name: str, position: int) -> bool:
        """Begin to follow behind `position`; False, and nothing changes, when it has begun already."""
        with writing(self._engine) as connection:
            insert = insert_into(connection, positions).values(name=name, position=position)
            begun = insert.on_conflict_do_nothing().returning(positions.c.name)
            return connection.execute(begun).first() is not None

    def reset(self, name: str, position: int) -> None:
        """Set a position by hand: a restore knows up to where effects had been done."""
        with writing(self._engine) as connection:
            insert = insert_into(connection, positions).values(name=name, position=position)
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"position": position}))

    def react(self, name: str, expected: int, position: int, new: Sequence[Effect] = ()) -> bool:
        """Move a position and write what follows from it, together; False, and nothing, when another was faster."""
        moved = update(positions).where(positions.c.name == name, positions.c.position == expected)
        with writing(self._engine) as connection:
            if connection.execute(moved.values(position=position)).rowcount == 1:
                self._add(connection, new)
                return True
            if connection.scalar(select(positions.c.name).where(positions.c.name == name)) is None:
                raise NotStarted(name)
            return False

    def add_effects(self, new: Sequence[Effect]) -> None:
        """Write what must be done; what is written (or even done) already stays as it is."""
        with writing(self._engine) as connection:
            self._add(connection, new)

    def due_effects(self, now: datetime, limit: int = 100) -> list[Effect]:
        """What can be claimed now, longest due first."""
        query = select(effects).where(*_claimable(now)).order_by(effects.c.next_at, effects.c.key)
        with reading(self._engine) as connection:
            return [_effect(row) for row in connection.execute(query.limit(limit))]

    def claim(self, key: str, holder: str, seconds: float) -> Effect | None:
        """Take one effect for `seconds`; None when it is done, not due or another's. Of several claims one wins."""
        now = self._clock()
        values = {
            "holder": holder,
            "leased_until": now + timedelta(seconds=seconds),
            "attempts": effects.c.attempts + 1,
        }
        claimed = update(effects).where(effects.c.key == key, *_claimable(now)).values(values).returning(effects)
        with writing(self._engine) as connection:
            row = connection.execute(claimed).one_or_none()
        return _effect(row) if row is not None else None

    def prolong(self, key: str, holder: str, seconds: float) -> None:
        """Whoever claimed this effect goes on with it for `seconds` from now; nothing happens when it is not his."""
        until = self._clock() + timedelta(seconds=seconds)
        his = update(effects).where(effects.c.key == key, effects.c.holder == holder, _pending())
        with writing(self._engine) as connection:
            connection.execute(his.values(leased_until=until))

    def done(self, key: str) -> None:
        """It was done. Say so after it was, never before."""
        self._finish(key, "done", "")

    def give_up(self, key: str, error: str) -> None:
        """It will not be tried again unless somebody asks for it; `error` is a code, never words of a message."""
        self._finish(key, "failed", error)

    def later(self, key: str, at: datetime, error: str = "", *, tried: bool = True) -> None:
        """Try again from `at` on. Not `tried`: it was not its time yet, and that counts as no attempt."""
        values: dict[str, Any] = {"next_at": at, "error": error, "holder": None, "leased_until": None}
        if not tried:
            values["attempts"] = effects.c.attempts - 1
        with writing(self._engine) as connection:
            connection.execute(update(effects).where(effects.c.key == key, _pending()).values(values))

    def failed_effects(self, limit: int = 100) -> list[Effect]:
        query = select(effects).where(effects.c.state == "failed").order_by(effects.c.next_at, effects.c.key)
        with reading(self._engine) as connection:
            return [_effect(row) for row in connection.execute(query.limit(limit))]

    def try_again(self, key: str, at: datetime) -> bool:
        """Somebody asks for an effect that was given up; False when it was not."""
        values = {"state": "pending", "attempts": 0, "next_at": at, "finished_at": None}
        asked = update(effects).where(effects.c.key == key, effects.c.state == "failed").values(values)
        with writing(self._engine) as connection:
            return connection.execute(asked).rowcount == 1

    def oldest_pending(self) -> datetime | None:
        """Since when the longest waiting effect is due (it may lie ahead)."""
        with reading(self._engine) as connection:
            oldest: datetime | None = connection.scalar(select(func.min(effects.c.next_at)).where(_pending()))
        return oldest

    def backlog(self) -> Backlog:
        query = select(effects.c.state, func.count(), func.min(effects.c.next_at))
        query = query.where(effects.c.state.in_(("pending", "failed"))).group_by(effects.c.state)
        with reading(self._engine) as connection:
            found = {state: (count, oldest) for state, count, oldest in connection.execute(query)}
        pending, oldest = found.get("pending", (0, None))
        return Backlog(pending, found.get("failed", (0, None))[0], oldest)

    def drop_effects_behind(self, position: int) -> int:
        """Drop what the facts behind this position called for, done or not: other facts will take their place."""
        with writing(self._engine) as connection:
            lost = [key for key in connection.scalars(select(effects.c.key)) if _position(key) > position]
            for chunk in in_chunks(lost):
                connection.execute(delete(effects).where(effects.c.key.in_(chunk)))
        return len(lost)

    def effects_of(self, keys: Collection[str]) -> dict[str, Effect]:
        """Those of these effects that are written, in whatever state."""
        found = {}
        with reading(self._engine) as connection:
            for chunk in in_chunks(keys):
                for row in connection.execute(select(effects).where(effects.c.key.in_(chunk))):
                    found[row.key] = _effect(row)
        return found

    def suspend(self, name: str, reason: str) -> None:
        """This follower does not start again by itself, and no effect is done until somebody asks (`try_again`).

        Where it stood is kept under `reason`.
        """
        held = {"state": "failed", "error": reason, "finished_at": self._clock(), "holder": None, "leased_until": None}
        with writing(self._engine) as connection:
            stood = connection.scalar(select(positions.c.position).where(positions.c.name == name))
            if stood is not None:
                put(connection, positions, [{"name": reason, "position": stood}])
            connection.execute(delete(positions).where(positions.c.name == name))
            connection.execute(update(effects).where(_pending()).values(held))

    def prune_effects(self, before: datetime) -> int:
        """Drop what was done before; how many."""
        with writing(self._engine) as connection:
            old = delete(effects).where(effects.c.state == "done", effects.c.finished_at < before)
            return connection.execute(old).rowcount

    # --- mailboxes ---

    def cursor(self, mailbox: str) -> tuple[int, int] | None:
        """(UIDVALIDITY, last UID) that was kept of this mailbox."""
        with reading(self._engine) as connection:
            row = connection.execute(select(cursors).where(cursors.c.mailbox == mailbox)).one_or_none()
        return (row.uidvalidity, row.uid) if row is not None else None

    def move_cursor(self, mailbox: str, uidvalidity: int, uid: int) -> None:
        """Forward, or to any place when the mailbox was numbered anew."""
        row = {"uidvalidity": uidvalidity, "uid": uid}
        ahead = (cursors.c.uidvalidity != uidvalidity) | (cursors.c.uid < uid)
        with writing(self._engine) as connection:
            insert = insert_into(connection, cursors).values(mailbox=mailbox, **row)
            connection.execute(insert.on_conflict_do_update(index_elements=["mailbox"], set_=row, where=ahead))

    # --- signs of life ---

    def sign(self, name: str, ok: bool, note: str = "") -> None:
        """This part works (with a `note`: and something came), or does not, and `note` says in a sentence why not."""
        now = self._clock()
        row: dict[str, Any] = {"worked_at": now} if ok else {"failed_at": now, "failure": note}
        if ok and note:
            row["message_at"] = now
        with writing(self._engine) as connection:
            insert = insert_into(connection, signs).values(name=name, **row)
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=row))

    def signs(self) -> list[Sign]:
        """The last signs of every part, by name."""
        shown = [signs.c[field] for field in Sign.__struct_fields__]
        with reading(self._engine) as connection:
            return [Sign(*row) for row in connection.execute(select(*shown).order_by(signs.c.name))]

    # --- inside ---

    def _add(self, connection: Connection, new: Sequence[Effect]) -> None:
        now = self._clock()
        rows = [
            {
                "key": effect.key,
                "kind": effect.kind,
                "payload": msgspec.json.encode(effect.payload).decode(),
                "state": "pending",
                "written_at": now,
                "next_at": effect.next_at,
            }
            for effect in new
        ]
        put_new(connection, effects, rows)

    def _finish(self, key: str, state: str, error: str) -> None:
        values = {"state": state, "error": error, "finished_at": self._clock(), "holder": None, "leased_until": None}
        with writing(self._engine) as connection:
            connection.execute(update(effects).where(effects.c.key == key).values(values))


def _pending() -> ColumnElement[bool]:
    return effects.c.state == "pending"


def _claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = effects.c.leased_until.is_(None) | (effects.c.leased_until <= now)
    return _pending(), effects.c.next_at <= now, free


def _position(key: str) -> int:
    """Of the fact that called for this effect, as its key begins with it; 0 for an effect of another origin."""
    first = key.partition(":")[0]
    return int(first) if first.isdecimal() else 0


def _effect(row: Row[Any]) -> Effect:
    return Effect(
        key=row.key,
        kind=row.kind,
        payload=msgspec.json.decode(row.payload, type=dict[str, Any]),
        next_at=row.next_at,
        attempts=row.attempts,
        error=row.error or "",
        state=row.state,
    )
