"""In which order do the tests run, so that at the end no worker is left alone with a long one?

`--dist worksteal` gives each worker an equal part of the list, one after the other, and who is done takes from the end
of another's part. So each part begins with files that last: those with a browser in one, for it is started once a
worker, those that were given more time than others in the rest.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol, TypeVar


class Test(Protocol):
    """What is asked of one: its file, and whether it was given more time, or a browser."""

    @property
    def path(self) -> object: ...

    def get_closest_marker(self, name: str) -> object: ...


T = TypeVar("T", bound=Test)


def dealt(tests: Sequence[T], workers: int) -> list[T]:
    """The same tests, in so many parts."""
    files = [list(some) for _, some in groupby(tests, lambda test: test.path)]
    looking = [file for file in files if _some(file, "browser")]
    lasting = [file for file in files if file not in looking and _some(file, "timeout")]
    short = [test for file in files if file not in looking and file not in lasting for test in file]
    hands: list[list[T]] = [[] for _ in range(workers)]
    hands[0] += [test for file in looking for test in file]
    for number, file in enumerate(lasting):
        hands[-1 - number % max(1, workers - 1)] += file
    return _filled(hands, short)


def _some(file: list[T], marker: str) -> bool:
    return any(test.get_closest_marker(marker) for test in file)


def _filled(hands: list[list[T]], short: list[T]) -> list[T]:
    """As the worker's parts are cut: the rest in its order, so that what a folder shares is made once."""
    left = sum(map(len, hands)) + len(short)
    for number, hand in enumerate(hands):
        size = left // (len(hands) - number)
        left -= size
        more = max(0, size - len(hand))
        hand += short[:more]
        del short[:more]
    return [test for hand in hands for test in hand]
