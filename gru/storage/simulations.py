"""Which simulations were asked for, how far has each come, what did it find, and which rules is somebody thinking of?

Rows of *work*: neither history nor rebuildable. A simulation is dropped some time after it was asked for; a draft of
rules stays until it is published or given up.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Engine, delete, func, select, update

from gru.domain.events import CommitmentKind, Confidentiality
from gru.domain.simulating import BetterOrWorse, Changes, Tally
from gru.domain.town import PAUSE_RULES, PauseRule
from gru.storage.databases import reading, writing
from gru.storage.schema import flips, now_utc, put, rule_drafts, simulations

State = Literal["waiting", "running", "stopped", "done", "failed"]
TriedRule = Literal["version"] | PauseRule
"""Which waits stop the clock: those that do in the version with its changes, or another rule for once."""
TRIED_RULES: tuple[TriedRule, ...] = ("version", *PAUSE_RULES)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One simulation: of the cases received from `start_at` to `end_at` that the log held at `position`, under
    `changes` of the version `town_version`. It has come behind the case (`behind_at`, `behind_case`)."""

    id: str
    asked_by: str
    asked_at: datetime
    state: State = "waiting"
    start_at: datetime
    end_at: datetime
    ends_at: datetime
    position: int
    town_version: int
    changes: Changes
    pauses: TriedRule = "version"
    behind_at: datetime
    behind_case: str = ""
    total: int
    done: int = 0
    flips: int = 0
    milliseconds: int = 0
    tally: Tally


class Flipped(msgspec.Struct, frozen=True, kw_only=True):
    """A promise of a case that would be judged otherwise."""

    case_id: str
    number: str
    kind: CommitmentKind
    way: BetterOrWorse
    type: str
    department: str
    site: str
    confidentiality: Confidentiality
    official_due: datetime
    simulated_due: datetime
    kept_at: datetime | None


class RuleDraft(msgspec.Struct, frozen=True):
    """What an administrator thinks of changing in the version `base`."""

    base: int
    changes: Changes


class Simulations:
    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, run: Run) -> None:
        with writing(self._engine) as connection:
            put(connection, simulations, [_row(run)])

    def run(self, id: str) -> Run | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(simulations).where(simulations.c.id == id)).mappings().one_or_none()
        return _run(row) if row is not None else None

    def latest(self, limit: int = 10) -> list[Run]:
        """The last that were asked for, newest first."""
        query = select(simulations).order_by(simulations.c.asked_at.desc(), simulations.c.id).limit(limit)
        with reading(self._engine) as connection:
            return [_run(row) for row in connection.execute(query).mappings()]

    def advance(self, before: Run, after: Run, found: Sequence[Flipped]) -> bool:
        """Write how far it has come and what it found on the way, together; False when it was stopped, or another
        worker has come further meanwhile."""
        as_it_was = (simulations.c.id == before.id, simulations.c.done == before.done,
                     simulations.c.behind_case == before.behind_case,
                     simulations.c.state.in_(("waiting", "running")))  # fmt: skip
        rows = [
            {"simulation": after.id, "place": before.flips + number} | msgspec.structs.asdict(flip)
            for number, flip in enumerate(found, start=1)
        ]
        with writing(self._engine) as connection:
            if connection.execute(update(simulations).where(*as_it_was).values(_row(after))).rowcount != 1:
                return False
            if rows:
                connection.execute(flips.insert(), rows)
        return True

    def turn(self, id: str, state: State, *, from_: Sequence[State]) -> bool:
        """Stop it, go on with it, or give it up; False when it is not in one of those states."""
        turned = update(simulations).where(simulations.c.id == id, simulations.c.state.in_(from_)).values(state=state)
        with writing(self._engine) as connection:
            return connection.execute(turned).rowcount == 1

    def flipped(
        self, id: str, way: BetterOrWorse, kind: str, within: ColumnElement[bool], page: int, size: int
    ) -> tuple[int, list[Flipped]]:
        """How many promises flip this way among the cases that may be shown, and one page of them (from 1)."""
        wanted = [flips.c.simulation == id, flips.c.way == way, within]
        if kind:
            wanted.append(flips.c.kind == kind)
        shown = [flips.c[name] for name in Flipped.__struct_fields__]
        query = select(*shown).where(*wanted).order_by(flips.c.place).limit(size).offset((page - 1) * size)
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(flips).where(*wanted)).scalar_one()
            rows = connection.execute(query).mappings().all()
        return total, [Flipped(**row) for row in rows]

    def prune(self) -> int:
        """Drop the simulations whose time is over; how many."""
        over = select(simulations.c.id).where(simulations.c.ends_at <= self._clock())
        with writing(self._engine) as connection:
            connection.execute(delete(flips).where(flips.c.simulation.in_(over)))
            return connection.execute(delete(simulations).where(simulations.c.ends_at <= self._clock())).rowcount

    # --- drafts of rules ---

    def draft(self, agent: str) -> RuleDraft | None:
        query = select(rule_drafts).where(rule_drafts.c.agent == agent)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return RuleDraft(row.base, msgspec.json.decode(row.changes, type=Changes)) if row is not None else None

    def keep_draft(self, agent: str, draft: RuleDraft) -> None:
        """In place of the one before."""
        row = {
            "agent": agent,
            "base": draft.base,
            "changes": msgspec.json.encode(draft.changes).decode(),
            "saved_at": self._clock(),
        }
        with writing(self._engine) as connection:
            put(connection, rule_drafts, [row])

    def drop_draft(self, agent: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(rule_drafts).where(rule_drafts.c.agent == agent))


def _row(run: Run) -> dict[str, Any]:
    plain = msgspec.structs.asdict(run)
    return plain | {name: msgspec.json.encode(plain[name]).decode() for name in ("changes", "tally")}


def _run(row: Any) -> Run:
    plain = dict(row)
    changes = msgspec.json.decode(plain["changes"], type=Changes)
    return Run(**plain | {"changes": changes, "tally": msgspec.json.decode(plain["tally"], type=Tally)})
