"""What did Outlook wrap into winmail.dat?"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from gru.channels.email.charsets import decode

_SIGNATURE = 0x223E9F78
_ATTACHMENT = 2  # the level of attributes that belong to a file
_BEGIN, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_CODE_PAGE, _BODY, _MESSAGE_PROPERTIES = 0x9007, 0x800C, 0x9003
_LONG_NAME, _SHORT_NAME, _MIME_TYPE, _OBJECT = 0x3707, 0x3704, 0x370E, 0x3701
_PLAIN_BODY, _HTML_BODY = 0x1000, 0x1013
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_STRINGS = {30, 31, 13, 258}
_MOST = 500


@dataclass(slots=True)
class File:
    name: str = ""
    content_type: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Unpacked:
    """The files, and the words where the mail has them nowhere else."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""


def unpack(content: bytes) -> Unpacked:
    """As much as can be read; a wrong length ends the reading, not the mail."""
    found, charset = Unpacked(), "cp1252"
    for level, tag, value in _attributes(content):
        if tag == _CODE_PAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif level == _ATTACHMENT:
            _read_file(found, tag, value, charset)
        elif tag == _BODY:
            found.text = decode(value.rstrip(b"\0"), charset)
        elif tag == _MESSAGE_PROPERTIES:
            properties = dict(_properties(value))
            found.text = found.text or _string(properties.get(_PLAIN_BODY), charset)
            found.html = _string(properties.get(_HTML_BODY), charset)
    found.files = [file for file in found.files if file.content]
    return found


def _attributes(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(level, tag, value) of each attribute."""
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:
        return
    at = 6
    while at + 9 <= len(content):
        level, tag, length = struct.unpack_from("<BII", content, at)
        at += 9
        if at + length > len(content):
            return
        yield level, tag & 0xFFFF, content[at : at + length]
        at += length + 2


def _read_file(found: Unpacked, tag: int, value: bytes, charset: str) -> None:
    if tag == _BEGIN and len(found.files) < _MOST:
        found.files.append(File())
    if not found.files:
        return
    file = found.files[-1]
    if tag == _TITLE:
        file.name = file.name or _string((30, value), charset)
    elif tag == _DATA:
        file.content = value
    elif tag == _PROPERTIES:
        properties = dict(_properties(value))
        file.name = _string(properties.get(_LONG_NAME) or properties.get(_SHORT_NAME), charset) or file.name
        file.content_type = _string(properties.get(_MIME_TYPE), charset)
        if not file.content and _OBJECT in properties:
            file.content = properties[_OBJECT][1]


def _string(value: tuple[int, bytes] | None, charset: str) -> str:
    if value is None:
        return ""
    kind, content = value
    if kind == 31:
        return content.decode("utf-16-le", "replace").rstrip("\0")
    return decode(content.rstrip(b"\0"), charset)


def _properties(value: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """(id, (type, value)) of each MAPI property; the first value where there are several."""
    try:
        yield from _read_properties(value)
    except (struct.error, ValueError):
        return


def _read_properties(value: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    (count,), at = struct.unpack_from("<I", value), 4
    for _ in range(min(count, 10_000)):
        kind, name = struct.unpack_from("<HH", value, at)
        at += 4
        if name >= 0x8000:
            at = _after_name(value, at)
        several, kind = bool(kind & 0x1000), kind & 0x0FFF
        times = 1
        if several or kind in _STRINGS:
            (times,) = struct.unpack_from("<I", value, at)
            at += 4
        first = b""
        for number in range(times):
            at, read = _one_value(value, at, kind)
            first = read if number == 0 else first
            if at > len(value):
                raise ValueError("a property longer than what holds it")
        yield name, (kind, first)


def _after_name(value: bytes, at: int) -> int:
    """Where a named property's value begins: behind its GUID and its number or name."""
    by_text: int
    length: int
    by_text, length = struct.unpack_from("<II", value, at + 16)
    if not by_text:
        return at + 24
    return at + 24 + length + (-length % 4)


def _one_value(value: bytes, at: int, kind: int) -> tuple[int, bytes]:
    if kind not in _STRINGS:
        size = _SIZES[kind] if kind in _SIZES else len(value)
        return at + size, value[at : at + size]
    (length,) = struct.unpack_from("<I", value, at)
    return at + 4 + length + (-length % 4), value[at + 4 : at + 4 + length]
