"""How is a picture copied before its address leads nowhere, and nothing fetched that is not Meta's?"""

import time
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

import requests

from gru.channels.base import Attachment, Medium, TryLater

HOSTS = ("fbcdn.net", "fbsbx.com", "facebook.com")
MOST_BYTES = 15_000_000
MOST_STEPS = 3
SECONDS = (5, 15)
WHOLE_SECONDS = 60.0
"""However slowly the bytes drip."""

_SIGNS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (0, b"GIF8", "image/gif", ".gif"),
    (8, b"WEBP", "image/webp", ".webp"),
    (4, b"ftypheic", "image/heic", ".heic"),
    (4, b"ftypheix", "image/heic", ".heic"),
    (4, b"ftypmif1", "image/heic", ".heic"),
    (4, b"ftyp", "video/mp4", ".mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm", ".webm"),
    (0, b"OggS", "audio/ogg", ".ogg"),
    (0, b"ID3", "audio/mpeg", ".mp3"),
    (0, b"%PDF-", "application/pdf", ".pdf"),
)
GONE = frozenset({401, 403, 404, 410})


class NotCopied(Exception):
    """It never will be; `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_metas(url: str) -> bool:
    """https, the usual port, nobody's name in it, and a host of Meta's."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    plain = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc and "\\" not in url
    return plain and any(host == known or host.endswith(f".{known}") for known in HOSTS)


def sniffed(content: bytes) -> tuple[str, str]:
    """What these bytes are and how such a name ends, `""` when they are nothing that is kept."""
    for at, sign, media_type, ending in _SIGNS:
        if content[at : at + len(sign)] == sign:
            return media_type, ending
    return "", ""


class MediaCopier:
    """Every step of a redirection is judged as the first address was."""

    def __init__(self, session: Callable[[], requests.Session] = requests.Session) -> None:
        self._session = session

    def copy(self, medium: Medium) -> Attachment:
        """`NotCopied` when it cannot be had, `TryLater` when it may be tried again."""
        content = self._content(medium.url)
        media_type, ending = sniffed(content)
        if not media_type:
            raise NotCopied("type_refused")
        return Attachment(_name(medium.name, ending), media_type, content)

    def _content(self, url: str) -> bytes:
        try:
            with self._session() as session:
                session.trust_env = False
                for _ in range(MOST_STEPS):
                    if not is_metas(url):
                        raise NotCopied("host_refused")
                    with session.get(url, timeout=SECONDS, allow_redirects=False, stream=True) as response:
                        if not response.is_redirect:
                            return _read(response)
                        url = urljoin(url, response.headers.get("Location", ""))
        except (requests.RequestException, OSError):
            raise TryLater("a picture's host does not answer") from None
        raise NotCopied("host_refused")


def _read(response: requests.Response) -> bytes:
    if response.status_code in GONE:
        raise NotCopied("expired")
    if response.status_code != 200:
        raise TryLater("a picture's host says: later")
    content, ends = bytearray(), time.monotonic() + WHOLE_SECONDS
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > MOST_BYTES:
            raise NotCopied("too_large")
        if time.monotonic() > ends:
            raise TryLater("a picture came too slowly")
    if not content:
        raise NotCopied("empty")
    return bytes(content)


def _name(said: str, ending: str) -> str:
    last = unquote(said).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if c.isprintable() and c not in '"<>')[:100].strip(" .") or "facebook"
    return plain if plain.lower().endswith(ending) else plain + ending
