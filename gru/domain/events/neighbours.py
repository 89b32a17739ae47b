"""What can happen between a case and its neighbours: merged, released, followed?"""

from datetime import datetime

from gru.domain.events.base import Channel, Event, TextRef, event


@event("case.merged")
class CaseMerged(Event, frozen=True, kw_only=True):
    """Said in the duplicate: it is closed and followed in `main`. No fact moves; `CaseUnmerged` undoes it."""

    main: str
    text: TextRef | None = None


@event("case.unmerged")
class CaseUnmerged(Event, frozen=True, kw_only=True):
    """Said in the former duplicate: it goes its own way again, in the `status` it had."""

    main: str
    status: str
    text: TextRef | None = None


@event("case.absorbed")
class CaseAbsorbed(Event, frozen=True, kw_only=True):
    """Said in the main case: `other` is followed here too. The earliest reception counts for what is promised."""

    other: str
    received_at: datetime
    requester: str = ""


@event("case.released")
class CaseReleased(Event, frozen=True, kw_only=True):
    """Said in the main case: `other` goes its own way again."""

    other: str


@event("case.followed")
class CaseFollowed(Event, frozen=True, kw_only=True):
    """Somebody has the same problem and asks to be told, once, when the case is answered or closed."""

    person: str
    channel: Channel


@event("case.unfollowed")
class CaseUnfollowed(Event, frozen=True, kw_only=True):
    person: str
