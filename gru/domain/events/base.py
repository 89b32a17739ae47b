"""What is an event, how is it recorded, and which words may stand in one?"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

Channel = Literal["email", "facebook", "web", "counter", "phone", "post", "open311", "tracking", "agent", "system"]
Confidentiality = Literal["normal", "restricted", "secret"]
Party = Literal["resident", "third_party", "service"]
Priority = Literal["low", "normal", "high", "urgent"]
Outcome = Literal["resolved", "refused", "redirected", "duplicate", "withdrawn", "no_reply", "out_of_scope"]
CommitmentKind = Literal["acknowledge", "first_response", "make_safe", "resolve"]
LegalClock = Literal["receipt", "acknowledgement", "silence"]
Regime = Literal["acceptance", "rejection", "none", "exempt", "special"]
ReplyKind = Literal[
    "receipt",
    "acknowledgement",
    "answer",
    "refusal",
    "complement",
    "delay",
    "closing",
    "reminder",
    "news",
    "third_party",
    "survey",
]
"""`news` to those who follow a case, `third_party` to somebody outside: neither is the requester's to read."""
Proof = Literal["opening", "signed_address", "known_message", "known_sender", "tracking_link", "agent"]
MessageOutcome = Literal["opened", "joined", "bounce", "automatic", "to_link", "set_aside", "noted"]


class TextRef(msgspec.Struct, frozen=True):
    """A text in the archive; `digest` is keyed, so a changed text is noticed and an erased one cannot be guessed."""

    id: str
    digest: str


class FileRef(msgspec.Struct, frozen=True):
    """A file in the archive, which keeps its name too; `size` in bytes, `media_type` as sniffed, not as claimed."""

    id: str
    digest: str
    media_type: str
    size: int


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every fact. `NAME` and `VERSION` are what is stored, never the class or its module."""

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1


class Recorded(msgspec.Struct, frozen=True):
    """One event as the log holds it: who, when and why stand here once, not in the event.

    `at` is the UTC instant of recording; `by` an actor code (`agent:…`, `resident`, `third_party`, `system:intake`,
    `clock`);
    `cause` the key of what called for it, `""` for a person's act; `position` its place in the whole log (positions
    have holes); `digest` the 32 bytes chained over the stream.
    """

    stream_id: str
    version: int
    at: datetime
    by: str
    position: int
    digest: bytes
    event: Event
    cause: str = ""


Upcaster = Callable[[dict[str, Any]], None]
E_ = TypeVar("E_", bound=type[Event])

BY_NAME: dict[str, type[Event]] = {}
UPCASTERS: dict[str, dict[int, Upcaster]] = {}


def event(name: str, version: int = 1) -> Callable[[E_], E_]:
    """Register a class under the name it is stored by. A name may be given once."""

    def register(cls: E_) -> E_:
        if name in BY_NAME:
            raise ValueError(f"two events are called {name!r}")
        cls.NAME = name
        cls.VERSION = version
        BY_NAME[name] = cls
        return cls

    return register


def upcaster(name: str, version: int) -> Callable[[Upcaster], Upcaster]:
    """Register how a stored `name` of `version` becomes one of the next version, changing the dict in place."""

    def register(function: Upcaster) -> Upcaster:
        UPCASTERS.setdefault(name, {})[version] = function
        return function

    return register
