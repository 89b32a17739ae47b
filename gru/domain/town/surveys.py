"""When are residents asked for their opinion, and how often at most?"""

import msgspec


class Surveys(msgspec.Struct, frozen=True, kw_only=True):
    """`after_days` the closing, for `window_days` more (what closed long before is left alone); nobody is asked again
    within `rest_days`. Which types are never asked about stands with each type."""

    ask: bool = True
    after_days: int = 4
    window_days: int = 4
    rest_days: int = 60
