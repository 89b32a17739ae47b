"""Which French sentence stands behind this key?

Every word a user reads comes from `copy.fr.json`: key to text, `{placeholders}`, plurals as `.one` and `.other`.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from projections.base import folded

THIN = "\u202f"
"""Narrow no-break space: before ; ! ?, inside numbers, hours and durations."""


def alphabetical(name: str) -> str:
    """What names are put in order by: « Éducation » comes before « Espaces verts », not after « Voirie »."""
    return folded(name)


class NoSuchCopy(LookupError):
    """A key nobody wrote: a fault of the program, never of the reader."""


@cache
def catalogue() -> Mapping[str, str]:
    copy: dict[str, str] = json.loads(Path(__file__).with_name("copy.fr.json").read_text("utf-8"))
    return copy


def t(key: str, **values: object) -> str:
    """The sentence of `key`, filled; `n` chooses between singular and plural (French: 0 and 1 are singular)."""
    copy = catalogue()
    text = copy.get(key)
    if text is None and "n" in values:
        count = values["n"]
        text = copy.get(f"{key}.{'one' if isinstance(count, int) and abs(count) < 2 else 'other'}")
    if text is None:
        raise NoSuchCopy(key)
    if not values:
        return text
    return text.format_map({name: written(value) for name, value in values.items()})


def known(key: str) -> bool:
    copy = catalogue()
    return key in copy or f"{key}.other" in copy


def written(value: object) -> str:
    """A value inside a sentence: whole numbers are grouped by three, the rest is shown as it is."""
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def number(value: int) -> str:
    return f"{value:,}".replace(",", THIN)


def decimal(value: float, digits: int = 1) -> str:
    return f"{value:,.{digits}f}".replace(",", THIN).replace(".", ",")
