"""Who works for the town, where, and who else answers for what?"""

from typing import Literal

import msgspec

from gru.domain.clocks import Week
from gru.domain.events import Confidentiality

SiteKind = Literal["town_hall", "neighbourhood", "virtual"]


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A service that answers residents; it must be named in the acknowledgement with its telephone (R112-11-1 2°).

    `calendar` is the code of its opening hours. `confidentiality` is that of a case it owns whose type is unknown.
    """

    code: str
    name: str
    phone: str
    email: str
    address: str
    calendar: str
    role: str = ""
    confidentiality: Confidentiality = "normal"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where a resident may come; the virtual one is where electronic messages are received."""

    code: str
    name: str
    kind: SiteKind
    district: str = ""
    address: str = ""
    phone: str = ""
    week: Week = ()
    kiosk: bool = False
    services: tuple[str, ...] = ()
    """What is done there; empty: everything."""


class District(msgspec.Struct, frozen=True):
    code: str
    name: str


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """Another body a request may be for. CRPA L114-2 binds the town to forward to a public one; a private one needs
    the resident's consent."""

    code: str
    name: str
    public: bool
    address: str
    phone: str
    email: str = ""
    topics: tuple[str, ...] = ()
    note: str = ""


class Mailbox(msgspec.Struct, frozen=True):
    """An address residents write to; `department` is where its messages go when nobody has said what they are."""

    address: str
    name: str
    department: str


class Priority(msgspec.Struct, frozen=True):
    code: str
    label: str
