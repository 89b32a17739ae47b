"""Can the town adopt this catalogue, and if not, what is wrong on which line?

A wrong catalogue is refused whole, with every fault that can be seen at once; the letters are tried on an example only
when everything else is right.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from gru.domain.clocks import Amount
from gru.domain.events import Channel, Regime, ReplyKind
from gru.domain.rights import Role
from gru.domain.town import (
    ALL_CHANNELS,
    PAUSE_RULES,
    Appeal,
    Catalogue,
    LegalRule,
    Links,
    Privacy,
    RegimeRule,
    ReplyTemplate,
    Surveys,
    Targets,
    town_of,
)
from gru.domain.town.law import Incomplete
from gru.office import letters
from gru.office.holidays import Zone
from gru.office.town_hall import basics, requests
from gru.office.town_hall.addresses import read_streets
from gru.office.town_hall.lines import Entry, Faults, WrongCatalogue, read_yaml

SAMPLE = Path(__file__).parents[2] / "sample"

PRIORITIES = ("low", "normal", "high", "urgent")

INDISPENSABLE = ("handle", "administer", "engage", "erase")
"""The rights without which a town would be stuck."""

USES = (
    "receipt",
    *(f"acknowledgement/{regime}" for regime in get_args(Regime)),
    "answer",
    "refusal",
    "complement",
    "delay",
    "closing",
    "reminder",
    "service_reminder",
    "transfer",
    "redirection",
    "survey",
    "counter_receipt",
    "queue_ticket",
    "attestation",
    "facebook_public",
    "facebook_private",
    "news",
    "third_party",
    "third_party_reminder",
)
"""For what letters are written; a town names a template for each."""

COMMITTEE_USES = ("committee_draft", "committee_report")
"""The same, for a town whose committee is written to."""

WRITTEN_BY_AGENTS: tuple[ReplyKind, ...] = ("answer", "refusal", "complement", "delay")


class Content(msgspec.Struct, frozen=True):
    """A catalogue that may be adopted: `raw` is its canonical JSON, which the archive keeps under `digest`."""

    catalogue: Catalogue
    raw: bytes
    digest: str


def concluded(catalogue: Catalogue) -> Content:
    """The same catalogue always gives the same bytes."""
    raw = msgspec.json.encode(catalogue, order="sorted")
    return Content(catalogue, raw, sha256(raw).hexdigest())


def read_folder(folder: Path) -> Content:
    """The catalogue of a folder with `catalogue.yaml`, `templates/*.txt` and, if it has one, `streets.csv`."""
    text = (folder / "catalogue.yaml").read_text("utf-8")
    content = read_catalogue(text, read_templates(folder / "templates"))
    table = folder / "streets.csv"
    if not table.exists():
        return content
    streets = read_streets(table.read_text("utf-8-sig"), content.catalogue.districts)
    return concluded(msgspec.structs.replace(content.catalogue, streets=streets))


def read_templates(folder: Path) -> dict[str, str]:
    """The templates of a folder by name, without their ending."""
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}


def read_catalogue(text: str, templates: Mapping[str, str] | None = None) -> Content:
    """The content of a catalogue written in YAML; what it does not bring itself it takes from the sample town.

    Raises `WrongCatalogue` with every fault.
    """
    if templates is None:
        templates = read_templates(SAMPLE / "templates")
    faults = Faults()
    root = read_yaml(text, faults)
    catalogue = _read(root, dict(templates)) if root is not None and not faults.found else None
    if catalogue is None or faults.found or root is None:
        raise WrongCatalogue(faults.found)
    _try_letters(root, catalogue)
    if faults.found:
        raise WrongCatalogue(faults.found)
    return concluded(catalogue)


def _read(root: Entry, templates: dict[str, str]) -> Catalogue:
    town = root.entry("town")
    zone: Zone = town.one_of("holiday_zone", get_args(Zone))
    zone = zone if zone in get_args(Zone) else "metropole"
    timezone = _timezone(town)
    calendars = basics.read_calendars(root, zone, timezone)
    districts = basics.by_code(root.entries("districts"), basics.read_district)
    departments = basics.by_code(
        root.entries("departments", required=True), lambda entry: basics.read_department(entry, calendars)
    )
    sites = basics.by_code(root.entries("sites", required=True), lambda entry: basics.read_site(entry, districts))
    bodies = basics.by_code(root.entries("bodies"), basics.read_body)
    fields = basics.by_code(root.entries("fields", required=True), requests.read_field)
    requests.check_conditions(root, fields)
    documents = basics.by_code(root.entries("documents"), requests.read_document)
    known = requests.Known(departments, fields, documents, bodies)
    types = basics.by_code(root.entries("types", required=True), lambda entry: requests.read_type(entry, known))
    _slugs_differ(root, [kind.slug for kind in types.values()])
    priorities = basics.by_code(root.entries("priorities", required=True), basics.read_priority)
    _all_there(root, "priorities", PRIORITIES, priorities)
    commitments, legal = root.entry("commitments"), root.entry("legal")
    committee = basics.read_addresses(root, "committee")
    catalogue = Catalogue(
        name=town.text("name"),
        population=town.number("population"),
        timezone=timezone,
        holiday_zone=zone,
        address=town.text("address"),
        phone=town.text("phone"),
        emergency_phone=town.text("emergency_phone"),
        email=basics.read_address(town, "email"),
        reception=town.known("reception", departments),
        virtual_site=town.known("virtual_site", sites),
        links=_links(town.entry("links")),
        calendars=calendars,
        departments=departments,
        sites=sites,
        districts=districts,
        bodies=bodies,
        fields=fields,
        documents=documents,
        types=types,
        priorities=priorities,
        roles=_roles(root),
        mailboxes=basics.read_mailboxes(root, departments),
        default_targets=_default_targets(commitments),
        default_urgent=requests.read_urgent(commitments.entry("urgent")),
        channel_targets=_channel_targets(commitments.entry("channels")),
        legal={clock: _legal_rule(legal.entry(clock)) for clock in ("receipt", "acknowledgement")},
        silence_channels=_silence(legal.entry("silence")),
        regimes=_regimes(legal),
        appeal=_appeal(root.entry("appeal")),
        privacy=_privacy(root.entry("privacy")),
        letters=_letters(root.entry("letters"), templates, COMMITTEE_USES if committee else ()),
        templates=templates,
        replies=basics.by_code(root.entries("replies"), lambda entry: _reply(entry, types, templates)),
        committee=committee,
        surveys=_surveys(root.entry("surveys")) if "surveys" in root else Surveys(),
        pauses=commitments.one_of("pauses", PAUSE_RULES, "indispensable"),
    )
    for entry in (town, commitments, legal, root):
        entry.finish()
    return catalogue


def _timezone(town: Entry) -> str:
    words = town.text("timezone")
    try:
        ZoneInfo(words)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if words:
            town.fault("timezone", "bad_timezone", "“{value}” is no time zone such as Europe/Paris.", value=words)
        return "Europe/Paris"
    return words


def _slugs_differ(root: Entry, slugs: list[str]) -> None:
    for slug in sorted({slug for slug in slugs if slug and slugs.count(slug) > 1}):
        root.fault("types", "duplicate_slug", "Two request types have the page “{value}”.", value=slug)


def _roles(root: Entry) -> dict[str, Role]:
    roles = basics.by_code(root.entries("roles", required=True), basics.read_role)
    for right in INDISPENSABLE:
        if not any(right in role.rights for role in roles.values()):
            root.fault("roles", "right_nobody_has", "No role has the right “{value}”.", value=right)
    return roles


def _all_there(root: Entry, key: str, wanted: tuple[str, ...], found: Mapping[str, object]) -> None:
    for code in wanted:
        if code not in found:
            root.fault(key, "missing_code", "Among the {key}, “{value}” is missing.", value=code)


def _links(entry: Entry) -> Links:
    links = Links(
        site=entry.text("site"),
        form=entry.text("form"),
        tracking=entry.text("tracking"),
        privacy=entry.text("privacy"),
    )
    entry.finish()
    return links


def _default_targets(commitments: Entry) -> Targets:
    entry = commitments.entry("default")
    for key in ("acknowledge", "first_response", "resolve"):
        if key not in entry:
            entry.fault(key, "missing", "“{key}” is missing or empty.")
    return requests.read_targets(entry)


def _channel_targets(entry: Entry) -> dict[str, Targets]:
    for key in entry.named():
        if key not in ALL_CHANNELS:
            known = ", ".join(ALL_CHANNELS)
            entry.fault(key, "unknown_value", "“{key}” is no channel; known are: {known}.", known=known)
    return {key: requests.read_targets(entry.entry(key)) for key in entry.named()}


def _legal_rule(entry: Entry) -> LegalRule:
    amount = entry.amount("amount", required=True) or Amount(1, "jo")
    if amount.unit == "h":
        entry.fault("amount", "legal_hours", "A legal limit is not counted in opening hours.")
    rule = LegalRule(amount, entry.some_of("channels", ALL_CHANNELS), entry.text("basis"))
    entry.finish()
    return rule


def _silence(entry: Entry) -> tuple[Channel, ...]:
    channels = entry.some_of("channels", ALL_CHANNELS)
    entry.finish()
    return channels


def _regimes(legal: Entry) -> dict[str, RegimeRule]:
    entry = legal.entry("regimes")
    regimes = {code: _regime(code, entry.entry(code)) for code in get_args(Regime)}
    entry.finish()
    for code in ("acceptance", "rejection"):
        if entry.named() and regimes[code].delay is None:
            entry.fault(code, "regime_without_delay", "Silence needs a delay: “delay” is missing.")
    return regimes


def _regime(code: Regime, entry: Entry) -> RegimeRule:
    rule = RegimeRule(
        code=code,
        label=entry.text("label"),
        delay=entry.amount("delay"),
        basis=entry.text("basis", ""),
        incomplete=entry.one_of("incomplete", get_args(Incomplete), ""),
    )
    entry.finish()
    return rule


def _appeal(entry: Entry) -> Appeal:
    appeal = Appeal(
        court=entry.text("court"),
        address=entry.text("address"),
        website=entry.text("website"),
        months=entry.number("months", 2),
    )
    entry.finish()
    return appeal


def _privacy(entry: Entry) -> Privacy:
    privacy = Privacy(
        officer=entry.text("officer"),
        email=basics.read_address(entry, "email"),
        address=entry.text("address"),
        retention=requests.read_retention(entry, "retention"),
        survey_retention=requests.read_retention(entry, "survey_retention"),
    )
    entry.finish()
    return privacy


def _letters(entry: Entry, templates: Mapping[str, str], besides: tuple[str, ...]) -> dict[str, str]:
    """For every use, those `besides` too; where nobody is written to, a letter may be named all the same."""
    named = {use: entry.text(use) for use in (*USES, *besides)}
    named |= {use: entry.text(use) for use in COMMITTEE_USES if use in entry}
    for use, template in named.items():
        if template and template not in templates:
            entry.fault(use, "unknown_template", "There is no template “{value}”.", value=template)
    entry.finish()
    return named


def _reply(entry: Entry, types: Mapping[str, object], templates: Mapping[str, str]) -> ReplyTemplate:
    reply = ReplyTemplate(
        code=entry.text("code"),
        label=entry.text("label"),
        template=entry.text("template"),
        kind=entry.one_of("kind", WRITTEN_BY_AGENTS, "answer"),
        types=entry.all_known("types", types),
        channels=entry.some_of("channels", (*ALL_CHANNELS, "tracking")),
    )
    if reply.template and reply.template not in templates:
        entry.fault("template", "unknown_template", "There is no template “{value}”.", value=reply.template)
    entry.finish()
    return reply


def _surveys(entry: Entry) -> Surveys:
    usual = Surveys()
    surveys = Surveys(
        ask=entry.flag("ask", usual.ask),
        after_days=entry.number("after_days", usual.after_days),
        window_days=entry.number("window_days", usual.window_days),
        rest_days=entry.number("rest_days", usual.rest_days),
    )
    for key in ("after_days", "window_days", "rest_days"):
        if not 1 <= getattr(surveys, key) <= 366:
            entry.fault(key, "bad_days", "“{key}” is a number of days from 1 to 366.")
    entry.finish()
    return surveys


def _try_letters(root: Entry, catalogue: Catalogue) -> None:
    """Each letter is written for examples; one that does not come out is a fault of its line."""
    entry = root.entry("letters")
    town = town_of(catalogue, 0, datetime.min.replace(tzinfo=UTC))
    for use in catalogue.letters:
        if problem := letters.problem_with(town, use):
            entry.fault(use, "bad_template", "This letter cannot be written: {problem}", problem=problem)
    for given in root.entries("replies"):
        if problem := letters.problem_with_draft(town, given.text("template")):
            given.fault("template", "bad_template", "This letter cannot be written: {problem}", problem=problem)
