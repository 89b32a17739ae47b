"""What can an agent do to a case? Each module holds the actions of one topic."""

from gru.web.agents.deeds import asking, beside, ending, facebook, handling, joining, telling, waiting, words
from gru.web.agents.deeds.base import Deed, Values, Wish, pairs, still_open

ALL: tuple[Deed, ...] = (
    *words.DEEDS,
    *handling.DEEDS,
    *waiting.DEEDS,
    *telling.DEEDS,
    *asking.DEEDS,
    *ending.DEEDS,
    *joining.DEEDS,
    *beside.DEEDS,
    *facebook.DEEDS,
)
BY_SLUG = {deed.slug: deed for deed in ALL}

__all__ = ["ALL", "BY_SLUG", "Deed", "Values", "Wish", "pairs", "still_open"]
