"""Did Meta write this? Only who knows the app's secret can sign these bytes."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import sha256
from typing import Any

PREFIX = "sha256="
LONGEST_REQUEST = 10_000


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 for these very bytes."""
    return PREFIX + hmac.new(secret.encode(), body, sha256).hexdigest()


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """Compared in constant time; nothing is signed where no secret is set."""
    return bool(secret) and hmac.compare_digest(header.encode("utf-8", "replace"), sign(secret, body).encode())


def same_token(ours: str, given: str) -> bool:
    """The word both sides agreed on when the webhook was set up."""
    return bool(ours) and hmac.compare_digest(ours.encode(), given.encode("utf-8", "replace"))


def signed_request(secret: str, payload: dict[str, Any]) -> str:
    """As Meta posts it to the data deletion callback."""
    encoded = _encoded(json.dumps(payload).encode())
    return f"{_encoded(_mac(secret, encoded))}.{encoded}"


def read_signed_request(secret: str, text: str) -> dict[str, Any] | None:
    """What it says; `None` when it is not Meta's."""
    given, _, encoded = text.partition(".")
    if not secret or len(text) > LONGEST_REQUEST:
        return None
    try:
        if not hmac.compare_digest(_decoded(given), _mac(secret, encoded)):
            return None
        payload = json.loads(_decoded(encoded))
    except (ValueError, NotBase64, RecursionError):
        return None
    if not isinstance(payload, dict) or str(payload.get("algorithm", "")).upper() != "HMAC-SHA256":
        return None
    return payload


def _mac(secret: str, encoded: str) -> bytes:
    return hmac.new(secret.encode(), encoded.encode("utf-8", "replace"), sha256).digest()


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    plain = text.encode("ascii")
    return urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
