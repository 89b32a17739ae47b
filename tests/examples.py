"""How many examples does a property look at? Some in every run, all of them in the full one (`bin/test --full`)."""

import os

FULL = os.environ.get("GRU_TESTS") == "full"
SHARE = 8
FEWEST = 5


def examples(number: int) -> int:
    """`number` in the full run, an eighth of them in every other."""
    return number if FULL else max(FEWEST, number // SHARE)
