"""Do children share the work, and is it known when one of them breaks off?"""

import os
import signal
from collections.abc import Sequence

import pytest

from gru.office.folding import Tell, fold_beside
from gru.storage.log import Part
from projections.base import Row

SHARES = [[Part("", "3"), Part("7", "a")], [Part("3", "7")]]


def nothing() -> None:
    """Nothing to forget."""


def test_each_part_is_folded_once_and_what_was_parked_comes_together() -> None:
    told: list[int] = []

    def work(parts: Sequence[Part], tell: Tell) -> list[Row]:
        tell(len(parts) * 10)
        return [{"part": part.first, "by": os.getpid()} for part in parts]

    parked = fold_beside(work, SHARES, nothing, told.append)
    assert sorted(row["part"] for row in parked) == ["", "3", "7"]
    assert len({row["by"] for row in parked} | {os.getpid()}) == 3
    assert told[-1] == 30


def test_a_child_that_breaks_off_says_why_and_the_others_are_ended() -> None:
    def work(parts: Sequence[Part], tell: Tell) -> list[Row]:
        if len(parts) == 1:
            raise ValueError("no room left")
        signal.pause()
        return []

    with pytest.raises(RuntimeError, match="ValueError in the folding beside: no room left"):
        fold_beside(work, SHARES, nothing, lambda done: None)


def test_a_child_that_was_killed_is_noticed() -> None:
    def work(parts: Sequence[Part], tell: Tell) -> list[Row]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(RuntimeError, match="was killed"):
        fold_beside(work, SHARES, nothing, lambda done: None)
