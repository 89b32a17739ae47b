"""Which figures does a text insert, is each of them known, and how many sentences is it?"""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches

MOST_SENTENCES = 5
"""What is to be kept in mind must be short enough to be kept."""

_INSERTED = re.compile(r"\{\{\s*([^{}\n]{0,80}?)\s*\}\}")
_END = re.compile(r"[.!?…]+(?=[\s»”\"')]|$)|\n+")
_ABBREVIATED = re.compile(r"\b(?:M|MM|Mme|Mmes|Mlle|art|cf|env|etc|n|p|ex|av|bd|St|Ste)\.", re.IGNORECASE)


def names_in(text: str) -> tuple[str, ...]:
    """The names between double braces, each once, in the order of the text."""
    return tuple(dict.fromkeys(found[1].casefold() for found in _INSERTED.finditer(text)))


def filled(text: str, said: Callable[[str], str]) -> str:
    """The text with what is said of each name in its place."""
    return _INSERTED.sub(lambda found: said(found[1].casefold()), text)


def half_open(text: str) -> bool:
    """Braces that open or close no name: a figure somebody meant to insert and did not."""
    rest = _INSERTED.sub("", text)
    return "{{" in rest or "}}" in rest


def nearest(name: str, known: Collection[str], most: int = 3) -> tuple[str, ...]:
    """The names that look most like this one."""
    return tuple(get_close_matches(name, list(known), n=most, cutoff=0.4))


def sentences(text: str) -> int:
    """How many sentences or lines the text is; points in numbers, names of figures and abbreviations end none."""
    plain = _ABBREVIATED.sub("", _INSERTED.sub("0", text)).strip()
    parts = [part for part in _END.split(plain) if part and any(sign.isalnum() for sign in part)]
    return len(parts)
