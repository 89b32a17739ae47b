"""What does a header say, however badly it was written?"""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from gru.channels.email.charsets import decode

_LONGEST = 64 * 1024
_ENCODED_WORD = re.compile(
    r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]{0,4000}(?:(?<!=)\?(?!=)[^?]{0,200}){0,20})\?="
)
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_MESSAGE_ID = re.compile(r"<([^<>]*)>")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:\\.|[^"\\])*"|[^;]*)')
_RFC2231_NAME = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\([^()]*\)")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Headers:
    """The header fields of one part, in order, as the bytes they were; decoded when asked for."""

    __slots__ = ("_fields", "count", "hint")

    def __init__(self, fields: list[tuple[bytes, bytes]]) -> None:
        self.count = len(fields)
        self.hint = ""  # the charset of raw 8-bit values, when the message names one elsewhere
        self._fields: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._fields.setdefault(name.decode("ascii").lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def names(self) -> Iterator[str]:
        return iter(self._fields)

    def times(self, name: str) -> int:
        return len(self._fields.get(name, ()))

    def all(self, name: str) -> list[str]:
        """Every value of the field, unfolded, encoded words left as they are."""
        return [self._plain(value) for value in self._fields.get(name, ())]

    def first(self, name: str) -> str:
        """The first value that is not empty, unfolded, encoded words left as they are."""
        for value in self._fields.get(name, ()):
            plain = self._plain(value)
            if plain:
                return plain
        return ""

    def text(self, name: str) -> str:
        """The first value, encoded words decoded."""
        return words(self.first(name))

    def _plain(self, value: bytes) -> str:
        cut = value[:_LONGEST]
        text = cut.decode("ascii") if cut.isascii() and b"\x1b" not in cut else decode(cut, hint=self.hint)
        return _SPACE.sub(" ", _CONTROL.sub("", text)).strip()


def words(value: str) -> str:
    """The value with its encoded words decoded; neighbours in one charset may share a character."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[end : match.start()]
        adjacent = end > 0 and not between.strip()
        if not adjacent or match[1].lower() != charset:
            pieces.append(_decoded(pending, charset))
            pieces.append("" if adjacent else between)
            pending = b""
        pending += _word_bytes(match[2], match[3])
        charset, end = match[1].lower(), match.end()
    pieces += [_decoded(pending, charset), value[end:]]
    return _SPACE.sub(" ", _CONTROL.sub("", "".join(pieces))).strip()


def _decoded(content: bytes, charset: str) -> str:
    return decode(content, charset) if content else ""


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        return base64_bytes(text)
    raw = text.replace("_", " ").encode("utf-8", "surrogateescape")
    return _Q_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), raw)


def base64_bytes(text: str) -> bytes:
    """Base64 whatever stands between its characters and however it was cut off."""
    clean = _NOT_BASE64.sub("", text)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return binascii.a2b_base64(clean + "=" * (-len(clean) % 4))
    except (binascii.Error, ValueError):
        return b""


def message_ids(value: str) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value, without brackets or white space."""
    found = _MESSAGE_ID.findall(value) or value.replace("<", " ").replace(">", " ").split()
    return tuple(filter(None, (_SPACE.sub("", each) for each in found[:1000])))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """The main word, lowered, and the parameters of a Content-Type or the like (RFC 2231 and worse)."""
    main, _, _ = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, raw in _PARAMETER.findall(value[len(main) :]):
        bare = _unquoted(raw.strip())
        named = _RFC2231_NAME.match(name.lower())
        if named is None or (named[2] is None and named[3] is None):
            plain.setdefault(name.lower(), words(bare))
        else:
            pieces.setdefault(named[1], []).append((int(named[2] or 0), bool(named[3]), bare))
    for name, parts in pieces.items():
        plain[name] = _rfc2231(parts)
    return _SPACE.sub("", _COMMENT.sub("", main)).lower(), plain


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == '"' and value[-1] == '"':
        return _ESCAPED.sub(r"\1", value[1:-1]).strip()
    return value.strip().strip('"')


def _rfc2231(parts: list[tuple[int, bool, str]]) -> str:
    charset, content = "", b""
    for number, extended, value in sorted(parts):
        if extended and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        content += unquote_to_bytes(value) if extended else value.encode("utf-8", "surrogateescape")
    return words(decode(content, charset))


def moment(value: str) -> datetime | None:
    """An aware instant, or None where the value names no possible one; no zone counts as UTC."""
    try:
        read = parsedate_to_datetime(_COMMENT.sub("", value))
        aware = read if read.tzinfo else read.replace(tzinfo=UTC)
        aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return aware


def received_moment(value: str) -> datetime | None:
    """When a server took the message in: what follows the last semicolon of its Received field."""
    _, semicolon, date = value.rpartition(";")
    return moment(date.strip()) if semicolon else None


def dmarc_passed(results: str, authserv_id: str, from_domain: str) -> bool:
    """Whether our own server found that the sender's domain vouches for the message (RFC 8601)."""
    bare = _without_comments(results)
    server, *checks = bare.split(";")
    if not authserv_id or server.split()[:1] == [] or server.split()[0].lower() != authserv_id.lower():
        return False
    verdicts = [check.split() for check in checks if check.split()[:1]]
    dmarc = [verdict for verdict in verdicts if verdict[0].lower().startswith("dmarc=")]
    if len(dmarc) != 1 or dmarc[0][0].lower() != "dmarc=pass":
        return False
    domains = [word.split("=", 1)[1].lower() for word in dmarc[0] if word.lower().startswith("header.from=")]
    return bool(domains) and all(domain.strip('"') == from_domain.lower() for domain in domains)


def _without_comments(value: str) -> str:
    for _ in range(10):
        value, changed = _COMMENT.subn("", value)
        if not changed:
            break
    return re.sub(r"\s*=\s*", "=", value)
