"""What is this file really, and under which name may it be kept?"""

import re

_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic"})
LONGEST_NAME = 120

_UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"<>:|?*]')


def sniffed(content: bytes) -> str:
    """The safe type these bytes show, `""` when it is none of those accepted."""
    for at, sign, media_type in _SIGNS:
        if content[at : at + len(sign)] == sign:
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "image/heic"
    return ""


def plain_name(claimed: str) -> str:
    """The last part of what was claimed, without anything a folder, a header or a page could stumble over."""
    last = claimed.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    clean = " ".join(_UNSAFE.sub("", last).split()).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > LONGEST_NAME and dot and 1 <= len(ending) <= 8:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return clean[:LONGEST_NAME] or "fichier"


def renamed(name: str, ending: str) -> str:
    """The same name with the ending of what the file is now: `page.html` that is a picture becomes `page.jpg`."""
    stem, dot, old = name.rpartition(".")
    if not dot or not 1 <= len(old) <= 8:
        stem = name
    return f"{stem[: LONGEST_NAME - len(ending)]}{ending}"
