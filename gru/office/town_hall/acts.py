"""How does the town adopt a version, engage an agent and let one go?

Each act loads the town's stream, decides and appends; a lost race is decided anew.
"""

import os
from collections.abc import Callable
from datetime import datetime

import msgspec
import yaml

from gru.domain.errors import BadInput
from gru.domain.events import Recorded
from gru.domain.references import new_id
from gru.domain.town import Catalogue
from gru.domain.town_stream import (
    TOWN_STREAM,
    AdoptVersion,
    Command,
    CorrectCalendars,
    DismissAgent,
    EngageAgent,
    TownHistory,
    decide,
    replay,
)
from gru.office.town_hall.book import now_utc
from gru.office.town_hall.reading import Content
from gru.storage.archive import Archive
from gru.storage.log import Append, Log, LostRace
from gru.storage.people import Person

ATTEMPTS = 5


class NewAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to engage, as a town's list names him."""

    name: str
    email: str
    role: str
    departments: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    phone: str = ""


def adopt(
    log: Log,
    archive: Archive,
    content: Content,
    valid_from: datetime,
    by: str,
    at: datetime | None = None,
    following: int = 0,
) -> list[Recorded]:
    """From `valid_from` on this content holds; `[]` when it does so already. `at` is the instant of the decision;
    `following` the version it was made from: another one adopted meanwhile is `NewerVersion`."""
    archive.keep_content(content.raw)
    wish = AdoptVersion(digest=content.digest, valid_from=valid_from, following=following)
    return _execute(log, lambda state: wish, at or now_utc(), by, lambda state: content.catalogue)


def correct(log: Log, number: int, by: str, at: datetime | None = None) -> list[Recorded]:
    """The days of this version were the right ones all along; `[]` when that is said already."""
    return _execute(log, lambda state: CorrectCalendars(number=number), at or now_utc(), by, lambda state: None)


def engage(
    log: Log, archive: Archive, new: NewAgent, by: str, at: datetime | None = None, agent: str = ""
) -> tuple[str, list[Recorded]]:
    """Engage somebody, or change his role, departments and sites; he is known by his electronic address.

    Returns the agent's id; a given `agent` is his id when he is new.
    """
    at = at or now_utc()
    known = archive.find_person(new.email, kind="agent")
    person = archive.save_person(Person(id=known, name=new.name, email=new.email, phone=new.phone, kind="agent"))
    chosen = agent or new_id(at, os.urandom(10))

    def wish(state: TownHistory) -> EngageAgent:
        before = next((id for id, engaged in state.agents.items() if engaged.person == person), chosen)
        return EngageAgent(agent=before, person=person, role=new.role, departments=new.departments, sites=new.sites)

    recorded = _execute(log, wish, at, by, _in_force(archive, at))
    state = replay(log.history(TOWN_STREAM))
    return next(id for id, engaged in state.agents.items() if engaged.person == person), recorded


def dismiss(log: Log, archive: Archive, agent: str, by: str, at: datetime | None = None) -> list[Recorded]:
    """The agent works here no more; his name stays in what he did."""
    at = at or now_utc()
    return _execute(log, lambda state: DismissAgent(agent=agent), at, by, _in_force(archive, at))


def read_agents(text: str) -> list[NewAgent]:
    """The agents of a list in YAML, under `agents`."""
    try:
        return msgspec.convert(yaml.safe_load(text), dict[str, list[NewAgent]])["agents"]
    except (yaml.YAMLError, msgspec.ValidationError, KeyError) as error:
        raise BadInput(f"The list of agents cannot be read: {error}", field="agents") from None


def _in_force(archive: Archive, at: datetime) -> Callable[[TownHistory], Catalogue | None]:
    def known(state: TownHistory) -> Catalogue | None:
        adopted = state.in_force(at)
        return msgspec.json.decode(archive.content(adopted.digest), type=Catalogue) if adopted else None

    return known


def _execute(
    log: Log,
    wish: Callable[[TownHistory], Command],
    at: datetime,
    by: str,
    town: Callable[[TownHistory], Catalogue | None],
) -> list[Recorded]:
    for _ in range(ATTEMPTS):
        state = replay(log.history(TOWN_STREAM))
        events = decide(state, wish(state), at, town(state))
        if not events:
            return []
        try:
            return log.append([Append(TOWN_STREAM, state.version, state.digest, tuple(events))], at=at, by=by)
        except LostRace as lost:
            race = lost
    raise race
