"""What does the town promise for a request received now, and what does the law count from it?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from gru.domain.clocks import Amount, Calendar, Pause, due, legal_deadline, moved_due, warn_at
from gru.domain.errors import BadInput
from gru.domain.events import Channel, CommitmentKind, LegalClock, Regime
from gru.domain.town.law import LegalRule, RegimeRule
from gru.domain.town.pausing import PauseRule
from gru.domain.town.places import Department
from gru.domain.town.request_types import RequestType, Targets, Urgent

WARN_AT = 0.8
"""The share of the working time after which the town is warned."""

BY_HAND: frozenset[Channel] = frozenset({"counter", "post"})
"""The channels that seize the town validly when the electronic way is reserved or excluded."""

_SECONDS = Amount(0, "h")


class Promise(msgspec.Struct, frozen=True):
    """A promise of one kind as UTC instants; `rule` can be asked for its amount: `Town.amount(rule)`."""

    kind: CommitmentKind
    due: datetime
    warn_at: datetime
    rule: str
    calendar: str


class LegalDate(msgspec.Struct, frozen=True):
    """What the law counts; `due` is the UTC end of the last local day."""

    clock: LegalClock
    due: datetime
    regime: Regime
    basis: str


class Rules(Protocol):
    """What must be known of a town to promise anything."""

    @property
    def types(self) -> dict[str, RequestType]: ...
    @property
    def departments(self) -> dict[str, Department]: ...
    @property
    def calendars(self) -> dict[str, Calendar]: ...
    @property
    def reception(self) -> str: ...
    @property
    def default_targets(self) -> Targets: ...
    @property
    def default_urgent(self) -> Urgent: ...
    @property
    def channel_targets(self) -> dict[str, Targets]: ...
    @property
    def pauses(self) -> PauseRule: ...
    @property
    def legal(self) -> dict[str, LegalRule]: ...
    @property
    def silence_channels(self) -> tuple[Channel, ...]: ...
    @property
    def regimes(self) -> dict[str, RegimeRule]: ...


def type_of(town: Rules, code: str) -> RequestType | None:
    """The type, `None` for `""`; an unknown code is refused."""
    if code and code not in town.types:
        raise BadInput(f"{code} is no request type of the catalogue.", field="type", value=code)
    return town.types.get(code)


def calendar_of(town: Rules, department: str) -> Calendar:
    """The opening hours of a department."""
    if department not in town.departments:
        raise BadInput(f"{department} is no department of the town.", field="department", value=department)
    return town.calendars[town.departments[department].calendar]


def promises(
    town: Rules, type_code: str, department: str, channel: Channel, received_at: datetime, danger: bool
) -> tuple[Promise, ...]:
    """One promise of each kind under the department's hours (`""`: the type's own, or the reception's)."""
    calendar = calendar_for(town, type_code, department)
    limits = strictest(calendar, tuple(rules_for(town, type_code, channel, danger)), received_at)
    return tuple(promised(town, kind, rule, calendar.code, received_at) for kind, (_, rule) in limits.items())


def calendar_for(town: Rules, type_code: str, department: str) -> Calendar:
    """The hours under which a request is promised anything: the department's, else the type's, else the reception's."""
    kind_of_request = type_of(town, type_code)
    return calendar_of(town, department or (kind_of_request.department if kind_of_request else town.reception))


def strictest(
    calendar: Calendar, rules: Sequence[tuple[CommitmentKind, str, Amount]], at: datetime
) -> dict[CommitmentKind, tuple[datetime, str]]:
    """By kind, the earliest limit counted from `at` and the rule that sets it."""
    found: dict[CommitmentKind, tuple[datetime, str]] = {}
    for kind, rule, amount in rules:
        limit = due(calendar, at, amount)
        if kind not in found or limit < found[kind][0]:
            found[kind] = (limit, rule)
    return found


def rules_for(
    town: Rules, type_code: str, channel: Channel, danger: bool
) -> Iterator[tuple[CommitmentKind, str, Amount]]:
    """Every rule that applies; the type's own target stands in place of the default."""
    kind_of_request = type_of(town, type_code)
    own = kind_of_request.targets if kind_of_request else Targets()
    kinds: tuple[CommitmentKind, ...] = ("acknowledge", "first_response", "resolve")
    for kind in kinds:
        for scope, targets in ((_named(kind_of_request), own), ("default", town.default_targets)):
            if amount := _target(targets, kind):
                yield kind, f"{scope}/{kind}", amount
                break
        if amount := _target(town.channel_targets.get(channel, Targets()), kind):
            yield kind, f"channel/{channel}/{kind}", amount
    if danger:
        scope, urgent = _urgent(town, kind_of_request)
        yield "first_response", f"{scope}/first_response", urgent.first_response
        yield "make_safe", f"{scope}/make_safe", urgent.make_safe


