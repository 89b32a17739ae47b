"""What does the catalogue say of the town's calendars, departments, sites and roles?"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar, get_args

from gru.domain.clocks import Calendar, Slot, SpecialDay, Week, parse_week
from gru.domain.events import Confidentiality
from gru.domain.rights import Right, Role
from gru.domain.town import Body, Department, District, Mailbox, Priority, Site
from gru.domain.town.places import SiteKind
from gru.office.holidays import Zone, public_holidays
from gru.office.town_hall.lines import Entry

YEARS = range(2020, 2036)
"""The years whose public holidays are concluded into an adopted catalogue."""

ALWAYS_OPEN: Week = (((0, 24 * 60),),) * 7
"""Stands in for opening hours that could not be read."""


class Coded(Protocol):
    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=Coded)
Slots = tuple[Slot, ...]


def by_code(entries: Iterable[Entry], read: Callable[[Entry], T]) -> dict[str, T]:
    """Everything in a list under its code; a code may be given once."""
    found: dict[str, T] = {}
    for entry in entries:
        thing = read(entry)
        entry.finish()
        if thing.code and thing.code in found:
            entry.fault("code", "duplicate_code", "“{value}” is given twice.", value=thing.code)
        found[thing.code] = thing
    return found


def read_calendars(root: Entry, zone: Zone, timezone: str) -> dict[str, Calendar]:
    """The opening hours with the public holidays of the zone, the town's closures and special days concluded."""
    holidays = tuple(holiday.day for holiday in public_holidays(zone, YEARS))
    entries = root.entries("calendars", required=True)
    codes = {entry.text("code"): None for entry in entries}
    closed = _days(root.entries("closures"), codes, lambda entry: ())
    special = _days(root.entries("special_days"), codes, _slots_of_one)

    def read(entry: Entry) -> Calendar:
        code = entry.text("code")
        return Calendar(
            code=code,
            label=entry.text("label"),
            timezone=timezone,
            week=read_week(entry, required=True),
            closed=tuple(sorted({*holidays, *(day for day, _ in closed.get(code, ()))})),
            exceptions=tuple(SpecialDay(day, slots) for day, slots in sorted(special.get(code, ()))),
            holidays=holidays,
        )

    return by_code(entries, read)


def _days(
    entries: list[Entry], codes: Mapping[str, None], slots: Callable[[Entry], Slots]
) -> dict[str, list[tuple[date, Slots]]]:
    days: dict[str, list[tuple[date, Slots]]] = {}
    for entry in entries:
        day = entry.day("day")
        entry.text("label")
        if day != date.min and day.year not in YEARS:
            entry.fault("day", "year_out_of_reach", "{value} lies outside 2020 to 2035.", value=day.isoformat())
        hours = slots(entry)
        for code in entry.all_known("calendars", codes):
            days.setdefault(code, []).append((day, hours))
        entry.finish()
    return days


def _slots_of_one(entry: Entry) -> Slots:
    return _week(entry, "hours", {"mon": entry.texts("hours")})[0]


def read_week(entry: Entry, *, required: bool) -> Week:
    """Opening hours by day of the week; with none at all a calendar would never keep a promise."""
    if not required and "hours" not in entry:
        return ()
    hours = entry.entry("hours")
    week = _week(entry, "hours", {key: hours.texts(key) for key in hours.named()})
    if required and not any(week):
        entry.fault("hours", "never_open", "These hours never open: no commitment could be kept.")
        return ALWAYS_OPEN
    return week


def _week(entry: Entry, key: str, hours: Mapping[str, tuple[str, ...]]) -> Week:
    try:
        week = parse_week(hours)
        if any(week):
            Calendar(code=key, timezone="UTC", week=week)
    except ValueError as error:
        entry.fault(key, "bad_hours", "These opening hours cannot be read: {problem}", problem=str(error))
        return ALWAYS_OPEN
    return week


def read_department(entry: Entry, calendars: Mapping[str, Calendar]) -> Department:
    return Department(
        code=entry.text("code"),
        name=entry.text("name"),
        phone=entry.text("phone"),
        email=read_address(entry, "email"),
        address=entry.text("address"),
        calendar=entry.known("calendar", calendars),
        role=entry.text("role", ""),
        confidentiality=entry.one_of("confidentiality", get_args(Confidentiality), "normal"),
    )


def read_site(entry: Entry, districts: Mapping[str, District]) -> Site:
    kind: SiteKind = entry.one_of("kind", get_args(SiteKind))
    real = kind != "virtual"
    return Site(
        code=entry.text("code"),
        name=entry.text("name"),
        kind=kind,
        district=entry.known("district", districts, optional=not real),
        address=entry.text("address", None if real else ""),
        phone=entry.text("phone", None if real else ""),
        week=read_week(entry, required=real),
        kiosk=entry.flag("kiosk"),
        services=entry.texts("services"),
    )


def read_district(entry: Entry) -> District:
    return District(entry.text("code"), entry.text("name"))


def read_body(entry: Entry) -> Body:
    return Body(
        code=entry.text("code"),
        name=entry.text("name"),
        public=entry.flag("public"),
        address=entry.text("address"),
        phone=entry.text("phone"),
        email=read_address(entry, "email", optional=True),
        topics=entry.texts("topics"),
        note=entry.text("note", ""),
    )


def read_priority(entry: Entry) -> Priority:
    return Priority(entry.text("code"), entry.text("label"))


def read_role(entry: Entry) -> Role:
    return Role(entry.text("code"), entry.text("label"), entry.some_of("rights", get_args(Right)))


def read_mailboxes(root: Entry, departments: Mapping[str, Department]) -> dict[str, Mailbox]:
    """The mailboxes by address."""
    boxes: dict[str, Mailbox] = {}
    for entry in root.entries("mailboxes"):
        box = Mailbox(read_address(entry, "address"), entry.text("name"), entry.known("department", departments))
        entry.finish()
        if box.address and box.address in boxes:
            entry.fault("address", "duplicate_code", "“{value}” is given twice.", value=box.address)
        boxes[box.address] = box
    return boxes


def read_addresses(entry: Entry, key: str) -> tuple[str, ...]:
    """A list of electronic addresses, each once."""
    found = []
    for line, words in entry.lined(key):
        if is_address(words):
            found.append(words.lower())
        else:
            entry.faults.add(line, "bad_address", "“{value}” is no electronic address.", key=key, value=words)
    return tuple(dict.fromkeys(found))


def is_address(words: str) -> bool:
    local, _, domain = words.partition("@")
    return bool(local) and "." in domain and " " not in words


def read_address(entry: Entry, key: str, *, optional: bool = False) -> str:
    """An electronic address, in lower case."""
    words = entry.text(key, "" if optional else None).lower()
    if words and not is_address(words):
        entry.fault(key, "bad_address", "“{value}” is no electronic address.", value=words)
    return words
