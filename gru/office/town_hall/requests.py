"""What does the catalogue say of the request types, their questions and their promises?"""

import re
from collections.abc import Mapping
from typing import get_args

import msgspec

from gru.domain.clocks import Amount
from gru.domain.events import Confidentiality, Regime
from gru.domain.town import (
    ALL_CHANNELS,
    AskedIf,
    Body,
    Choice,
    Department,
    Document,
    Field,
    Legal,
    PriorAppeal,
    Redirection,
    RequestType,
    Targets,
    Urgent,
)
from gru.domain.town.request_types import Datatype, Electronic, Identification, Kind, LegalStatus, Location
from gru.office.town_hall.lines import NO_TIME, Entry

MOST_STEPS = 5

_RETENTION = re.compile(r"P\d+[YM]")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Known(msgspec.Struct, frozen=True):
    """What a request type may refer to."""

    departments: Mapping[str, Department]
    fields: Mapping[str, Field]
    documents: Mapping[str, Document]
    bodies: Mapping[str, Body]


def read_field(entry: Entry) -> Field:
    datatype: Datatype = entry.one_of("datatype", get_args(Datatype))
    values = tuple(_choice(value) for value in entry.entries("values"))
    if datatype.endswith("valuelist") and not values:
        entry.fault("values", "no_choice", "A list to choose from needs its values.")
    return Field(
        code=entry.text("code"),
        label=entry.text("label"),
        datatype=datatype,
        max_length=entry.number("max_length", 0),
        max_count=entry.number("max_count", 0),
        values=values,
        asked_if=_asked_if(entry.entry("asked_if")) if "asked_if" in entry else None,
    )


def _asked_if(entry: Entry) -> AskedIf:
    asked = AskedIf(entry.text("field"), entry.texts("values"))
    entry.finish()
    return asked


def check_conditions(root: Entry, fields: Mapping[str, Field]) -> None:
    """A question can wait for the answer to another that is a list, and for answers it has."""
    for code, field in fields.items():
        if field.asked_if is None:
            continue
        before = fields.get(field.asked_if.field)
        known = {choice.key for choice in before.values} if before and before.code != code else set()
        if not field.asked_if.values or not set(field.asked_if.values) <= known:
            root.fault("fields", "bad_condition", "“{value}” waits for an answer no question has.", value=code)


def _choice(entry: Entry) -> Choice:
    choice = Choice(entry.text("key"), entry.text("name"))
    entry.finish()
    return choice


def read_document(entry: Entry) -> Document:
    return Document(
        code=entry.text("code"),
        label=entry.text("label"),
        sensitive=entry.flag("sensitive"),
        keep=entry.text("keep", ""),
        elsewhere=entry.text("elsewhere", ""),
    )


def read_type(entry: Entry, known: Known) -> RequestType:
    """One request type; what it refers to must stand in the catalogue."""
    legal = _legal(entry.entry("legal"))
    fields = entry.all_known("fields", known.fields)
    return RequestType(
        code=entry.text("code"),
        slug=_slug(entry),
        label=entry.text("label"),
        department=entry.known("department", known.departments),
        kind=entry.one_of("kind", get_args(Kind)),
        legal=legal,
        targets=read_targets(entry.entry("targets")) if "targets" in entry else Targets(),
        urgent=_own_urgent(entry, known.fields) if "urgent" in entry else None,
        identification=entry.one_of("identification", get_args(Identification)),
        fields=fields,
        required=_required(entry, fields),
        documents=entry.all_known("documents", known.documents),
        channels=entry.some_of("channels", ALL_CHANNELS, ALL_CHANNELS),
        location=entry.one_of("location", get_args(Location)),
        confidentiality=entry.one_of("confidentiality", get_args(Confidentiality)),
        synonyms=_synonyms(entry),
        steps=_steps(entry),
        next_step=entry.text("next_step", None if legal.regime in ("none", "exempt") else ""),
        note=entry.text("note", ""),
        survey=_survey(entry),
        open311=_open311(entry),
        electronic=entry.one_of("electronic", get_args(Electronic), "open"),
        prior_appeal=_prior_appeal(entry.entry("prior_appeal")) if "prior_appeal" in entry else None,
        appeal_extends=entry.flag("appeal_extends", True),
        redirections=tuple(_redirection(each, known.bodies) for each in entry.entries("redirections")),
        moderation=entry.text("moderation", ""),
        retention=read_retention(entry, "retention"),
    )


