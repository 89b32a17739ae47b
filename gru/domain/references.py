"""How are things called: ids, case numbers, tracking codes, and the secrets derived for links and addresses?"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid5

NUMBER = re.compile(r"\b(20\d\d-\d{6,7})\b")
"""Six digits, and one more from the millionth case of a year on."""

NUMBERED_FROM = datetime(2000, 1, 2, tzinfo=UTC)
"""No number can name an earlier year, in whatever zone: what bears such a date comes from a clock that is wrong."""

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LAST_KEY = 7_258_118_400_000  # 1 January 2200, in milliseconds
_ID = re.compile(r"[0-9a-f]{32}")
THIRD_PARTY = re.compile(r"[A-Za-z0-9_-]{64}")
_NUMBERS = UUID("6f0b6c5e-6a3f-5a52-9d0c-7d1b8e5a2c11")


def new_id(at: datetime, chance: bytes) -> str:
    """32 hex characters ordered by time as in RFC 9562 (UUIDv7); `chance` is 10 random bytes or more."""
    millis = int(at.timestamp() * 1000)
    bits = (millis << 80) | int.from_bytes(chance[:10], "big")
    bits = (bits & ~(0xF << 76)) | (0x7 << 76)
    bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
    return f"{bits:032x}"


def is_id(written: str) -> bool:
    """Written as ids are; whether anything bears it is another question."""
    return _ID.fullmatch(written) is not None


def case_number(year: int, sequence: int) -> str:
    return f"{year}-{sequence:06d}"


def number_stream(number: str) -> str:
    """The stream in which a number can be given once."""
    return uuid5(_NUMBERS, number).hex


def ticket_stream(site: str, day: date, number: int) -> str:
    """The stream in which a ticket's number can be given once a day at a site."""
    return uuid5(_NUMBERS, f"ticket {site} {day.isoformat()} {number}").hex


def entry_id(secret: bytes, agent: str, key: str) -> str | None:
    """The case an entry at the counter opens: the same key of the same agent gives one id for ever, ordered by time.

    `None` when the key is none of those a page hands out.
    """
    if not re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{19}", key):
        return None
    millis = int(key[:12], 16)
    if millis > _LAST_KEY:
        return None
    at = datetime.fromtimestamp(millis / 1000, UTC)
    return new_id(at, hmac.new(secret, f"entry\0{agent}\0{key}".encode(), sha256).digest())


def device_token(secret: bytes, use: str, site: str) -> str:
    """What opens a kiosk or a waiting-room screen of one site, and nothing else."""
    return hmac.new(secret, f"device\0{use}\0{site}".encode(), sha256).hexdigest()[:24]


def message_id(secret: bytes, channel: str, external_id: str, content_digest: bytes) -> str:
    """The stream of an inbound message: the same message twice has one, another body under its Message-ID another."""
    words = b"\0".join((channel.encode(), external_id.strip().encode("utf-8", "surrogateescape"), content_digest))
    return hmac.new(secret, b"message\0" + words, sha256).hexdigest()[:32]


def link_token(secret: bytes, case_id: str, generation: int) -> str:
    """128 bits that open the tracking page; a new generation revokes the old."""
    return hmac.new(secret, f"link\0{case_id}\0{generation}".encode(), sha256).hexdigest()[:32]


def third_party_token(secret: bytes, case_id: str, request_id: str, expires: datetime) -> str:
    """What opens the page of one request to a third party: which case and request, and a signature over its end."""
    named = bytes.fromhex(case_id) + bytes.fromhex(request_id)
    return urlsafe_b64encode(named + _third_party_seal(secret, named, expires)).decode()


def read_third_party_token(token: str) -> tuple[str, str] | None:
    """The case and request a token speaks of, yet unproven: `third_party_token` must give it back."""
    if not THIRD_PARTY.fullmatch(token):
        return None
    raw = urlsafe_b64decode(token)
    return raw[:16].hex(), raw[16:32].hex()


def _third_party_seal(secret: bytes, named: bytes, expires: datetime) -> bytes:
    until = int(expires.timestamp())
    return hmac.new(secret, b"third party\0" + named + until.to_bytes(8, "big"), sha256).digest()[:16]


