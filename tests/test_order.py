"""Does each worker begin with what lasts, and is no test lost or run twice by it?"""

from dataclasses import dataclass

import pytest

from tests.order import dealt


@dataclass(frozen=True)
class One:
    path: str
    number: int
    marker: str = ""

    def get_closest_marker(self, name: str) -> object:
        return self.marker == name


ALL = [
    *(One("a", number) for number in range(7)),
    *(One("b", number, "timeout" if number else "") for number in range(2)),
    *(One("c", number) for number in range(11)),
    *(One("d", number, "browser") for number in range(3)),
    *(One("e", number, "timeout") for number in range(2)),
]


@pytest.mark.parametrize("workers", range(1, 30))
def test_every_test_is_run_once(workers: int) -> None:
    assert sorted(dealt(ALL, workers), key=repr) == sorted(ALL, key=repr)


def test_each_part_begins_with_files_that_last_and_keeps_the_order_of_the_rest() -> None:
    order = dealt(ALL, 3)
    parts = ["".join(test.path for test in order[begin : begin + size]) for begin, size in ((0, 8), (8, 8), (16, 9))]
    assert parts == ["dddaaaaa", "eeaacccc", "bbccccccc"]
    assert [test.number for test in order if test.path == "c"] == list(range(11))
