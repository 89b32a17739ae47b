"""Of which promises, dates, waits and replies is a case made?"""

from datetime import datetime
from typing import Literal

import msgspec

from gru.domain import events as e

ReplyState = Literal["written", "sent", "failed", "withdrawn"]


class Commitment(msgspec.Struct, frozen=True):
    """A promise of the town; `kept_at` is the instant it was fulfilled, late or not.

    `own` is what it was before a duplicate that came in earlier hastened it, `begun` the reception of that duplicate;
    `named_at` says since when a prolonged one has the date that an agent gave it.
    """

    due: datetime
    warn_at: datetime
    rule: str
    calendar: str
    kept_at: datetime | None = None
    warned: bool = False
    breached: bool = False
    prolonged: bool = False
    own: "Commitment | None" = None
    named_at: datetime | None = None
    begun: datetime | None = None


class LegalDate(msgspec.Struct, frozen=True):
    """`near` is the last warning before it that was noticed, in hours; 0 for none."""

    due: datetime
    regime: e.Regime
    passed: bool = False
    near: int = 0


class Wait(msgspec.Struct, frozen=True):
    """Waiting on `party` from `since` to `ended_at`; it stops the town's clock when it is `stopping`, the law's when
    the file is `incomplete`."""

    party: e.Party
    reason: str
    since: datetime
    stopping: bool
    incomplete: bool
    until: datetime | None = None
    ended_at: datetime | None = None


class Reply(msgspec.Struct, frozen=True):
    kind: e.ReplyKind
    channel: e.Channel
    human: bool
    state: ReplyState = "written"
    delayed: bool = False
    not_before: datetime | None = None
    batch: str = ""
    """Of a letter: the print run it was last printed in."""
    signed: bool = False
    settled: bool = False
    """It did not arrive, and nothing more is to be done about it."""
