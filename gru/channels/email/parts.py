"""How does a raw message fall into its parts?

Our own splitter, on offsets into the bytes: the standard one loses every header after a broken line, recurses
into hostile nesting and reads a 30 MB photo line by line.
"""

import binascii
import re
from dataclasses import dataclass, field

from gru.channels.email.headers import Headers, base64_bytes, parameters

DEEPEST = 20
MOST_PARTS = 1000
LONGEST_HEADERS = 1_000_000  # bytes of one header block
_MOST_BROKEN = 100
_AHEAD = 40  # lines to look for a real header after a broken one

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_BLANK = re.compile(rb"[ \t]*\r?(?:\n|\Z)")
_BODY = re.compile(rb"\n[ \t]*\r?\n")
_MBOX_FROM = re.compile(rb">?From (?![ \t]*:)")
_BLANK_LINES = re.compile(rb"(?:[ \t]*\r?\n)*")
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|in-reply-to|references|reply-to|sender|received|return-path"
    rb"|mime-version|content-[a-z-]+|x-[a-z0-9-]+|list-[a-z-]+|auto-submitted|precedence|delivered-to|importance"
    rb"|dkim-signature|authentication-results|thread-[a-z]+|user-agent|status|organization|errors-to|arc-[a-z-]+)"
    rb"[ \t]*:",
    re.IGNORECASE,
)
_PART_OPENING = re.compile(rb"^--([^\s][^\r\n]{0,200})\r?\n(?=content-[a-z-]+:)", re.IGNORECASE | re.MULTILINE)
_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t][^\n]*\n", re.MULTILINE)
_QP_SOFT = re.compile(rb"=[ \t]+(?=\r?\n)")


@dataclass(slots=True)
class Part:
    """One node of the message: its headers, where its body lies, its children."""

    headers: Headers
    raw: bytes
    start: int
    end: int
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_parameters: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)

    @property
    def encoded(self) -> bytes:
        return self.raw[self.start : self.end]

    def content(self) -> bytes:
        """The body after its transfer encoding."""
        return _transferred(self.encoded, self.headers.first("content-transfer-encoding"))


@dataclass(slots=True)
class _Reading:
    """What is counted over the whole message."""

    defects: dict[str, None]
    parts: int = 0


def split(raw: bytes, defects: dict[str, None]) -> Part:
    """The tree of parts; what is wrong goes into `defects` as short codes, in order."""
    raw = _with_newlines(raw, defects)
    reading = _Reading(defects)
    return _part(raw, _opening(raw, defects), len(raw), reading, 0, "text/plain")


def _with_newlines(raw: bytes, defects: dict[str, None]) -> bytes:
    if b"\n" not in raw and b"\r" in raw:
        defects["bare-cr"] = None
        return raw.replace(b"\r", b"\n")
    return raw


def _opening(raw: bytes, defects: dict[str, None]) -> int:
    """Where the headers begin: after a byte order mark, blank lines or the "From " line of an mbox."""
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    blank = _BLANK_LINES.match(raw, start)
    start = blank.end() if blank else start
    if _MBOX_FROM.match(raw, start):
        defects["mbox-from"] = None
        start = _line_end(raw, start, len(raw))
    return start


def _line_end(raw: bytes, start: int, end: int) -> int:
    newline = raw.find(b"\n", start, end)
    return end if newline < 0 else newline + 1


def _part(raw: bytes, start: int, end: int, reading: _Reading, depth: int, default: str) -> Part:
    reading.parts += 1
    fields, body = _fields(raw, start, end, reading, depth)
    part = Part(Headers(fields), raw, body, end)
    part.content_type, part.parameters = _type_of(part.headers, default)
    part.disposition, part.disposition_parameters = parameters(part.headers.first("content-disposition"))
    if part.content_type.startswith("multipart/"):
        _divide(part, reading, depth)
    return part


