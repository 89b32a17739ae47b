"""What can happen between a case and somebody outside the town who must do or say something?"""

from datetime import date, datetime
from typing import Literal

from gru.domain.events.base import Channel, Event, FileRef, TextRef, event

ThirdPartyAnswer = Literal["done", "not_done", "planned", "words"]
"""`planned`: on a day that is named; `words`: free words, as in a mail."""


@event("case.third_party_asked")
class ThirdPartyAsked(Event, frozen=True, kw_only=True):
    """`to` is asked by a signed link that is dead after `expires`; his wait bears the same id.

    `named` when the requester's identity may be shown to him. Reminded at `remind_at`, silent after `due`.
    """

    request_id: str
    to: str
    text: TextRef
    due: datetime
    remind_at: datetime
    expires: datetime
    named: bool = False
    files: tuple[FileRef, ...] = ()


@event("case.third_party_reminded")
class ThirdPartyReminded(Event, frozen=True, kw_only=True):
    """For the `number`-th time."""

    request_id: str
    number: int


@event("case.third_party_answered")
class ThirdPartyAnswered(Event, frozen=True, kw_only=True):
    """What he said, by which door. What is `planned` is due at the end of that day (`due`); the rest ends his wait."""

    request_id: str
    answer_id: str
    answer: ThirdPartyAnswer
    channel: Channel
    day: date | None = None
    due: datetime | None = None
    text: TextRef | None = None
    files: tuple[FileRef, ...] = ()


@event("case.third_party_silent")
class ThirdPartySilent(Event, frozen=True, kw_only=True):
    """No answer came by `due`; his time goes on until he answers or an agent lets him go."""

    request_id: str
    due: datetime


@event("case.third_party_revoked")
class ThirdPartyRevoked(Event, frozen=True, kw_only=True):
    """Nothing is asked of him any more; his link opens nothing."""

    request_id: str
