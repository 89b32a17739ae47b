"""What is kept of a mail that arrives, and when are two deliveries one mail?"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from gru.channels.base import RawMessage
from gru.channels.email.headers import Headers, message_ids

LARGEST_BYTES = 60_000_000
"""A larger mail is kept with its head and the beginning of its body; the whole stays in the mailbox."""

HEAD_BYTES = 256 * 1024
BODY_BYTES = 1024 * 1024
"""How much of such a mail is kept: its words come first, its files last."""

_CUT = b"X-GRU-Cut: "
_LONGEST_ID = 998
_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_FOLD = re.compile(rb"\s+")
_OF_THE_MESSAGE = frozenset({b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"content-type", b"x-gru-cut"})
"""What the sender wrote; a server on the way adds or changes other fields."""


def arrived(raw: bytes, source: str, received_at: datetime) -> RawMessage:
    """`source` names the mailbox; never raises, whatever the bytes."""
    return RawMessage("email", source, external_id(raw), received_at, content_digest(raw), raw)


def external_id(raw: bytes) -> str:
    """The Message-ID without its brackets, `""` when there is none."""
    for field in _fields(_halves(raw)[0]):
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"message-id":
            found = message_ids(Headers([(b"message-id", value)]).first("message-id"))
            if found:
                return found[0][:_LONGEST_ID]
    return ""


def content_digest(raw: bytes) -> bytes:
    """The same for two deliveries of one mail: what transport adds (trace lines, delivery addresses) is left out."""
    head, body = _halves(raw)
    kept = sorted(field for field in map(_plain, _fields(head)) if _is_of_the_message(field))
    if not kept and not body:
        return sha256(raw).digest()
    digest = sha256(b"\n".join(kept))
    digest.update(b"\n\n")
    digest.update(body)
    return digest.digest()


def cut(head: bytes, body: bytes, body_size: int) -> bytes:
    """A mail that stands for one too large to keep; its first line says so, and how much body it had."""
    return b"%b%d\r\n%b\r\n\r\n%b" % (_CUT, body_size, head[:HEAD_BYTES].rstrip(b"\r\n"), body[:BODY_BYTES])


def was_cut(raw: bytes) -> bool:
    return raw.startswith(_CUT)


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """Head and body with plain newlines; what lies beyond the longest head belongs to the body."""
    plain = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end = plain.find(b"\n\n")
    end = len(plain) if end < 0 else end
    end = min(end, HEAD_BYTES)
    return plain[:end], plain[end:].strip(b"\n")


def _fields(head: bytes) -> Iterator[bytes]:
    """Each header field with the lines that continue it."""
    field: list[bytes] = []
    for line in head.split(b"\n"):
        if field and line[:1] not in (b" ", b"\t"):
            yield b"\n".join(field)
            field = []
        field.append(line)
    yield b"\n".join(field)


def _plain(field: bytes) -> bytes:
    """The field with its name in lower case and its white space evened: servers fold lines anew."""
    name, colon, value = field.partition(b":")
    return name.strip().lower() + colon + _FOLD.sub(b" ", value).strip()


def _is_of_the_message(field: bytes) -> bool:
    """A line that is no field at all was written by somebody: it counts."""
    name = _NAME.match(field)
    return name[1] in _OF_THE_MESSAGE if name else bool(field.strip())
