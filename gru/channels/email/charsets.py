"""Which characters did these bytes mean?"""

import codecs
import re

from charset_normalizer import from_bytes

_ALIASES = {
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "x-utf-8": "utf-8",
    "big5": "big5hkscs", "tis-620": "cp874", "iso-8859-8-i": "iso-8859-8", "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman", "x-cp1252": "cp1252", "win-1252": "cp1252", "ansi": "cp1252",
}  # fmt: skip
_UNDECLARED = {
    "",
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "unknown-8bit",
    "x-unknown",
    "default",
    "binary",
    "8bit",
}
_NOT_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_LATIN_1 = {"iso8859-1", "iso8859-15", "iso8859-9"}
_SINGLE_BYTE = re.compile(r"iso8859-|cp125|cp8[5-9]|latin|mac-|koi8|charmap")
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\([IJ])")
_WESTERN = re.compile(rb"[\x80-\xff]{4,}")
_GUESSED = ["gb18030", "big5", "cp932", "euc_jp", "cp949", "koi8_r", "cp1251", "cp1250", "cp1253"]
_SAMPLE = 4096
_ASCII = bytes(range(128))


def _keep_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as windows-1252, each by itself."""
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    return "".join(_cp1252_byte(byte) for byte in wrong), error.end


def _cp1252_byte(byte: int) -> str:
    return bytes((byte,)).decode("cp1252", "replace")


codecs.register_error("gru-cp1252", _keep_as_cp1252)


def decode(content: bytes, declared: str = "", hint: str = "") -> str:
    """The text of `content`: what was declared if it holds, else what the bytes themselves say.

    `hint` is a charset that stands elsewhere in the message, used when none is declared here.
    """
    if content.isascii() and b"\x1b" not in content and declared.lower() in ("", "utf-8", "us-ascii", "iso-8859-1"):
        return content.decode("ascii")
    codec = _codec(declared)
    if not codec:
        return _undeclared(content, _codec(hint))
    if codec == "utf-8":
        return _utf_8(content)
    if _SINGLE_BYTE.match(codec):
        return _single_byte(content, codec)
    if codec.startswith(("utf-16", "utf-32")):
        return _wide(content, codec)
    return _without_surrogates(content.decode(codec, "replace"))


def _without_surrogates(text: str) -> str:
    """UTF-7 and the wide forms can hold halves of characters that cannot be written again."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _codec(declared: str) -> str:
    """The name of the Python codec for a declared charset, "" when it says nothing usable."""
    name = declared.strip().strip("\"'").lower()
    if name in _UNDECLARED or "\0" in name:
        return ""
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
        b"".decode(found)
    except (LookupError, UnicodeError, ValueError):
        return ""
    if found == "ascii" or found.replace("-", "_") in _NOT_CHARSETS:
        return ""
    return found


def _utf_8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("utf-8-sig", "gru-cp1252")


def _single_byte(content: bytes, codec: str) -> str:
    """A single-byte charset holds any bytes; text that is valid UTF-8 as well was declared wrongly."""
    if not content.isascii():
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    if codec in _LATIN_1 and any(0x80 <= byte < 0xA0 for byte in set(content)):
        codec = "cp1252"
    return content.decode(codec, "replace")


def _wide(content: bytes, codec: str) -> str:
    if b"\0" not in content:
        return _undeclared(content, "")
    return _without_surrogates(content.decode(codec, "replace"))


def _undeclared(content: bytes, hint: str) -> str:
    if _ISO_2022_JP.search(content):
        return content.decode("iso2022_jp_ext", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if hint and hint != "utf-8":
        return _single_byte(content, hint) if _SINGLE_BYTE.match(hint) else content.decode(hint, "replace")
    if _has_utf_8(content):
        return content.decode("utf-8-sig", "gru-cp1252")
    return content.decode(_guess(content), "replace")


def _has_utf_8(content: bytes) -> bool:
    """Whether most of the non-ASCII bytes belong to valid UTF-8 sequences."""
    kept = content.decode("utf-8", "ignore").encode("utf-8")
    return _high(kept) * 2 > _high(content)


def _high(content: bytes) -> int:
    return len(content.translate(None, delete=_ASCII))


def _guess(content: bytes) -> str:
    """In Western text accented letters stand alone; long runs of them speak another language."""
    runs = sum(len(run) for run in _WESTERN.findall(content))
    if runs * 2 < _high(content):
        return "cp1252"
    best = from_bytes(content[:_SAMPLE], cp_isolation=_GUESSED).best()
    return best.encoding if best else "cp1252"
