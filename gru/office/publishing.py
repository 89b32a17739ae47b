"""Which rules does an administrator think of, and how do they become a version of the town?

A draft holds what differs, not a catalogue: it is laid on the version adopted last, whoever adopted it meanwhile.
"""

from collections.abc import Callable
from datetime import date, datetime, time

import msgspec

from gru.domain.errors import BadInput, NotNow
from gru.domain.events import VersionAdopted
from gru.domain.simulating import Changes, Differing, changed, differences
from gru.domain.town import Catalogue, Town
from gru.office.town_hall import TownBook, adopt, concluded
from gru.storage.archive import Archive
from gru.storage.log import Log
from gru.storage.simulations import RuleDraft, Simulations


class Drafted(msgspec.Struct, frozen=True):
    """A draft laid on the version adopted last; `meanwhile` is what other versions changed since it was begun."""

    latest: Town
    base: int
    changes: Changes
    meanwhile: tuple[Differing, ...] = ()

    @property
    def town(self) -> Town:
        """The catalogue under the draft."""
        return changed(self.latest, self.changes)

    @property
    def differing(self) -> tuple[Differing, ...]:
        return differences(self.latest, self.town)


class Publishing:
    def __init__(
        self, *, log: Log, archive: Archive, town: TownBook, simulations: Simulations, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._archive = archive
        self._town = town
        self._simulations = simulations
        self._now = now

    def draft(self, agent: str) -> Drafted:
        """His draft, empty when he has none."""
        self._town.refresh()
        latest, kept = self._town.latest(), self._simulations.draft(agent)
        if kept is None:
            return Drafted(latest, latest.number, Changes())
        meanwhile = differences(self._town.version(kept.base), latest) if kept.base != latest.number else ()
        return Drafted(latest, kept.base, kept.changes, meanwhile)

    def keep(self, agent: str, changes: Changes) -> None:
        """In place of what he thought of before; nothing is kept when nothing differs any more."""
        before = self.draft(agent)
        if differences(before.latest, changed(before.latest, changes)):
            self._simulations.keep_draft(agent, RuleDraft(before.base, changes))
        else:
            self._simulations.drop_draft(agent)

    def discard(self, agent: str) -> None:
        self._simulations.drop_draft(agent)

    def begins(self, day: date, now: datetime) -> datetime:
        """The instant from which a version of this day holds: its first, or now if it is today."""
        zone = self._town.latest().legal_calendar.zone
        if day < now.astimezone(zone).date():
            raise BadInput("A new version cannot hold from a day that is past.", field="past_day")
        return max(datetime.combine(day, time(0), zone), now)

    def publish(self, agent: str, day: date, following: int) -> int:
        """Adopt the draft from this day on; the number of the version. `NewerVersion` when `following` is not the
        last one any more: whoever publishes has to see what the other one changed."""
        drafted = self.draft(agent)
        if not drafted.differing:
            raise NotNow("There is nothing to publish.", field="nothing_drafted")
        now = self._now()
        plain = {name: getattr(drafted.town, name) for name in Catalogue.__struct_fields__}
        recorded = adopt(
            self._log,
            self._archive,
            concluded(Catalogue(**plain)),
            self.begins(day, now),
            by=f"agent:{agent}",
            at=now,
            following=following,
        )
        self._town.refresh()
        self._simulations.drop_draft(agent)
        return next(one.event.number for one in recorded if isinstance(one.event, VersionAdopted))
