"""In which form are words kept and compared, so that « Éclairages » finds « eclairage »?

Case and accents are folded, ligatures opened; numbers keep together however they were spaced.
"""

import re
import unicodedata

_PHONE = re.compile(r"(?<!\d)(?:\+33|0033|0)[\s.\-]?[1-9](?:[\s.\-]?\d\d){4}(?!\d)")
_REFERENCE = re.compile(r"(?<=\d)[-.](?=\d)")
_LOOSE_ACCENTS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Small letters without accents: `École` and `ecole` become one."""
    small = _opened(text.lower())
    if small.isascii():
        return small
    apart = unicodedata.normalize("NFKD", small)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def tidied(text: str) -> str:
    """A text in small letters, still with its accents; `06 39 98 12 34` and `2026-004817` become one word each."""
    small = _opened(text.lower())
    for digit in "0123456789":
        if digit in small:
            return _REFERENCE.sub("", _PHONE.sub(_national, small))
    return small


def spelled(tidy: str) -> list[str]:
    """The words of a tidied text."""
    return _WORD.findall(tidy)


def _opened(small: str) -> str:
    """Accents in one piece with their letters, ligatures in two letters."""
    if small.isascii():
        return small
    if "\u0307" in small or not unicodedata.is_normalized("NFC", small):
        small = _LOOSE_ACCENTS.sub("", unicodedata.normalize("NFC", small))
    return small.replace("œ", "oe").replace("æ", "ae")


def _national(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found.group())
    return f" 0{digits[-9:]} "


def names(text: str) -> str:
    """A name as it is compared: `LEFÈVRE-Martin, Claire` becomes `lefevre martin claire`."""
    return " ".join(_WORD.findall(folded(text)))