def _type_of(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    if "content-type" not in headers:
        return default, {}
    kind, found = parameters(headers.first("content-type"))
    if kind.count("/") != 1 or kind.startswith("/") or kind.endswith("/"):
        kind = "text/html" if kind == "html" else default
    return kind, found


def _fields(raw: bytes, start: int, end: int, reading: _Reading, depth: int) -> tuple[list[tuple[bytes, bytes]], int]:
    """The header fields, and where the body begins."""
    fields: list[tuple[bytes, bytes]] = []
    broken = 0
    at, limit = start, min(end, start + LONGEST_HEADERS)
    while at < limit:
        match = _FIELD.match(raw, at, limit)
        if match and (fields or depth == 0 or _KNOWN.match(raw, at, end)):
            fields.append((match[1], match[2]))
            at = match.end()
            continue
        blank = _BLANK.match(raw, at, end)
        if blank and blank.end() > at:
            return fields, blank.end()
        broken += 1
        if broken > _MOST_BROKEN or not _headers_follow(raw, at, end):
            reading.defects["no-blank-line"] = None
            return fields, at
        reading.defects["broken-header"] = None
        at = _line_end(raw, at, end)
    if limit == end:
        return fields, end
    reading.defects["too-many-headers"] = None
    body = _BODY.search(raw, limit, end)
    return fields, body.end() if body else end


def _headers_follow(raw: bytes, at: int, end: int) -> bool:
    """Whether the line at `at` is a broken one among headers rather than the first of the text."""
    for _ in range(_AHEAD):
        at = _line_end(raw, at, end)
        if at >= end or raw[at : at + 2] == b"\r\n" or raw[at : at + 1] == b"\n":
            return False
        if _KNOWN.match(raw, at, end):
            return True
    return False


def _divide(part: Part, reading: _Reading, depth: int) -> None:
    if depth >= DEEPEST:
        reading.defects["too-deep"] = None
        return
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    for start, end in _pieces(part, reading):
        if reading.parts >= MOST_PARTS:
            reading.defects["too-many-parts"] = None
            return
        part.children.append(_part(part.raw, start, end, reading, depth + 1, default))


def _pieces(part: Part, reading: _Reading) -> list[tuple[int, int]]:
    """Where the children lie: from after each delimiter line to before the next."""
    boundary = part.parameters.get("boundary", "").encode("utf-8", "surrogateescape")
    lines = _delimiters(part, boundary) if boundary else []
    if not lines:
        reading.defects["boundary-not-found" if boundary else "no-boundary"] = None
        opening = _PART_OPENING.search(part.raw, part.start, part.end)
        lines = _delimiters(part, opening[1].rstrip()) if opening else []
    pieces = []
    for index, (_, after, closing) in enumerate(lines):
        if closing:
            break
        if index + 1 == len(lines):
            reading.defects["no-final-boundary"] = None
        pieces.append((after, lines[index + 1][0] if index + 1 < len(lines) else part.end))
    return pieces


def _delimiters(part: Part, boundary: bytes) -> list[tuple[int, int, bool]]:
    """(end of the text before, start of the text after, closing?) of each line that is the boundary."""
    found: list[tuple[int, int, bool]] = []
    raw, mark = part.raw, b"\n--" + boundary
    at = part.start - 1 if raw.startswith(mark[1:], part.start) else raw.find(mark, part.start, part.end)
    while at >= 0 and len(found) <= MOST_PARTS:
        after = at + len(mark)
        rest = raw[after : min(after + 200, part.end)].partition(b"\n")[0].strip()
        if rest in (b"", b"--"):
            before = at - 1 if raw[at - 1 : at] == b"\r" else at
            found.append((max(before, part.start), _line_end(raw, after, part.end), rest == b"--"))
        at = raw.find(mark, after, part.end)
    return found


def _transferred(encoded: bytes, encoding: str) -> bytes:
    match encoding.partition(";")[0].strip().lower():
        case "base64":
            return _base64(encoded)
        case "quoted-printable":
            return binascii.a2b_qp(_QP_SOFT.sub(b"=", encoded))
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return uudecoded(encoded)
    return encoded


def _base64(encoded: bytes) -> bytes:
    try:
        return binascii.a2b_base64(encoded)
    except (binascii.Error, ValueError):
        return base64_bytes(encoded.decode("latin-1"))


def uudecoded(encoded: bytes) -> bytes:
    """What a uuencoded block holds, as far as it can be read."""
    begin = _UU_BEGIN.search(encoded)
    pieces = []
    for line in encoded[begin.end() if begin else 0 :].splitlines():
        if line.strip() == b"end":
            break
        pieces.append(_uu_line(line))
    return b"".join(pieces)


def _uu_line(line: bytes) -> bytes:
    """One line; a wrong length or lost trailing blanks do not spoil the rest."""
    if not line.strip():
        return b""
    try:
        return binascii.a2b_uu(line)
    except (binascii.Error, ValueError):
        characters = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[: characters + 1])
        except (binascii.Error, ValueError):
            return b""
