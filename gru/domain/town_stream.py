"""What did the town adopt, who works for it, and may that change?

One stream holds both. Deciding needs what is known of the town's roles and departments; evolving never refuses.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from gru.domain.errors import BadInput, NewerVersion, NotNow
from gru.domain.events import AgentEngaged, AgentLeft, CalendarsCorrected, Event, Recorded, VersionAdopted
from gru.domain.rights import Right
from gru.domain.town import Catalogue

TOWN_STREAM = "7b0c1e5a4d2f5c8e9a6b3f1d0e2c4a68"
"""The id of the one stream; a database holds one town."""

CHANGES_AGENTS: Right = "engage"
"""Somebody must always be left who may engage agents."""


class Adopted(msgspec.Struct, frozen=True):
    number: int
    valid_from: datetime
    digest: str


class Engaged(msgspec.Struct, frozen=True):
    """An agent as last engaged; `left` when he works here no more, his name must still be shown."""

    person: str
    role: str
    departments: tuple[str, ...]
    sites: tuple[str, ...]
    left: bool = False


class TownHistory(msgspec.Struct, frozen=True):
    """State after `version` facts; `digest` is that of the last one, which the next is chained to."""

    version: int = 0
    digest: bytes = b""
    versions: tuple[Adopted, ...] = ()
    corrections: tuple[int, ...] = ()
    """The versions whose days were the right ones all along, the last one last."""
    agents: Mapping[str, Engaged] = {}

    def in_force(self, at: datetime) -> Adopted | None:
        """The version that holds at an instant; what was received before the first one is judged by the first."""
        started = [version for version in self.versions if version.valid_from <= at]
        return started[-1] if started else next(iter(self.versions), None)

    def days_of(self, number: int) -> int:
        """The later version that has the right days for this one, 0 when its own are right."""
        last = self.corrections[-1] if self.corrections else 0
        return last if last > number else 0


class AdoptVersion(msgspec.Struct, frozen=True, kw_only=True):
    """From `valid_from` on the content under `digest` holds. `following`: the version it was made from, if it says."""

    digest: str
    valid_from: datetime
    following: int = 0


class CorrectCalendars(msgspec.Struct, frozen=True, kw_only=True):
    """The days of version `number` hold for what was promised under the versions before it, too."""

    number: int


class EngageAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Said again when departments, sites or role change, or when somebody comes back."""

    agent: str
    person: str
    role: str
    departments: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class DismissAgent(msgspec.Struct, frozen=True, kw_only=True):
    agent: str


Command = AdoptVersion | CorrectCalendars | EngageAgent | DismissAgent


def replay(history: Iterable[Recorded], state: TownHistory | None = None) -> TownHistory:
    """The town after these facts, oldest first."""
    state = state or TownHistory()
    for recorded in history:
        state = evolve(state, recorded)
    return state


def evolve(state: TownHistory, recorded: Recorded) -> TownHistory:
    """The town after one more fact."""
    state = replace(state, version=recorded.version, digest=recorded.digest)
    match recorded.event:
        case VersionAdopted() as adopted:
            version = Adopted(adopted.number, adopted.valid_from, adopted.digest)
            return replace(state, versions=(*state.versions, version))
        case CalendarsCorrected(number=number):
            return replace(state, corrections=(*state.corrections, number))
        case AgentEngaged() as engaged:
            agent = Engaged(engaged.person, engaged.role, engaged.departments, engaged.sites)
            return replace(state, agents={**state.agents, engaged.agent: agent})
        case AgentLeft() as gone if gone.agent in state.agents:
            left = replace(state.agents[gone.agent], left=True)
            return replace(state, agents={**state.agents, gone.agent: left})
    return state


def decide(state: TownHistory, command: Command, now: datetime, town: Catalogue | None = None) -> list[Event]:
    """The events of this wish; `[]` when it is already so. `town` is what holds now, needed to engage and dismiss."""
    match command:
        case AdoptVersion():
            return _adopt(state, command, now)
        case CorrectCalendars():
            return _correct(state, command)
        case EngageAgent():
            return _engage(state, command, _known(town))
        case DismissAgent():
            return _dismiss(state, command, _known(town))
        case _:
            assert_never(command)


def _adopt(state: TownHistory, command: AdoptVersion, now: datetime) -> list[Event]:
    last = state.versions[-1] if state.versions else None
    if last is None:
        return [VersionAdopted(number=1, valid_from=command.valid_from, digest=command.digest)]
    if (last.digest, last.valid_from) == (command.digest, command.valid_from):
        return []
    if command.following not in (0, last.number):
        raise NewerVersion(f"Version {last.number} was adopted meanwhile: look at what it changes.", number=last.number)
    if command.valid_from < last.valid_from:
        day = last.valid_from.date().isoformat()
        raise BadInput(
            f"A new version cannot hold from before version {last.number}, which holds from {day}.",
            field="valid_from",
            number=last.number,
            day=day,
        )
    if command.valid_from < now:
        raise BadInput(
            "A new version cannot hold from an instant that is past: cases were promised what held then.",
            field="valid_from",
        )
    return [VersionAdopted(number=last.number + 1, valid_from=command.valid_from, digest=command.digest)]


def _correct(state: TownHistory, command: CorrectCalendars) -> list[Event]:
    numbers = [version.number for version in state.versions]
    if command.number not in numbers:
        raise BadInput(f"The town has no version {command.number}.", field="number", value=command.number)
    if command.number == numbers[0]:
        raise BadInput("The first version has none before it to correct.", field="number", value=command.number)
    last = state.corrections[-1] if state.corrections else 0
    if command.number < last:
        raise BadInput(
            f"Version {last} has corrected the calendars since: correct them by a later one.", field="number"
        )
    return [] if command.number == last else [CalendarsCorrected(number=command.number)]


def _engage(state: TownHistory, command: EngageAgent, town: Catalogue) -> list[Event]:
    _refuse_unknown("role", [command.role], town.roles)
    _refuse_unknown("department", command.departments, town.departments)
    _refuse_unknown("site", command.sites, town.sites)
    wished = Engaged(command.person, command.role, command.departments, command.sites)
    if state.agents.get(command.agent) == wished:
        return []
    if CHANGES_AGENTS not in town.roles[command.role].rights:
        _keep_one(state, command.agent, town)
    return [
        AgentEngaged(
            agent=command.agent,
            person=command.person,
            role=command.role,
            departments=command.departments,
            sites=command.sites,
        )
    ]


def _dismiss(state: TownHistory, command: DismissAgent, town: Catalogue) -> list[Event]:
    agent = state.agents.get(command.agent)
    if agent is None:
        raise BadInput("There is no such agent.", field="agent", value=command.agent)
    if agent.left:
        return []
    _keep_one(state, command.agent, town)
    return [AgentLeft(agent=command.agent)]


def _refuse_unknown(field: str, codes: Iterable[str], known: Mapping[str, object]) -> None:
    for code in codes:
        if code not in known:
            raise BadInput(f"{code} is no {field} of the town.", field=field, value=code)


def _keep_one(state: TownHistory, agent: str, town: Catalogue) -> None:
    """Losing `agent` as one who may engage others must leave another."""
    able = {
        each
        for each, engaged in state.agents.items()
        if not engaged.left and engaged.role in town.roles and CHANGES_AGENTS in town.roles[engaged.role].rights
    }
    if able == {agent}:
        raise NotNow("The town needs at least one administrator: name another first.", agent=agent)


def _known(town: Catalogue | None) -> Catalogue:
    if town is None:
        raise NotNow("The town has adopted no catalogue yet.")
    return town
