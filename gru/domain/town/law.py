"""What does the law ask of this town, and where may a resident turn against it?"""

from typing import Literal

import msgspec

from gru.domain.clocks import Amount
from gru.domain.events import Channel, Regime

Incomplete = Literal["starts_when_complete", "suspended", ""]


class LegalRule(msgspec.Struct, frozen=True):
    """A limit for writing to the resident (AEE, ARE), on the channels that start it."""

    amount: Amount
    channels: tuple[Channel, ...]
    basis: str


class RegimeRule(msgspec.Struct, frozen=True, kw_only=True):
    """What silence means for a family of types; `delay` where the type states none.

    `incomplete` says what a missing indispensable document does to the date (CRPA L114-5): policy data, since a
    pending bill may change it.
    """

    code: Regime
    label: str
    delay: Amount | None = None
    basis: str = ""
    incomplete: Incomplete = ""


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """The administrative court in charge (CJA R421-1)."""

    court: str
    address: str
    website: str
    months: int = 2


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for personal data (GDPR articles 13 and 37), and how long things are kept by default."""

    officer: str
    email: str
    address: str
    retention: str
    survey_retention: str


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The public addresses printed in letters."""

    site: str
    form: str
    tracking: str
    privacy: str
