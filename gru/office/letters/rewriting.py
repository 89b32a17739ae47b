"""How much of a template is left in what was sent? Where little is left, the template is of little use."""

import re
from collections import Counter

_HOLE = re.compile(r"\[à compléter\s*:[^\]\n]{0,200}\]", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def words_kept(draft: str, sent: str) -> int | None:
    """The share of the draft's words that still stand in what was sent, in percent, wherever they stand.

    What an agent had to fill in anyway does not count; `None` when nothing else was there.
    """
    before = Counter(_WORD.findall(_HOLE.sub(" ", draft).lower()))
    if not before:
        return None
    return round(100 * (before & Counter(_WORD.findall(sent.lower()))).total() / before.total())
