"""In which way may the town still answer, and until when?

Messenger: 24 hours after the person's last message, a person's answer until 7 days. A comment or post: one private
message within 7 days, which opens no window of its own; a public answer at any time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from gru.channels.base import Heard

STANDARD = timedelta(hours=24)
HUMAN = timedelta(days=7)

Kind = Literal["response", "human_agent", "private_reply"]


class Way(msgspec.Struct, frozen=True):
    """`target` is a person, or for a private reply the comment or post; open until then."""

    kind: Kind
    page: str
    target: str
    until: datetime


def private_way(
    heard: Sequence[Heard], handles: Collection[str], used: Collection[str], now: datetime, *, human: bool
) -> Way | None:
    """To this person and nobody else, by what he wrote himself; `used` are comments that had their one message."""
    theirs = [one for one in heard if one.handle in handles]
    spoken = [one for one in theirs if not one.public]
    if spoken:
        last = max(spoken, key=lambda one: one.at)
        _, page, person = last.handle.split(":", 2)
        if now <= last.at + STANDARD:
            return Way("response", page, person, last.at + (HUMAN if human else STANDARD))
        if human and now <= last.at + HUMAN:
            return Way("human_agent", page, person, last.at + HUMAN)
    for one in sorted(theirs, key=lambda one: one.at, reverse=True):
        if one.public and one.external_id not in used and now <= one.at + HUMAN:
            return Way("private_reply", one.page, one.external_id, one.at + HUMAN)
    return None


def closed_since(heard: Sequence[Heard], handles: Collection[str]) -> datetime | None:
    """When the last private way closed; `None` where there was none."""
    ends = [one.at + HUMAN for one in heard if one.handle in handles]
    return max(ends, default=None)


def public_target(heard: Sequence[Heard], handles: Collection[str]) -> Heard | None:
    """Under which comment or post everybody may read an answer: the requester's last, else the last there is."""
    public = [one for one in heard if one.public]
    theirs = [one for one in public if one.handle in handles]
    return max(theirs or public, key=lambda one: one.at, default=None)