def follower_token(secret: bytes, case_id: str, person: str) -> str:
    """What lets one who follows a case stop following it, and nothing else."""
    named = bytes.fromhex(case_id) + bytes.fromhex(person)
    return urlsafe_b64encode(named + hmac.new(secret, b"follower\0" + named, sha256).digest()[:16]).decode()


def read_follower_token(token: str) -> tuple[str, str] | None:
    """The case and person a token speaks of, yet unproven: `follower_token` must give it back."""
    return read_third_party_token(token)


def tracking_code(secret: bytes, case_id: str, generation: int) -> str:
    """Eight letters without I, L, O, U, as printed: `7HQ4-XM2P`. Short, so attempts are throttled."""
    digest = hmac.new(secret, f"code\0{case_id}\0{generation}".encode(), sha256).digest()
    letters = "".join(CODE_LETTERS[byte % 32] for byte in digest[:8])
    return f"{letters[:4]}-{letters[4:]}"


def same_code(given: str, true: str) -> bool:
    """Compared in constant time, after forgiving case, spaces, dashes and the letters people mistake."""
    tidy = re.sub(r"[\s\-]", "", given).upper().translate(str.maketrans("ILOU", "110V"))
    return hmac.compare_digest(tidy.encode(), true.replace("-", "").encode())


def address_tag(secret: bytes, number: str, recipient: str) -> str:
    """What signs a reply address for one number and one recipient: `demande+2026-000123.<tag>@…`."""
    words = f"address\0{number}\0{recipient.strip().lower()}".encode()
    return _spoken(hmac.new(secret, words, sha256).digest(), 10)


def return_tag(secret: bytes, reply_id: str) -> str:
    """What signs the return address of one reply: `demande+retour.<reply>.<tag>@…`. Derived apart from what stands in
    its Message-ID, which travels on in every answer; short, because a mail address has 64 letters before its @."""
    digest = hmac.new(secret, f"return\0{reply_id}".encode(), sha256).digest()
    return f"{reply_id}.{_spoken(digest, 8)}"


def read_return_tag(secret: bytes, tag: str) -> str:
    """The reply whose return address this was; `""` when we never gave it."""
    reply_id = tag.partition(".")[0]
    return reply_id if hmac.compare_digest(tag.encode(), return_tag(secret, reply_id).encode()) else ""


def _spoken(digest: bytes, length: int) -> str:
    """As a mail address carries it in any case: without l, o, 0 and 1."""
    return "".join("abcdefghijkmnpqrstuvwxyz23456789"[byte % 32] for byte in digest[:length])


OUR_MESSAGE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})\.([a-z0-9]{10})")
SIGNED_ADDRESS = re.compile(r"\+(20\d\d-\d{6,7})\.([a-z0-9]{10})@", re.IGNORECASE)


def reply_tag(secret: bytes, case_id: str, reply_id: str) -> str:
    """What shows that a message id or return address came from us."""
    return hmac.new(secret, f"reply\0{case_id}\0{reply_id}".encode(), sha256).hexdigest()[:10]


def reply_reference(secret: bytes, case_id: str, reply_id: str) -> str:
    """The left side of our Message-ID: derived from the reply, so a mail sent twice is seen to be one."""
    return f"{case_id}.{reply_id}.{reply_tag(secret, case_id, reply_id)}"


def read_reply_reference(secret: bytes, text: str) -> tuple[str, str] | None:
    """The case and reply a Message-ID of ours speaks of; `None` when it is not ours, or forged."""
    match = OUR_MESSAGE.search(text)
    if match is None:
        return None
    case_id, reply_id, tag = match.groups()
    true = reply_tag(secret, case_id, reply_id)
    return (case_id, reply_id) if hmac.compare_digest(tag, true) else None


def derived_id(secret: bytes, *words: str) -> str:
    """32 hex characters that the same words give for ever: what is done twice bears one id."""
    return hmac.new(secret, "\0".join(("id", *words)).encode(), sha256).hexdigest()[:32]
