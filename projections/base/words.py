"""In which form are words kept and compared, so that « Éclairages » finds « eclairage »?

Case and accents are folded, ligatures opened; numbers keep together however they were spaced.
"""

import re
import unicodedata
from collections.abc import Iterator

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'"})
_PHONE = re.compile(r"(?<!\d)(?:\+33|0033|0)[\s.\-]?[1-9](?:[\s.\-]?\d\d){4}(?!\d)")
_REFERENCE = re.compile(r"(?<=\d)[-.](?=\d)")
_WORD = re.compile(r"[^\W_]+")
LONGEST = 40


def folded(text: str) -> str:
    """Small letters without accents: `École` and `ecole` become one."""
    small = text.lower().translate(_LIGATURES)
    if small.isascii():
        return small
    apart = unicodedata.normalize("NFKD", small)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def spelled(text: str) -> Iterator[str]:
    """The words of a text in small letters, still with their accents; `06 39 98 12 34` and `2026-004817` are one."""
    small = text.lower().translate(_LIGATURES)
    small = _PHONE.sub(lambda found: _national(found.group()), small)
    small = _REFERENCE.sub("", small)
    for found in _WORD.finditer(small):
        yield found.group()[:LONGEST]


def _national(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f" 0{digits[-9:]} "


def names(text: str) -> str:
    """A name as it is compared: `LEFÈVRE-Martin, Claire` becomes `lefevre martin claire`."""
    return " ".join(_WORD.findall(folded(text)))
