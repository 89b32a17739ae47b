"""What happens to a difficulty an agent declared, until it is answered and something was done about it?

Each difficulty is a stream of its own, also when it was met on a case: one life, answered in one place. Nothing here
holds a name; an unsigned one is recorded by `agent:` without any, and its id tells no time.
"""

from typing import Literal

from gru.domain.events.base import Event, TextRef, event

DifficultyReason = Literal[
    "tool",
    "unclear_procedure",
    "who_does_what",
    "overload",
    "other_department",
    "illegible_documents",
    "unreachable_resident",
    "language",
    "incivility",
    "training",
]


@event("difficulty.raised")
class DifficultyRaised(Event, frozen=True, kw_only=True):
    """Something got in an agent's way. `case` where he met it, `""` when he said it freely.

    `department` is the group he works in; `""` when he did not sign and his group is too small to hide him.
    """

    reason: DifficultyReason
    department: str = ""
    case: str = ""
    text: TextRef | None = None


@event("difficulty.answered")
class DifficultyReplied(Event, frozen=True, kw_only=True):
    """Somebody in charge said what will be done, or why nothing can be. Said again, the last answer holds."""

    answer_id: str
    text: TextRef


@event("difficulty.settled")
class DifficultySettled(Event, frozen=True, kw_only=True):
    """What was announced is done."""


@event("difficulty.reminded")
class DifficultyReminded(Event, frozen=True, kw_only=True):
    """The clock found it still without an answer, for the `number`-th time."""

    number: int


@event("difficulty.redacted")
class DifficultyRedacted(Event, frozen=True, kw_only=True):
    """One text of it was made unreadable by destroying its key."""

    id: str
    reason: str
