"""What may residents ask for, what is asked of them, and what are they promised?"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from gru.domain.clocks import Amount
from gru.domain.events import Channel, Confidentiality, Regime

Kind = Literal["procedure", "request", "report", "complaint", "grievance", "information"]
Identification = Literal["none", "contact", "full", "verified"]
Location = Literal["required", "optional", "none"]
Electronic = Literal["open", "reserved", "excluded"]
Datatype = Literal["string", "text", "number", "datetime", "geo", "file", "singlevaluelist", "multivaluelist"]
LegalStatus = Literal["verified", "unverified", "analysis"]

ALL_CHANNELS: tuple[Channel, ...] = ("email", "facebook", "web", "counter", "phone", "post", "open311")


class Choice(msgspec.Struct, frozen=True):
    key: str
    name: str


class AskedIf(msgspec.Struct, frozen=True):
    """The answers to another question (a list to choose from) after which this one is asked."""

    field: str
    values: tuple[str, ...]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a form. `datatype` as in Open311 GeoReport v2, with `geo` and `file` besides."""

    code: str
    label: str
    datatype: Datatype
    max_length: int = 0
    max_count: int = 0
    values: tuple[Choice, ...] = ()
    asked_if: AskedIf | None = None

    def is_asked(self, answers: Mapping[str, str | Sequence[str]]) -> bool:
        """After these answers; a question without a condition always is."""
        if self.asked_if is None:
            return True
        answer = answers.get(self.asked_if.field, "")
        given = [answer] if isinstance(answer, str) else answer
        return any(value in self.asked_if.values for value in given)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A supporting document. `elsewhere` names who can hand it over in the resident's place (CRPA L113-12)."""

    code: str
    label: str
    sensitive: bool = False
    keep: str = ""
    elsewhere: str = ""


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What the town promises; `None` where this rule says nothing."""

    acknowledge: Amount | None = None
    first_response: Amount | None = None
    resolve: Amount | None = None


class Urgent(msgspec.Struct, frozen=True, kw_only=True):
    """What is promised in danger: make safe comes before the solution, which keeps its own target.

    `field` and `value` are the answer of the form that means danger; an agent may also see it for himself.
    """

    first_response: Amount
    make_safe: Amount
    field: str = ""
    value: str = ""


class Legal(msgspec.Struct, frozen=True, kw_only=True):
    """What silence means, after which delay, and by which text; `status` says who has verified it."""

    regime: Regime
    delay: Amount | None = None
    extension: Amount | None = None
    basis: str = ""
    status: LegalStatus = "unverified"
    note: str = ""


class PriorAppeal(msgspec.Struct, frozen=True):
    """An authority that must be asked before the judge (CRPA L412-3); `delay` in words, for letters."""

    authority: str
    delay: str
    address: str = ""


class Redirection(msgspec.Struct, frozen=True):
    """When `condition` holds (always, when it is empty) the request is for another body."""

    body: str
    condition: str = ""


class RequestType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of request. `slug` names its page; `synonyms` are residents' words; `steps` are what they see happen.

    `electronic`: `reserved` when only another online service seizes the town validly (CRPA L112-9), `excluded` when
    none does (decree 2016-1491). `next_step` is said in the acknowledgement when no decision is expected.
    """

    code: str
    slug: str
    label: str
    department: str
    kind: Kind
    legal: Legal
    targets: Targets = Targets()
    urgent: Urgent | None = None
    identification: Identification = "contact"
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ALL_CHANNELS
    location: Location = "none"
    confidentiality: Confidentiality = "normal"
    synonyms: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    next_step: str = ""
    note: str = ""
    survey: bool = True
    open311: bool = False
    electronic: Electronic = "open"
    prior_appeal: PriorAppeal | None = None
    appeal_extends: bool = True
    """Writing to the mayor first gives the time to go to court again; not so for planning permissions."""
    redirections: tuple[Redirection, ...] = ()
    moderation: str = ""
    retention: str = ""

    def is_urgent(self, answers: Mapping[str, str | Sequence[str]]) -> bool:
        """Do the answers of the form mean danger?"""
        if self.urgent is None or not self.urgent.field:
            return False
        answer = answers.get(self.urgent.field, "")
        return self.urgent.value in ([answer] if isinstance(answer, str) else answer)