def _named(kind_of_request: RequestType | None) -> str:
    return f"type/{kind_of_request.code}" if kind_of_request else "default"


def _urgent(town: Rules, kind_of_request: RequestType | None) -> tuple[str, Urgent]:
    if kind_of_request and kind_of_request.urgent:
        return f"type/{kind_of_request.code}/urgent", kind_of_request.urgent
    return "default/urgent", town.default_urgent


def _target(targets: Targets, kind: CommitmentKind) -> Amount | None:
    match kind:
        case "acknowledge":
            return targets.acknowledge
        case "first_response":
            return targets.first_response
        case _:
            return targets.resolve


def amount(town: Rules, rule: str) -> Amount:
    """The length of time a rule promises, as the catalogue states it: `type/VOI-ECLAIR/urgent/make_safe`."""
    scope, _, kind = rule.rpartition("/")
    targets = _targets(town, scope)
    found = msgspec.structs.asdict(targets).get(kind) if targets else None
    if not isinstance(found, Amount):
        raise BadInput(f"{rule} is no rule of the catalogue.", field="rule", value=rule)
    return found


def _targets(town: Rules, scope: str) -> Targets | Urgent | None:
    match scope.split("/"):
        case ["default"]:
            return town.default_targets
        case ["default", "urgent"]:
            return town.default_urgent
        case ["channel", channel]:
            return town.channel_targets.get(channel)
        case ["type", code] if code in town.types:
            return town.types[code].targets
        case ["type", code, "urgent"] if code in town.types:
            return town.types[code].urgent
        case _:
            return None


def promised(town: Rules, kind: CommitmentKind, rule: str, calendar: str, start: datetime) -> Promise:
    """The promise this rule makes for what began at `start`, in this calendar."""
    hours = town.calendars[calendar]
    limit = due(hours, start, amount(town, rule))
    return Promise(kind, limit, warn_at(hours, start, limit, WARN_AT), rule, calendar)


def moved(town: Rules, promise: Promise, pauses: tuple[Pause, ...]) -> Promise:
    """The promise as first made, moved by every pause of the case that stops the clock and has ended."""
    calendar = town.calendars[promise.calendar]
    limit = moved_due(calendar, promise.due, amount(town, promise.rule), pauses)
    warning = moved_due(calendar, promise.warn_at, _SECONDS, pauses)
    return msgspec.structs.replace(promise, due=limit, warn_at=min(warning, limit))


def legal_dates(town: Rules, type_code: str, channel: Channel, received_at: datetime) -> tuple[LegalDate, ...]:
    """The limits for the receipt (AEE) and the acknowledgement (ARE), and the day on which silence decides."""
    kind_of_request = type_of(town, type_code)
    regime: Regime = kind_of_request.legal.regime if kind_of_request else "none"
    legal_calendar = calendar_of(town, town.reception)
    clocks: tuple[LegalClock, ...] = ("receipt", "acknowledgement")
    dates = [
        LegalDate(clock, legal_deadline(legal_calendar, received_at, rule.amount), regime, rule.basis)
        for clock in clocks
        if channel in (rule := town.legal[clock]).channels
    ]
    if kind_of_request and _seizes(town, kind_of_request, channel):
        dates.extend(_silence(town, kind_of_request, legal_calendar, received_at))
    return tuple(dates)


def _silence(town: Rules, kind: RequestType, calendar: Calendar, received_at: datetime) -> Iterator[LegalDate]:
    if delay := silence_delay(town, kind):
        regime = kind.legal.regime
        basis = kind.legal.basis or town.regimes[regime].basis
        yield LegalDate("silence", legal_deadline(calendar, received_at, delay), regime, basis)


def silence_delay(town: Rules, kind_of_request: RequestType) -> Amount | None:
    """After which delay silence decides; `None` when it decides nothing."""
    regime = kind_of_request.legal.regime
    if regime in ("none", "exempt"):
        return None
    return kind_of_request.legal.delay or town.regimes[regime].delay


def _seizes(town: Rules, kind_of_request: RequestType, channel: Channel) -> bool:
    """Does a request by this channel start the clock of silence? (CRPA L112-8, L112-9, R112-9-1)"""
    if kind_of_request.electronic != "open":
        return channel in BY_HAND
    return channel in town.silence_channels
