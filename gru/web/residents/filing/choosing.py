"""Which request of the catalogue does a resident mean by his own words?"""

import re
import unicodedata
from collections.abc import Iterable

from gru.domain.town import RequestType

MOST = 8
LONGEST = 200
_WORD = re.compile(r"[^\W_]+")
_EMPTY_WORDS = """a ai au aux avec ce ces cette comment d dans de des du elle en est et faire il j je l la le les leur m
    ma me mes mon n ne nous on ou par pas pour qu que qui s sa se ses son sur un une veux voudrais y"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


def meant(kinds: Iterable[RequestType], words: str) -> tuple[RequestType, ...]:
    """The likeliest first: those whose synonyms or name share his words; none when none does."""
    said = _telling(words[:LONGEST])
    if not said:
        return ()
    scored = [(_score(kind, said), kind) for kind in kinds]
    best = sorted(((score, kind) for score, kind in scored if score), key=lambda one: (-one[0], one[1].label))
    return tuple(kind for score, kind in best if score * 3 >= best[0][0])[:MOST]


def _score(kind: RequestType, said: list[str]) -> float:
    """Each of his words counts once, most where it makes up a whole synonym."""
    phrases = [(2.0, _telling(phrase)) for phrase in kind.synonyms] + [(1.5, _telling(kind.label))]
    return sum(max((_worth(word, weight, phrase) for weight, phrase in phrases), default=0.0) for word in said)


def _worth(word: str, weight: float, phrase: list[str]) -> float:
    alike = max((_alike(word, other) for other in phrase), default=0.0)
    return weight * alike * (0.5 + 0.5 / len(phrase)) if alike else 0.0


def _alike(one: str, other: str) -> float:
    """1 for the same word, a little less for another form of it: `lampadaires`, `lampadaire`."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    longer = len(long) - len(short)
    inflected = len(short) >= 3 and long.startswith(short) and longer <= 2
    same_stem = longer <= 3 and len(short) >= 6 and long[: len(short) - 1] == short[:-1]
    return 0.8 if inflected or same_stem else 0.0


def _telling(text: str) -> list[str]:
    apart = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    found = _WORD.findall(plain)
    return [word for word in found if word not in _EMPTY] or found
