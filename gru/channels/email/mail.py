"""What does one mail tell us?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail, under a name that is safe to store."""

    filename: str
    content_type: str
    content: bytes
    inline: bool
    content_id: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says of one recipient; `action` is RFC 3464's word, or "" when it says none."""

    recipient: str
    action: str
    status: str
    diagnostic: str
    original_message_id: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as read: ids without angle brackets, `text` for the case, `quoted` what was folded away.

    `date` is the sender's claim; `received` is what the server nearest to us wrote.
    """

    from_email: str
    from_name: str
    reply_to: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    delivered_to: tuple[str, ...]
    subject: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    date: datetime | None
    received: datetime | None
    text: str
    quoted: str
    attachments: tuple[Attachment, ...]
    automatic: bool
    is_bounce: bool
    is_list: bool
    suppress_reply: bool
    signals: tuple[str, ...]
    bounces: tuple[Bounce, ...]
    dmarc_pass: bool
    received_count: int
    instance: str
    defects: tuple[str, ...]
