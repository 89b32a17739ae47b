"""What is a deed that an effect asks for, and how does it say that its time has not come?"""

from collections.abc import Callable
from datetime import datetime

Deed = Callable[[str, str, str], None]
"""Called with the case, the reply (`""` where there is none) and the effect's key as cause; safe to do twice."""


class NotYet(Exception):
    """To be done again from `at` on; nothing has gone wrong."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"not before {at.isoformat()}")
        self.at = at
