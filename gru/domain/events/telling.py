"""How does a resident wish to be answered, and what became of an answer that a person carries, or that nobody could?"""

from datetime import datetime

from gru.domain.events.base import Channel, Event, event


@event("case.reply_way_chosen")
class ReplyWayChosen(Event, frozen=True, kw_only=True):
    """From now on the requester is answered this way; before, it was as he came or as he said at reception."""

    channel: Channel


@event("case.telling_tried")
class TellingTried(Event, frozen=True, kw_only=True):
    """The resident was called with this reply, and did not answer; `try_id` lets it happen once."""

    reply_id: str
    try_id: str
    tried_at: datetime


@event("case.failure_settled")
class FailureSettled(Event, frozen=True, kw_only=True):
    """Nothing more is done about a reply that did not arrive; `reason`: `told`, `needless`, `no_way`."""

    reply_id: str
    reason: str
