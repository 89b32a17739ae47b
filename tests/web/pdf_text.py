"""What does a PDF of the typesetter say? Read out of its pages with nothing but the standard library.

Enough of the format for what the typesetter writes: deflated pages, fonts with a table to Unicode.
"""

import re
import zlib

_ESCAPED = {"n": 10, "r": 13, "t": 9, "b": 8, "f": 12}
_PLAIN = rb"(?:\\.|[^\\()])"
_INNER = rb"(?:" + _PLAIN + rb"|\((?:" + _PLAIN + rb"|\(" + _PLAIN + rb"*\))*\))"
_TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|\((" + _INNER + rb"*)\)|<([0-9A-Fa-f]*)>(?!>)", re.S)
_SAID = rb"\s*(?:\((" + _INNER + rb"*)\)|<([0-9A-Fa-f]*)>)"
_ARTIFACT = re.compile(rb"/Artifact\b.*?BDC.*?EMC|/Artifact BMC.*?EMC", re.S)


def pages(content: bytes) -> list[str]:
    """The words of each page in the order in which they are read, without its head and foot."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(?s)\b(\d+) 0 obj\s(.*?)\bendobj", content)}
    return [_page(objects, body) for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]


def bare(text: str) -> str:
    """Without any space: lines are broken elsewhere on paper."""
    return "".join(text.split())


def bookmarks(content: bytes) -> list[str]:
    """The titles of the outline."""
    return [_words(*found) for found in re.findall(rb"/Title" + _SAID + rb"/Dest\b", content, re.S)]


def alternatives(content: bytes) -> list[str]:
    """What is said of each picture to who does not see it."""
    return [_words(*found) for found in re.findall(rb"/Alt" + _SAID, content, re.S)]


def _words(literal: bytes, hexadecimal: bytes) -> str:
    raw = _unescaped(literal) or bytes.fromhex(hexadecimal.decode())
    return raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


def _page(objects: dict[int, bytes], page: bytes) -> str:
    fonts = {name: _unicode(objects, number) for name, number in _fonts(objects, page)}
    said, font = [], {}
    for token in _TOKEN.finditer(_ARTIFACT.sub(b"", _stream(objects[_reference(page, b"Contents")]))):
        if token[1]:
            font = fonts.get(token[1], {})
            continue
        raw = _unescaped(token[2]) if token[2] is not None else bytes.fromhex(token[3].decode())
        said += [font.get(int.from_bytes(raw[at : at + 2]), "") for at in range(0, len(raw), 2)]
    return "".join(said)


def _fonts(objects: dict[int, bytes], page: bytes) -> list[tuple[bytes, int]]:
    resources = objects[_reference(page, b"Resources")]
    named = re.search(rb"/Font\s*<<(.*?)>>", resources, re.S)
    return [(name, int(number)) for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", named[1])] if named else []


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, f"no {name!r} in {body[:200]!r}"
    return int(found[1])


def _unicode(objects: dict[int, bytes], font: int) -> dict[int, str]:
    table = _stream(objects[_reference(objects[font], b"ToUnicode")])
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <((?:[0-9A-Fa-f]{4})+)>\s*\n", table)
    return {int(glyph, 16): bytes.fromhex(signs.decode()).decode("utf-16-be") for glyph, signs in pairs}


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream")
    raw = rest.removeprefix(b"\r").removeprefix(b"\n").rpartition(b"endstream")[0]
    return zlib.decompressobj().decompress(raw) if b"FlateDecode" in head else raw


def _unescaped(raw: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(raw):
        sign = raw[at : at + 1]
        if sign != b"\\":
            out += sign
            at += 1
            continue
        octal = re.match(rb"[0-7]{1,3}", raw[at + 1 : at + 4])
        if octal:
            out.append(int(octal[0], 8))
            at += 1 + len(octal[0])
        else:
            following = raw[at + 1 : at + 2].decode("latin-1")
            out.append(_ESCAPED.get(following, ord(following)))
            at += 2
    return bytes(out)
