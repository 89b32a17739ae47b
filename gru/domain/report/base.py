"""What do all wishes about a report or a decision carry?"""

import msgspec


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A wish about one stream: a report's or a decision's."""

    stream: str