def _slug(entry: Entry) -> str:
    slug = entry.text("slug")
    if slug and not _SLUG.fullmatch(slug):
        entry.fault("slug", "bad_slug", "“{value}” is no page address such as “acte-etat-civil”.", value=slug)
    return slug


def _required(entry: Entry, fields: tuple[str, ...]) -> tuple[str, ...]:
    for line, code in entry.lined("required"):
        if code not in fields:
            entry.faults.add(line, "required_unasked", "“{value}” is required but not among the fields.", value=code)
    return entry.texts("required")


def _synonyms(entry: Entry) -> tuple[str, ...]:
    words = entry.texts("synonyms")
    if not words or not all(words):
        entry.fault("synonyms", "no_synonyms", "Say in residents' words what this is: the synonyms are empty.")
    return words


def _steps(entry: Entry) -> tuple[str, ...]:
    steps = entry.texts("steps")
    if not 1 <= len(steps) <= MOST_STEPS or not all(steps):
        entry.fault("steps", "bad_steps", "Residents are shown one to five steps, none of them empty.")
    return steps


def _survey(entry: Entry) -> bool:
    """Nobody is asked for an opinion on what is secret."""
    asked = entry.flag("survey", True)
    if asked and entry.text("confidentiality") == "secret":
        entry.fault("survey", "secret_surveyed", "A secret request type has no survey: say “survey: false”.")
    return asked


def _open311(entry: Entry) -> bool:
    """Only what concerns public space and nobody in particular may be published."""
    published = entry.flag("open311")
    if published and entry.text("confidentiality") == "secret":
        entry.fault("open311", "secret_published", "A secret request type may not be published (Open311).")
    return published


def read_targets(entry: Entry) -> Targets:
    targets = Targets(
        acknowledge=entry.amount("acknowledge"),
        first_response=entry.amount("first_response"),
        resolve=entry.amount("resolve"),
    )
    entry.finish()
    return targets


def read_urgent(entry: Entry) -> Urgent:
    """What is promised in danger when the type says nothing of its own."""
    urgent = Urgent(
        first_response=entry.amount("first_response", required=True) or NO_TIME,
        make_safe=entry.amount("make_safe", required=True) or NO_TIME,
    )
    entry.finish()
    return urgent


def _own_urgent(entry: Entry, fields: Mapping[str, Field]) -> Urgent:
    inner = entry.entry("urgent")
    field, value = inner.known("field", fields), inner.text("value")
    asked = fields.get(field)
    if asked and value and value not in [choice.key for choice in asked.values]:
        inner.fault("value", "unknown_value", "“{value}” is no answer to “{field}”.", value=value, field=field)
    return msgspec.structs.replace(read_urgent(inner), field=field, value=value)


def _legal(entry: Entry) -> Legal:
    regime: Regime = entry.one_of("regime", get_args(Regime))
    delay = _legal_amount(entry, "delay")
    if regime == "special" and delay is None:
        entry.fault("delay", "special_without_delay", "A limit set by a text of its own must be stated: “delay”.")
    legal = Legal(
        regime=regime,
        delay=delay,
        extension=_legal_amount(entry, "extension"),
        basis=entry.text("basis", ""),
        status=entry.one_of("status", get_args(LegalStatus), "unverified"),
        note=entry.text("note", ""),
    )
    entry.finish()
    return legal


def _legal_amount(entry: Entry, key: str) -> Amount | None:
    amount = entry.amount(key)
    if amount and amount.unit == "h":
        entry.fault(key, "legal_hours", "A legal limit is not counted in opening hours.")
        return NO_TIME
    return amount


def _prior_appeal(entry: Entry) -> PriorAppeal:
    appeal = PriorAppeal(entry.text("authority"), entry.text("delay"), entry.text("address", ""))
    entry.finish()
    return appeal


def _redirection(entry: Entry, bodies: Mapping[str, Body]) -> Redirection:
    redirection = Redirection(entry.known("body", bodies), entry.text("condition", ""))
    entry.finish()
    return redirection


def read_retention(entry: Entry, key: str) -> str:
    """How long something is kept, as « P2Y » or « P6M »."""
    words = entry.text(key)
    if words and not _RETENTION.fullmatch(words):
        entry.fault(key, "bad_retention", "“{value}” is no time to keep such as P2Y or P6M.", value=words)
    return words
