"""What must a channel be able to do, and in which ways can it fail?"""

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol

import msgspec

from gru.domain.events import Channel as ChannelCode

LONGEST_NAME = 150


class RawMessage(msgspec.Struct, frozen=True):
    """One message as it came, to be kept before it is read.

    `external_id` names it in its own world (Message-ID, mid), `""` when it has none; `content_digest` is the same
    for two deliveries of the same message; `received_at` is our own server's word, never the sender's. `names` are
    other names it is found by, such as that of the conversation it stands in.
    """

    channel: ChannelCode
    source: str
    external_id: str
    received_at: datetime
    content_digest: bytes
    raw: bytes
    names: tuple[str, ...] = ()


class Attachment(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    content: bytes
    inline: bool = False


class Medium(msgspec.Struct, frozen=True):
    """A file that came as an address only, which soon leads nowhere: to be copied at once."""

    url: str
    name: str


class Sequel(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of something said before: `of` is what that message, or its conversation, is called over there.

    `answer`: the town answered, here when `ours` names the reply (or `sent_id` is known), else in another program.
    `delivered`, `read`: all that the town said in this conversation up to then reached its reader.
    `nothing`: it is recorded and calls nobody; `note` says in a word what it was.
    """

    kind: Literal["edited", "removed", "answer", "delivered", "read", "nothing"]
    at: datetime
    of: str = ""
    text: str = ""
    ours: str = ""
    sent_id: str = ""
    public: bool = False
    note: str = ""


class Failure(msgspec.Struct, frozen=True):
    """What a delivery report says of one of our messages; `reply_tag` as it stood in the signed return
    address, to be checked."""

    recipient: str
    permanent: bool
    reason: str
    original_id: str = ""
    reply_tag: str = ""


class Forwarded(msgspec.Struct, frozen=True):
    """Another's message inside this one: whose it says it is, his words, and `cover`, those of who hands it on."""

    name: str
    address: str
    subject: str
    text: str
    cover: str = ""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message once read, whatever its channel.

    `address` is where a reply may go and who the sender is known by; `proven` when our own server vouches for it.
    `machine`: `""` for a person, else `automatic`, `list`, `hint` (wording only), `own` (ours) or `loop`.
    `complaint`: which of our messages its reader called spam, as his provider says.
    `proposed`: why an agent decides whether this is a request at all, `""` when it is one. `thread` names the
    conversation it stands in, where the channel has such; `public` when everybody may read it. From `type` on
    stands what a form asks for and a letter does not say; `same_as` is a number the sender recognised,
    `site` where he stood.
    """

    address: str = ""
    phone: str = ""
    handle: str = ""
    name: str = ""
    subject: str = ""
    text: str = ""
    folded: str = ""
    attachments: tuple[Attachment, ...] = ()
    recipients: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    proven: bool = False
    machine: str = ""
    wants_no_reply: bool = False
    failures: tuple[Failure, ...] = ()
    complaint: Failure | None = None
    proposed: str = ""
    thread: str = ""
    public: bool = False
    media: tuple[Medium, ...] = ()
    sequel: Sequel | None = None
    defects: tuple[str, ...] = ()
    type: str = ""
    danger: bool = False
    place: str = ""
    district: str = ""
    postal_address: str = ""
    same_as: str = ""
    site: str = ""
    forwarded: Forwarded | None = None


class Heard(msgspec.Struct, frozen=True):
    """A message a reply may answer: what it, its writer and the place are called over there, and when it came.

    `public` when everybody may read it; `post` when it is no comment but what others comment on.
    """

    external_id: str
    handle: str
    page: str
    at: datetime
    public: bool
    post: bool = False


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A reply ready to leave. `external_id` and `return_tag` derive from the reply, so twice sent is seen as one.

    `heard` is what the case received through this channel, oldest first, `handles` what its requester is called there;
    `public` when everybody will read the reply; `unsubscribe`: where its reader stops such letters by one click;
    `unprompted` when no message of his called for it, as a survey, a reminder, news; `awaited` when somebody sits
    before a page until it has left: then a slow server is waited for half a minute, not ten.
    """

    external_id: str
    return_tag: str
    address: str
    name: str
    sender: str
    reply_to: str
    subject: str
    text: str
    automatic: bool
    unprompted: bool = False
    awaited: bool = False
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    number: str = ""
    unsubscribe: str = ""
    handles: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = ()
    public: bool = False


class ChannelError(Exception):
    """Something a channel met outside; its sentence names no content and no address."""


class TryLater(ChannelError):
    """The other side is away or busy; nothing was lost and the same call may be made again."""


class Paused(TryLater):
    """The other side asked us to wait until then."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class FullMailbox(TryLater):
    """The reader's: he may make room, but nobody waits for that without end."""


class Undeliverable(ChannelError):
    """The other side said no for good; `reason` is a short code."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class ChannelBroken(ChannelError):
    """Settings, password or certificate are wrong: an operator must act."""


def never() -> bool:
    return False


def source_name(kind: str, place: str) -> str:
    """What a source is called in leases, cursors and signs of life: the end of a long place is replaced by a digest."""
    name = f"{kind}:{place}"
    return name if len(name) <= LONGEST_NAME else f"{name[:120]}…{sha256(name.encode()).hexdigest()[:16]}"


class Count(msgspec.Struct, frozen=True):
    """How many messages wait to be taken in, and how many came before the first day and are `left` alone."""

    waiting: int
    left: int


class Source(Protocol):
    """Where a channel's messages wait, such as one mailbox. One thread at a time speaks to it.

    `name` is the same after a restart. `trouble` says in a sentence what the last `fetch` had to leave out, `""` when
    it left nothing.
    """

    name: str
    trouble: str

    def fetch(self) -> Iterator["Fetched"]:
        """Every message not settled yet, oldest first, a few in memory at a time."""
        ...

    def wait(self, seconds: float, stop: Callable[[], bool] = never) -> None:
        """Until something new is likely there, at most so long, or until `stop`; `TryLater` when the line is dead."""
        ...

    def count(self) -> Count | None:
        """What a `fetch` would take and what it would leave alone; None where only fetching tells."""
        ...

    def check(self) -> None:
        """Whether we would be let in now: a `ChannelError` says why not. Takes nothing."""
        ...

    def close(self) -> None:
        """Let go of the line; it may be used again, and then opens another."""
        ...


class Fetched(Protocol):
    message: RawMessage

    def settle(self) -> None:
        """To be called once the message is kept: it is moved or marked, and not fetched again."""
        ...


class Channel(Protocol):
    code: ChannelCode

    def parse(self, message: RawMessage) -> Incoming:
        """Never raises on what came in: what cannot be read is said in `defects`."""
        ...

    def send(self, outgoing: Outgoing) -> datetime:
        """When the other side took it (UTC). `TryLater`, `Undeliverable` or `ChannelBroken`."""
        ...
