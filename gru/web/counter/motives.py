"""Which request type do these words of a resident mean?"""

from collections.abc import Iterable

from gru.domain.town import RequestType
from projections.base import folded, spelled, tidied

MOST = 6
OTHER = "autre"
"""What is chosen when no type fits: the department that receives will say what it is."""


def fitting(types: Iterable[RequestType], words: str) -> tuple[RequestType, ...]:
    """The types whose name or synonyms these words begin, the best first."""
    asked = _words(words)
    if not asked:
        return ()
    scored = [(_score(kind, asked), kind.label, kind) for kind in types]
    found = sorted((one for one in scored if one[0]), key=lambda one: (-one[0], one[1]))
    return tuple(kind for _, _, kind in found[:MOST])


def _score(kind: RequestType, asked: list[str]) -> int:
    """The best of its phrases counts: all words found is better than some, a whole phrase better than its beginning."""
    return max(_likeness(_words(phrase), asked) for phrase in (kind.label, *kind.synonyms))


def _likeness(phrase: list[str], asked: list[str]) -> int:
    hits = sum(any(word.startswith(part) for word in phrase) for part in asked)
    if not hits:
        return 0
    if phrase == asked:
        return 1000
    whole = 500 if hits == len(asked) else 0
    return whole + 100 * hits // len(asked) + 10 * hits // max(1, len(phrase))


def _words(text: str) -> list[str]:
    return [word for word in spelled(folded(tidied(text))) if len(word) > 1 and word not in _SMALL]


_SMALL = frozenset(("le", "la", "les", "un", "une", "des", "de", "du", "dans", "sur", "et", "ou", "au", "aux", "mon",
                    "ma", "mes", "pour", "en", "il", "elle", "je", "ne", "pas", "qui", "que", "est"))  # fmt: skip
