"""Which other rules does somebody wish for, and what is the town's catalogue under them?

Changes are kept apart from the catalogue, so that they can be laid on a newer version, shown line by line, and taken
back one by one. A rule is named as promises name theirs: `default`, `channel/web`, `type/VOI-ECLAIR`,
`type/VOI-ECLAIR/urgent`, `default/urgent`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from gru.domain.clocks import Calendar, Week
from gru.domain.errors import BadInput
from gru.domain.town import Catalogue, PauseRule, Targets, Urgent

DEFAULT, CHANNEL, TYPE, URGENT = "default", "channel/", "type/", "/urgent"
C = TypeVar("C", bound=Catalogue)


class CalendarChange(msgspec.Struct, frozen=True):
    """`week` in place of the week (`None`: as it is); days on which the service is shut besides, or no more."""

    week: Week | None = None
    shut: tuple[date, ...] = ()
    reopened: tuple[date, ...] = ()


class Changes(msgspec.Struct, frozen=True):
    """What differs: promises by rule, promises in danger by rule, calendars by code, the calendar of a department, and
    which waits stop the clock (`None`: as they do)."""

    targets: Mapping[str, Targets] = {}
    urgent: Mapping[str, Urgent] = {}
    calendars: Mapping[str, CalendarChange] = {}
    departments: Mapping[str, str] = {}
    pauses: PauseRule | None = None

    @property
    def any(self) -> bool:
        return bool(self.targets or self.urgent or self.calendars or self.departments or self.pauses)


class Differing(msgspec.Struct, frozen=True):
    """One rule that two catalogues state differently; `what` is targets, urgent, calendar, department or pauses."""

    what: str
    code: str


def targets_of(town: Catalogue, rule: str) -> Targets:
    """What a rule promises; a channel without one promises nothing. `BadInput` when there can be no such rule."""
    if rule == DEFAULT:
        return town.default_targets
    if rule.startswith(CHANNEL):
        return town.channel_targets.get(rule.removeprefix(CHANNEL), Targets())
    code = rule.removeprefix(TYPE)
    if not rule.startswith(TYPE) or code not in town.types:
        raise BadInput(f"{rule} is no rule of the catalogue.", field="rule", value=rule)
    return town.types[code].targets


def urgent_of(town: Catalogue, rule: str) -> Urgent:
    """What a rule promises in danger."""
    if rule == DEFAULT + URGENT:
        return town.default_urgent
    kind = town.types.get(rule.removeprefix(TYPE).removesuffix(URGENT))
    if kind is None or kind.urgent is None:
        raise BadInput(f"{rule} is no rule of the catalogue.", field="rule", value=rule)
    return kind.urgent


def changed(town: C, changes: Changes) -> C:
    """The catalogue under these changes; what it knows nothing of (any more) is left out."""
    kinds = dict(town.types)
    for code, kind in town.types.items():
        targets = changes.targets.get(TYPE + code, kind.targets)
        urgent = changes.urgent.get(TYPE + code + URGENT, kind.urgent) if kind.urgent else None
        kinds[code] = replace(kind, targets=targets, urgent=urgent)
    by_channel = {rule.removeprefix(CHANNEL): one for rule, one in changes.targets.items() if rule.startswith(CHANNEL)}
    channels = {code: one for code, one in (town.channel_targets | by_channel).items() if one != Targets()}
    calendars = {code: _calendar(one, changes.calendars.get(code)) for code, one in town.calendars.items()}
    departments = {
        code: replace(one, calendar=chosen) if (chosen := changes.departments.get(code)) in calendars else one
        for code, one in town.departments.items()
    }
    return replace(
        town,
        types=kinds,
        default_targets=changes.targets.get(DEFAULT, town.default_targets),
        default_urgent=changes.urgent.get(DEFAULT + URGENT, town.default_urgent),
        channel_targets=channels,
        calendars=calendars,
        departments=departments,
        pauses=changes.pauses or town.pauses,
    )


def _calendar(calendar: Calendar, change: CalendarChange | None) -> Calendar:
    if change is None:
        return calendar
    closed = tuple(sorted({*calendar.closed, *change.shut} - set(change.reopened)))
    return replace(calendar, week=calendar.week if change.week is None else change.week, closed=closed)


def differences(before: Catalogue, after: Catalogue) -> tuple[Differing, ...]:
    """What two versions promise differently, or open differently."""
    return tuple(_differences(before, after))


def _differences(before: Catalogue, after: Catalogue) -> Iterator[Differing]:
    if before.default_targets != after.default_targets:
        yield Differing("targets", DEFAULT)
    if before.default_urgent != after.default_urgent:
        yield Differing("urgent", DEFAULT + URGENT)
    for channel in sorted({*before.channel_targets, *after.channel_targets}):
        if before.channel_targets.get(channel) != after.channel_targets.get(channel):
            yield Differing("targets", CHANNEL + channel)
    for code in sorted({*before.types, *after.types}):
        old, new = before.types.get(code), after.types.get(code)
        if (old and old.targets) != (new and new.targets):
            yield Differing("targets", TYPE + code)
        if (old and old.urgent) != (new and new.urgent):
            yield Differing("urgent", TYPE + code + URGENT)
    for code in sorted({*before.calendars, *after.calendars}):
        if before.calendars.get(code) != after.calendars.get(code):
            yield Differing("calendar", code)
    for code in sorted({*before.departments, *after.departments}):
        was, now = before.departments.get(code), after.departments.get(code)
        if (was and was.calendar) != (now and now.calendar):
            yield Differing("department", code)
    if before.pauses != after.pauses:
        yield Differing("pauses", "")


def between(before: Catalogue, after: Catalogue) -> Changes:
    """The changes that lead from what one version promises to what another does, as far as both know the same codes."""
    found = differences(before, after)
    rules = [one.code for one in found if one.what == "targets" and _is_known(before, after, one.code)]
    urgent = [one.code for one in found if one.what == "urgent" and _is_known(before, after, one.code)]
    calendars = [one.code for one in found if one.what == "calendar" and one.code in before.calendars]
    departments = [one.code for one in found if one.what == "department" and one.code in before.departments]
    return Changes(
        targets={rule: targets_of(after, rule) for rule in rules},
        urgent={rule: urgent_of(after, rule) for rule in urgent if _has_urgent(before, after, rule)},
        calendars={
            code: _calendar_change(before.calendars[code], after.calendars[code])
            for code in calendars
            if code in after.calendars
        },
        departments={
            code: after.departments[code].calendar
            for code in departments
            if code in after.departments and after.departments[code].calendar in before.calendars
        },
        pauses=after.pauses if after.pauses != before.pauses else None,
    )


def _is_known(before: Catalogue, after: Catalogue, rule: str) -> bool:
    code = rule.removeprefix(TYPE).removesuffix(URGENT)
    return not rule.startswith(TYPE) or (code in before.types and code in after.types)


def _has_urgent(before: Catalogue, after: Catalogue, rule: str) -> bool:
    code = rule.removeprefix(TYPE).removesuffix(URGENT)
    return rule == DEFAULT + URGENT or bool(before.types[code].urgent and after.types[code].urgent)


def _calendar_change(before: Calendar, after: Calendar) -> CalendarChange:
    return CalendarChange(
        week=None if before.week == after.week else after.week,
        shut=tuple(sorted(set(after.closed) - set(before.closed))),
        reopened=tuple(sorted(set(before.closed) - set(after.closed))),
    )
