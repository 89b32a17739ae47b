"""Which rules hold in this town, from when, and what do they promise to whom?

One version of the town is a value: departments, sites, request types, calendars, commitments, letters. A case is
bound to the version in force at its reception and judged by it for ever.
"""

from gru.domain.town.answers import ReplyTemplate
from gru.domain.town.law import Appeal, LegalRule, Links, Privacy, RegimeRule
from gru.domain.town.pausing import PAUSE_RULES, PauseRule
from gru.domain.town.places import Body, Department, District, Mailbox, Priority, Site
from gru.domain.town.promises import LegalDate, Promise
from gru.domain.town.request_types import (
    ALL_CHANNELS,
    AskedIf,
    Choice,
    Document,
    Field,
    Legal,
    PriorAppeal,
    Redirection,
    RequestType,
    Targets,
    Urgent,
)
from gru.domain.town.squares import Address, Point
from gru.domain.town.streets import Spot, Street
from gru.domain.town.surveys import Surveys
from gru.domain.town.version import Catalogue, Town, town_of

__all__ = [
    "ALL_CHANNELS",
    "PAUSE_RULES",
    "Address",
    "Appeal",
    "AskedIf",
    "Body",
    "Catalogue",
    "Choice",
    "Department",
    "District",
    "Document",
    "Field",
    "Legal",
    "LegalDate",
    "LegalRule",
    "Links",
    "Mailbox",
    "PauseRule",
    "Point",
    "PriorAppeal",
    "Priority",
    "Privacy",
    "Promise",
    "Redirection",
    "RegimeRule",
    "ReplyTemplate",
    "RequestType",
    "Site",
    "Spot",
    "Street",
    "Surveys",
    "Targets",
    "Town",
    "Urgent",
    "town_of",
]
