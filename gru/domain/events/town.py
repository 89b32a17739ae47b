"""What can the town decide?"""

from datetime import datetime

from gru.domain.events.base import Event, event

# --- the town ----------------------------------------------------------------------------------------------------


@event("town.version_adopted")
class VersionAdopted(Event, frozen=True, kw_only=True):
    """From `valid_from` on this content holds (catalogue, calendars, commitments, departments, sites, templates).

    `digest` is the SHA-256 (hex) of the canonical content, which the archive keeps under it.
    """

    number: int
    valid_from: datetime
    digest: str


@event("town.agent_engaged")
class AgentEngaged(Event, frozen=True, kw_only=True):
    """An agent may work from now on; said again when departments, sites or role change."""

    agent: str
    person: str
    role: str
    departments: tuple[str, ...]
    sites: tuple[str, ...] = ()


@event("town.agent_left")
class AgentLeft(Event, frozen=True, kw_only=True):
    agent: str
