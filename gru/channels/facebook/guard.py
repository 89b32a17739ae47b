"""May these words stand where everybody reads them? No personal data, nothing of a case, no word of law."""

import re
import unicodedata

LONGEST_PUBLIC = 300
LONGEST_PRIVATE = 2000

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
_CASE = re.compile(r"\b20\d\d[-\u2010-\u2015 ]\d{6,7}\b")
_DIGITS = re.compile(r"(?:\d[\s.\-/()\u00a0\u202f]{0,2}){9,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[\sA-Z0-9]{10,30}\b")
_STREET = re.compile(
    r"\b\d{1,4}\s*(?:bis|ter|quater)?,?\s+(?:rue|avenue|av\.?|boulevard|bd|place|chemin|impasse|allee|route|quai|cours"
    r"|square|passage|villa|residence)\b"
)
_LAW = re.compile(
    r"\brecours\b|\btribunal\b|\barticle\s+[lrd]\.?\s*\d|\bdecision implicite\b|\bsilence\b|\bdelai legal\b"
    r"|\bvoies? de recours\b|\bdeux mois\b|\bcode des relations\b"
)


def faults(text: str, name: str = "") -> tuple[str, ...]:
    """Codes of what may not stand in public; `name` is the requester's, whose last name nobody need read."""
    plain = _plain(text)
    found = {
        "too_long": len(text) > LONGEST_PUBLIC,
        "case": bool(_CASE.search(plain)),
        "email": bool(_EMAIL.search(plain)),
        "number": bool(_DIGITS.search(_CASE.sub("", plain)) or _IBAN.search(text.upper())),
        "address": bool(_STREET.search(plain)),
        "name": any(re.search(rf"\b{re.escape(part)}\b", plain) for part in _last_names(name)),
        "law": bool(_LAW.search(plain)),
    }
    return tuple(code for code, wrong in found.items() if wrong)


def _last_names(name: str) -> list[str]:
    """All but the first word: a first name alone is what the page shows anyway."""
    return [part for part in _plain(name).split()[1:] if len(part) > 2]


def _plain(text: str) -> str:
    """Lower case without accents, and without the letters that only look alike."""
    spread = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in spread if not unicodedata.combining(letter) and letter != "\u200b")
